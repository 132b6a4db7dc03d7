"""Every error code, provoked: its status, the one JSON form, and no internal details."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from werkzeug.test import TestResponse

from autocull.serve.http.error_handlers import STATUS
from support.job_fixtures import HEADERS, Daemon, error_code, fail_if_started, open_daemon

JSON = {**HEADERS, "Content-Type": "application/json"}


@pytest.fixture
def idle_daemon(tmp_path: Path) -> Iterator[Daemon]:
    """Open a daemon whose runner is not started."""
    with open_daemon(tmp_path, fail_if_started, running=False) as daemon:
        yield daemon


def raise_bug(*_: object) -> None:
    """Raise an error that no code expects."""
    raise KeyError("secret")


def request_with_bug(idle_daemon: Daemon) -> TestResponse:
    """Send a request whose handler fails."""
    idle_daemon.jobs.list_newest = raise_bug  # type: ignore[assignment,method-assign]
    return idle_daemon.get("/v1/jobs")


def request_without_database(idle_daemon: Daemon) -> TestResponse:
    """Request the jobs after their database was closed."""
    idle_daemon.database.close()
    return idle_daemon.get("/v1/jobs")


def request_while_stopping(idle_daemon: Daemon) -> TestResponse:
    """Send a job to a daemon that is stopping."""
    idle_daemon.runner.stop()
    return idle_daemon.post("/v1/jobs", {"photos": []})


def send_to_closed_job(idle_daemon: Daemon) -> TestResponse:
    """Send photos to a job that is closed."""
    job = idle_daemon.submit()
    return idle_daemon.post(f"/v1/jobs/{job}/photos", {"photos": [{"id": "1", "path": "/a"}]})


REQUESTS: dict[str, Callable[[Daemon], TestResponse]] = {
    "bad_json": lambda idle_daemon: idle_daemon.post("/v1/jobs", data="{", headers=JSON),
    "bad_request": lambda idle_daemon: idle_daemon.post("/v1/jobs", {"photos": 1}),
    "bad_host": lambda idle_daemon: idle_daemon.get("/v1/jobs", headers={**HEADERS, "Host": "evil.com"}),
    "no_token": lambda idle_daemon: idle_daemon.get("/v1/jobs", headers={}),
    "wrong_token": lambda idle_daemon: idle_daemon.get("/v1/jobs", headers={"Authorization": "Bearer x"}),
    "foreign_origin": lambda idle_daemon: idle_daemon.get(
        "/v1/jobs", headers={**HEADERS, "Origin": "https://evil.com"}
    ),
    "unknown_path": lambda idle_daemon: idle_daemon.get("/v1/jobs/"),
    "unknown_job": lambda idle_daemon: idle_daemon.get("/v1/jobs/none"),
    "unknown_journal": lambda idle_daemon: idle_daemon.get("/v1/journals/none/entries"),
    "unknown_learning": lambda idle_daemon: idle_daemon.get("/v1/learnings/none"),
    "wrong_method": lambda idle_daemon: idle_daemon.request("DELETE", "/v1/jobs"),
    "wrong_state": send_to_closed_job,
    "too_large": lambda idle_daemon: idle_daemon.post(
        "/v1/jobs", data=b" " * (4 * 1024 * 1024 + 1), headers=JSON
    ),
    "not_json": lambda idle_daemon: idle_daemon.post("/v1/jobs", data="{}", content_type="text/plain"),
    "bad_settings": lambda idle_daemon: idle_daemon.post("/v1/jobs", {"photos": [], "profile": "none"}),
    "internal": request_with_bug,
    "stopping": request_while_stopping,
    "store": request_without_database,
}


def test_every_code_is_provoked() -> None:
    """The table above has all codes."""
    assert set(REQUESTS) == set(STATUS)


@pytest.mark.parametrize("wanted", REQUESTS)
def test_every_error_has_its_status_and_form(
    idle_daemon: Daemon, wanted: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """JSON with code, message and length, and no local path in it or in the log."""
    response = REQUESTS[wanted](idle_daemon)
    assert (response.status_code, error_code(response)) == (STATUS[wanted], wanted)
    assert response.content_length == len(response.data)
    assert response.get_json()["error"]["message"].endswith(".")
    for text in (response.get_data(as_text=True), caplog.text):
        assert str(tmp_path) not in text
        assert "Traceback" not in text


def test_bug_is_reported_without_details(idle_daemon: Daemon, caplog: pytest.LogCaptureFixture) -> None:
    """The log has type, function, file and line; the error's text stays secret."""
    response = request_with_bug(idle_daemon)
    assert "KeyError in raise_bug (test_error_handlers.py:" in caplog.text
    assert "secret" not in response.get_data(as_text=True) + caplog.text


@pytest.mark.parametrize(("wanted", "header", "value"), [
    ("no_token", "WWW-Authenticate", "Bearer"), ("wrong_method", "Allow", "GET, HEAD, POST"),
])  # fmt: skip
def test_required_headers_are_present(idle_daemon: Daemon, wanted: str, header: str, value: str) -> None:
    """A 401 names the authentication scheme, a 405 the allowed methods."""
    assert REQUESTS[wanted](idle_daemon).headers[header] == value


def test_responses_are_not_cached(idle_daemon: Daemon) -> None:
    """Neither errors nor results are cached, and no response is taken for HTML."""
    for response in (idle_daemon.get("/v1/jobs"), idle_daemon.get("/none")):
        assert response.headers["Cache-Control"] == "no-store"
        assert response.headers["X-Content-Type-Options"] == "nosniff"
