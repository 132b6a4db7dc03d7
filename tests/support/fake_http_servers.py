"""HTTP servers that are not the daemon: other programs on its port, and faulty daemons."""

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
class FakeServer:
    """A web server on a port of this machine, and the requests that it received."""

    port: int
    requests: list[str] = field(default_factory=list)
    """Request line and headers of each request, which would contain a token that was sent."""


@contextmanager
def fake_server(answers: dict[str, tuple[int, Any]]) -> Iterator[FakeServer]:
    """Answer each "METHOD /path" with its status and content (bytes as they are, the rest as JSON)."""
    fake = FakeServer(0)

    class Handler(BaseHTTPRequestHandler):
        def _answer(self) -> None:
            fake.requests.append(f"{self.requestline}\n{self.headers}")
            status, content = answers.get(f"{self.command} {self.path}", (404, {}))
            body = content if isinstance(content, bytes) else json.dumps(content).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_GET = do_POST = _answer  # noqa: N815 - the library's own names

        def log_message(self, *_: object) -> None:
            """Do nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    fake.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    try:
        yield fake
    finally:
        server.shutdown()
        server.server_close()
        thread.join(60)


@contextmanager
def silent_server() -> Iterator[int]:
    """Accept connections on a port, and never answer."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield listener.getsockname()[1]


def free_port() -> int:
    """Return a port on which no program listens."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])
