"""Splits Lua sources into comments, texts and code, so that each can be checked by itself."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Literal, NamedTuple

Kind = Literal["comment", "text", "code"]
PARTS = re.compile(
    r"""(?P<comment>--\[(?P<c>=*)\[.*?\](?P=c)\]|--[^\n]*)
      | (?P<text>\[(?P<t>=*)\[.*?\](?P=t)\]|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*')""",
    re.DOTALL | re.VERBOSE,
)


class Part(NamedTuple):
    """A piece of a source, and the line that it begins in."""

    kind: Kind
    text: str
    line: int


def parts(source: str) -> Iterator[Part]:
    """Yield the parts of a source, which add up to the source."""
    at = 0
    for match in PARTS.finditer(source):
        yield from _part("code", source, at, match.start())
        kind: Kind = "comment" if match["comment"] else "text"
        yield from _part(kind, source, match.start(), match.end())
        at = match.end()
    yield from _part("code", source, at, len(source))


def _part(kind: Kind, source: str, start: int, end: int) -> Iterator[Part]:
    if start < end:
        yield Part(kind, source[start:end], source.count("\n", 0, start) + 1)


def code(source: str) -> str:
    """Return a source without its comments, and with empty texts."""
    return "".join({"code": part.text, "text": "''", "comment": ""}[part.kind] for part in parts(source))


def uncommented(source: str) -> str:
    """Return a source without its comments."""
    return "".join(part.text for part in parts(source) if part.kind != "comment")


def arguments(source: str, start: int) -> str:
    """Return the text between the parentheses that open at `start`."""
    depth = 0
    for at in range(start, len(source)):
        depth += {"(": 1, ")": -1}.get(source[at], 0)
        if depth == 0:
            return source[start + 1 : at]
    raise ValueError("the parentheses are not closed")


def misread_escapes(source: str) -> list[Part]:
    """Return the texts with an escape that Lua 5.1 takes for a letter: `\\x`, `\\u`, `\\z`."""
    wrong = re.compile(r"(?<!\\)(?:\\\\)*\\[xuz]")
    result = [part for part in parts(source) if part.kind == "text" and part.text[0] != "["]
    return [part for part in result if wrong.search(part.text)]


def plain_pcalls(source: str) -> list[str]:
    """Return the uses of pcall and xpcall that are not LrTasks.pcall."""
    return re.findall(r"(?<!LrTasks\.)\bx?pcall\b", code(source))


def querying_comparators(source: str) -> list[str]:
    """Return the comparators of table.sort that query the catalog, a photo or the SDK."""
    plain = code(source)
    sorts = [arguments(plain, match.end() - 1) for match in re.finditer(r"table\.sort\s*\(", plain)]
    comparators = [sort.partition(",")[2].strip() for sort in sorts]
    pattern = re.compile(r"\bcatalog\b|:(get|batch|find)\w*\s*\(|\bLr\w+\.")
    return [each for each in comparators if pattern.search(each)]


LOCALISED = re.compile(r"""\bLOC\s*\(?\s*(['"])\$\$\$/([^=]+)=((?:\\.|(?!\1).)*)\1""")


def texts(source: str) -> list[tuple[str, str]]:
    """Return the key and the English text of each LOC of a literal."""
    result = LOCALISED.finditer(uncommented(source))
    return [(match[2], match[3].replace("\\" + match[1], match[1])) for match in result]


def count_loc(source: str) -> int:
    """Return how often LOC occurs in the code."""
    return len(re.findall(r"\bLOC\b", code(source)))
