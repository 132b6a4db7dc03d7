"""The HTTP server: this machine only, time limits for slow requests, no ambiguous lengths."""

from __future__ import annotations

import json
import socket
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing
from http.client import HTTPConnection
from types import SimpleNamespace
from typing import Any

import pytest
from waitress import wasyncore
from waitress.channel import HTTPChannel
from waitress.parser import HTTPRequestParser
from waitress.task import ErrorTask

from autocull.errors import DaemonError, SettingsError
from autocull.serve.http import waitress_server
from autocull.serve.http.waitress_server import (
    MAX_HEADER_BYTES,
    JsonErrorTask,
    ServerLoop,
    ShutdownSignal,
    StrictChannel,
    StrictParser,
    connection_limit,
    listen,
    make_exclusive,
    make_server,
    raise_descriptor_limit,
)
from support.daemon_fixtures import TIMEOUT, connect, read_response, wait_until

if sys.platform != "win32":
    import resource

HEAD = b"Host: 127.0.0.1\r\n"


def echo(environ: dict[str, Any], start: Any) -> list[bytes]:
    """Answer with method, path and body length of the request, as JSON."""
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
    monkeypatch.setattr(waitress_server, "CLEANUP_INTERVAL", 0)
    listener, shutdown_signal = listen("127.0.0.1", 0), ShutdownSignal()
    with closing(listener), closing(ServerLoop(echo, listener, shutdown_signal)) as loop:
        thread = threading.Thread(target=loop.run, args=(lambda: None, lambda: None))
        thread.start()
        try:
            yield listener.getsockname()[1]
        finally:
            shutdown_signal.request()
            thread.join(TIMEOUT)
    assert not thread.is_alive()


def send_bytes(port: int, request: bytes) -> tuple[int, Any]:
    """Send the bytes and return status and JSON."""
    with connect(port) as connection:
        connection.sendall(request)
        status, headers, content = read_response(connection)
    assert headers["content-type"] == "application/json"
    return status, content


def is_closed(connection: socket.socket) -> bool:
    """Wait until the other side closes, and return True."""
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
def test_row_8_other_hosts_are_refused(host: str) -> None:
    """Every other address is a SettingsError, and no socket is opened."""
    with pytest.raises(SettingsError, match=r"host is 127\.0\.0\.1"):
        listen(host, 0)


def test_row_20_port_of_another_program_is_reported() -> None:
    """The port is not shared, and the message has a remedy."""
    with closing(listen("127.0.0.1", 0)) as taken:
        taken.listen()
        port_number = taken.getsockname()[1]
        with pytest.raises(
            DaemonError, match=rf"Port {port_number} cannot be used .*or 0 for any that is free"
        ):
            listen("127.0.0.1", port_number)


@pytest.mark.parametrize("port_number", [-1, 65536])
def test_port_out_of_range_is_reported(port_number: int) -> None:
    """As the same type of error."""
    with pytest.raises(DaemonError, match="cannot be used"):
        listen("127.0.0.1", port_number)


@pytest.mark.parametrize(("platform", "expected"), [("win32", -5), ("linux", socket.SO_REUSEADDR)])
def test_port_is_exclusive_on_windows(platform: str, expected: int) -> None:
    """There, a second program could use the port of a socket that does not forbid it."""
    options: list[tuple[int, int, int]] = []
    fake: Any = SimpleNamespace(setsockopt=lambda *option: options.append(option))
    make_exclusive(fake, platform)
    assert options == [(socket.SOL_SOCKET, expected, 1)]


def test_connection_serves_two_requests(port: int) -> None:
    """One body with a length, and one that is chunked."""
    with connect(port) as connection:
        connection.sendall(b"POST /a HTTP/1.1\r\n" + HEAD + b"Content-Length: 3\r\n\r\nabc")
        assert read_response(connection)[2] == ["POST", "/a", 3]
        connection.sendall(b"POST /b HTTP/1.1\r\n" + HEAD + b"Transfer-Encoding: chunked\r\n\r\n")
        connection.sendall(b"2\r\nab\r\n3\r\ncde\r\n0\r\n\r\n")
        status, headers, content = read_response(connection)
    assert (status, content) == (200, ["POST", "/b", 5])
    assert "server" not in headers, "the server's software is not revealed"


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
def test_row_11_ambiguous_requests_are_refused(request_: bytes, port: int) -> None:
    """A request that could hide another one gets a JSON error, and the connection is closed."""
    with connect(port) as connection:
        connection.sendall(request_ + b"GET /hidden HTTP/1.1\r\n\r\n")
        status, headers, content = read_response(connection)
        assert (status, content["error"]["code"]) == (400, "bad_request")
        assert headers["content-type"] == "application/json"
        assert is_closed(connection)


