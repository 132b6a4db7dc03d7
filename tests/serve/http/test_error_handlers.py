"""Every error there is, made to happen: its status, its one shape, and nothing of our insides."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from werkzeug.test import TestResponse

from autocull.serve.http.error_handlers import STATUS
from support.job_fixtures import HEADERS, Daemon, code, daemon, no_workers

JSON = {**HEADERS, "Content-Type": "application/json"}


@pytest.fixture
def quiet(tmp_path: Path) -> Iterator[Daemon]:
    """Open a daemon whose runner does nothing."""
    with daemon(tmp_path, no_workers, running=False) as opened:
        yield opened


def bug(*_: object) -> None:
    """Fail in a way that nobody expects."""
    raise KeyError("secret")


def meet_a_bug(quiet: Daemon) -> TestResponse:
    """Ask for what is broken."""
    quiet.jobs.list_newest = bug  # type: ignore[assignment,method-assign]
    return quiet.get("/v1/jobs")


def close_the_file(quiet: Daemon) -> TestResponse:
    """Ask for jobs when their file is gone."""
    quiet.jobs.close()
    return quiet.get("/v1/jobs")


def stop(quiet: Daemon) -> TestResponse:
    """Send a job to a daemon that is ending."""
    quiet.runner.stop()
    return quiet.post("/v1/jobs", {"photos": []})


def close_the_job(quiet: Daemon) -> TestResponse:
    """Send photos to a job that is closed."""
    job = quiet.submit()
    return quiet.post(f"/v1/jobs/{job}/photos", {"photos": [{"id": "1", "path": "/a"}]})


PRODUCE: dict[str, Callable[[Daemon], TestResponse]] = {
    "bad_json": lambda quiet: quiet.post("/v1/jobs", data="{", headers=JSON),
    "bad_request": lambda quiet: quiet.post("/v1/jobs", {"photos": 1}),
    "bad_host": lambda quiet: quiet.get("/v1/jobs", headers={**HEADERS, "Host": "evil.com"}),
    "no_token": lambda quiet: quiet.get("/v1/jobs", headers={}),
    "wrong_token": lambda quiet: quiet.get("/v1/jobs", headers={"Authorization": "Bearer x"}),
    "foreign_origin": lambda quiet: quiet.get("/v1/jobs", headers={**HEADERS, "Origin": "https://evil.com"}),
    "unknown_path": lambda quiet: quiet.get("/v1/jobs/"),
    "unknown_job": lambda quiet: quiet.get("/v1/jobs/none"),
    "unknown_journal": lambda quiet: quiet.get("/v1/journals/none/entries"),
    "unknown_learning": lambda quiet: quiet.get("/v1/learnings/none"),
    "wrong_method": lambda quiet: quiet.ask("DELETE", "/v1/jobs"),
    "wrong_state": close_the_job,
    "too_large": lambda quiet: quiet.post("/v1/jobs", data=b" " * (4 * 1024 * 1024 + 1), headers=JSON),
    "not_json": lambda quiet: quiet.post("/v1/jobs", data="{}", content_type="text/plain"),
    "bad_settings": lambda quiet: quiet.post("/v1/jobs", {"photos": [], "profile": "none"}),
    "internal": meet_a_bug,
    "stopping": stop,
    "store": close_the_file,
}


def test_there_is_a_way_to_every_code() -> None:
    """The table below has all the codes that there are."""
    assert set(PRODUCE) == set(STATUS)


@pytest.mark.parametrize("wanted", PRODUCE)
def test_every_error_has_its_status_and_the_one_shape(
    quiet: Daemon, wanted: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """JSON with code and message, a length, and no path of ours in it or in the log."""
    answer = PRODUCE[wanted](quiet)
    assert (answer.status_code, code(answer)) == (STATUS[wanted], wanted)
    assert answer.content_length == len(answer.data)
    assert answer.get_json()["error"]["message"].endswith(".")
    for text in (answer.get_data(as_text=True), caplog.text):
        assert str(tmp_path) not in text
        assert "Traceback" not in text


def test_a_bug_is_said_without_details(quiet: Daemon, caplog: pytest.LogCaptureFixture) -> None:
    """The log has its kind, function, file and line; what was in it stays inside."""
    answer = meet_a_bug(quiet)
    assert "KeyError in bug (test_problems.py:" in caplog.text
    assert "secret" not in answer.get_data(as_text=True) + caplog.text


@pytest.mark.parametrize(("wanted", "header", "value"), [
    ("no_token", "WWW-Authenticate", "Bearer"), ("wrong_method", "Allow", "GET, HEAD, POST"),
])  # fmt: skip
def test_what_http_demands_is_there(quiet: Daemon, wanted: str, header: str, value: str) -> None:
    """A 401 says how to come in, a 405 what is allowed."""
    assert PRODUCE[wanted](quiet).headers[header] == value


def test_no_answer_is_kept_by_anybody(quiet: Daemon) -> None:
    """Neither an error nor a result stays in a cache, and none is taken for a page."""
    for answer in (quiet.get("/v1/jobs"), quiet.get("/none")):
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
