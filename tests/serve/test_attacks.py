"""Attacks from the browser and the network: each row of inputs with the answer it gets.

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

from support.job_fixtures import HEADERS, TOKEN, Daemon, code, daemon, no_workers

PORT = "49731"
ADDRESSES = ("/ping", "/v1/status", "/v1/jobs", "/no/such/address")
BODY = '{"photos": []}'


@pytest.fixture(scope="module")
def quiet(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Daemon]:
    """Open a daemon whose runner does nothing."""
    with daemon(tmp_path_factory.mktemp("quiet"), no_workers, running=False) as opened:
        yield opened


def asked(
    quiet: Daemon, address: str, method: str = "GET", host: str = f"127.0.0.1:{PORT}", **options: Any
) -> Any:
    """Ask as over the network: with the Host given, on our port."""
    environ = {"SERVER_PORT": PORT, "HTTP_HOST": host}
    return quiet.client.open(
        address, method=method, environ_overrides=environ, **{"headers": HEADERS, **options}
    )


@pytest.mark.parametrize("address", ADDRESSES)
@pytest.mark.parametrize(
    ("host", "wanted"),
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
def test_row_1_only_names_of_this_machine_are_answered(
    quiet: Daemon, address: str, host: str, wanted: str | None
) -> None:
    """A page whose own name leads here by DNS is refused, at every address, before anything is looked up."""
    answer = asked(quiet, address, host=host)
    if wanted is None:
        assert code(answer) == ("unknown_path" if address.startswith("/no") else None)
    else:
        assert (answer.status_code, code(answer)) == (400, wanted)


def test_row_1_a_request_without_a_host_is_refused(quiet: Daemon) -> None:
    """HTTP/1.0 needs none, we do."""
    environ = create_environ("/v1/jobs", headers=HEADERS)
    del environ["HTTP_HOST"]
    heard: list[str] = []
    body = b"".join(quiet.app(environ, lambda status, headers, exc=None: heard.append(status)))
    assert heard[0].startswith("400")
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
def test_row_2_a_body_that_a_page_may_send_unasked_is_refused(quiet: Daemon, address: str, kind: str) -> None:
    """Only application/json is read, which a browser sends to a stranger only after asking it."""
    answer = asked(quiet, address, "POST", data=BODY, content_type=kind)
    assert (answer.status_code, code(answer)) == (415, "not_json")
    assert quiet.stops == 0


def test_row_2_a_body_without_a_type_is_refused(quiet: Daemon) -> None:
    """Silence is no JSON either; with its type the same body is taken, whatever its parameters."""
    assert code(asked(quiet, "/v1/jobs", "POST", data=BODY)) == "not_json"
    assert (
        code(asked(quiet, "/v1/jobs", "POST", data=BODY, content_type="application/json; charset=utf-8"))
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
def test_row_3_foreign_pages_are_refused(
    quiet: Daemon, address: str, headers: dict[str, str], refused: bool
) -> None:
    """Right Host and even right token help no page of another origin."""
    answer = asked(quiet, address, headers={**HEADERS, **headers})
    assert (code(answer) == "foreign_origin") is refused
    assert (answer.status_code == 403) is refused


@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS", "TRACE", "PUT", "PATCH", "DELETE"])
def test_row_4_nothing_changes_but_by_post(tmp_path: Path, method: str) -> None:
    """Every address asked by every other method leaves the file of jobs and the daemon as they were."""
    with daemon(tmp_path, no_workers, running=False) as opened:
        job = opened.submit("/a.jpg", more=True)
        opened.post(
            f"/v1/jobs/{job}/journal", {"entries": [{"id": "1", "before": {}, "after": {"rating": 1}}]}
        )
        learning = opened.post("/v1/learnings", {"name": "n", "decisions": [], "more": True}).get_json()["id"]
        watched = ("/v1/jobs", "/v1/journals", f"/v1/learnings/{learning}")
        before = [opened.get(address).data for address in watched]
        rules = list(opened.app.url_map.iter_rules())
        readable = {rule.rule for rule in rules if "GET" in (rule.methods or set())}
        for address in {rule.rule for rule in rules}:
            named = address.replace("<job>", job).replace("<journal>", job).replace("<learning>", learning)
            answer = opened.client.open(named, method=method, headers=HEADERS)
            reads = method in ("GET", "HEAD") and address in readable
            assert answer.status_code == (200 if reads else 405), address
        assert [opened.get(address).data for address in watched] == before
        assert opened.stops == 0


def test_row_4_asking_first_grants_nothing(quiet: Daemon) -> None:
    """A browser's preflight hears no permission, with or without the token."""
    for headers in ({}, HEADERS):
        answer = asked(quiet, "/v1/jobs", "OPTIONS", headers=headers)
        assert answer.status_code in (401, 405)
        assert not [name for name, _ in answer.headers if name.lower().startswith("access-control")]


