"""Ids of series, the position of a single photo, and the numbers that decide."""

from __future__ import annotations

import ast
import os
import random
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autocull.series import model
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


def undocumented_numbers(source: str) -> list[str]:
    """Return the module constants with numbers that no docstring follows."""
    body = ast.parse(source).body
    return [
        ast.unparse(statement)
        for statement, following in zip(body, [*body[1:], None], strict=True)
        if isinstance(statement, ast.Assign)
        and isinstance(statement.value, ast.Constant | ast.Tuple)
        and any(isinstance(node, ast.Constant) and isinstance(node.value, int | float)
                for node in ast.walk(statement.value))
        and not (isinstance(following, ast.Expr) and isinstance(following.value, ast.Constant))
    ]  # fmt: skip


@pytest.mark.parametrize("path", sorted(Path(model.__file__).parent.glob("*.py")), ids=lambda path: path.stem)
def test_every_number_is_documented(path: Path) -> None:
    """A number that is no setting has a name and a docstring with its unit and reason."""
    assert undocumented_numbers(path.read_text("utf-8")) == []


def test_undocumented_number_is_reported() -> None:
    """Only the constant without a docstring is."""
    source = 'A = 1\n"""A number."""\nB, C = 2, 3\nD = "text"\n'
    assert undocumented_numbers(source) == ["B, C = (2, 3)"]
