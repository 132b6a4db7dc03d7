"""The plug-in's English reason texts as a Lua table, from the daemon's table of reasons."""

from __future__ import annotations

import re
from collections.abc import Iterator

from autocull.judge.criterion import ReasonText
from autocull.judge.texts.reasons import REASON_TEXTS

WIDTH = 120
"""The longest line of a Lua file, in characters."""

_HEADER = """\
-- Written by docs/tools/generate.py from the daemon's table of reasons: change the English texts there.
-- By code: `name` is the title of a count or a collection, `cause` the cause of rejects, `text` the
-- sentence, and `unit` the unit of both its numbers.
return {
"""
_PARAMETERS = ("measured", "limit", "frame", "ahead")
"""The fields of a text in the order of their placeholders: the first one is ^1."""


def reason_texts_table() -> str:
    """Return the whole Lua file."""
    entries = (line for code, reason_text in REASON_TEXTS.items() for line in _entry(code, reason_text))
    return _HEADER + "\n".join(entries) + "\n}\n"


def metadata_reasons() -> str:
    """Return the Lua table of the values of the field of main reasons."""
    entries = (
        f"  {{ value = '{code}', title = LOC {_literal('Reason', _key(code), reason_text.name)} }},"
        for code, reason_text in REASON_TEXTS.items()
    )
    return "\n".join(["local REASONS = {", *entries, "  allowPluginToSetOtherValues = true,", "}"])


def _key(code: str) -> str:
    return "".join(word.capitalize() for word in code.split("_"))


def _entry(code: str, reason_text: ReasonText) -> Iterator[str]:
    key = _key(code)
    yield f"  {code} = {{"
    yield f"    name = LOC {_literal('Reason', key, reason_text.name)},"
    if reason_text.cause:
        yield f"    cause = LOC {_literal('Cause', key, reason_text.cause)},"
    yield from _function(_literal("Why", key, _with_placeholders(reason_text.text)), reason_text.text)
    if reason_text.unit != "remark":
        yield f"    unit = '{reason_text.unit}',"
    yield "  },"


def _function(literal: str, text: str) -> Iterator[str]:
    """Yield the function that returns the sentence; it takes the values up to the last one in `text`."""
    last = max((index for index, name in enumerate(_PARAMETERS, 1) if f"{{{name}}}" in text), default=0)
    parameters = ", ".join(_PARAMETERS[:last])
    call = f"LOC({literal}, {parameters})" if last else f"LOC {literal}"
    yield f"    text = function({parameters})"
    if len(call) + len("      return ") <= WIDTH:
        yield f"      return {call}"
    else:
        yield from ("      return LOC(", f"        {literal},", f"        {parameters}", "      )")
    yield "    end,"


def _with_placeholders(text: str) -> str:
    return re.sub(r"\{(\w+)\}", lambda match: f"^{_PARAMETERS.index(match[1]) + 1}", text)


def _literal(group: str, key: str, text: str) -> str:
    """Return a Lua string with its key for translations."""
    quote = '"' if "'" in text else "'"
    return f"{quote}$$$/Autocull/{group}/{key}={text}{quote}"
