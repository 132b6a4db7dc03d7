"""The stand-in's rules of LrHttp and of the preferences."""

from __future__ import annotations

import http.client
import http.server
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from plugin.tiny import forbidden, gate, tiny


@pytest.mark.parametrize(
    ("source", "why"),
    [
        ("LrHttp.post('http://127.0.0.1:1/', '', {}, 'POST', 'application/json')", "never sent"),
        ("LrHttp.get('http://localhost:1/')", "use 127.0.0.1"),
        ("LrHttp.get('http://127.0.0.1:1/', { ['Content-Type'] = 'x', { 'y' } })", "headers are an array"),
    ],
)
def test_rule_20_how_requests_are_made(tmp_path: Path, source: str, why: str) -> None:
    """A timeout that is not a number, the slow name, headers of the wrong form."""
    forbidden(tiny(tmp_path), "local LrHttp = import 'LrHttp' " + source, why)


def test_rule_20_no_request_inside_a_gate(tmp_path: Path) -> None:
    """It would hold the catalog."""
    forbidden(tiny(tmp_path), gate("import 'LrHttp'.get('http://127.0.0.1:1/')"), "inside a gate")


@pytest.mark.parametrize(
    ("failure", "code"),
    [
        (ConnectionRefusedError(), "cannotConnectToHost"),
        (TimeoutError(), "timedOut"),
        (ConnectionResetError(), "networkConnectionLost"),
        (http.client.BadStatusLine("x"), "badServerResponse"),
    ],
)
def test_rule_20_a_failure_has_a_code(tmp_path: Path, failure: Exception, code: str) -> None:
    """No body, and the error in the information."""
    host = tiny(tmp_path)

    def fail(request: Any) -> Any:
        raise failure

    host.network.respond = fail
    source = "local body, info = import 'LrHttp'.get('http://127.0.0.1:1/') "
    source += "return { body == nil, info.error.errorCode }"
    assert host.lua_task(source) == [True, code]
    assert [each.error for each in host.http_requests] == [code]
    host.check()


class Echo(http.server.BaseHTTPRequestHandler):
    """Gives back the body and the kind of content it was sent."""

    def do_POST(self) -> None:
        """Answer 404 with the body of the request."""
        sent = self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(404)
        self.send_header("Content-Length", str(len(sent)))
        self.send_header("Content-Type", self.headers["Content-Type"])
        self.end_headers()
        self.wfile.write(sent)

    def log_message(self, format: str, *words: Any) -> None:  # noqa: A002 - the name of the base class
        """Return nothing."""


@pytest.fixture
def echo() -> Iterator[int]:
    """The port of a server that echoes."""
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Echo) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server.server_port
        server.shutdown()
        thread.join()


def test_rule_20_a_request_is_really_made(tmp_path: Path, echo: int) -> None:
    """Bytes pass unharmed, a 404 is an answer, and without headers the content is text/plain."""
    host = tiny(tmp_path)
    source = f"local body, info = import 'LrHttp'.post('http://127.0.0.1:{echo}/x?y=1', 'ä\\255\\0')"
    kind = " local kind for _, h in ipairs(info) do if h.field == 'Content-Type' then kind = h.value end end"
    result = host.lua_task(source + kind + " return { body == 'ä\\255\\0', info.status, kind }")
    assert result == [True, 404, "text/plain"]
    assert (host.http_requests[0].path, host.http_requests[0].method) == ("/x?y=1", "POST")


def test_rule_21_preferences_keep_plain_values(tmp_path: Path) -> None:
    """Functions and objects are refused."""
    forbidden(tiny(tmp_path), "import 'LrPrefs'.prefsForPlugin().x = function() end", "cannot be a function")
    forbidden(
        tiny(tmp_path), "import 'LrPrefs'.prefsForPlugin().x = { a = { print_ = import } }", "cannot be a"
    )


def test_rule_21_a_change_inside_a_table_is_not_saved(tmp_path: Path) -> None:
    """Only an assignment is; the plug-in has its own change until it is reloaded."""
    host = tiny(tmp_path)
    prefs = "local prefs = import 'LrPrefs'.prefsForPlugin() "
    assert host.lua_task(prefs + "prefs.t = { n = 1 } prefs.t.n = 2 return prefs.t.n") == 2
    assert host.prefs == {"t": {"n": 1}}
    host.reload_plugin()
    assert host.lua_task(prefs + "local n = prefs.t.n prefs.t = { n = 3 } return n") == 1
    assert host.prefs == {"t": {"n": 3}}


def test_rule_21_the_builtin_pairs_finds_no_preferences(tmp_path: Path) -> None:
    """Their own pairs does."""
    host = tiny(tmp_path)
    source = "local prefs = import 'LrPrefs'.prefsForPlugin() prefs.a = 1 local n, m = 0, 0 "
    source += "for _ in pairs(prefs) do n = n + 1 end for _ in prefs:pairs() do m = m + 1 end return { n, m }"
    assert host.lua_task(source) == [0, 1]
