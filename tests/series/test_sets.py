"""Sets: which frames are a bracket, a focus stack or a panorama, and which only resemble one."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from autocull.arrays import Doubles, Indices
from autocull.series import focus_stacks
from autocull.series.brackets import find_brackets
from autocull.series.focus_stacks import are_focus_stacks
from autocull.series.grouping import group
from autocull.series.pairing import link_pairs
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


def brackets_of(table: ShotTable) -> list[Indices]:
    """Return the brackets of one scene."""
    links = link_pairs(table, SETTINGS)
    return find_brackets(table, links.scene, links.light, SETTINGS)


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
        ((0, 0.5), []),
        ((0, 1), [2]),
        ((0, 0.4, 2.4), [3]),
        ((0, -3, 2), [3]),
        ((0, -2, 2, 0, -3, 2), [3, 3]),
        ((0, -3), [2]),
        ((0, 0, -3), [3]),
        ((0, 0, 0, 0, -3), [2]),
        ((2, 0, 0, 0, 0, 0, -3), [2, 2]),
        ((-1, -0.75, -0.5, -0.5, -0.25, 0, 0.25), [7]),
        (tuple(range(-6, 7)), [13]),
    ],
)
def test_brackets_have_steps_and_a_span(stops: tuple[float, ...], lengths: list[int]) -> None:
    """Steps over one EV; a repeated exposure starts the next, and a burst next to them is none."""
    assert [len(run) for run in brackets_of(table_of_exposures(*stops))] == lengths


@pytest.mark.parametrize("basis", ["camera", "shutter", "bias", "none"])
@pytest.mark.parametrize("timed", [True, False])
def test_bracket_needs_no_more_than_what_differs(basis: ExposureBasis, timed: bool) -> None:
    """With a manual lens, nothing but the bias, or without any fact, the light distinguishes frames."""
    shots = [replace(shot, exposure_basis=basis) for shot in table_of_exposures(0, -2, 2).shots]
    if basis == "none":
        shots = [replace(shot, exposure=None, shutter=None) for shot in shots]
    shots = shots if timed else [replace(shot, taken=None) for shot in shots]
    assert [len(run) for run in brackets_of(ShotTable.from_shots(shots))] == [3]
    mixed = [*shots[:2], replace(shots[2], exposure_basis="bias", exposure=8.0)]
    assert [len(run) for run in brackets_of(ShotTable.from_shots(mixed))] == [3]


def test_flash_that_did_not_fire_makes_no_bracket() -> None:
    """Where the exposures are equal, other light is no bracket."""
    shots = [replace(shot, exposure=10.0, shutter=0.01) for shot in table_of_exposures(0, -2, 0, -2).shots]
    assert brackets_of(ShotTable.from_shots(shots)) == []


def test_automatic_exposure_makes_no_bracket() -> None:
    """Exposures that follow the scene leave the pictures equally light."""
    shots = table_of_exposures(0, 0, 0, 0, 0).shots
    changed = [
        replace(shot, exposure=10.0 + stops)
        for shot, stops in zip(shots, (0.0, 0.9, 0.3, 1.4, 0.6), strict=True)
    ]
    assert brackets_of(ShotTable.from_shots(changed)) == []


def test_bracket_set_by_hand_may_take_minutes() -> None:
    """Frames of one view a minute apart are a bracket; after a quarter of an hour they are not."""
    for after, lengths in ((60.0, [4]), (900.0, [])):
        camera = make_camera()
        scene = Scene.random(camera.rng)
        shots = [camera.shoot(scene, after=after, stops=stops) for stops in (-3.0, -1.0, 0.5, 2.0)]
        assert [len(run) for run in brackets_of(ShotTable.from_shots(shots))] == lengths


def test_black_frame_next_to_a_bracket_belongs_to_it() -> None:
    """In a black frame nothing can be compared; far from a bracket it is alone."""
    shots = list(table_of_exposures(0, -2, 2, 0).shots)
    black = replace(shots[3], tones=np.zeros_like(shots[3].tones), vector=-shots[3].vector, exposure=16.0)
    assert [len(run) for run in brackets_of(ShotTable.from_shots([*shots[:3], black]))] == [4]
    late = replace(black, taken=(black.taken or 0) + 3600)
    assert [len(run) for run in brackets_of(ShotTable.from_shots([*shots[:3], late]))] == [3]


def focus_map(*rows: list[float]) -> Doubles:
    """Make a focus map."""
    return np.array(rows)


@pytest.mark.parametrize(
    ("maps", "expected"),
    [
        ((focus_map([0.9, 0.9, 0.1, 0.1]), focus_map([0.1, 0.1, 0.9, 0.9])), True),
        ((focus_map([0.9, 0.9, 0.9, 0.9]), focus_map([0.1, 0.1, 0.9, 0.9])), False),
        ((focus_map([0.9, 0.9, 0.9, 0.9]), focus_map([0.9, 0.9, 0.9, 0.9])), False),
        (
            (
                focus_map([0.9, 0.9, 0.1, 0.1]),
                focus_map([0.1, 0.1, 0.9, 0.9]),
                focus_map([0.1, 0.1, 0.1, 0.1]),
            ),
            True,
        ),
    ],
)
def test_focus_stack_gains_sharpness_in_one_part_and_loses_it_in_another(
    maps: tuple[Doubles, ...], expected: bool
) -> None:
    """A frame that is softer, or sharper, everywhere makes no stack; next to two of one it belongs to it."""
    camera = make_camera()
    scene = Scene.random(camera.rng)
    shots = [
        replace(camera.shoot(scene, sharp=each), texture=np.full(each.shape, 150, np.uint8)) for each in maps
    ]
    assert are_focus_stacks(ShotTable.from_shots(shots), [np.arange(len(shots))], 0.1) == [expected]


def test_groups_are_checked_for_focus_stacks_in_one_pass(monkeypatch: pytest.MonkeyPatch) -> None:
    """The answer for each group is that without the others, and the gains of all are computed at once."""
    camera = make_camera()
    shots = []
    for maps in ([[0.9, 0.1], [0.1, 0.9]], [[0.9, 0.9], [0.9, 0.9]], [[0.1, 0.9], [0.9, 0.1], [0.1, 0.1]]):
        scene = Scene.random(camera.rng)
        grids = [focus_map([first, first, last, last]) for first, last in maps]
        shots += [
            replace(camera.shoot(scene, sharp=each), texture=np.full(each.shape, 150, np.uint8))
            for each in grids
        ]
    table = ShotTable.from_shots(shots)
    groups = [np.arange(2), np.arange(2, 4), np.arange(4, 7), np.array([0])]
    alone = [are_focus_stacks(table, [group], 0.1)[0] for group in groups]
    passes: list[int] = []

    def count_pairs(table: ShotTable, pairs: Indices, sharpest: focus_stacks.Shorts) -> Doubles:
        passes.append(len(pairs))
        return compute_gains(table, pairs, sharpest)

    compute_gains = focus_stacks._compute_gains
    monkeypatch.setattr(focus_stacks, "_compute_gains", count_pairs)
    assert are_focus_stacks(table, groups, 0.1) == alone == [True, False, True, False]
    assert passes == [1 + 1 + 3]
    assert are_focus_stacks(table, [], 0.1) == []


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
