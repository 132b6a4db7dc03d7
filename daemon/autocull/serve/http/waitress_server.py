"""The HTTP server: a socket on this machine only, and limits for slow or ambiguous requests.

Any program on this machine may connect. So a request must arrive within a time limit, the number of
connections is limited, and a request whose length could be read in two ways is refused. These errors are JSON
too.

This is the only module that uses Waitress, some of it by attributes that are not documented; each of them has
a test.
"""

from __future__ import annotations

import json
import logging
import re
import socket
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from threading import Event, Thread
from typing import TYPE_CHECKING, Any

from waitress import wasyncore  # type: ignore[import-untyped] # waitress ships no types
from waitress.channel import HTTPChannel  # type: ignore[import-untyped]
from waitress.parser import HTTPRequestParser, ParsingError  # type: ignore[import-untyped]
from waitress.server import create_server  # type: ignore[import-untyped]
from waitress.task import ErrorTask  # type: ignore[import-untyped]

from autocull.errors import DaemonError, Problem, SettingsError, exception_origin
from autocull.serve.http.access_gate import MAX_BYTES
from autocull.serve.http.error_handlers import STATUS
from autocull.serve.process import HOST

if TYPE_CHECKING:
    from flask import Flask

THREADS = 4
ARRIVAL_TIMEOUT = 20
"""Seconds within which a request must arrive; also how long an idle connection stays open."""

MAX_CONNECTIONS = 400
"""The maximum number of open connections; Windows cannot wait for more than 512."""

WANTED_DESCRIPTORS = 4096
"""The number of open files that a process should be allowed; macOS gives programs of the login 256."""

RESERVED_DESCRIPTORS = 100
"""The number of open files that connections leave for photos, databases and workers."""

MAX_DISCARDED_BYTES = 1 << 28
"""The maximum length of a refused body that is still read, so that the client receives the response."""

DISCARD_TIMEOUT = 5.0
"""Seconds for which a refused body is still read."""

MAX_HEADER_BYTES = 16384
CLEANUP_INTERVAL = 2
"""Seconds between checks for connections that have timed out."""

CHECK_INTERVAL = 2.0
"""Seconds between two calls of the loop's `check`."""

_DISCARDED_BLOCK = 1 << 16
_POLL_TIMEOUT = 1.0
_MIN_CONNECTIONS = 16
_SPARE_CONNECTIONS = 8  # open connections below the limit at which idle ones are closed
_FLUSH_TIMEOUT = 2.0  # seconds that clients have to receive the last responses
_LENGTH = re.compile(rb"^content-length[ \t]*:", re.IGNORECASE | re.MULTILINE)
_LONG_LENGTH = re.compile(rb"^content-length[ \t]*:[ \t]*[0-9]{19}", re.IGNORECASE | re.MULTILINE)
_ENCODING = re.compile(rb"^transfer-encoding[ \t]*:", re.IGNORECASE | re.MULTILINE)
_ERRORS = {
    413: ("too_large", "The body of a request may have at most 4 MiB. Send the photos in parts."),
    431: ("too_large", "The header of a request may have at most 16 KiB."),
    500: ("internal", "Unexpected error in the daemon; its log has the details. Try again."),
}


def listen(host: str, port: int) -> socket.socket:
    """Return a socket bound to a port of this machine; 0 lets the system choose one.

    Raises SettingsError for every host but 127.0.0.1, and DaemonError if the port cannot be used.
    """
    if host != HOST:
        message = f"Autocull serves this machine only: the host is {HOST}, not {host!r}."
        raise SettingsError(message)
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    try:
        make_exclusive(listener, sys.platform)
        listener.bind((HOST, port))
    except (OSError, OverflowError) as error:
        listener.close()
        reason = getattr(error, "strerror", None) or str(error)
        message = f"Port {port} cannot be used ({reason}). Choose another one, or 0 for any that is free."
        raise DaemonError(message) from error
    return listener


def make_exclusive(listener: socket.socket, platform: str) -> None:
    """Prevent port sharing on Windows; on other systems, allow the port again right after a restart."""
    if platform == "win32":
        option = getattr(socket, "SO_EXCLUSIVEADDRUSE", -5)
        listener.setsockopt(socket.SOL_SOCKET, option, 1)
    else:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)


