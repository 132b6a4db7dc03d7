"""Numbers with nouns, and no message with a number in front of a fixed plural."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from autocull.plurals import format_count

PACKAGE = Path(__file__).resolve().parents[1] / "daemon" / "autocull"
FIXED_PLURAL = re.compile(r"\{[^{}]*:,\} (photos|files|decisions|shoots|sidecars|faces|folders)\b")
"""A formatted number and a plural in a text: "1 photos" where the number is 1."""

AT_LEAST_TWO = {"serve/learnings/manager.py": 1}
"""Modules with the number of their texts whose number is a constant above 1."""


@pytest.mark.parametrize(
    ("count", "expected"),
    [(0, "0 photos"), (1, "1 photo"), (2, "2 photos"), (12345, "12,345 photos")],
)
def test_the_noun_agrees_with_its_number(count: int, expected: str) -> None:
    """One is singular, all others are plural; thousands are separated."""
    assert format_count(count, "photo") == expected


def test_no_message_has_a_fixed_plural() -> None:
    """Every number of a message that may be 1 goes through `format_count`."""
    counts = {
        path.relative_to(PACKAGE).as_posix(): len(FIXED_PLURAL.findall(path.read_text("utf-8")))
        for path in PACKAGE.rglob("*.py")
    }
    assert {name: count for name, count in counts.items() if count} == AT_LEAST_TWO


def test_a_fixed_plural_is_recognised() -> None:
    """The pattern finds the texts that were wrong."""
    assert FIXED_PLURAL.search('f"{len(scan.placeholders):,} photos are only in iCloud"')
    assert not FIXED_PLURAL.search("f\"{format_count(photos, 'photo')} in iCloud\"")
