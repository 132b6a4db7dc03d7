"""The HTTP side of the daemon: a socket on this machine alone, and limits for whoever keeps it waiting.

Any program of this machine may connect, so a request has a time in which it must have arrived, connections
are counted, and what two readers could read in two ways is refused. Refusals are JSON, as everywhere.
"""

from __future__ import annotations

import json
import logging
import re
import socket
import sys
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from waitress.channel import HTTPChannel  # type: ignore[import-untyped] # waitress ships no types
from waitress.parser import HTTPRequestParser, ParsingError  # type: ignore[import-untyped]
from waitress.server import create_server  # type: ignore[import-untyped]
from waitress.task import ErrorTask  # type: ignore[import-untyped]

from autocull.errors import DaemonError, SettingsError
from autocull.serve.http.access_gate import MAX_BYTES
from autocull.serve.http.error_handlers import STATUS
from autocull.serve.process.client import HOST

if TYPE_CHECKING:
    from flask import Flask

THREADS = 4
ARRIVAL_TIMEOUT = 20
"""Seconds in which a request must have arrived; also how long an idle connection stays open."""

MAX_CONNECTIONS = 400
"""More than a patient attacker opens, fewer than Windows can wait for (512)."""

MAX_HEADER_BYTES = 16384
_CLEANUP_INTERVAL = 2  # seconds between looks at connections that have had their time
_LENGTH = re.compile(rb"^content-length[ \t]*:", re.IGNORECASE | re.MULTILINE)
_ENCODING = re.compile(rb"^transfer-encoding[ \t]*:", re.IGNORECASE | re.MULTILINE)
_ERRORS = {
    413: ("too_large", "A request's body may have at most 4 MiB. Send the photos in pieces."),
    431: ("too_large", "A request's header may have at most 16 KiB."),
    500: ("internal", "The daemon met an unexpected error; its log has a line about it. Try again."),
}


def listen(host: str, port: int) -> socket.socket:
    """Bind a socket to a port of this machine, 0 for one of the system's choice.

    Raises SettingsError for every host but 127.0.0.1, and DaemonError where the port is taken.
    """
    if host != HOST:
        message = f"Autocull serves this machine alone: the host is {HOST}, not {host!r}."
        raise SettingsError(message)
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    try:
        _make_exclusive(listener, sys.platform)
        listener.bind((HOST, port))
    except (OSError, OverflowError) as error:
        listener.close()
        reason = getattr(error, "strerror", None) or str(error)
        message = f"Port {port} cannot be used ({reason}). Choose another one, or 0 for any that is free."
        raise DaemonError(message) from error
    return listener


def _make_exclusive(listener: socket.socket, platform: str) -> None:
    """Let nobody share our port; elsewhere than on Windows, let us have it again right after a restart."""
    if platform == "win32":
        option = getattr(socket, "SO_EXCLUSIVEADDRUSE", -5)
        listener.setsockopt(socket.SOL_SOCKET, option, 1)
    else:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)


def make_server(app: Flask | Callable[..., Any], listener: socket.socket, sockets: dict[int, Any]) -> Any:
    """Make waitress's server of `app` on `listener`; it listens at once, and `sockets` is its map of them."""
    logging.getLogger("waitress.queue").setLevel(logging.ERROR)  # a queue is what a queue is for
    server = create_server(
        app,
        map=sockets,
        sockets=[listener],
        threads=THREADS,
        ident=None,
        max_request_body_size=MAX_BYTES + 1,
        max_request_header_size=MAX_HEADER_BYTES,
        channel_timeout=ARRIVAL_TIMEOUT,
        cleanup_interval=_CLEANUP_INTERVAL,
        connection_limit=MAX_CONNECTIONS,
        asyncore_use_poll=True,
        log_socket_errors=False,
        clear_untrusted_proxy_headers=True,
    )
    server.channel_class = StrictChannel
    return server


class StrictParser(HTTPRequestParser):  # type: ignore[misc] # waitress ships no types
    """Refuses a request whose length two readers would read differently."""

    def parse_header(self, header_plus: bytes) -> None:
        """Read the header; raises ParsingError for two lengths, or a coding that HTTP/1.0 does not know."""
        encodings = len(_ENCODING.findall(header_plus))
        if encodings > 1 or (encodings and _LENGTH.search(header_plus)):
            raise ParsingError("The request says its length twice")
        super().parse_header(header_plus)
        if encodings and self.version != "1.1":
            raise ParsingError("Transfer-Encoding is of HTTP/1.1")


class JsonErrorTask(ErrorTask):  # type: ignore[misc] # waitress ships no types
    """Answers what is no request, in the same shape as the application's errors, and closes."""

    def execute(self) -> None:
        """Write the answer."""
        code, message = _ERRORS.get(
            self.request.error.code, ("bad_request", "The request is not valid HTTP/1.1.")
        )
        body = json.dumps({"error": {"code": code, "message": message}}).encode()
        self.status = f"{STATUS[code]} {self.request.error.reason}"
        self.response_headers += [("Content-Type", "application/json"), ("Cache-Control", "no-store")]
        self.content_length = len(body)
        self.set_close_on_finish()
        self.write(body)


class StrictChannel(HTTPChannel):  # type: ignore[misc] # waitress ships no types
    """A connection; a request that trickles in gets no more time than one that does not come."""

    parser_class = StrictParser
    error_task_class = JsonErrorTask
    started_at = 0.0
    last_activity: float

    def handle_read(self) -> None:
        """Read what came; only a request that is complete counts as a sign of life."""
        previous_activity: float = self.last_activity
        is_new = self.request is None
        super().handle_read()
        if self.request is None:
            return
        if is_new:
            self.started_at = time.time()
        self.last_activity = self.started_at if not is_new else max(previous_activity, self.started_at)
