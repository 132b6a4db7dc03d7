"""Bodies: strict JSON, stricter than Python's: no NaN, no key twice, no half characters, bounded depth."""

from __future__ import annotations

import json
import re
from enum import Enum
from math import isfinite
from typing import Any, NoReturn

from autocull.errors import RequestError

MOST_LEVELS = 32
"""How deep arrays and objects may lie in each other; checked before anything is parsed."""

_EXACT = 2**53
_TEXT = re.compile(rb'"[^"\\]*(?:\\.[^"\\]*)*"?', re.DOTALL)
_BRACKET = re.compile(rb"[\[\]{}]")
_HALF = re.compile(rb"\\u[dD][89a-fA-F]")


class Nothing(Enum):
    """There is no body at all, which is another thing than null."""

    NOTHING = "nothing"


def parse(content: bytes) -> object:
    """Return what the JSON says; raises RequestError (`bad_json`) for what is not strict JSON in UTF-8."""
    _check_depth(content)
    try:
        value = json.loads(
            content.decode(), object_pairs_hook=_object, parse_constant=_refuse, parse_float=_number
        )
        if _HALF.search(content):
            json.dumps(value, ensure_ascii=False).encode()
    except (ValueError, RecursionError) as error:
        raise RequestError(
            f"The body is not JSON as we take it: {_plain(error)}.", code="bad_json"
        ) from error
    return value


def _check_depth(content: bytes) -> None:
    depth = 0
    for bracket in _BRACKET.finditer(_TEXT.sub(b"", content)):
        depth += 1 if bracket.group() in b"[{" else -1
        if depth > MOST_LEVELS:
            message = f"The body is nested deeper than {MOST_LEVELS} levels."
            raise RequestError(message, code="bad_json")


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) < len(pairs):
        raise ValueError("an object has the same key twice")
    return made


def _number(text: str) -> float:
    """Return the number; a whole one as such, since 5 and 5.0 are the same in JSON."""
    value = float(text)
    if not isfinite(value):
        raise ValueError("a number is too large")
    return int(value) if value.is_integer() and abs(value) < _EXACT else value


def _refuse(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


def _plain(error: Exception) -> str:
    """Say what is wrong without repeating the body, which may be anything."""
    if isinstance(error, UnicodeDecodeError):
        return "it is not UTF-8"
    if isinstance(error, UnicodeEncodeError):
        return "a text has half a character (a lone surrogate)"
    if isinstance(error, json.JSONDecodeError):
        return f"{error.msg.lower()} (character {error.pos})"
    return str(error) if len(str(error)) < 100 else "a number is too long"