@pytest.mark.parametrize("size", [MAX_HEADER_BYTES, 1_000_000])
def test_row_10_too_long_header_is_refused(size: int, port: int) -> None:
    """The header is read up to its limit and no further."""
    with connect(port) as connection:
        connection.sendall(b"GET / HTTP/1.1\r\nX: " + b"a" * (MAX_HEADER_BYTES - 19))
        status, _, content = read_response(connection)
    assert (status, content["error"]["code"]) == (413, "too_large")
    assert send_bytes(port, b"GET /next HTTP/1.1\r\n" + HEAD + b"\r\n") == (200, ["GET", "/next", 0])


def test_row_10_too_large_content_length_is_refused(port: int) -> None:
    """At once, without reading the body."""
    request = b"POST / HTTP/1.1\r\n" + HEAD + b"Content-Length: 1073741824\r\n\r\n"
    status, content = send_bytes(port, request)
    assert (status, content["error"]["code"]) == (413, "too_large")


def test_row_10_too_large_chunked_body_is_refused(port: int) -> None:
    """A body without a length is read up to the limit."""
    chunk = b"10000\r\n" + b"a" * 0x10000 + b"\r\n"
    with connect(port) as connection:
        connection.sendall(b"POST / HTTP/1.1\r\n" + HEAD + b"Transfer-Encoding: chunked\r\n\r\n")
        for _ in range(64):
            connection.sendall(chunk)
        connection.sendall(b"1\r\na\r\n")
        status, _, content = read_response(connection)
    assert (status, content["error"]["code"]) == (413, "too_large")


@pytest.mark.parametrize("size", [5, 40])
def test_row_10_client_that_sends_a_too_large_body_receives_the_response(port: int, size: int) -> None:
    """What it still sends is read and thrown away: the connection is not reset while it sends."""
    for _ in range(5):
        connection = HTTPConnection("127.0.0.1", port, timeout=TIMEOUT)
        with closing(connection):
            connection.request("POST", "/", body=bytes(size * 1024 * 1024))
            response = connection.getresponse()
            assert response.status == 413
            assert json.loads(response.read())["error"]["code"] == "too_large"


