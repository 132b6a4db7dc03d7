"""The HTTP server: a socket on this machine only, and limits for slow or ambiguous requests.

Any program on this machine may connect. So a request must arrive within a time limit, the number of
connections is limited, and a request whose length could be read in two ways is refused. These errors are JSON
too.
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
"""Seconds within which a request must arrive; also how long an idle connection stays open."""

MAX_CONNECTIONS = 400
"""The maximum number of open connections; Windows cannot wait for more than 512."""

MAX_HEADER_BYTES = 16384
_CLEANUP_INTERVAL = 2  # seconds between checks for connections that have timed out
_LENGTH = re.compile(rb"^content-length[ \t]*:", re.IGNORECASE | re.MULTILINE)
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
        _make_exclusive(listener, sys.platform)
        listener.bind((HOST, port))
    except (OSError, OverflowError) as error:
        listener.close()
        reason = getattr(error, "strerror", None) or str(error)
        message = f"Port {port} cannot be used ({reason}). Choose another one, or 0 for any that is free."
        raise DaemonError(message) from error
    return listener


def _make_exclusive(listener: socket.socket, platform: str) -> None:
    """Prevent port sharing on Windows; on other systems, allow the port again right after a restart."""
    if platform == "win32":
        option = getattr(socket, "SO_EXCLUSIVEADDRUSE", -5)
        listener.setsockopt(socket.SOL_SOCKET, option, 1)
    else:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)


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
        cleanup_interval=_CLEANUP_INTERVAL,
        connection_limit=MAX_CONNECTIONS,
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
        body = json.dumps({"error": {"code": code, "message": message}}).encode()
        self.status = f"{STATUS[code]} {self.request.error.reason}"
        self.response_headers += [("Content-Type", "application/json"), ("Cache-Control", "no-store")]
        self.content_length = len(body)
        self.set_close_on_finish()
        self.write(body)


class StrictChannel(HTTPChannel):  # type: ignore[misc] # waitress ships no types
    """A connection; a request that arrives slowly has the same time limit as one that does not arrive."""

    parser_class = StrictParser
    error_task_class = JsonErrorTask
    started_at = 0.0
    last_activity: float

    def handle_read(self) -> None:
        """Read what arrived; only a complete request counts as activity."""
        previous_activity: float = self.last_activity
        is_new = self.request is None
        super().handle_read()
        if self.request is None:
            return
        if is_new:
            self.started_at = time.time()
        self.last_activity = self.started_at if not is_new else max(previous_activity, self.started_at)
