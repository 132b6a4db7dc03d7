"""Names, counts and times for people: nothing in a name reaches the terminal as anything but text."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autocull.cli.formatting import format_duration, format_photos, make_printable


@given(st.text(st.characters(codec=None)))
def test_any_name_is_one_printable_line(name: str) -> None:
    """Whatever a name holds, what is printed is one line, moves no cursor and can be encoded."""
    shown = make_printable(name)
    shown.encode()
    assert not any(unicodedata.category(sign) in ("Cc", "Cs", "Zl", "Zp") for sign in shown)


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("DSC_0001.NEF", "DSC_0001.NEF"),
        ("Übung 雪.jpg", "Übung 雪.jpg"),
        ("a\nb\x1b[2J.jpg", r"a\u000ab\u001b[2J.jpg"),
        ("\u202egpj.exe", r"\u202egpj.exe"),
        ("\udcff.jpg", r"\xff.jpg"),
    ],
)
def test_good_names_stay_and_hostile_ones_are_written_out(name: str, shown: str) -> None:
    """Letters of every script are shown as they are; controls, direction marks and stray bytes are not."""
    assert make_printable(name) == shown


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (-1, "0 s"),
        (8.4, "8 s"),
        (60, "1 min 0 s"),
        (200, "3 min 20 s"),
        (3600, "1 h 0 min"),
        (7530, "2 h 5 min"),
    ],
)
def test_times_are_said_in_the_units_that_matter(seconds: float, said: str) -> None:
    """Seconds, then minutes and seconds, then hours and minutes."""
    assert format_duration(seconds) == said


def test_one_photo_is_not_photos() -> None:
    """Counts agree with their noun, and thousands are set apart."""
    assert [format_photos(count) for count in (0, 1, 12345)] == ["0 photos", "1 photo", "12,345 photos"]
