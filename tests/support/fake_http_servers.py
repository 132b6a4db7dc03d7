"""Who is on the port instead of us: other programs, and daemons that are not what they should be."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass
class Stranger:
    """A web server on a port of this machine, and what it was asked."""

    port: int
    asked: list[str] = field(default_factory=list)
    """Each request's line with all its headers: a token that was sent to it stands in there."""


@contextmanager
def stranger(answers: dict[str, tuple[int, Any]]) -> Iterator[Stranger]:
    """Answer each "METHOD /path" with its status and content (bytes as they are, the rest as JSON)."""
    found = Stranger(0)

    class Answering(BaseHTTPRequestHandler):
        def _answer(self) -> None:
            found.asked.append(f"{self.requestline}\n{self.headers}")
            status, content = answers.get(f"{self.command} {self.path}", (404, {}))
            body = content if isinstance(content, bytes) else json.dumps(content).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_GET = do_POST = _answer  # noqa: N815 - the library's own names

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answering)
    found.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    try:
        yield found
    finally:
        server.shutdown()
        server.server_close()
        thread.join(60)


@contextmanager
def mute() -> Iterator[int]:
    """Take connections on a port, and never say a word."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield listener.getsockname()[1]


def free_port() -> int:
    """Return a port on which nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])
