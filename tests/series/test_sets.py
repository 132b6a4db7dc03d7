"""Sets: what makes a bracket, a focus stack and a panorama, and what only looks like one."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from autocull.series.brackets import find_brackets
from autocull.series.focus_stacks import is_focus_stack
from autocull.series.grouping import group
from autocull.series.timeline import ShotTable, build_shot_table
from support.simulated_shoots import SETTINGS, Camera, Scene


def camera() -> Camera:
    """Make a camera."""
    return Camera(np.random.default_rng(0))


def exposed(*stops: float) -> ShotTable:
    """Take one view with these exposures, one after the other."""
    one = camera()
    scene = Scene.random(one.rng)
    return build_shot_table([one.shoot(scene, after=0.4, stops=step) for step in stops])


@pytest.mark.parametrize(
    ("stops", "lengths"),
    [
        ((0, -1, 1), [3]),
        ((-2, -1, 0, 1, 2), [5]),
        ((-0.5, 0, 0.5), [3]),
        ((0, -2, 2, 0, -2, 2), [3, 3]),
        ((0, -1, 1, 0, -1, 1, 0, -1, 1), [3, 3, 3]),
        ((0.33, 0, 0.66), []),
        ((0, 0, 0, 0), []),
        ((0, 1), []),
        ((0, 0.4, 2.4), []),
    ],
)
def test_brackets_are_even_steps_that_span_enough(stops: tuple[float, ...], lengths: list[int]) -> None:
    """Three frames or more, each differing, evenly, over one EV; the same exposure again begins the next."""
    roll = exposed(*stops)
    assert [len(run) for run in find_brackets(roll, [np.arange(len(roll))], SETTINGS)] == lengths


def tiles(*rows: list[float]) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
    """Make a focus map."""
    return np.array(rows)


@pytest.mark.parametrize(
    ("maps", "said"),
    [
        ((tiles([0.9, 0.9, 0.1, 0.1]), tiles([0.1, 0.1, 0.9, 0.9])), True),
        ((tiles([0.9, 0.9, 0.9, 0.9]), tiles([0.1, 0.1, 0.9, 0.9])), False),
        ((tiles([0.9, 0.9, 0.9, 0.9]), tiles([0.9, 0.9, 0.9, 0.9])), False),
        ((tiles([0.9, 0.1]), tiles([0.9], [0.1])), False),
        ((tiles([0.9, 0.9, 0.1, 0.1]), tiles([0.1, 0.1, 0.9, 0.9]), tiles([0.1, 0.1, 0.1, 0.1])), False),
    ],
)
def test_a_focus_stack_gains_in_one_place_what_it_loses_elsewhere(
    maps: tuple[np.ndarray[tuple[int, ...], np.dtype[np.float64]], ...], said: bool
) -> None:
    """A frame that only missed the focus, or one that only hit it, makes no stack."""
    one = camera()
    scene = Scene.random(one.rng)
    shots = [
        replace(one.shoot(scene, sharp=each), texture=np.full(each.shape, 150, np.uint8)) for each in maps
    ]
    assert is_focus_stack(build_shot_table(shots), np.arange(len(shots)), 0.1) is said


def swung(steps: list[tuple[float, float]], after: float = 2.0) -> list[tuple[str, int]]:
    """Take a view from these places one after the other, and return what was found."""
    one = camera()
    scene = Scene.random(one.rng)
    found = group([one.shoot(scene, after=after, at=step, jitter=0.1) for step in steps], SETTINGS)
    return [(series.kind, len(series.paths)) for series in found]


@pytest.mark.parametrize(
    "steps",
    [
        [(-0.4, 0.0), (0.0, 0.0), (0.4, 0.0)],
        [(0.0, 0.5), (0.0, 0.0), (0.0, -0.5)],
        [(-0.2, 0.0), (0.2, 0.0), (0.2, 0.4), (-0.2, 0.4)],
        [(0.05 * step - 0.3, 0.0) for step in range(12)],
    ],
    ids=["to the right", "upwards", "two rows", "slowly"],
)
def test_a_camera_that_is_turned_makes_a_panorama(steps: list[tuple[float, float]]) -> None:
    """In any direction, in rows, and in small steps that go on in one way."""
    assert swung(steps) == [("panorama", len(steps))]


def test_a_camera_that_shakes_makes_a_burst() -> None:
    """Small steps to and fro reach nowhere."""
    assert swung([(0.03 * (-1) ** step, 0.0) for step in range(8)], after=0.5) == [("burst", 8)]
