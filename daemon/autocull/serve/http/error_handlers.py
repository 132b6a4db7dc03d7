"""The daemon's error responses: JSON of one form with a stable code, without tracebacks or local paths."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from types import MappingProxyType

from flask import Flask, Response, jsonify
from werkzeug.exceptions import HTTPException, MethodNotAllowed

from autocull.errors import (
    AutocullError,
    Parameter,
    Problem,
    RequestError,
    SettingsError,
    StoreError,
    TasteError,
    exception_origin,
)

STATUS: Mapping[str, int] = MappingProxyType(
    {
        "bad_json": 400,
        "bad_request": 400,
        "bad_host": 400,
        "no_token": 401,
        "wrong_token": 403,
        "foreign_origin": 403,
        "unknown_path": 404,
        "unknown_job": 404,
        "unknown_journal": 404,
        "unknown_learning": 404,
        "wrong_method": 405,
        "wrong_state": 409,
        "too_large": 413,
        "not_json": 415,
        "bad_settings": 422,
        "internal": 500,
        "stopping": 503,
        "store": 503,
    }
)
"""The HTTP status of each code; docs/protocol.md lists the same."""

_log = logging.getLogger(__name__)
_WERKZEUG_ERRORS = {
    404: ("unknown_path", "There is no such path. docs/protocol.md lists all."),
    405: ("wrong_method", "This path does not accept this method."),
    413: ("too_large", "The body of a request may have at most 4 MiB. Send the photos in parts."),
}


def problem(code: str, message: str, parameters: Mapping[str, Parameter] | None = None) -> Response:
    """Create the response for one error: its status, and `{"error": {"code", "message", "parameters"}}`."""
    response = jsonify({"error": Problem(code, message, parameters or {}).to_json()})
    response.status_code = STATUS[code]
    if code == "no_token":
        response.headers["WWW-Authenticate"] = "Bearer"
    return response


def register_error_handlers(app: Flask) -> None:
    """Convert every exception of a handler into a response of that form."""
    app.register_error_handler(AutocullError, _handle_autocull_error)
    app.register_error_handler(HTTPException, _handle_werkzeug_error)
    app.register_error_handler(Exception, _handle_unexpected)


def _handle_autocull_error(error: AutocullError) -> Response:
    if isinstance(error, RequestError):
        return problem(error.code, error.message, error.parameters)
    if isinstance(error, SettingsError | TasteError):
        return problem("bad_settings", error.message, error.parameters)
    if isinstance(error, StoreError):
        return problem("store", error.message, error.parameters)
    return _handle_unexpected(error)


def _handle_werkzeug_error(error: HTTPException) -> Response:
    code, message = _WERKZEUG_ERRORS.get(error.code or 500, ("bad_request", "The request is not valid HTTP."))
    response = problem(code, message)
    if isinstance(error, MethodNotAllowed) and error.valid_methods:
        response.headers["Allow"] = ", ".join(sorted(error.valid_methods))
    return response


def _handle_unexpected(error: Exception) -> Response:
    _log.error("A request failed unexpectedly: %s", exception_origin(error))
    return problem("internal", "Unexpected error in the daemon; its log has the details. Try again.")