def test_row_10_endless_body_is_cut_off(port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """After a limited length, or time."""
    for name, value in (("MAX_DISCARDED_BYTES", 1 << 20), ("DISCARD_TIMEOUT", 0.1)):
        with monkeypatch.context() as patch, connect(port) as connection:
            patch.setattr(waitress_server, name, value)
            connection.sendall(b"POST / HTTP/1.1\r\n" + HEAD + b"Content-Length: 1073741824\r\n\r\n")

            def send_more() -> bool:
                try:
                    connection.sendall(bytes(1 << 16))
                except ConnectionError:
                    return True
                return False

            wait_until(send_more)
    assert send_bytes(port, b"GET /next HTTP/1.1\r\n" + HEAD + b"\r\n")[0] == 200


@pytest.mark.parametrize("digits", [19, 5000])
def test_row_11_length_with_many_digits_is_refused(
    port: int, digits: int, caplog: pytest.LogCaptureFixture
) -> None:
    """With an answer, and without a line in the log."""
    length = b"Content-Length: " + b"9" * digits
    status, content = send_bytes(port, b"POST / HTTP/1.1\r\n" + HEAD + length + b"\r\n\r\n")
    assert (status, content["error"]["code"]) == (400, "bad_request")
    assert caplog.text == ""


def test_row_10_more_idle_connections_than_allowed_keep_no_client_out(
    port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Those that are idle for the longest time are closed, and no client waits until they time out."""
    with ExitStack() as stack:
        for _ in range(waitress_server.MAX_CONNECTIONS + 100):
            stack.enter_context(connect(port))
        connection = stack.enter_context(connect(port, timeout=1.5))  # less than the time of a request
        connection.sendall(b"GET /me HTTP/1.1\r\n" + HEAD + b"\r\n")
        assert read_response(connection)[2] == ["GET", "/me", 0]


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such limit")
@pytest.mark.parametrize(
    ("limits", "raised", "connections"),
    [((256, 100_000), 4096, 400), ((256, 300), 300, 200), ((256, 256), None, 156), ((50, 50), None, 16)],
)
def test_limit_of_open_files(
    monkeypatch: pytest.MonkeyPatch, limits: tuple[int, int], raised: int | None, connections: int
) -> None:
    """It is raised as far as the system allows; connections leave files for everything else."""
    current = [limits]
    monkeypatch.setattr(resource, "getrlimit", lambda _: current[-1])
    monkeypatch.setattr(resource, "setrlimit", lambda _, new: current.append(new))
    raise_descriptor_limit()
    assert current[1:] == ([] if raised is None else [(raised, limits[1])])
    assert connection_limit() == connections


def test_unexpected_error_of_a_connection_is_logged_without_paths(
    port: int, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Only its type and origin; the connection is closed, and the next one is served."""

    def fail(*_: object) -> None:
        raise ValueError("/Photos/secret.NEF")

    with monkeypatch.context() as patch, connect(port) as connection:
        patch.setattr(StrictParser, "parse_header", fail)
        connection.sendall(b"GET / HTTP/1.1\r\n" + HEAD + b"\r\n")
        wait_until(lambda: is_closed(connection))
    assert "ValueError in fail" in caplog.text
    assert "secret" not in caplog.text
    assert "/site-packages/" not in caplog.text
    assert send_bytes(port, b"GET /next HTTP/1.1\r\n" + HEAD + b"\r\n")[0] == 200


def test_row_10_body_at_the_limit_is_accepted(port: int) -> None:
    """4 MiB arrive completely."""
    with connect(port) as connection:
        size = waitress_server.MAX_BYTES
        connection.sendall(b"POST / HTTP/1.1\r\n" + HEAD + b"Content-Length: %d\r\n\r\n" % size)
        connection.sendall(b"a" * size)
        assert read_response(connection)[2] == ["POST", "/", size]


@pytest.mark.parametrize(
    "first_bytes",
    [
        b"",
        b"GET / HTTP/1.1\r\nX: ",
        b"POST / HTTP/1.1\r\n" + HEAD + b"Content-Length: 1000\r\n\r\n",
        b"POST / HTTP/1.1\r\n" + HEAD + b"Transfer-Encoding: chunked\r\n\r\n1",
    ],
    ids=["nothing", "header", "body", "chunks"],
)
def test_row_10_slow_requests_are_closed(first_bytes: bytes, port: int) -> None:
    """The time of a request runs from its first byte; further bytes do not extend it."""
    with connect(port) as connection:
        connection.sendall(first_bytes)

        def is_cut_off() -> bool:
            try:
                if first_bytes:
                    connection.sendall(b"0")
                connection.settimeout(0.05)
                return connection.recv(1) == b""
            except TimeoutError:
                return False
            except ConnectionError:
                return True

        started_at = time.monotonic()
        wait_until(is_cut_off)
        assert time.monotonic() - started_at > 1, "it had its time"


def test_row_10_idle_connections_do_not_block_requests(port: int) -> None:
    """With 200 open connections a request is answered; then they are closed."""
    with ExitStack() as stack:
        idle = [stack.enter_context(connect(port)) for _ in range(200)]
        assert send_bytes(port, b"GET /me HTTP/1.1\r\n" + HEAD + b"\r\n") == (200, ["GET", "/me", 0])
        assert all(is_closed(each) for each in idle)


def test_disconnecting_clients_do_no_harm(port: int) -> None:
    """After half a request, or an unread response, the next request is served."""
    for request in (b"POST / HTTP/1.1\r\nContent-Le", b"GET / HTTP/1.1\r\n" + HEAD + b"\r\n"):
        with connect(port) as connection:
            connection.sendall(request)
    assert send_bytes(port, b"GET /next HTTP/1.1\r\n" + HEAD + b"\r\n")[0] == 200


def test_application_error_has_no_details(port: int) -> None:
    """Errors beneath the application's own handlers have the same form."""
    status, content = send_bytes(port, b"GET /broken HTTP/1.1\r\n" + HEAD + b"\r\n")
    assert (status, content["error"]["code"]) == (500, "internal")
    assert "secret" not in str(content)


def test_running_requests_are_answered_before_the_end() -> None:
    """`finish` runs meanwhile."""
    shutdown_signal, finished = ShutdownSignal(), threading.Event()
    answering, may_answer = threading.Event(), threading.Event()

    def answer_slowly(environ: dict[str, Any], start: Any) -> list[bytes]:
        answering.set()
        may_answer.wait(TIMEOUT)
        return echo(environ, start)

    listener = listen("127.0.0.1", 0)
    with closing(listener), closing(ServerLoop(answer_slowly, listener, shutdown_signal)) as loop:
        thread = threading.Thread(target=loop.run, args=(lambda: None, finished.set))
        thread.start()
        with connect(listener.getsockname()[1]) as connection:
            connection.sendall(b"GET /last HTTP/1.1\r\n" + HEAD + b"\r\n")
            assert answering.wait(TIMEOUT)
            shutdown_signal.request()
            assert finished.wait(TIMEOUT)
            may_answer.set()
            assert read_response(connection)[2] == ["GET", "/last", 0]
        thread.join(TIMEOUT)
    assert not thread.is_alive()


@pytest.fixture
def channel() -> Iterator[StrictChannel]:
    """Connect to a Waitress server, and return its channel of the connection."""
    sockets: dict[int, Any] = {}
    listener = listen("127.0.0.1", 0)
    server = make_server(echo, listener, sockets)
    with connect(listener.getsockname()[1]):
        while not server.active_channels:
            wasyncore.loop(timeout=1, use_poll=True, map=sockets, count=1)
        [channel] = server.active_channels.values()
        yield channel
    server.task_dispatcher.shutdown()
    wasyncore.close_all(sockets, ignore_all=True)


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("requests", list),
        ("total_outbufs_len", int),
        ("request", type(None)),
        ("last_activity", float),
        ("server", object),
    ],
)
def test_channel_of_waitress_has_the_attribute(channel: StrictChannel, name: str, kind: type) -> None:
    """What a new connection has before its first request."""
    assert isinstance(getattr(channel, name), kind)
    assert name in vars(channel) or name in vars(HTTPChannel)


