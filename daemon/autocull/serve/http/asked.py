"""What a request asks for: its parameters and its body, each checked, the unknown ones refused by name."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from flask import g, request

from autocull.errors import RequestError
from autocull.serve.http.request_parsing import Nothing

if TYPE_CHECKING:
    from pydantic import BaseModel, ValidationError

    Body = TypeVar("Body", bound=BaseModel)

MOST = 500
"""The largest page."""

_LARGEST = 2**53  # beyond it a number in Lua or JavaScript is no longer exact


def nothing_asked() -> None:
    """Raise RequestError where a request brings parameters, or a body that says anything."""
    parameters()
    if g.body is not Nothing.NOTHING and g.body != {}:
        raise RequestError("This request takes no body.")


def parameters(*known: str) -> dict[str, str]:
    """Return the parameters behind the question mark; RequestError names an unknown or a double one."""
    if request.method in ("GET", "HEAD") and g.body is not Nothing.NOTHING:
        raise RequestError("A GET takes no body.")
    given = request.args
    for name in given:
        if name not in known:
            takes = f"Known are: {', '.join(known)}." if known else "This address takes none."
            raise RequestError(f"There is no parameter {name[:50]!r}. {takes}")
        if len(given.getlist(name)) > 1:
            raise RequestError(f"The parameter {name} comes twice.")
    return given.to_dict()


def page(given: dict[str, str], limit: int) -> tuple[int, int]:
    """Return `after` (from 0) and `limit` (1 to `MOST`) of the parameters."""
    return _number(given, "after", 0, 0, _LARGEST), _number(given, "limit", limit, 1, MOST)


def body(kind: type[Body]) -> Body:
    """Return the request's body as `kind`; RequestError names the first field that is not as it should be."""
    from pydantic import ValidationError

    if g.body is Nothing.NOTHING:
        raise RequestError("This request needs a body: JSON, as docs/protocol.md shows.")
    try:
        return kind.model_validate(g.body)
    except ValidationError as error:
        raise RequestError(_in_words(error)) from error


def _number(given: dict[str, str], name: str, default: int, least: int, most: int) -> int:
    text = given.get(name)
    if text is None:
        return default
    if not (text.isascii() and text.isdigit() and len(text) < 17 and least <= int(text) <= most):
        raise RequestError(f"{name} must be a whole number from {least} to {most}.")
    return int(text)


def _in_words(error: ValidationError) -> str:
    """Name the first wrong field, as `photos[3].path`, and what it should be."""
    first = error.errors(include_url=False, include_context=False, include_input=False)[0]
    place = ""
    for part in first["loc"]:
        place += f"[{part}]" if isinstance(part, int) else f"{'.' if place else ''}{part}"
    if first["type"] == "extra_forbidden":
        return f"There is no field {place[:100]}. docs/protocol.md lists what there is."
    return f"{place[:100] or 'The body'}: {first['msg'][:1].lower()}{first['msg'][1:]}."
