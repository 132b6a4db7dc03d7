"""Ids of series, and the position of a single photo."""

from __future__ import annotations

import os
import random
import re
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from autocull.series.model import SeriesPosition, series_id, single_position

PATHS = st.lists(st.text("abc/ü", min_size=1).map(Path), min_size=1, max_size=5)


@given(PATHS, st.randoms())
def test_series_id_depends_on_the_paths_alone(paths: list[Path], rng: random.Random) -> None:
    """Any order of the paths gives the same id; another path gives another id."""
    shuffled = sorted(paths, key=lambda _: rng.random())
    assert series_id(paths) == series_id(shuffled)
    assert re.fullmatch("[0-9a-f]{12}", series_id(paths))
    assert series_id([*paths, Path("another")]) != series_id(paths)


def test_path_that_is_not_unicode_has_an_id() -> None:
    """Linux allows any bytes in a file name."""
    path = Path(os.fsdecode(b"/a/\xff.jpg"))
    assert series_id([path]) != series_id([Path("/a/b.jpg")])


def test_single_photo_is_a_series_of_one() -> None:
    """It is the best of its series."""
    path = Path("/a/1.jpg")
    assert single_position(path) == SeriesPosition(series_id([path]), "single", 1, 1, path)
