"""The access gate: checks that every request must pass before routing, also for unknown paths.

Any web page that the photographer visits can send requests to this machine. It is kept out by a secret token,
a Host header that must name this machine, the refusal of foreign origins, and the JSON content type, which a
page cannot send to another origin without a preflight request.
"""

from __future__ import annotations

import hmac
import re

from flask import Flask, Request, g, request

from autocull.errors import RequestError
from autocull.serve.http.request_parsing import NoBody, parse_body

MAX_BYTES = 4 * 1024 * 1024
"""The maximum length of a request body."""

OPEN_PATH = "/ping"
"""The only path that needs no token; its response has only product and protocol version."""

_HOST = re.compile(r"(127\.0\.0\.1|localhost|\[::1\])(?::([0-9]{1,5}))?", re.IGNORECASE)
_ALLOWED_SITES = ("same-origin", "none")


def register_access_gate(app: Flask, token: str) -> None:
    """Refuse requests to `app` that lack `token` or fail another check; store the parsed body in `g.body`."""
    app.config["MAX_CONTENT_LENGTH"] = MAX_BYTES
    expected = token.encode()

    def check_request() -> None:
        _check_host(request)
        _check_site(request)
        if request.path != OPEN_PATH:
            _check_token(request, expected)
        g.body = _read_body(request)

    app.before_request(check_request)


def _check_host(request: Request) -> None:
    """Refuse a Host that is not this machine: a defence against DNS rebinding."""
    port = request.environ["SERVER_PORT"]
    match = _HOST.fullmatch(request.environ.get("HTTP_HOST", ""))
    if match is None or match.group(2) not in (None, port):
        raise RequestError("The Host of a request must be 127.0.0.1 and the daemon's port.", code="bad_host")


def _check_site(request: Request) -> None:
    origin = request.environ.get("HTTP_ORIGIN")
    site = request.environ.get("HTTP_SEC_FETCH_SITE")
    own_origin = f"http://{request.environ['HTTP_HOST']}".lower()
    if (origin is not None and origin.lower() != own_origin) or (
        site is not None and site not in _ALLOWED_SITES
    ):
        raise RequestError("Web pages may not send requests to the daemon.", code="foreign_origin")


def _check_token(request: Request, expected: bytes) -> None:
    scheme, _, token = request.environ.get("HTTP_AUTHORIZATION", "").partition(" ")
    if scheme.lower() != "bearer" or not token:
        message = "A request needs the header Authorization: Bearer TOKEN, with the token of daemon.json."
        raise RequestError(message, code="no_token")
    if not hmac.compare_digest(token.encode("latin-1"), expected):
        message = "The token is wrong. The daemon makes a new one at every start: read daemon.json again."
        raise RequestError(message, code="wrong_token")


def _read_body(request: Request) -> object:
    """Return the parsed JSON body, or `NO_BODY`; raises RequestError for another content type."""
    content_type = request.environ.get("CONTENT_TYPE", "")
    if (request.content_length or 0) > MAX_BYTES:
        raise RequestError("The body of a request may have at most 4 MiB.", code="too_large")
    if content_type and request.mimetype != "application/json":
        raise RequestError("The body must have Content-Type: application/json.", code="not_json")
    content = request.get_data(cache=False)
    if not content:
        return NoBody.NO_BODY
    if not content_type:
        raise RequestError("The body must have Content-Type: application/json.", code="not_json")
    return parse_body(content)
