"""Formatting of names, counts and durations; names cannot control the terminal."""

from __future__ import annotations

import shlex
import unicodedata
from pathlib import Path, PureWindowsPath

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autocull.cli.formatting import format_argument, format_duration, format_photos, make_printable


@given(st.text(st.characters(codec=None)))
def test_any_name_is_one_printable_line(name: str) -> None:
    """The result is one line without control characters, and can be encoded."""
    text = make_printable(name)
    text.encode()
    assert not any(unicodedata.category(sign) in ("Cc", "Cs", "Zl", "Zp") for sign in text)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("DSC_0001.NEF", "DSC_0001.NEF"),
        ("Übung 雪.jpg", "Übung 雪.jpg"),
        ("a\nb\x1b[2J.jpg", r"a\u000ab\u001b[2J.jpg"),
        ("\u202egpj.exe", r"\u202egpj.exe"),
        ("\udcff.jpg", r"\xff.jpg"),
    ],
)
def test_control_characters_in_names_are_escaped(name: str, expected: str) -> None:
    """Letters of every script stay; control characters, direction marks and stray bytes are escaped."""
    assert make_printable(name) == expected


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [
        (-1, "0 s"),
        (8.4, "8 s"),
        (60, "1 min 0 s"),
        (200, "3 min 20 s"),
        (3600, "1 h 0 min"),
        (7530, "2 h 5 min"),
    ],
)
def test_durations_have_the_two_largest_units(seconds: float, expected: str) -> None:
    """Seconds, then minutes and seconds, then hours and minutes."""
    assert format_duration(seconds) == expected


def test_counts_agree_with_their_noun() -> None:
    """Thousands have separators."""
    assert [format_photos(count) for count in (0, 1, 12345)] == ["0 photos", "1 photo", "12,345 photos"]


@pytest.mark.parametrize(
    "name", ["plain.journal", "Application Support", "a&b;c", "it's $HOME", 'with "quotes"']
)
def test_argument_is_one_word_of_a_shell(name: str) -> None:
    """What the user copies from the terminal names the same file, whatever its name has a meaning for."""
    path = Path("/photos") / name
    assert shlex.split(format_argument(path, windows=False)) == [str(path)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (r"C:\Users\Ann\x.journal", r"C:\Users\Ann\x.journal"),
        (r"C:\Ann & Co\x.journal", r'"C:\Ann & Co\x.journal"'),
        (r"C:\Ann&Co\x.journal", r'"C:\Ann&Co\x.journal"'),
    ],
)
def test_argument_on_windows_is_in_quotation_marks_where_needed(text: str, expected: str) -> None:
    """A space or an ampersand would end the argument."""
    assert format_argument(PureWindowsPath(text), windows=True) == expected
