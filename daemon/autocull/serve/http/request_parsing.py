"""Parsing of request bodies and query parameters.

Bodies are JSON, stricter than Python's: no NaN, no duplicate keys, no lone surrogates, limited depth.
"""

from __future__ import annotations

import json
import re
from enum import Enum
from math import isfinite
from typing import TYPE_CHECKING, Any, NoReturn, TypeVar

from flask import g, request

from autocull.errors import RequestError

if TYPE_CHECKING:
    from pydantic import BaseModel, ValidationError

    Body = TypeVar("Body", bound=BaseModel)


MAX_DEPTH = 32
"""The maximum nesting of arrays and objects; checked before parsing."""

MAX_FIELDS = 500
"""The maximum number of fields in one object of a body."""

UNKNOWN_FIELD = "unknown_field"
"""The type of pydantic's error for a field that a model does not have; its message is the field's name."""

_MAX_EXACT_INTEGER = 2**53
_STRING = re.compile(rb'"[^"\\]*(?:\\.[^"\\]*)*"?', re.DOTALL)
_BRACKET = re.compile(rb"[\[\]{}]")
_SURROGATE = re.compile(rb"\\u[dD][89a-fA-F]")


class NoBody(Enum):
    """Marks a request without a body, which differs from a body of null."""

    NO_BODY = "nothing"


def parse_body(content: bytes) -> object:
    """Return the value of a JSON text; raises RequestError (`bad_json`) unless it is strict JSON in UTF-8."""
    _check_depth(content)
    try:
        value = json.loads(
            content.decode(),
            object_pairs_hook=_parse_object,
            parse_constant=_reject_constant,
            parse_float=_parse_number,
        )
        if _SURROGATE.search(content):
            json.dumps(value, ensure_ascii=False).encode()
    except (ValueError, RecursionError) as error:
        raise RequestError(
            f"The body is not valid JSON: {_describe_json_error(error)}.", code="bad_json"
        ) from error
    return value


def _check_depth(content: bytes) -> None:
    depth = 0
    for bracket in _BRACKET.finditer(_STRING.sub(b"", content)):
        depth += 1 if bracket.group() in b"[{" else -1
        if depth > MAX_DEPTH:
            message = f"The body is nested deeper than {MAX_DEPTH} levels."
            raise RequestError(message, code="bad_json")


def _parse_object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    result = dict(pairs)
    if len(pairs) > MAX_FIELDS:
        raise ValueError(f"an object has more than {MAX_FIELDS} fields")
    if len(result) < len(pairs):
        raise ValueError("an object has the same key twice")
    return result


def _parse_number(text: str) -> float:
    """Return the number, as an int if it is whole: 5 and 5.0 are the same in JSON."""
    value = float(text)
    if not isfinite(value):
        raise ValueError("a number is too large")
    return int(value) if value.is_integer() and abs(value) < _MAX_EXACT_INTEGER else value


def _reject_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


def _describe_json_error(error: Exception) -> str:
    """Describe the error without quoting the body, which may hold anything."""
    if isinstance(error, UnicodeDecodeError):
        return "it is not UTF-8"
    if isinstance(error, UnicodeEncodeError):
        return "a string has a lone surrogate"
    if isinstance(error, json.JSONDecodeError):
        return f"{error.msg.lower()} (character {error.pos})"
    return str(error) if len(str(error)) < 100 else "a number is too long"


MAX_PAGE_SIZE = 500
"""The maximum number of rows on a page."""

_MAX_INTEGER = 2**53  # beyond it a number in Lua or JavaScript is no longer exact


def check_no_input() -> None:
    """Raise RequestError if the request has query parameters or a body other than `{}`."""
    parse_parameters()
    if g.body is not NoBody.NO_BODY and g.body != {}:
        raise RequestError("This request has no body.")


def parse_parameters(*allowed: str) -> dict[str, str]:
    """Return the query parameters; RequestError names an unknown or a repeated one."""
    if request.method in ("GET", "HEAD") and g.body is not NoBody.NO_BODY:
        raise RequestError("A GET request has no body.")
    arguments = request.args
    for name in arguments:
        if name not in allowed:
            hint = f"The parameters are: {', '.join(allowed)}." if allowed else "This path has none."
            raise RequestError(f"There is no parameter {name[:50]!r}. {hint}")
        if len(arguments.getlist(name)) > 1:
            raise RequestError(f"The parameter {name} is repeated.")
    return arguments.to_dict()


def parse_page(values: dict[str, str], limit: int) -> tuple[int, int]:
    """Return the parameters `after` (0 or more) and `limit` (1 to `MAX_PAGE_SIZE`; default: argument)."""
    after = _parse_integer(values, "after", 0, 0, _MAX_INTEGER)
    return after, _parse_integer(values, "limit", limit, 1, MAX_PAGE_SIZE)


def validate_body(model: type[Body]) -> Body:
    """Return the body of the request as a `model`; RequestError names the first invalid field."""
    from pydantic import ValidationError

    if g.body is NoBody.NO_BODY:
        raise RequestError("This request needs a JSON body; see docs/protocol.md.")
    try:
        return model.model_validate(g.body)
    except ValidationError as error:
        raise RequestError(_describe_validation_error(error)) from error


def _parse_integer(values: dict[str, str], name: str, default: int, minimum: int, maximum: int) -> int:
    text = values.get(name)
    if text is None:
        return default
    if not (text.isascii() and text.isdigit() and len(text) < 17 and minimum <= int(text) <= maximum):
        raise RequestError(f"{name} must be a whole number from {minimum} to {maximum}.")
    return int(text)


def _describe_validation_error(error: ValidationError) -> str:
    """Describe the first invalid field, for example `photos[3].path`, and what is expected."""
    first = error.errors(include_url=False, include_context=False, include_input=False)[0]
    location = ""
    for part in first["loc"]:
        location += f"[{part}]" if isinstance(part, int) else f"{'.' if location else ''}{part}"
    if first["type"] == UNKNOWN_FIELD:
        location += f"{'.' if location else ''}{first['msg']}"
        return f"There is no field {location[:100]}. docs/protocol.md lists all."
    return f"{location[:100] or 'The body'}: {first['msg'][:1].lower()}{first['msg'][1:]}."
