"""The HTTP client of the command line: one small request to this machine, never through a proxy."""

from __future__ import annotations

import json
import socket
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from typing import Any

HOST = "127.0.0.1"
"""The only address that the daemon listens on: other machines cannot reach it, firewalls do not ask."""

_MAX_BYTES = 1_000_000  # another program on the port may send without end
TIMEOUT = 3.0
"""Seconds to wait for a connection, and for a response."""


@dataclass(frozen=True, slots=True)
class Response:
    """The status and JSON of a response; `content` is None if it is no JSON object."""

    status: int
    content: dict[str, Any] | None


def send_request(port: int, method: str, path: str, token: str | None = None) -> Response | None:
    """Send one request without a body; None if nothing listens, or no HTTP response arrives in time."""
    connection = HTTPConnection(HOST, port, timeout=TIMEOUT)
    headers = {} if token is None else {"Authorization": f"Bearer {token}"}
    try:
        connection.request(method, path, headers=headers)
        response = connection.getresponse()
        return Response(response.status, _parse_object(response.read(_MAX_BYTES)))
    except (OSError, HTTPException):
        return None
    finally:
        connection.close()


def is_listening(port: int) -> bool:
    """Return whether a program accepts connections on the port."""
    try:
        with socket.create_connection((HOST, port), timeout=TIMEOUT):
            return True
    except OSError:
        return False


def _parse_object(content: bytes) -> dict[str, Any] | None:
    try:
        value = json.loads(content)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None
