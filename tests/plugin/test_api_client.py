"""The client of the daemon: every failure is a value with a reason, requests follow the protocol."""

from __future__ import annotations

from typing import Any

import pytest

from plugin.fake_daemon import FakeDaemon, problem
from plugin.host import Host


def call_client(host: Host, call: str) -> Any:
    """What a function of the client returns: the value, or the error."""
    return host.lua_task(f"local value, err = require('ApiClient').{call} return value or err")


def test_requests_follow_the_protocol(host: Host, daemon: FakeDaemon) -> None:
    """The literal address, the token, JSON; and the token not in the address."""
    call_client(host, "status()")
    call_client(host, "submit { photos = require('Json').array {}, more = false }")
    for request in host.http_requests:
        assert request.url.startswith(f"http://127.0.0.1:{daemon.port}/v1/")
        assert request.headers["Authorization"] == f"Bearer {daemon.token}"
        assert request.headers["Content-Type"] == "application/json"
        assert daemon.token not in request.url
    assert daemon.requests[-1].body == {"photos": [], "more": False}


def test_port_and_token_are_read_for_each_call(host: Host, daemon: FakeDaemon) -> None:
    """A daemon that restarted has new ones."""
    assert call_client(host, "status()")["state"] == "idle"
    daemon.die()
    daemon.start()
    assert call_client(host, "status()")["state"] == "idle"


def test_missing_daemon_has_its_own_error(host: Host, daemon: FakeDaemon) -> None:
    """No daemon file, and a daemon file of a daemon that crashed."""
    daemon.die()
    result = call_client(host, "status()")
    assert (result["kind"], result["code"]) == ("network", "cannotConnectToHost")
    assert "autocull doctor" in result["hint"]
    (daemon.folder / "daemon.json").unlink()
    result = call_client(host, "status()")
    assert (result["kind"], result["code"]) == ("daemon", "not_published")


def test_error_of_the_daemon_keeps_code_and_message(host: Host, daemon: FakeDaemon) -> None:
    """The daemon's message already contains the hint."""
    daemon.on_request = lambda request: problem(422, "bad_settings", "There is no profile sunset.")
    result = call_client(host, "submit { photos = {} }")
    assert result == {
        "kind": "http",
        "code": "bad_settings",
        "status": 422,
        "message": "There is no profile sunset.",
    }


@pytest.mark.parametrize(
    ("status", "body", "kind", "text"),
    [
        (500, b"<html>oops</html>", "http", "status 500"),
        (502, b"", "http", "status 502"),
        (200, b"<html>proxy</html>", "json", "not valid JSON"),
        (200, b"", "json", "not valid JSON"),
        (200, b'"a text"', "json", "not valid JSON"),
        (200, b'{"a":NaN}', "json", "not valid JSON"),
        (404, b'{"error":"no object"}', "http", "status 404"),
        (400, b'{"error":{"code":7,"message":{}}}', "http", "status 400"),
    ],
    ids=repr,
)
def test_answers_of_another_program_are_errors(
    host: Host, status: int, body: bytes, kind: str, text: str
) -> None:
    """A proxy or another program in between: an error with a reason, no error of Lua."""
    host.network.respond = lambda request: (status, body)
    result = call_client(host, "status()")
    assert result["kind"] == kind
    assert text in result["message"]


@pytest.mark.parametrize("id_", ["../status", "a b", "", "a/../../shutdown"])
def test_id_that_would_change_a_path_is_refused(host: Host, daemon: FakeDaemon, id_: str) -> None:
    """Ids come from the daemon, and are validated all the same."""
    daemon.on_request = lambda request: (202, {"id": id_, "total": 0}) if request.path == "/v1/jobs" else None
    assert call_client(host, "submit { photos = {} }")["kind"] == "json"


def test_value_that_json_cannot_represent_is_not_sent(host: Host, daemon: FakeDaemon) -> None:
    """A path that is not UTF-8 is an error with the reason."""
    result = call_client(host, "submit { photos = { { path = '\\255\\254' } } }")
    assert (result["kind"], result["code"]) == ("plugin", "not_sent")
    assert daemon.jobs == {}


def test_ping_sends_no_token(host: Host, daemon: FakeDaemon) -> None:
    """The program on the port has to identify itself first."""
    assert call_client(host, "ping()") == {"product": "autocull", "protocol": 1}
    assert "Authorization" not in host.http_requests[-1].headers


def test_every_function_calls_its_endpoint(host: Host, daemon: FakeDaemon) -> None:
    """Method and path of each function."""
    job = call_client(host, "submit { photos = {}, more = true }")["id"]
    for call in (
        f"addPhotos('{job}', {{}}, false)", f"job('{job}')", f"results('{job}', 0, 200)",
        f"cancel('{job}')", f"acknowledge('{job}')", f"addJournalEntries('{job}', {{}})",
        "journals('A7F0', 1)", f"journalEntries('{job}', 0, 200)", f"markUndone('{job}')",
        "settings()", "status()", "shutdown()",
    ):  # fmt: skip
        call_client(host, call)
    assert [f"{request.method} {request.path}" for request in daemon.requests] == [
        "POST /v1/jobs",
        "POST /v1/jobs/job-1/photos",
        "GET /v1/jobs/job-1",
        "GET /v1/jobs/job-1/results?after=0&limit=200",
        "POST /v1/jobs/job-1/cancel",
        "POST /v1/jobs/job-1/acknowledge",
        "POST /v1/jobs/job-1/journal",
        "GET /v1/journals?catalog=A7F0&limit=1",
        "GET /v1/journals/job-1/entries?after=0&limit=200",
        "POST /v1/journals/job-1/undone",
        "GET /v1/settings",
        "GET /v1/status",
        "POST /v1/shutdown",
    ]
