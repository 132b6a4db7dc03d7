"""Grouping: photos of one series are grouped completely, in any order of input, and no others are added."""

from __future__ import annotations

import random
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from autocull.series.grouping import group
from autocull.series.model import Series
from support.simulated_shoots import (
    SETTINGS,
    Camera,
    LabelledShot,
    copy_of,
    take_bracket,
    take_burst,
    take_focus_stack,
    take_panorama,
    take_single,
    true_groups,
)

seeds = st.integers(0, 2**32 - 1)


def make_camera(seed: int = 0, **changes: object) -> Camera:
    """Make a camera whose shots come from `seed`."""
    return Camera(np.random.default_rng(seed), **changes)  # type: ignore[arg-type]


def path_sets(series: list[Series]) -> set[frozenset[Path]]:
    """Return the paths of each series as a set."""
    return {frozenset(each.paths) for each in series}


def kinds_by_paths(series: list[Series]) -> dict[frozenset[Path], str]:
    """Return the kind of each series by its paths."""
    return {frozenset(each.paths): each.kind for each in series}


def shoot_of_all_kinds(seed: int) -> list[LabelledShot]:
    """Take singles, bursts and every kind of set."""
    camera = make_camera(seed)
    return [
        *take_single(camera),
        *take_bracket(camera, "bracket"),
        *take_burst(camera, "burst", 9),
        *take_panorama(camera, "panorama"),
        *take_single(camera),
        *take_focus_stack(camera, "stack"),
        *take_bracket(camera, "short bracket", (0.0, -1.0, 1.0)),
        *take_burst(camera, "short burst", 3),
    ]


def shoot_of_bursts(seed: int, **changes: object) -> list[LabelledShot]:
    """Take some singles and bursts."""
    camera = make_camera(seed, **changes)
    return [
        *take_single(camera),
        *take_burst(camera, "a", 5),
        *take_single(camera),
        *take_burst(camera, "b", 3),
        *take_burst(camera, "c", 12),
    ]


@pytest.mark.parametrize("frames", [3, 7, 15, 40])
def test_burst_is_one_series(frames: int) -> None:
    """All frames of one moment are in one series, and the photos before and after it in none with them."""
    camera = make_camera(frames)
    taken = [*take_single(camera), *take_burst(camera, "a", frames), *take_single(camera)]
    series = group([each.shot for each in taken], SETTINGS)
    kinds = [(each.kind, len(each.paths)) for each in series]
    assert kinds == [("single", 1), ("burst", frames), ("single", 1)]


@given(seeds, seeds)
def test_order_of_input_does_not_matter(seed: int, order_seed: int) -> None:
    """The same photos give the same series, ids included, in any order."""
    shots = [each.shot for each in shoot_of_bursts(seed)]
    shuffled = random.Random(order_seed).sample(shots, len(shots))
    assert group(shuffled, SETTINGS) == group(shots, SETTINGS)


@given(seeds)
def test_every_photo_is_in_exactly_one_series(seed: int) -> None:
    """No photo is lost or doubled; each series has its own id."""
    taken = shoot_of_bursts(seed)
    series = group([each.shot for each in taken], SETTINGS)
    assert sorted(path for each in series for path in each.paths) == sorted(each.shot.path for each in taken)
    assert len({each.id for each in series}) == len(series)
    assert path_sets(series) == true_groups(taken)


@given(seeds)
def test_another_shoot_changes_no_series(seed: int) -> None:
    """Adding a shoot of the next year with other scenes leaves every series unchanged."""
    own = [each.shot for each in shoot_of_bursts(seed)]
    others = [each.shot for each in shoot_of_bursts(seed + 1, folder=Path("others"), now=1_750_000_000.0)]
    assert set(group(own, SETTINGS)) <= set(group(own + others, SETTINGS))


@given(seeds)
def test_sets_are_kept_whole(seed: int) -> None:
    """Brackets, focus stacks and panoramas are complete and of the right kind, between bursts and singles."""
    taken = shoot_of_all_kinds(seed)
    kinds = kinds_by_paths(group([each.shot for each in taken], SETTINGS))
    assert set(kinds) == true_groups(taken)
    for each in taken:
        assert kinds[next(paths for paths in kinds if each.shot.path in paths)] == each.kind


def test_copies_of_a_frame_are_duplicates() -> None:
    """A copy, an export without a time and one from another time zone are the same frame."""
    camera = make_camera()
    frame, other = (next(take_single(camera)).shot for _ in range(2))
    copies = [
        copy_of(frame, "IMG_0001 (2).CR3"),
        copy_of(frame, "export.jpg", taken=None, clock="", hash=frame.hash ^ 5),
        copy_of(frame, "zone.jpg", taken=(frame.taken or 0) + 7200),
    ]
    series = group([frame, *copies, other], SETTINGS)
    assert path_sets(series) == {
        frozenset({frame.path, *(each.path for each in copies)}),
        frozenset({other.path}),
    }
    assert {each.kind for each in series} == {"duplicate", "single"}


def test_no_photos_have_no_series() -> None:
    """An empty input gives an empty list."""
    assert group([], SETTINGS) == []
