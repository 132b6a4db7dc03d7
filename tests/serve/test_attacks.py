"""Attacks from the browser and the network: each row of inputs with its response.

The numbers are those of the list of attacks and faults in docs/protocol.md ("What it survives").
"""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from werkzeug.test import create_environ

from support.job_fixtures import HEADERS, TOKEN, Daemon, error_code, fail_if_started, open_daemon

PORT = "49731"
ADDRESSES = ("/ping", "/v1/status", "/v1/jobs", "/no/such/address")
BODY = '{"photos": []}'


@pytest.fixture(scope="module")
def idle_daemon(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Daemon]:
    """Open a daemon whose runner is not started."""
    with open_daemon(tmp_path_factory.mktemp("quiet"), fail_if_started, running=False) as daemon:
        yield daemon


def send(
    idle_daemon: Daemon, address: str, method: str = "GET", host: str = f"127.0.0.1:{PORT}", **options: Any
) -> Any:
    """Send a request as over the network: with this Host, on the daemon's port."""
    environ = {"SERVER_PORT": PORT, "HTTP_HOST": host}
    return idle_daemon.client.open(
        address, method=method, environ_overrides=environ, **{"headers": HEADERS, **options}
    )


@pytest.mark.parametrize("address", ADDRESSES)
@pytest.mark.parametrize(
    ("host", "expected"),
    [
        (f"127.0.0.1:{PORT}", None), (f"localhost:{PORT}", None), (f"LOCALHOST:{PORT}", None),
        (f"[::1]:{PORT}", None), ("127.0.0.1", None),
        ("evil.com", "bad_host"), (f"evil.com:{PORT}", "bad_host"), (f"localhost.evil.com:{PORT}",
        "bad_host"),
        (f"127.0.0.1.nip.io:{PORT}", "bad_host"), (f"a.localhost:{PORT}", "bad_host"),
        (f"127.0.0.2:{PORT}", "bad_host"), (f"0.0.0.0:{PORT}", "bad_host"), (f"[::]:{PORT}", "bad_host"),
        ("", "bad_host"), (f"127.0.0.1@evil.com:{PORT}", "bad_host"), ("127.0.0.1:1", "bad_host"),
        ("127.0.0.1:", "bad_host"), (f"127.0.0.1:{PORT}0", "bad_host"), (f"127.0.0.1:{PORT},evil.com",
        "bad_host"),
        (f" 127.0.0.1:{PORT}", "bad_host"), (f"localhost.:{PORT}", "bad_host"), (f"2130706433:{PORT}",
        "bad_host"),
        (f"127.1:{PORT}", "bad_host"), (f"::1:{PORT}", "bad_host"), (f"[::1:{PORT}", "bad_host"),
        (f"loc\xe4lhost:{PORT}", "bad_host"), (f"[::ffff:127.0.0.1]:{PORT}", "bad_host"),
    ],
)  # fmt: skip
def test_row_1_foreign_hosts_are_refused(
    idle_daemon: Daemon, address: str, host: str, expected: str | None
) -> None:
    """A page whose own name resolves to this machine is refused, at every path, before routing."""
    response = send(idle_daemon, address, host=host)
    if expected is None:
        assert error_code(response) == ("unknown_path" if address.startswith("/no") else None)
    else:
        assert (response.status_code, error_code(response)) == (400, expected)


def test_row_1_request_without_host_is_refused(idle_daemon: Daemon) -> None:
    """HTTP/1.0 allows it, the daemon does not."""
    environ = create_environ("/v1/jobs", headers=HEADERS)
    del environ["HTTP_HOST"]
    statuses: list[str] = []
    body = b"".join(idle_daemon.app(environ, lambda status, headers, exc=None: statuses.append(status)))
    assert statuses[0].startswith("400")
    assert json.loads(body)["error"]["code"] == "bad_host"


