"""No single fact decides: with times, names, cameras or exposures missing or false, series stay together."""

from __future__ import annotations

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


def everything(seed: int) -> list[LabelledShot]:
    """Take singles, a burst and every kind of set."""
    one = Camera(np.random.default_rng(seed))
    return [
        *take_single(one),
        *take_bracket(one, "bracket"),
        *take_burst(one, "burst", 9),
        *take_panorama(one, "panorama"),
        *take_single(one),
        *take_focus_stack(one, "stack"),
    ]


def found_in(taken: list[LabelledShot]) -> set[frozenset[object]]:
    """Group the shots, and return which were put together."""
    return {frozenset(series.paths) for series in group([each.shot for each in taken], SETTINGS)}


@pytest.mark.parametrize(
    "damages",
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
    ids=lambda damages: " and ".join(each.__name__ for each in damages),
)
@pytest.mark.parametrize("seed", range(3))
def test_series_survive_a_missing_or_false_fact(damages: tuple[MetadataFault, ...], seed: int) -> None:
    """What belongs together comes together all the same, and nothing else does."""
    rng, taken = np.random.default_rng(seed), everything(seed)
    for damage in damages:
        taken = damage(taken, rng)
    assert found_in(taken) == true_groups(taken)


def test_two_cameras_with_different_clocks_keep_their_series() -> None:
    """Shots of two cameras in one folder, one clock an hour off: each camera's series stay what they are."""
    one = Camera(np.random.default_rng(1))
    other = Camera(np.random.default_rng(2), clock="Example Two 9", error=-3600.0, prefix="DSC_")
    taken = [
        *take_burst(one, "a", 5),
        *take_burst(other, "b", 5),
        *take_bracket(one, "c"),
        *take_single(other),
    ]
    assert found_in(taken) == true_groups(taken)


def test_mixed_folders_do_not_mix_series() -> None:
    """Three shoots whose numbering begins anew, in one list, give the series of each."""
    taken = [
        each
        for seed in range(3)
        for each in take_burst(
            Camera(np.random.default_rng(seed), clock=f"Example {seed}"), f"burst {seed}", 6
        )
    ]
    taken = [
        LabelledShot(copy_of(each.shot, f"{number}_{each.shot.path.name}"), each.series, each.kind)
        for number, each in enumerate(taken)
    ]
    assert found_in(taken) == true_groups(taken)


@pytest.mark.parametrize("clocked", [True, False])
def test_two_people_before_one_backdrop_are_two_moments(clocked: bool) -> None:
    """Minutes apart, or without any time: the backdrop is the same, who stands before it is not."""
    camera = Camera(np.random.default_rng(8))
    scene = Scene.random(camera.rng)
    other = scene.with_another_person(camera.rng)
    taken = [
        LabelledShot(camera.shoot(each, after=0.2 if frame else 240), name, "burst")
        for each, name in ((scene, "a"), (other, "b"))
        for frame in range(4)
    ]
    taken = taken if clocked else no_times(taken, camera.rng)
    assert found_in(taken) == true_groups(taken)


def test_the_same_view_minutes_later_is_another_moment() -> None:
    """One clock says that the frames are not of one moment, however alike they look."""
    camera = Camera(np.random.default_rng(9))
    scene = Scene.random(camera.rng)
    taken = [
        LabelledShot(camera.shoot(scene, after=0.5 if frame else 600), str(moment), "burst")
        for moment in range(3)
        for frame in range(3)
    ]
    assert found_in(taken) == true_groups(taken)


def test_there_are_no_chains() -> None:
    """A like B like C does not put A with C where they differ, though each is near the next in time."""
    camera = Camera(np.random.default_rng(10))
    ends = [Scene.random(camera.rng) for _ in range(2)]
    shots = []
    for step in range(9):
        part = step / 8
        vector = ends[0].vector * (1 - part) + ends[1].vector * part
        between = Scene(vector / np.linalg.norm(vector), ends[0].hash, Scene.random(camera.rng).field)
        shots.append(camera.shoot(between, after=0.3, jitter=0.02))
    found = group(shots, SETTINGS)
    place = {path: number for number, series in enumerate(found) for path in series.paths}
    assert place[shots[0].path] != place[shots[-1].path]
    assert place[shots[0].path] == place[shots[1].path]
    assert len(found) < len(shots)