def raise_descriptor_limit() -> None:
    """Raise the process's limit of open files, where the system has one, as far as that is allowed."""
    if sys.platform == "win32":
        return
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = WANTED_DESCRIPTORS if hard == resource.RLIM_INFINITY else min(hard, WANTED_DESCRIPTORS)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        with suppress(OSError, ValueError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


def connection_limit() -> int:
    """Return the maximum number of open connections, which leaves some of the open files for other uses."""
    if sys.platform == "win32":
        return MAX_CONNECTIONS
    import resource

    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft == resource.RLIM_INFINITY:
        return MAX_CONNECTIONS
    return max(_MIN_CONNECTIONS, min(MAX_CONNECTIONS, soft - RESERVED_DESCRIPTORS))


def make_server(app: Flask | Callable[..., Any], listener: socket.socket, sockets: dict[int, Any]) -> Any:
    """Create Waitress's server for `app` on `listener`; it listens at once and keeps its map in `sockets`."""
    logging.getLogger("waitress.queue").setLevel(logging.ERROR)  # a waiting request is no warning
    server = create_server(
        app,
        map=sockets,
        sockets=[listener],
        threads=THREADS,
        ident=None,
        max_request_body_size=MAX_BYTES + 1,
        max_request_header_size=MAX_HEADER_BYTES,
        channel_timeout=ARRIVAL_TIMEOUT,
        cleanup_interval=CLEANUP_INTERVAL,
        connection_limit=connection_limit(),
        asyncore_use_poll=True,
        log_socket_errors=False,
        clear_untrusted_proxy_headers=True,
    )
    server.channel_class = StrictChannel
    return server


class StrictParser(HTTPRequestParser):  # type: ignore[misc] # waitress ships no types
    """Refuses a request whose length two parsers could read differently."""

    def parse_header(self, header_plus: bytes) -> None:
        """Parse the header; raises ParsingError for two lengths, or for a transfer coding in HTTP/1.0."""
        if _LONG_LENGTH.search(header_plus):  # Python refuses to convert thousands of digits
            raise ParsingError("The length of the request is too large")
        encodings = len(_ENCODING.findall(header_plus))
        if encodings > 1 or (encodings and _LENGTH.search(header_plus)):
            raise ParsingError("The request has two lengths")
        super().parse_header(header_plus)
        if encodings and self.version != "1.1":
            raise ParsingError("Transfer-Encoding is of HTTP/1.1")


class JsonErrorTask(ErrorTask):  # type: ignore[misc] # waitress ships no types
    """Answers an invalid request in the form of the application's errors, and closes the connection."""

    def execute(self) -> None:
        """Write the response."""
        code, message = _ERRORS.get(
            self.request.error.code, ("bad_request", "The request is not valid HTTP/1.1.")
        )
        body = json.dumps({"error": Problem(code, message).to_json()}).encode()
        self.status = f"{STATUS[code]} {self.request.error.reason}"
        self.response_headers += [("Content-Type", "application/json"), ("Cache-Control", "no-store")]
        self.content_length = len(body)
        self.channel.is_refused = True
        self.set_close_on_finish()
        self.write(body)


class StrictChannel(HTTPChannel):  # type: ignore[misc] # waitress ships no types
    """A connection; a request that arrives slowly has the same time limit as one that does not arrive.

    After a refusal, what the client still sends is read and thrown away for a limited time: if the socket
    were closed at once, the system would reset the connection, and the client would lose the response.
    """

    parser_class = StrictParser
    error_task_class = JsonErrorTask
    started_at = 0.0
    is_refused = False
    last_activity: float
    close_when_flushed: bool
    _discard_until: float | None = None
    _discarded_bytes = 0

    @property
    def is_idle(self) -> bool:
        """Return whether no request is worked on and no response is left to send."""
        return not self.requests and not self.total_outbufs_len

    def readable(self) -> bool:
        """Return whether more is read: as Waitress does, and what is thrown away."""
        return self._discard_until is not None or bool(super().readable())

    def handle_read(self) -> None:
        """Read what arrived; only a complete request counts as activity."""
        if self._discard_until is not None:
            self._discard(self._discard_until)
            return
        previous_activity: float = self.last_activity
        is_new = self.request is None
        super().handle_read()
        if self.request is None:
            return
        if is_new:
            self.started_at = time.time()
        self.last_activity = self.started_at if not is_new else max(previous_activity, self.started_at)

    def handle_write(self) -> None:
        """Write; after the response to a refused request, close only this direction of the connection."""
        is_last = self.is_refused and self.close_when_flushed
        self.close_when_flushed = self.close_when_flushed and not is_last
        super().handle_write()
        if is_last and self.connected:
            if self.total_outbufs_len:
                self.close_when_flushed = True
            else:
                self._close_output()

    def handle_error(self) -> None:
        """Close the connection after an unexpected error, which is logged without paths."""
        error = sys.exc_info()[1]
        origin = "unknown" if error is None else exception_origin(error)
        logging.getLogger(__name__).error("A connection failed unexpectedly: %s", origin)
        self.handle_close()

    def _close_output(self) -> None:
        try:
            self.socket.shutdown(socket.SHUT_WR)
        except OSError:  # the client has gone
            self.handle_close()
        self._discard_until = time.monotonic() + DISCARD_TIMEOUT

    def _discard(self, deadline: float) -> None:
        try:
            self._discarded_bytes += len(self.recv(_DISCARDED_BLOCK))  # which closes at the end
        except OSError:
            self.handle_close()
        if self._discarded_bytes > MAX_DISCARDED_BYTES or time.monotonic() > deadline:
            self.handle_close()


@dataclass(slots=True)
class ShutdownSignal:
    """The request that the daemon ends, from a signal, a client or itself; it may be made repeatedly."""

    wake: Callable[[], None] = lambda: None
    _event: Event = field(default_factory=Event)

    def request(self) -> None:
        """Request the end; returns at once, also in a signal handler."""
        self._event.set()
        self.wake()

    @property
    def is_requested(self) -> bool:
        """Return whether the end was requested."""
        return self._event.is_set()


class ServerLoop:
    """Accepts connections and answers requests until `shutdown` is requested and all work is finished."""

    def __init__(self, app: Callable[..., Any], listener: Any, shutdown: ShutdownSignal) -> None:
        self._sockets: dict[int, Any] = {}
        self._server = make_server(app, listener, self._sockets)
        self._shutdown = shutdown
        shutdown.wake = self._server.pull_trigger

    def run(self, check: Callable[[], None], finish: Callable[[], None]) -> None:
        """Serve, and call `check` every `CHECK_INTERVAL` s until shutdown is requested; then call `finish`.

        `finish` runs once, in a thread; requests are answered until it has returned.
        """
        finished = Event()
        finishing = Thread(target=self._finish, args=(finish, finished), name="finishing")
        next_check = time.monotonic() + CHECK_INTERVAL
        while not self._shutdown.is_requested:
            self._poll()
            if time.monotonic() >= next_check:
                check()
                next_check = time.monotonic() + CHECK_INTERVAL
        finishing.start()
        while not finished.is_set():
            self._poll()
        finishing.join()
        deadline = time.monotonic() + _FLUSH_TIMEOUT
        while self._has_pending_output() and time.monotonic() < deadline:
            self._poll()

    def close(self) -> None:
        """Stop listening, and close every connection."""
        self._server.task_dispatcher.shutdown()
        wasyncore.close_all(self._sockets, ignore_all=True)

    def _finish(self, finish: Callable[[], None], finished: Event) -> None:
        try:
            finish()
        finally:
            finished.set()
            self._shutdown.wake()

    def _poll(self) -> None:
        self._make_room()
        wasyncore.loop(timeout=_POLL_TIMEOUT, use_poll=True, map=self._sockets, count=1)

    def _make_room(self) -> None:
        """Close the connections that are idle for the longest time, if there are nearly as many as allowed.

        So any number of idle ones, which any program of this machine may open, keeps no client out.
        """
        excess = len(self._sockets) - (self._server.adj.connection_limit - _SPARE_CONNECTIONS)
        if excess > 0:
            channels = [each for each in self._server.active_channels.values() if each.is_idle]
            for channel in sorted(channels, key=lambda each: each.last_activity)[:excess]:
                channel.handle_close()

    def _has_pending_output(self) -> bool:
        channels = list(self._server.active_channels.values())
        return any(channel.requests or channel.total_outbufs_len for channel in channels)
