"""Names of series, and the place of a photo that is alone."""

from __future__ import annotations

import os
import re
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from autocull.series.model import SeriesPosition, series_id, single_position

PATHS = st.lists(st.text("abc/ü", min_size=1).map(Path), min_size=1, max_size=5)


@given(PATHS, st.randoms())
def test_a_series_is_named_by_its_members_alone(paths: list[Path], chance: object) -> None:
    """In whatever order they come; another member is another name."""
    shuffled = sorted(paths, key=lambda _: chance.random())  # type: ignore[attr-defined]
    assert series_id(paths) == series_id(shuffled)
    assert re.fullmatch("[0-9a-f]{12}", series_id(paths))
    assert series_id([*paths, Path("another")]) != series_id(paths)


def test_a_name_that_is_no_unicode_has_an_id() -> None:
    """Linux takes any bytes as a file's name."""
    odd = Path(os.fsdecode(b"/a/\xff.jpg"))
    assert series_id([odd]) != series_id([Path("/a/b.jpg")])


def test_a_photo_alone_is_a_series_of_one() -> None:
    """It is the best of it."""
    path = Path("/a/1.jpg")
    assert single_position(path) == SeriesPosition(series_id([path]), "single", 1, 1, path)
