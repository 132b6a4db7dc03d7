"""Identifiers and the first lines of docstrings keep to the glossary (docs/glossary.md)."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
GLOSSARY = ROOT / "docs" / "glossary.md"
FOLDERS = ("daemon", "tests", "benchmarks", "installer", "docs")
WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")
QUOTED = re.compile(r"`[^`]*`|\"[^\"]*\"|“[^”]*”")
VERDICT = re.compile(r"cannot[_ ]tell", re.IGNORECASE)
"""The photographer's name of a verdict, which stays."""

ALLOWED: frozenset[tuple[str, str]] = frozenset()
"""Exceptions as (file, identifier or first line). It is empty, and stays so."""


def avoided_words(heading: str) -> frozenset[str]:
    """Return the words in the first column of the glossary's table under a header cell."""
    lines = GLOSSARY.read_text("utf-8").splitlines()
    rows = lines[lines.index(f"| {heading} | use |") + 2 :]
    cells = [row.split("|")[1] for row in rows[: next(i for i, row in enumerate(rows) if not row)]]
    return frozenset(word.strip() for cell in cells for word in cell.split(","))


WORDS = avoided_words("avoid")
WHOLE_NAMES = avoided_words("avoid as a whole name")


def python_files() -> list[Path]:
    """List the Python sources, tests, benchmarks and tools of the repository."""
    return sorted(path for folder in FOLDERS for path in (ROOT / folder).rglob("*.py"))


def defined_names(tree: ast.AST) -> Iterator[str]:
    """Yield every name that a module defines: functions, classes, parameters, variables, attributes."""
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield node.name
        elif isinstance(node, ast.arg):
            yield node.arg
        elif isinstance(node, ast.Name | ast.Attribute) and isinstance(node.ctx, ast.Store):
            yield node.id if isinstance(node, ast.Name) else node.attr
        elif isinstance(node, ast.alias) and node.asname:
            yield node.asname
        elif isinstance(node, ast.ExceptHandler | ast.MatchAs | ast.MatchStar) and node.name:
            yield node.name


def first_lines(tree: ast.AST) -> Iterator[str]:
    """Yield the first line of every docstring."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            docstring = ast.get_docstring(node)
            if docstring:
                yield docstring.splitlines()[0]


def breaches_in_name(name: str) -> set[str]:
    """Return the avoided words in an identifier; a whole name such as `found` is one by itself."""
    words = {word.lower() for word in WORD.findall(VERDICT.sub("", name))}
    return (words & WORDS) | ({name.strip("_").lower()} & WHOLE_NAMES)


def breaches_in_line(line: str) -> set[str]:
    """Return the avoided words in a line of prose, outside quotes and code."""
    return {word.lower() for word in re.findall(r"[A-Za-z]+", QUOTED.sub("", VERDICT.sub("", line)))} & WORDS


def lua_names(text: str) -> Iterator[str]:
    """Yield the names that a Lua source defines: functions, parameters and locals."""
    for match in re.finditer(r"\bfunction\s*([\w.:]*)\s*\(([^)]*)\)", text):
        yield from re.findall(r"\w+", f"{match[1]} {match[2]}")
    for match in re.finditer(r"\blocal\s+([\w ,]+?)\s*(?:=|$)", text, re.MULTILINE):
        yield from (name.strip() for name in match[1].split(",") if not name.startswith("function"))


@pytest.mark.parametrize("path", python_files(), ids=lambda path: path.relative_to(ROOT).as_posix())
def test_python_keeps_to_the_glossary(path: Path) -> None:
    """No identifier and no first line of a docstring holds a word to avoid."""
    file, tree = path.relative_to(ROOT).as_posix(), ast.parse(path.read_text("utf-8"))
    names = {name: breaches_in_name(name) for name in defined_names(tree)}
    lines = {line: breaches_in_line(line) for line in first_lines(tree)}
    breaches = {
        text: words for text, words in (names | lines).items() if words and (file, text) not in ALLOWED
    }
    assert not breaches


@pytest.mark.parametrize(
    "path",
    sorted([*(ROOT / "lightroom_plugin.lrdevplugin").glob("*.lua"), *(ROOT / "tests").rglob("*.lua")]),
    ids=lambda path: path.name,
)
def test_lua_keeps_to_the_glossary(path: Path) -> None:
    """No Lua identifier holds a word to avoid."""
    breaches = {name: breaches_in_name(name) for name in lua_names(path.read_text("utf-8"))}
    assert not {name: words for name, words in breaches.items() if words}


def test_nothing_is_allowed_to_differ() -> None:
    """The list of exceptions is empty."""
    assert not ALLOWED


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("hear_all", {"hear"}),
        ("HerMarks", {"her"}),
        ("_found", {"found"}),
        ("found_path", set()),
        ("header", set()),
        ("background", set()),
        ("cannot_tell_count", set()),
    ],
)
def test_names_are_split_into_words(name: str, words: set[str]) -> None:
    """Parts of a word do not count; a whole name counts with its underscore."""
    assert breaches_in_name(name) == words


def test_code_and_quotes_do_not_count() -> None:
    """A first line may quote what it is about."""
    assert breaches_in_line('Return "I see" and `told` as they are.') == set()
    assert breaches_in_line("Tell what she sees.") == {"tell", "she", "sees"}


def test_lua_definitions_are_read() -> None:
    """Functions with their parameters, and locals."""
    source = "local said, b = 1, 2\nfunction M.tell(what)\nend\nlocal function hear(x)\nend"
    assert set(lua_names(source)) >= {"said", "b", "tell", "what", "hear", "x"}