@pytest.mark.parametrize(
    "address", ["/v1/status", "/v1/jobs", "/v1/jobs/1", "/v1/shutdown", "/no", "/", "/ping/"]
)
@pytest.mark.parametrize("method", ["GET", "POST", "OPTIONS"])
@pytest.mark.parametrize(
    ("given", "wanted"),
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
def test_row_5_without_the_token_nothing_is_said(
    quiet: Daemon, address: str, method: str, given: str | None, wanted: str
) -> None:
    """No token 401, a wrong one 403, at every address and by every method, there or not."""
    headers = {} if given is None else {"Authorization": given}
    answer = asked(quiet, address, method, headers=headers)
    assert (answer.status_code, code(answer)) == (401 if wanted == "no_token" else 403, wanted)
    assert TOKEN.encode() not in answer.data + str(answer.headers).encode()


def test_row_5_the_token_counts_nowhere_else_and_is_nowhere_said(
    quiet: Daemon, caplog: pytest.LogCaptureFixture
) -> None:
    """It is not read from the address or a cookie, all wrong ones get the same words, and no log has it."""
    caplog.set_level(logging.DEBUG)
    assert code(asked(quiet, f"/v1/status?token={TOKEN}", headers={})) == "no_token"
    assert code(asked(quiet, "/v1/status", headers={"Cookie": f"token={TOKEN}"})) == "no_token"
    wrong = {
        asked(quiet, "/v1/status", headers={"Authorization": f"Bearer {bad}"}).data for bad in ("x", "y" * 64)
    }
    assert len(wrong) == 1
    assert TOKEN not in asked(quiet, "/ping").get_data(as_text=True)
    assert TOKEN not in caplog.text


def test_row_5_tokens_are_compared_in_constant_time(quiet: Daemon, monkeypatch: pytest.MonkeyPatch) -> None:
    """The comparison is the standard library's own, over bytes, right or wrong."""
    compared: list[tuple[object, object]] = []
    monkeypatch.setattr(
        "hmac.compare_digest", lambda one, other: compared.append((one, other)) or one == other
    )
    asked(quiet, "/v1/status")
    asked(quiet, "/v1/status", headers={"Authorization": "Bearer \xfc"})
    assert compared == [(TOKEN.encode(), TOKEN.encode()), (b"\xfc", TOKEN.encode())]


def test_row_7_another_daemons_token_is_dead(quiet: Daemon, tmp_path: Path) -> None:
    """What opened the last daemon does not open this one."""
    assert code(asked(quiet, "/v1/status", headers={"Authorization": f"Bearer {'f' * 64}"})) == "wrong_token"
    assert code(asked(quiet, "/v1/status")) is None


def test_row_9_who_has_no_token_learns_the_name_and_the_protocol_only(quiet: Daemon) -> None:
    """`/ping` says nothing that would tell one machine or version from another."""
    answer = asked(quiet, "/ping", headers={})
    assert answer.get_json() == {"product": "autocull", "protocol": 1}
    told = {name for name, _ in answer.headers}
    assert told == {"Content-Type", "Content-Length", "Cache-Control", "X-Content-Type-Options"}
