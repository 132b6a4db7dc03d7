"""The HTTP side: bound to this machine alone, patient with nobody for long, and of one mind about lengths."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing
from types import SimpleNamespace
from typing import Any

import pytest

from autocull.errors import DaemonError, SettingsError
from autocull.serve.http import waitress_server
from autocull.serve.http.waitress_server import MAX_HEADER_BYTES, listen
from autocull.serve.process.server import ServerLoop, ShutdownSignal
from support.daemon_fixtures import PATIENCE, connected, told, until

HEAD = b"Host: 127.0.0.1\r\n"


def echo(environ: dict[str, Any], start: Any) -> list[bytes]:
    """Answer with what arrived: method, path and length of the body, as JSON."""
    body = environ["wsgi.input"].read()
    text = f'["{environ["REQUEST_METHOD"]}", "{environ["PATH_INFO"]}", {len(body)}]'.encode()
    if environ["PATH_INFO"] == "/broken":
        raise RuntimeError("/Photos/secret.NEF")
    start("200 OK", [("Content-Type", "application/json"), ("Content-Length", str(len(text)))])
    return [text]


@pytest.fixture
def port(monkeypatch: pytest.MonkeyPatch) -> Iterator[int]:
    """Serve `echo` in a thread; a request has two seconds to arrive."""
    monkeypatch.setattr(waitress_server, "ARRIVAL_TIMEOUT", 2)
    monkeypatch.setattr(waitress_server, "_CLEANUP_INTERVAL", 0)
    listener, ending = listen("127.0.0.1", 0), ShutdownSignal()
    with closing(listener), closing(ServerLoop(echo, listener, ending)) as loop:
        thread = threading.Thread(target=loop.run, args=(lambda: None, lambda: None))
        thread.start()
        try:
            yield listener.getsockname()[1]
        finally:
            ending.request()
            thread.join(PATIENCE)
    assert not thread.is_alive()


def answered(port: int, request: bytes) -> tuple[int, Any]:
    """Send the bytes and return status and JSON."""
    with connected(port) as connection:
        connection.sendall(request)
        status, headers, content = told(connection)
    assert headers["content-type"] == "application/json"
    return status, content


def closed(connection: socket.socket) -> bool:
    """Wait for the other side to close."""
    try:
        while connection.recv(65536):
            pass
    except ConnectionError:
        pass
    return True


@pytest.mark.parametrize(
    "host",
    [
        "0.0.0.0",
        "::",
        "",
        "::1",
        "localhost",
        "127.0.0.2",
        "192.168.1.5",
        "10.0.0.1",
        "fe80::1",
        "example.org",
    ],
)
def test_row_8_nothing_but_this_machine_is_listened_on(host: str) -> None:
    """Every other address is an error in words, not a socket."""
    with pytest.raises(SettingsError, match=r"host is 127\.0\.0\.1"):
        listen(host, 0)


def test_row_20_a_port_that_a_stranger_has_is_said() -> None:
    """A given port is not shared: who has it keeps it, and the message says what to do."""
    with closing(listen("127.0.0.1", 0)) as taken:
        taken.listen()
        number = taken.getsockname()[1]
        with pytest.raises(DaemonError, match=rf"Port {number} cannot be used .*or 0 for any that is free"):
            listen("127.0.0.1", number)


@pytest.mark.parametrize("number", [-1, 65536])
def test_a_port_that_is_none_is_said(number: int) -> None:
    """A number out of range is the same kind of error."""
    with pytest.raises(DaemonError, match="cannot be used"):
        listen("127.0.0.1", number)


@pytest.mark.parametrize(("platform", "wanted"), [("win32", -5), ("linux", socket.SO_REUSEADDR)])
def test_windows_shares_no_port(platform: str, wanted: int) -> None:
    """On Windows a second program could take the port of a socket that does not forbid it."""
    options: list[tuple[int, int, int]] = []
    fake: Any = SimpleNamespace(setsockopt=lambda *option: options.append(option))
    waitress_server._make_exclusive(fake, platform)
    assert options == [(socket.SOL_SOCKET, wanted, 1)]


def test_a_request_is_answered_and_the_connection_stays(port: int) -> None:
    """Two requests on one connection, with a body by its length and one in pieces."""
    with connected(port) as connection:
        connection.sendall(b"POST /a HTTP/1.1\r\n" + HEAD + b"Content-Length: 3\r\n\r\nabc")
        assert told(connection)[2] == ["POST", "/a", 3]
        connection.sendall(b"POST /b HTTP/1.1\r\n" + HEAD + b"Transfer-Encoding: chunked\r\n\r\n")
        connection.sendall(b"2\r\nab\r\n3\r\ncde\r\n0\r\n\r\n")
        status, headers, content = told(connection)
    assert (status, content) == (200, ["POST", "/b", 5])
    assert "server" not in headers, "nobody needs to know what serves"


@pytest.mark.parametrize(
    "request_",
    [
        b"POST / HTTP/1.1\r\n" + HEAD + b"Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        b"POST / HTTP/1.1\r\n" + HEAD + b"Transfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n0\r\n\r\n",
        b"POST / HTTP/1.1\r\n" + HEAD + b"transfer-encoding :chunked\r\ncontent-length: 4\r\n\r\n0\r\n\r\n",
        b"POST / HTTP/1.1\r\n" + HEAD + b"Transfer-Encoding: chunked\r\nTransfer-Encoding: x\r\n\r\n",
        b"POST / HTTP/1.1\r\n" + HEAD + b"Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
        b"POST / HTTP/1.1\r\n" + HEAD + b"Transfer-Encoding: \x0bchunked\r\n\r\n0\r\n\r\n",
        b"POST / HTTP/1.0\r\n" + HEAD + b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        b"POST / HTTP/1.1\r\n" + HEAD + b"Content-Length: 4\r\nContent-Length: 5\r\n\r\nabcde",
        b"POST / HTTP/1.1\r\n" + HEAD + b"Content-Length: +4\r\n\r\nabcd",
        b"POST / HTTP/1.1\r\n" + HEAD + b"Content-Length: -1\r\n\r\n",
        b"POST / HTTP/1.1\r\n" + HEAD + b"Content-Length: 0x4\r\n\r\nabcd",
        b"POST / HTTP/1.1\r\n" + HEAD + b"X: a\nContent-Length: 4\r\n\r\nabcd",
        b"POST / HTTP/1.1\r\n" + HEAD + b" folded: x\r\nX : y\r\n\r\n",
        b"POST / HTTP/1.1\r\n" + HEAD + b"Transfer-Encoding: chunked\r\n\r\nzz\r\nab\r\n0\r\n\r\n",
        b"GARBAGE\r\n\r\n",
        b"get / HTTP/1.1\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\r\n\r\n",
    ],
)  # fmt: skip
def test_row_11_two_readings_of_a_request_are_none(request_: bytes, port: int) -> None:
    """What could hide a second request is refused in JSON, and the connection with it."""
    with connected(port) as connection:
        connection.sendall(request_ + b"GET /hidden HTTP/1.1\r\n\r\n")
        status, headers, content = told(connection)
        assert (status, content["error"]["code"]) == (400, "bad_request")
        assert headers["content-type"] == "application/json"
        assert closed(connection)


@pytest.mark.parametrize("size", [MAX_HEADER_BYTES, 1_000_000])
def test_row_10_a_huge_header_is_refused(size: int, port: int) -> None:
    """A header is read up to its limit and no further."""
    with connected(port) as connection:
        connection.sendall(b"GET / HTTP/1.1\r\nX: " + b"a" * (MAX_HEADER_BYTES - 19))
        status, _, content = told(connection)
    assert (status, content["error"]["code"]) == (413, "too_large")
    assert answered(port, b"GET /next HTTP/1.1\r\n" + HEAD + b"\r\n") == (200, ["GET", "/next", 0])


def test_row_10_a_gigabyte_that_is_only_announced_is_refused(port: int) -> None:
    """The length alone decides: nothing is read, and the answer comes at once."""
    request = b"POST / HTTP/1.1\r\n" + HEAD + b"Content-Length: 1073741824\r\n\r\n"
    status, content = answered(port, request)
    assert (status, content["error"]["code"]) == (413, "too_large")


def test_row_10_pieces_beyond_the_limit_are_refused(port: int) -> None:
    """A body whose length nobody said is read up to the limit."""
    piece = b"10000\r\n" + b"a" * 0x10000 + b"\r\n"
    with connected(port) as connection:
        connection.sendall(b"POST / HTTP/1.1\r\n" + HEAD + b"Transfer-Encoding: chunked\r\n\r\n")
        try:
            for _ in range(64):
                connection.sendall(piece)
            connection.sendall(b"1\r\na\r\n")
        except ConnectionError:  # it closes as soon as it is too much
            return
        status, _, content = told(connection)
    assert (status, content["error"]["code"]) == (413, "too_large")


def test_row_10_a_body_at_the_limit_is_taken(port: int) -> None:
    """4 MiB is allowed, and arrives whole."""
    with connected(port) as connection:
        size = waitress_server.MAX_BYTES
        connection.sendall(b"POST / HTTP/1.1\r\n" + HEAD + b"Content-Length: %d\r\n\r\n" % size)
        connection.sendall(b"a" * size)
        assert told(connection)[2] == ["POST", "/", size]


@pytest.mark.parametrize(
    "begin",
    [
        b"",
        b"GET / HTTP/1.1\r\nX: ",
        b"POST / HTTP/1.1\r\n" + HEAD + b"Content-Length: 1000\r\n\r\n",
        b"POST / HTTP/1.1\r\n" + HEAD + b"Transfer-Encoding: chunked\r\n\r\n1",
    ],
    ids=["nothing", "header", "body", "pieces"],
)
def test_row_10_who_trickles_is_closed(begin: bytes, port: int) -> None:
    """A byte now and then is no sign of life: the request's time runs from its first byte."""
    with connected(port) as connection:
        connection.sendall(begin)

        def cut_off() -> bool:
            try:
                if begin:
                    connection.sendall(b"0")
                connection.settimeout(0.05)
                return connection.recv(1) == b""
            except TimeoutError:
                return False
            except ConnectionError:
                return True

        began = time.monotonic()
        until(cut_off)
        assert time.monotonic() - began > 1, "it had its time"