@pytest.mark.parametrize("name", ["active_channels", "task_dispatcher", "pull_trigger", "channel_class"])
def test_server_of_waitress_has_the_attribute(channel: StrictChannel, name: str) -> None:
    """What the loop uses to wake, to finish and to stop it."""
    assert hasattr(channel.server, name)


@pytest.mark.parametrize(
    ("owner", "name"),
    [
        (HTTPChannel, "parser_class"),
        (HTTPChannel, "error_task_class"),
        (HTTPChannel, "handle_read"),
        (HTTPChannel, "handle_write"),
        (HTTPChannel, "handle_error"),
        (HTTPChannel, "handle_close"),
        (HTTPChannel, "readable"),
        (HTTPChannel, "close_when_flushed"),
        (HTTPRequestParser, "parse_header"),
        (HTTPRequestParser, "version"),
        (ErrorTask, "execute"),
        (ErrorTask, "set_close_on_finish"),
        (ErrorTask, "write"),
        (ErrorTask, "status"),
        (ErrorTask, "content_length"),
    ],
)
def test_class_of_waitress_has_the_attribute(owner: type, name: str) -> None:
    """What the subclasses override, call or set."""
    assert hasattr(owner, name)


def test_received_data_start_a_request_of_the_strict_parser(channel: StrictChannel) -> None:
    """Its time counts from here: `last_activity` stays where the request began."""
    channel.recv = lambda _: b"GET / HTTP/1.1\r\nX: "
    channel.handle_read()
    assert isinstance(channel.request, StrictParser)
    began = channel.last_activity
    channel.recv = lambda _: b"a"
    channel.handle_read()
    assert channel.last_activity == began == channel.started_at


def test_error_task_answers_with_the_reason_of_the_request(channel: StrictChannel) -> None:
    """`request.error` has code and reason; the response headers are a list."""
    request = SimpleNamespace(
        error=SimpleNamespace(code=431, reason="Request Header Fields Too Large"), version="1.1", headers={}
    )
    task = JsonErrorTask(channel, request)
    written: list[bytes] = []
    task.write = written.append
    task.execute()
    assert task.status == "413 Request Header Fields Too Large"
    assert ("Content-Type", "application/json") in task.response_headers
    assert task.close_on_finish
    assert task.content_length == len(written[0])