@pytest.mark.parametrize(
    "address", ["/v1/jobs", "/v1/jobs/1/photos", "/v1/jobs/1/cancel", "/v1/shutdown", "/no"]
)
@pytest.mark.parametrize(
    "kind",
    [
        "text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "text/json",
        "application/jsonp", "application/json5", "text/plain; application/json", "application/xml", "*/*",
    ],
)  # fmt: skip
def test_row_2_other_content_types_are_refused(idle_daemon: Daemon, address: str, kind: str) -> None:
    """Only application/json is accepted, which a browser sends to another origin only after a preflight."""
    response = send(idle_daemon, address, "POST", data=BODY, content_type=kind)
    assert (response.status_code, error_code(response)) == (415, "not_json")
    assert idle_daemon.stop_count == 0


def test_row_2_body_without_content_type_is_refused(idle_daemon: Daemon) -> None:
    """With the type, whatever its parameters, the same body is accepted."""
    assert error_code(send(idle_daemon, "/v1/jobs", "POST", data=BODY)) == "not_json"
    assert (
        error_code(
            send(idle_daemon, "/v1/jobs", "POST", data=BODY, content_type="application/json; charset=utf-8")
        )
        is None
    )


@pytest.mark.parametrize("address", ADDRESSES)
@pytest.mark.parametrize(
    ("headers", "refused"),
    [
        ({"Origin": "https://evil.com"}, True), ({"Origin": "null"}, True), ({"Origin": ""}, True),
        ({"Origin": f"https://127.0.0.1:{PORT}"}, True), ({"Origin": "http://127.0.0.1:1"}, True),
        ({"Origin": f"http://localhost:{PORT}"}, True),
        ({"Origin": f"http://127.0.0.1:{PORT}.evil.com"}, True),
        ({"Sec-Fetch-Site": "cross-site"}, True), ({"Sec-Fetch-Site": "same-site"}, True),
        ({"Sec-Fetch-Site": "anything"}, True), ({"Sec-Fetch-Site": ""}, True),
        ({"Origin": f"http://127.0.0.1:{PORT}", "Sec-Fetch-Site": "cross-site"}, True),
        ({"Origin": f"http://127.0.0.1:{PORT}"}, False), ({"Sec-Fetch-Site": "same-origin"}, False),
        ({"Sec-Fetch-Site": "none"}, False),
    ],
)  # fmt: skip
def test_row_3_foreign_origins_are_refused(
    idle_daemon: Daemon, address: str, headers: dict[str, str], refused: bool
) -> None:
    """Even with the right Host and token."""
    response = send(idle_daemon, address, headers={**HEADERS, **headers})
    assert (error_code(response) == "foreign_origin") is refused
    assert (response.status_code == 403) is refused


@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS", "TRACE", "PUT", "PATCH", "DELETE"])
def test_row_4_only_post_changes_anything(tmp_path: Path, method: str) -> None:
    """Every other method, at every path, leaves job database and daemon unchanged."""
    with open_daemon(tmp_path, fail_if_started, running=False) as daemon:
        job = daemon.submit("/a.jpg", more=True)
        daemon.post(
            f"/v1/jobs/{job}/journal", {"entries": [{"id": "1", "before": {}, "after": {"rating": 1}}]}
        )
        learning = daemon.post("/v1/learnings", {"name": "n", "decisions": [], "more": True}).get_json()["id"]
        watched = ("/v1/jobs", "/v1/journals", f"/v1/learnings/{learning}")
        before = [daemon.get(address).data for address in watched]
        rules = list(daemon.app.url_map.iter_rules())
        readable = {rule.rule for rule in rules if "GET" in (rule.methods or set())}
        for address in {rule.rule for rule in rules}:
            named = address.replace("<job>", job).replace("<journal>", job).replace("<learning>", learning)
            response = daemon.client.open(named, method=method, headers=HEADERS)
            reads = method in ("GET", "HEAD") and address in readable
            assert response.status_code == (200 if reads else 405), address
        assert [daemon.get(address).data for address in watched] == before
        assert daemon.stop_count == 0


def test_row_4_preflight_grants_nothing(idle_daemon: Daemon) -> None:
    """With or without the token."""
    for headers in ({}, HEADERS):
        response = send(idle_daemon, "/v1/jobs", "OPTIONS", headers=headers)
        assert response.status_code in (401, 405)
        assert not [name for name, _ in response.headers if name.lower().startswith("access-control")]