def test_row_10_two_hundred_idle_sockets_keep_nobody_out(port: int) -> None:
    """While they are open, requests are answered; then they are closed."""
    with ExitStack() as stack:
        idle = [stack.enter_context(connected(port)) for _ in range(200)]
        assert answered(port, b"GET /me HTTP/1.1\r\n" + HEAD + b"\r\n") == (200, ["GET", "/me", 0])
        assert all(closed(each) for each in idle)


def test_a_client_that_goes_away_costs_nothing(port: int) -> None:
    """Half a request and an answer that nobody reads: the next one is served."""
    for request in (b"POST / HTTP/1.1\r\nContent-Le", b"GET / HTTP/1.1\r\n" + HEAD + b"\r\n"):
        with connected(port) as connection:
            connection.sendall(request)
    assert answered(port, b"GET /next HTTP/1.1\r\n" + HEAD + b"\r\n")[0] == 200


def test_an_application_that_breaks_says_nothing_of_itself(port: int) -> None:
    """Beneath the application's own errors there is another net, of the same shape."""
    status, content = answered(port, b"GET /broken HTTP/1.1\r\n" + HEAD + b"\r\n")
    assert (status, content["error"]["code"]) == (500, "internal")
    assert "secret" not in str(content)


def test_the_last_answers_are_given_before_the_end() -> None:
    """Who is being answered when the daemon is asked to end still hears; `finish` runs beside it."""
    ending, finished = ShutdownSignal(), threading.Event()
    answering, may_answer = threading.Event(), threading.Event()

    def slow(environ: dict[str, Any], start: Any) -> list[bytes]:
        answering.set()
        may_answer.wait(PATIENCE)
        return echo(environ, start)

    listener = listen("127.0.0.1", 0)
    with closing(listener), closing(ServerLoop(slow, listener, ending)) as loop:
        thread = threading.Thread(target=loop.run, args=(lambda: None, finished.set))
        thread.start()
        with connected(listener.getsockname()[1]) as connection:
            connection.sendall(b"GET /last HTTP/1.1\r\n" + HEAD + b"\r\n")
            assert answering.wait(PATIENCE)
            ending.request()
            assert finished.wait(PATIENCE)
            may_answer.set()
            assert told(connection)[2] == ["GET", "/last", 0]
        thread.join(PATIENCE)
    assert not thread.is_alive()
