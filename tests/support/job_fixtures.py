"""The daemon's application in the test's process: client with token, jobs, runner, and fakes."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import mkdtemp
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
from autocull.serve.jobs.previews import PREVIEWS_FOLDER, PreviewStore
from autocull.serve.jobs.queue import JobQueue
from autocull.serve.jobs.runner import Runner
from autocull.serve.jobs.store import JobStore
from autocull.serve.jobs.tables import SCHEMA
from autocull.serve.journals import Journals
from autocull.serve.learnings.manager import CommandBuilder, Learnings
from autocull.sqlite import Database
from support import cull_run_fakes as fakes
from support import openapi_contract as contract

TOKEN = "0123456789abcdef" * 4
HEADERS = {"Authorization": f"Bearer {TOKEN}"}
SETTINGS = JobSettings(settings=Settings()).model_dump_json()
DEADLINE = 60.0


def wait_until(done: Callable[[], Any], what: str) -> Any:
    """Call `done` until its result is true, and return that; fail after `DEADLINE` seconds."""
    end = time.monotonic() + DEADLINE
    while not (result := done()):
        assert time.monotonic() < end, f"after {DEADLINE:g} s still not: {what}"
        time.sleep(0.005)
    return result


class Clock:
    """A clock that only a test moves."""

    def __init__(self, now: float = 1_800_000_000.0) -> None:
        self.now = now

    def __call__(self) -> float:
        """Return the time."""
        return self.now


def run_for_days(queue: JobQueue, clock: Clock, days: int) -> None:
    """Let the daemon clean up on this number of further days."""
    for _ in range(days):
        clock.now += 86400
        queue.expire()


def requested_photos(*ids: str, path: str = "/shoot/{}.jpg") -> tuple[RequestedPhoto, ...]:
    """Return photos with these ids, whose paths contain their ids."""
    return tuple(RequestedPhoto(id_, path.format(id_)) for id_ in ids)


def job_request(*photos: RequestedPhoto, **changes: Any) -> JobRequest:
    """Return a user's job; `changes` are fields of `JobRequest`."""
    return JobRequest(
        **{
            "source": "user", "purpose": "cull", "profile": "balanced", "settings": SETTINGS,
            "photos": photos, **changes,
        }
    )  # fmt: skip


def photo_outcome(verdict: str | None = "keep", reason: str | None = None) -> PhotoOutcome:
    """Return a result that has only a verdict."""
    return PhotoOutcome({"verdict": verdict}, verdict, reason)


def error_code(response: TestResponse) -> str | None:
    """Return the error code of a response, None for a success; errors must be JSON of the documented form."""
    if response.status_code < 400:
        return None
    assert response.content_type == "application/json"
    assert set(response.get_json()) == {"error"}
    assert set(response.get_json()["error"]) == {"code", "message", "parameters"}
    return str(response.get_json()["error"]["code"])


class JobDatabase:
    """The job database with its sides: `jobs` for clients, `queue` for the runner, `journals` for undo."""

    def __init__(
        self,
        file: Path | None,
        on_warning: Callable[[str], None] = pytest.fail,
        now: Callable[[], float] = time.time,
        elapsed: Callable[[], float] = time.monotonic,
    ) -> None:
        self.database = Database(file, SCHEMA, on_warning)
        folder = Path(mkdtemp()) if file is None else file.parent
        self.previews = PreviewStore(folder / PREVIEWS_FOLDER)
        self.queue = JobQueue(self.database, self.previews, now, elapsed)
        self.jobs = JobStore(self.database, self.queue, now)
        self.journals = Journals(self.database, now)

    def close(self) -> None:
        """Close the file."""
        self.database.close()


