"""Grouping: what belongs together comes together, whole, in any order, and nothing else does."""

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


def camera(seed: int = 0, **changes: object) -> Camera:
    """Make a camera whose shots come from `seed`."""
    return Camera(np.random.default_rng(seed), **changes)  # type: ignore[arg-type]


def sets_of(found: list[Series]) -> set[frozenset[Path]]:
    """Return which photos were put together, as sets of paths."""
    return {frozenset(series.paths) for series in found}


def everything(seed: int, **changes: object) -> list[LabelledShot]:
    """Take singles, bursts and every kind of set."""
    one = camera(seed, **changes)
    return [
        *take_single(one),
        *take_bracket(one, "bracket"),
        *take_burst(one, "burst", 9),
        *take_panorama(one, "panorama"),
        *take_single(one),
        *take_focus_stack(one, "stack"),
        *take_bracket(one, "twice", (0.0, -1.0, 1.0)),
        *take_burst(one, "short", 3),
    ]


def shoot(seed: int, **changes: object) -> list[LabelledShot]:
    """Take some singles and bursts."""
    one = camera(seed, **changes)
    return [
        *take_single(one),
        *take_burst(one, "a", 5),
        *take_single(one),
        *take_burst(one, "b", 3),
        *take_burst(one, "c", 12),
    ]


@pytest.mark.parametrize("frames", [3, 7, 15, 40])
def test_a_burst_is_one_series(frames: int) -> None:
    """Frames of one moment come together, and the photos before and after stay alone."""
    one = camera(frames)
    taken = [*take_single(one), *take_burst(one, "a", frames), *take_single(one)]
    found = group([each.shot for each in taken], SETTINGS)
    kinds = [(series.kind, len(series.paths)) for series in found]
    assert kinds == [("single", 1), ("burst", frames), ("single", 1)]


@given(seeds, seeds)
def test_the_order_of_the_input_does_not_matter(seed: int, shuffle: int) -> None:
    """The same photos give the same series, ids included, however they are listed."""
    shots = [each.shot for each in shoot(seed)]
    other = random.Random(shuffle).sample(shots, len(shots))
    assert group(other, SETTINGS) == group(shots, SETTINGS)


@given(seeds)
def test_every_photo_is_in_exactly_one_series(seed: int) -> None:
    """No photo is lost and none is doubled; each series has its own id."""
    taken = shoot(seed)
    found = group([each.shot for each in taken], SETTINGS)
    assert sorted(path for series in found for path in series.paths) == sorted(
        each.shot.path for each in taken
    )
    assert len({series.id for series in found}) == len(found)
    assert sets_of(found) == true_groups(taken)


@given(seeds)
def test_a_shoot_elsewhere_changes_nothing_here(seed: int) -> None:
    """Adding another shoot, next year and of other things, leaves every series as it was."""
    here = [each.shot for each in shoot(seed)]
    there = [each.shot for each in shoot(seed + 1, folder=Path("there"), now=1_750_000_000.0)]
    assert set(group(here, SETTINGS)) <= set(group(here + there, SETTINGS))


def kinds_of(found: list[Series]) -> dict[frozenset[Path], str]:
    """Return the kind of each series, by its members."""
    return {frozenset(series.paths): series.kind for series in found}


@given(seeds)
def test_sets_are_kept_whole(seed: int) -> None:
    """Brackets, focus stacks and panoramas come out whole and by their name, between bursts and singles."""
    taken = everything(seed)
    found = kinds_of(group([each.shot for each in taken], SETTINGS))
    assert set(found) == true_groups(taken)
    for each in taken:
        assert found[next(some for some in found if each.shot.path in some)] == each.kind


def test_copies_of_a_frame_are_duplicates() -> None:
    """A copy, an export without a time and one from another zone are the same frame."""
    one = camera()
    frame, other = (next(take_single(one)).shot for _ in range(2))
    copies = [
        copy_of(frame, "IMG_0001 (2).CR3"),
        copy_of(frame, "export.jpg", taken=None, clock="", hash=frame.hash ^ 5),
        copy_of(frame, "zone.jpg", taken=(frame.taken or 0) + 7200),
    ]
    found = group([frame, *copies, other], SETTINGS)
    assert sets_of(found) == {
        frozenset({frame.path, *(each.path for each in copies)}),
        frozenset({other.path}),
    }
    assert {series.kind for series in found} == {"duplicate", "single"}


def test_nothing_is_grouped_from_nothing() -> None:
    """No photos have no series."""
    assert group([], SETTINGS) == []
