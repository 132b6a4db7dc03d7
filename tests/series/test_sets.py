"""Sets: which frames are a bracket, a focus stack or a panorama, and which only resemble one."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from autocull.arrays import Doubles
from autocull.series.brackets import find_brackets
from autocull.series.focus_stacks import is_focus_stack
from autocull.series.grouping import group
from autocull.series.shot import ExposureBasis
from autocull.series.timeline import ShotTable
from support.simulated_shoots import SETTINGS, Camera, Scene


def make_camera() -> Camera:
    """Make a camera."""
    return Camera(np.random.default_rng(0))


def table_of_exposures(*stops: float) -> ShotTable:
    """Take one view with these exposures, one after the other."""
    camera = make_camera()
    scene = Scene.random(camera.rng)
    return ShotTable.from_shots([camera.shoot(scene, after=0.4, stops=step) for step in stops])


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
        ((0, -3, 2), [3]),
        ((0, -2, 2, 0, -3, 2), [3, 3]),
        ((0, -3), [2]),
        ((0, 0, -3), []),
    ],
)
def test_brackets_have_steps_and_a_span(stops: tuple[float, ...], lengths: list[int]) -> None:
    """Even steps over one EV, or large uneven ones; a repeated exposure starts the next."""
    table = table_of_exposures(*stops)
    assert [len(run) for run in find_brackets(table, [np.arange(len(table))], SETTINGS)] == lengths


@pytest.mark.parametrize("basis", ["shutter", "bias"])
def test_bracket_needs_no_more_than_what_differs(basis: ExposureBasis) -> None:
    """With a manual lens, or with nothing but the bias, three frames are a bracket; mixed they are not."""
    shots = [replace(shot, exposure_basis=basis) for shot in table_of_exposures(0, -2, 2).shots]
    assert len(find_brackets(ShotTable.from_shots(shots), [np.arange(3)], SETTINGS)) == 1
    mixed = [*shots[:2], replace(shots[2], exposure_basis="camera")]
    assert find_brackets(ShotTable.from_shots(mixed), [np.arange(3)], SETTINGS) == []


def focus_map(*rows: list[float]) -> Doubles:
    """Make a focus map."""
    return np.array(rows)


@pytest.mark.parametrize(
    ("maps", "expected"),
    [
        ((focus_map([0.9, 0.9, 0.1, 0.1]), focus_map([0.1, 0.1, 0.9, 0.9])), True),
        ((focus_map([0.9, 0.9, 0.9, 0.9]), focus_map([0.1, 0.1, 0.9, 0.9])), False),
        ((focus_map([0.9, 0.9, 0.9, 0.9]), focus_map([0.9, 0.9, 0.9, 0.9])), False),
        ((focus_map([0.9, 0.1]), focus_map([0.9], [0.1])), False),
        (
            (
                focus_map([0.9, 0.9, 0.1, 0.1]),
                focus_map([0.1, 0.1, 0.9, 0.9]),
                focus_map([0.1, 0.1, 0.1, 0.1]),
            ),
            False,
        ),
    ],
)
def test_focus_stack_gains_sharpness_in_one_part_and_loses_it_in_another(
    maps: tuple[Doubles, ...], expected: bool
) -> None:
    """A frame that is softer, or sharper, than all others everywhere makes no stack."""
    camera = make_camera()
    scene = Scene.random(camera.rng)
    shots = [
        replace(camera.shoot(scene, sharp=each), texture=np.full(each.shape, 150, np.uint8)) for each in maps
    ]
    assert is_focus_stack(ShotTable.from_shots(shots), np.arange(len(shots)), 0.1) is expected


def series_of_steps(steps: list[tuple[float, float]], after: float = 2.0) -> list[tuple[str, int]]:
    """Take a view at these positions one after the other; returns kind and size of each series."""
    camera = make_camera()
    scene = Scene.random(camera.rng)
    series = group([camera.shoot(scene, after=after, at=step, jitter=0.1) for step in steps], SETTINGS)
    return [(each.kind, len(each.paths)) for each in series]


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
def test_turned_camera_makes_a_panorama(steps: list[tuple[float, float]]) -> None:
    """In any direction, in rows, and in small steps that continue in one direction."""
    assert series_of_steps(steps) == [("panorama", len(steps))]


def test_shaking_camera_makes_a_burst() -> None:
    """Small steps to and fro have no reach."""
    assert series_of_steps([(0.03 * (-1) ** step, 0.0) for step in range(8)], after=0.5) == [("burst", 8)]