@pytest.mark.parametrize(
    "address", ["/v1/status", "/v1/jobs", "/v1/jobs/1", "/v1/shutdown", "/no", "/", "/ping/"]
)
@pytest.mark.parametrize("method", ["GET", "POST", "OPTIONS"])
@pytest.mark.parametrize(
    ("authorization", "expected"),
    [
        (None, "no_token"), ("", "no_token"), ("Bearer", "no_token"), ("Bearer ", "no_token"),
        (TOKEN, "no_token"),
        (f"Basic {TOKEN}", "no_token"), (f"Token {TOKEN}", "no_token"),
        ("Bearer x", "wrong_token"), (f"Bearer {TOKEN[:-1]}", "wrong_token"), (f"Bearer {TOKEN}0",
        "wrong_token"),
        (f"Bearer {TOKEN.upper()}", "wrong_token"), (f"Bearer  {TOKEN}", "wrong_token"),
        ("Bearer schl\xfcssel", "wrong_token"), (f"Bearer {TOKEN}, Bearer {TOKEN}", "wrong_token"),
    ],
)  # fmt: skip
def test_row_5_requests_without_the_token_are_refused(
    idle_daemon: Daemon, address: str, method: str, authorization: str | None, expected: str
) -> None:
    """401 without a token, 403 with a wrong one, at every path, with every method."""
    headers = {} if authorization is None else {"Authorization": authorization}
    response = send(idle_daemon, address, method, headers=headers)
    assert (response.status_code, error_code(response)) == (401 if expected == "no_token" else 403, expected)
    assert TOKEN.encode() not in response.data + str(response.headers).encode()


def test_row_5_token_is_read_only_from_its_header(
    idle_daemon: Daemon, caplog: pytest.LogCaptureFixture
) -> None:
    """Not from the path or a cookie; every wrong one gets the same response, and no log contains it."""
    caplog.set_level(logging.DEBUG)
    assert error_code(send(idle_daemon, f"/v1/status?token={TOKEN}", headers={})) == "no_token"
    assert error_code(send(idle_daemon, "/v1/status", headers={"Cookie": f"token={TOKEN}"})) == "no_token"
    wrong = {
        send(idle_daemon, "/v1/status", headers={"Authorization": f"Bearer {bad}"}).data
        for bad in ("x", "y" * 64)
    }
    assert len(wrong) == 1
    assert TOKEN not in send(idle_daemon, "/ping").get_data(as_text=True)
    assert TOKEN not in caplog.text


def test_row_5_tokens_are_compared_in_constant_time(
    idle_daemon: Daemon, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By the standard library's function, over bytes."""
    compared: list[tuple[object, object]] = []
    monkeypatch.setattr(
        "hmac.compare_digest", lambda one, other: compared.append((one, other)) or one == other
    )
    send(idle_daemon, "/v1/status")
    send(idle_daemon, "/v1/status", headers={"Authorization": "Bearer \xfc"})
    assert compared == [(TOKEN.encode(), TOKEN.encode()), (b"\xfc", TOKEN.encode())]


def test_row_7_token_of_another_daemon_is_refused(idle_daemon: Daemon, tmp_path: Path) -> None:
    """As that of the previous daemon."""
    assert (
        error_code(send(idle_daemon, "/v1/status", headers={"Authorization": f"Bearer {'f' * 64}"}))
        == "wrong_token"
    )
    assert error_code(send(idle_daemon, "/v1/status")) is None


def test_row_9_ping_reveals_only_product_and_protocol(idle_daemon: Daemon) -> None:
    """Nothing that would distinguish machines or versions."""
    response = send(idle_daemon, "/ping", headers={})
    assert response.get_json() == {"product": "autocull", "protocol": 1}
    header_names = {name for name, _ in response.headers}
    assert header_names == {"Content-Type", "Content-Length", "Cache-Control", "X-Content-Type-Options"}
