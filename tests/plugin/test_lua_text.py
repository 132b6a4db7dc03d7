"""The checks of Lua sources detect what they are for, and nothing else."""

from __future__ import annotations

import pytest

from plugin.lua_text import (
    arguments,
    code,
    count_loc,
    misread_escapes,
    parts,
    plain_pcalls,
    querying_comparators,
    texts,
    uncommented,
)

SOURCE = """-- a comment with 'quotes'
local a = 'it\\'s -- no comment' --[[ long
comment ]] local b = [[ long -- text ]]
return a .. "x" -- end"""


def test_parts_add_up_to_the_source() -> None:
    """Nothing is lost, and each kind is recognised."""
    result = list(parts(SOURCE))
    assert "".join(part.text for part in result) == SOURCE
    assert [part.text for part in result if part.kind == "text"] == [
        r"'it\'s -- no comment'",
        "[[ long -- text ]]",
        '"x"',
    ]
    assert [part.line for part in result if part.kind == "text"] == [2, 3, 4]


def test_code_has_neither_comments_nor_texts() -> None:
    """What is left is what runs."""
    assert code(SOURCE).split() == [
        "local",
        "a",
        "=",
        "''",
        "local",
        "b",
        "=",
        "''",
        "return",
        "a",
        "..",
        "''",
    ]
    assert "no comment" in uncommented(SOURCE)
    assert "long\ncomment" not in uncommented(SOURCE)


def test_arguments_end_at_their_own_parenthesis() -> None:
    """Nested ones belong to them; open ones are an error."""
    assert arguments("f(a, (b), c(d)) + e(f)", 1) == "a, (b), c(d)"
    with pytest.raises(ValueError, match="not closed"):
        arguments("f(a, (b)", 1)


@pytest.mark.parametrize(
    ("source", "count"),
    [
        (r"x = '\x41'", 1),
        (r'x = "a\u{20}"', 1),
        (r"x = '\\x41'", 0),
        (r"x = '\\\x41'", 1),
        (r"x = '\n\226'", 0),
        (r"-- '\x41'", 0),
        (r"x = [[\x41]]", 0),
    ],
)
def test_misread_escapes(source: str, count: int) -> None:
    """In short texts alone, and not behind an escaped backslash."""
    assert len(misread_escapes(source)) == count


@pytest.mark.parametrize(
    ("source", "count"),
    [
        ("pcall(f)", 1),
        ("local ok = xpcall(f, g)", 1),
        ("local pcall = pcall", 2),
        ("LrTasks.pcall(f)", 0),
        ("-- pcall(f)", 0),
        ("log('pcall')", 0),
    ],
)
def test_plain_pcalls(source: str, count: int) -> None:
    """Called or merely named, but not in words."""
    assert len(plain_pcalls(source)) == count


@pytest.mark.parametrize(
    ("comparator", "count"),
    [
        ("function(a, b) return a:getRawMetadata('rating') < b:getRawMetadata('rating') end", 1),
        ("function(a, b) return catalog.rank[a] < catalog.rank[b] end", 1),
        ("function(a, b) return LrStringUtils.compareStrings(a, b) end", 1),
        ("function(a, b) return (a.id) < (b.id) end", 0),
    ],
)
def test_querying_comparators(comparator: str, count: int) -> None:
    """One that reads values that were read before is fine."""
    assert len(querying_comparators(f"table.sort(photos, {comparator}) catalog:getTargetPhotos()")) == count
    assert querying_comparators("table.sort(photos)") == []


def test_texts_and_their_keys() -> None:
    """With and without parentheses, with quotes inside; a concatenated text is counted, but not returned."""
    source = """LOC '$$$/A/B=It\\'s' LOC("$$$/A/C=^1 = x", n) -- LOC '$$$/A/D=no'
    LOC('$$$/A/' .. name)"""
    assert texts(source) == [("A/B", "It's"), ("A/C", "^1 = x")]
    assert count_loc(source) == 3