class Daemon:
    """The application with its parts, and short methods for requests."""

    def __init__(
        self,
        folder: Path,
        start_workers: Callable[[], Measurer],
        learn: CommandBuilder | None = None,
        **options: Any,
    ) -> None:
        self.warnings: list[str] = []
        self.stop_count = 0
        job_database = JobDatabase(folder / "jobs.sqlite", self.warnings.append)
        self.database, self.queue = job_database.database, job_database.queue
        self.jobs, self.journals = job_database.jobs, job_database.journals
        self.runner = Runner(
            self.jobs,
            self.queue,
            **{
                "store_file": folder / "store.sqlite", "models": models_root(),
                "start_workers": start_workers, "idle_s": 600, **options,
            },
        )  # fmt: skip
        self.learnings = Learnings(learn or failing_learn_command, folder)
        self.app: Flask = create_app(
            token=TOKEN, jobs=self.jobs, journals=self.journals, runner=self.runner,
            learnings=self.learnings, stop=self._stop,
        )  # fmt: skip
        self.client = self.app.test_client()

    def _stop(self) -> None:
        self.stop_count += 1

    def get(self, address: str, **options: Any) -> TestResponse:
        """Send a GET request with the token."""
        return self.request("GET", address, **options)

    def post(self, address: str, json: Any = None, **options: Any) -> TestResponse:
        """Send a POST request with the token; `json` is the body, if any."""
        body = {} if json is None else {"json": json}
        return self.request("POST", address, **body, **options)

    def request(self, method: str, address: str, **options: Any) -> TestResponse:
        """Send any request; the response must match the OpenAPI document."""
        response = self.client.open(address, method=method, **{"headers": HEADERS, **options})
        contract.check_response(method, address, response)
        return response

    def submit(self, *paths: Path | str, **changes: Any) -> str:
        """Create a job for these files, with their names as ids; return its id."""
        photos = [{"id": Path(path).name, "path": str(path)} for path in paths]
        response = self.post("/v1/jobs", {"photos": photos, **changes})
        assert response.status_code == 202, response.json
        return str(response.get_json()["id"])

    def wait_for_end(self, job: str) -> dict[str, Any]:
        """Wait for a job's end, and return it."""

        def find_end() -> dict[str, Any] | None:
            job_json = self.get(f"/v1/jobs/{job}").get_json()
            return job_json if job_json["state"] not in ("waiting", "running") else None

        return dict(wait_until(find_end, f"the end of job {job}"))

    def results(self, job: str) -> dict[str, dict[str, Any]]:
        """Return all results of a job by id, read page by page."""
        results: dict[str, dict[str, Any]] = {}
        after, complete = 0, False
        while not complete:
            page = self.get(f"/v1/jobs/{job}/results?after={after}&limit=7").get_json()
            assert not set(results) & {result["id"] for result in page["results"]}, "a verdict is duplicated"
            results |= {result["id"]: result for result in page["results"]}
            complete = page["complete"] or not page["results"]
            after = page["next"]
        return results


def start_fake_workers() -> Measurer:
    """Return workers in this process that act by the files' names."""
    return fakes.FakeWorkers(fakes.measured_or_refused)


def failing_learn_command(decisions: Path, name: str) -> list[str]:
    """Return the command of a process that learns nothing and reports that."""
    output = json.dumps({"state": "nothing_learned", "message": "Nothing was learned."})
    return [sys.executable, "-c", f"print({output!r})"]


def fail_if_started() -> Measurer:
    """Fail the test: nothing should be measured."""
    pytest.fail("workers were started")


@contextmanager
def open_daemon(
    folder: Path,
    start_workers: Callable[[], Measurer] = start_fake_workers,
    *,
    running: bool = True,
    **options: Any,
) -> Iterator[Daemon]:
    """Open the application in `folder`; its runner works if `running`, and stops with the block."""
    daemon = Daemon(folder, start_workers, **options)
    if running:
        daemon.runner.start()
    try:
        yield daemon
    finally:
        daemon.learnings.stop()
        daemon.runner.stop()
        daemon.database.close()


class SteppedWorkers:
    """Workers that hold chosen photos until a test releases them, and record the order."""

    def __init__(self) -> None:
        self.started: list[str] = []
        self.releases: dict[str, Event] = {}

    def hold(self, name: str) -> Event:
        """Return the event that releases a photo: it is held until the event is set."""
        return self.releases.setdefault(name, Event())

    def start(self) -> Measurer:
        """Return such workers."""
        return fakes.FakeWorkers(self._measure)

    def _measure(self, frame: Frame) -> Measurement:
        self.started.append(frame.path.name)
        if frame.path.name in self.releases:
            assert self.releases[frame.path.name].wait(60)
        return fakes.measured_or_refused(frame)


def create_files(folder: Path, *names: str) -> list[Path]:
    """Create small files."""
    folder.mkdir(exist_ok=True)
    return [frame.path for frame in fakes.frames_in(folder, *names)]
