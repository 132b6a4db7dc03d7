"""No single fact decides: with times, names, cameras or exposures missing or wrong, series stay whole."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from autocull.series.grouping import group
from support.simulated_shoots import (
    SETTINGS,
    Camera,
    LabelledShot,
    MetadataFault,
    Scene,
    copy_of,
    no_camera,
    no_exposures,
    no_times,
    renamed,
    stopped_clock,
    take_bracket,
    take_burst,
    take_focus_stack,
    take_panorama,
    take_single,
    true_groups,
    whole_seconds,
    wrong_clock,
)


def shoot_of_all_kinds(seed: int) -> list[LabelledShot]:
    """Take singles, a burst and every kind of set."""
    camera = Camera(np.random.default_rng(seed))
    return [
        *take_single(camera),
        *take_bracket(camera, "bracket"),
        *take_burst(camera, "burst", 9),
        *take_panorama(camera, "panorama"),
        *take_single(camera),
        *take_focus_stack(camera, "stack"),
    ]


def grouped(taken: list[LabelledShot]) -> set[frozenset[Path]]:
    """Group the shots; returns the paths of each series as a set."""
    return {frozenset(series.paths) for series in group([each.shot for each in taken], SETTINGS)}


@pytest.mark.parametrize(
    "faults",
    [
        (whole_seconds,),
        (no_times,),
        (stopped_clock,),
        (wrong_clock,),
        (no_camera,),
        (no_exposures,),
        (renamed,),
        (renamed, no_times),
        (renamed, whole_seconds),
        (no_times, no_exposures),
        (no_camera, whole_seconds),
    ],
    ids=lambda faults: " and ".join(each.__name__ for each in faults),
)
@pytest.mark.parametrize("seed", range(3))
def test_series_survive_a_missing_or_wrong_fact(faults: tuple[MetadataFault, ...], seed: int) -> None:
    """The series are the true ones all the same."""
    taken, rng = shoot_of_all_kinds(seed), np.random.default_rng(seed)
    for fault in faults:
        taken = fault(taken, rng)
    assert grouped(taken) == true_groups(taken)


def test_two_cameras_with_different_clocks_keep_their_series() -> None:
    """Shots of two cameras in one folder, one clock an hour off: the series of each camera are unchanged."""
    one = Camera(np.random.default_rng(1))
    other = Camera(np.random.default_rng(2), clock="Example Two 9", error=-3600.0, prefix="DSC_")
    taken = [*take_burst(one, "a", 5), *take_burst(other, "b", 5)]
    taken += [*take_bracket(one, "c"), *take_single(other)]
    assert grouped(taken) == true_groups(taken)


def test_mixed_folders_do_not_mix_series() -> None:
    """Three shoots with the same file numbers, in one list, give the series of each."""
    cameras = [Camera(np.random.default_rng(seed), clock=f"Example {seed}") for seed in range(3)]
    taken = [
        each for number, camera in enumerate(cameras) for each in take_burst(camera, f"burst {number}", 6)
    ]
    taken = [
        LabelledShot(copy_of(each.shot, f"{number}_{each.shot.path.name}"), each.series, each.kind)
        for number, each in enumerate(taken)
    ]
    assert grouped(taken) == true_groups(taken)


@pytest.mark.parametrize("timed", [True, False])
def test_two_people_before_one_backdrop_are_two_moments(timed: bool) -> None:
    """Minutes apart, or without any time: the backdrop is the same, the person is not."""
    camera = Camera(np.random.default_rng(8))
    scene = Scene.random(camera.rng)
    other = scene.with_another_person(camera.rng)
    taken = [
        LabelledShot(camera.shoot(each, after=0.2 if frame else 240), name, "burst")
        for each, name in ((scene, "a"), (other, "b"))
        for frame in range(4)
    ]
    taken = taken if timed else no_times(taken, camera.rng)
    assert grouped(taken) == true_groups(taken)


def test_same_view_minutes_later_is_another_moment() -> None:
    """By the times of one clock the frames are of different moments, however similar they are."""
    camera = Camera(np.random.default_rng(9))
    scene = Scene.random(camera.rng)
    taken = [
        LabelledShot(camera.shoot(scene, after=0.5 if frame else 600), str(moment), "burst")
        for moment in range(3)
        for frame in range(3)
    ]
    assert grouped(taken) == true_groups(taken)


def test_clusters_do_not_chain() -> None:
    """A resembles B and B resembles C: A and C stay apart if they differ, though B is between them."""
    camera = Camera(np.random.default_rng(10))
    ends = [Scene.random(camera.rng) for _ in range(2)]
    shots = []
    for step in range(9):
        part = step / 8
        vector = ends[0].vector * (1 - part) + ends[1].vector * part
        between = Scene(vector / np.linalg.norm(vector), ends[0].hash, Scene.random(camera.rng).field)
        shots.append(camera.shoot(between, after=0.3, jitter=0.02))
    series = group(shots, SETTINGS)
    series_of = {path: number for number, each in enumerate(series) for path in each.paths}
    assert series_of[shots[0].path] != series_of[shots[-1].path]
    assert series_of[shots[0].path] == series_of[shots[1].path]
    assert len(series) < len(shots)
