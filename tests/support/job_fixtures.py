"""A daemon's application without a process: a client with the token, the jobs, the runner, and fakes."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event
from typing import Any

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from autocull.judge import Settings
from autocull.measure.models import models_root
from autocull.pipeline.cull_run import Measurer
from autocull.pipeline.evidence_store import Measurement
from autocull.read import Frame
from autocull.serve.app import create_app
from autocull.serve.jobs.job_settings import JobSettings
from autocull.serve.jobs.model import JobRequest, PhotoOutcome, RequestedPhoto
from autocull.serve.jobs.runner import Runner
from autocull.serve.jobs.store import JobStore
from autocull.serve.learnings.manager import CommandBuilder, Learnings
from support import cull_run_fakes as fakes
from support import openapi_contract as contract

TOKEN = "0123456789abcdef" * 4
HEADERS = {"Authorization": f"Bearer {TOKEN}"}
SETTINGS = JobSettings(settings=Settings()).model_dump_json()
DEADLINE = 60.0


def until(done: Callable[[], Any], what: str) -> Any:
    """Ask until the answer is true, and return it; fail where it is not after `DEADLINE` seconds."""
    end = time.monotonic() + DEADLINE
    while not (answer := done()):
        assert time.monotonic() < end, f"after {DEADLINE:g} s still not: {what}"
        time.sleep(0.005)
    return answer


class Clock:
    """A clock that goes when it is told."""

    def __init__(self, now: float = 1_800_000_000.0) -> None:
        self.now = now

    def __call__(self) -> float:
        """Tell the time."""
        return self.now


def wanted(*ids: str, path: str = "/shoot/{}.jpg") -> tuple[RequestedPhoto, ...]:
    """Make photos whose paths hold their ids."""
    return tuple(RequestedPhoto(id_, path.format(id_)) for id_ in ids)


def order(*photos: RequestedPhoto, **changes: Any) -> JobRequest:
    """Make a user's job; `changes` are fields of `Order`."""
    return JobRequest(
        **{
            "source": "user", "purpose": "cull", "profile": "balanced", "settings": SETTINGS,
            "photos": photos, **changes,
        }
    )  # fmt: skip


def outcome(verdict: str | None = "keep", reason: str | None = None) -> PhotoOutcome:
    """Make a result with nothing in it but its verdict."""
    return PhotoOutcome({"verdict": verdict}, verdict, reason)


def code(answer: TestResponse) -> str | None:
    """Return an answer's error code; every error must be JSON of the one shape, and none HTML."""
    if answer.status_code < 400:
        return None
    assert answer.content_type == "application/json"
    assert set(answer.get_json()) == {"error"}
    assert set(answer.get_json()["error"]) == {"code", "message"}
    return str(answer.get_json()["error"]["code"])


class Daemon:
    """The application, its parts, and short ways to ask it."""

    def __init__(
        self,
        folder: Path,
        start_workers: Callable[[], Measurer],
        learn: CommandBuilder | None = None,
        **options: Any,
    ) -> None:
        self.said: list[str] = []
        self.stops = 0
        self.jobs = JobStore(folder / "jobs.sqlite", self.said.append)
        self.runner = Runner(
            self.jobs,
            **{
                "store_file": folder / "store.sqlite", "models": models_root(),
                "start_workers": start_workers, "idle_s": 600, **options,
            },
        )  # fmt: skip
        self.learnings = Learnings(learn or learns_nothing)
        self.app: Flask = create_app(
            token=TOKEN, jobs=self.jobs, runner=self.runner, learnings=self.learnings, stop=self._stop
        )
        self.client = self.app.test_client()

    def _stop(self) -> None:
        self.stops += 1

    def get(self, address: str, **options: Any) -> TestResponse:
        """GET with the token."""
        return self.ask("GET", address, **options)

    def post(self, address: str, json: Any = None, **options: Any) -> TestResponse:
        """POST with the token; `json` is the body, if any."""
        body = {} if json is None else {"json": json}
        return self.ask("POST", address, **body, **options)

    def ask(self, method: str, address: str, **options: Any) -> TestResponse:
        """Ask anything; the answer must be one that the OpenAPI document has."""
        response = self.client.open(address, method=method, **{"headers": HEADERS, **options})
        contract.check(method, address, response)
        return response

    def submit(self, *paths: Path | str, **changes: Any) -> str:
        """Send a job for these files, their names being the ids; returns its id."""
        photos = [{"id": Path(path).name, "path": str(path)} for path in paths]
        answer = self.post("/v1/jobs", {"photos": photos, **changes})
        assert answer.status_code == 202, answer.json
        return str(answer.get_json()["id"])

    def ended(self, job: str) -> dict[str, Any]:
        """Wait for a job's end, and return it."""

        def look() -> dict[str, Any] | None:
            told = self.get(f"/v1/jobs/{job}").get_json()
            return told if told["state"] not in ("waiting", "running") else None

        return dict(until(look, f"the end of job {job}"))

    def results(self, job: str) -> dict[str, dict[str, Any]]:
        """Read all results of a job, page by page, by id."""
        found: dict[str, dict[str, Any]] = {}
        after, complete = 0, False
        while not complete:
            page = self.get(f"/v1/jobs/{job}/results?after={after}&limit=7").get_json()
            assert not set(found) & {result["id"] for result in page["results"]}, "a verdict is doubled"
            found |= {result["id"]: result for result in page["results"]}
            complete = page["complete"] or not page["results"]
            after = page["next"]
        return found


def by_name() -> Measurer:
    """Start workers in this process that obey the files' names."""
    return fakes.FakeWorkers(fakes.measured_or_refused)


def learns_nothing(decisions: Path, name: str) -> list[str]:
    """Give the command of a process that learns nothing, and says so."""
    said = json.dumps({"state": "nothing_learned", "message": "Nothing was learned."})
    return [sys.executable, "-c", f"print({said!r})"]


def no_workers() -> Measurer:
    """Fail the test: nothing had to be measured."""
    pytest.fail("workers were started")


@contextmanager
def daemon(
    folder: Path, start_workers: Callable[[], Measurer] = by_name, *, running: bool = True, **options: Any
) -> Iterator[Daemon]:
    """Open a daemon's application in `folder`; its runner works unless told otherwise, and ends with it."""
    made = Daemon(folder, start_workers, **options)
    if running:
        made.runner.start()
    try:
        yield made
    finally:
        made.learnings.stop()
        made.runner.stop()
        made.jobs.close()


class Steps:
    """Workers that measure a photo when it is let through, and note the order."""

    def __init__(self) -> None:
        self.begun: list[str] = []
        self.gates: dict[str, Event] = {}

    def gate(self, name: str) -> Event:
        """Return the gate of a photo; it waits there until the event is set."""
        return self.gates.setdefault(name, Event())

    def start(self) -> Measurer:
        """Start such workers."""
        return fakes.FakeWorkers(self._measure)

    def _measure(self, frame: Frame) -> Measurement:
        self.begun.append(frame.path.name)
        if frame.path.name in self.gates:
            assert self.gates[frame.path.name].wait(60)
        return fakes.measured_or_refused(frame)


def paths(folder: Path, *names: str) -> list[Path]:
    """Make small files."""
    folder.mkdir(exist_ok=True)
    return [frame.path for frame in fakes.frames_in(folder, *names)]
