"""Neighbours: look-alikes are found among many, and what is far away changes nothing."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np

from autocull.series.candidates import find_pairs_in_time, find_similar_pairs, unique_pairs
from autocull.series.shot import Shot
from autocull.series.timeline import ShotTable, build_shot_table, natural_key
from support.simulated_shoots import Camera, Scene, to_int8, unit


def crowd(count: int, twins: float, seed: int = 0) -> ShotTable:
    """Make shots of `count` scenes, each with a twin whose cosine to it is about `twins`."""
    rng = np.random.default_rng(seed)
    frame = Camera(rng).shoot(Scene.random(rng))
    vectors = unit(rng.standard_normal((count, 64)))
    aside = unit(rng.standard_normal((count, 64)))
    others = unit(twins * vectors + np.sqrt(1 - twins**2) * aside)
    shots = list[Shot]()
    for number, both in enumerate(zip(vectors, others, strict=True)):
        for twin, vector in zip("ab", both, strict=True):
            shots.append(replace(frame, path=Path(f"{number:05d}{twin}"), vector=to_int8(vector), taken=None))
    return build_shot_table(shots)


def found(roll: ShotTable, least: float) -> float:
    """Return the share of the twins that are found."""
    pairs = find_similar_pairs(roll, least, 8)
    return float((pairs[pairs[:, 0] % 2 == 0] @ (-1, 1) == 1).sum() / (len(roll) / 2))


def test_few_shots_are_all_compared() -> None:
    """Up to 64 shots no pair is missed."""
    roll = crowd(32, 0.6)
    cosine = np.triu(roll.vector @ roll.vector.T, 1)
    pairs = find_similar_pairs(roll, 0.4, 64)
    assert {tuple(pair) for pair in pairs.tolist()} == set(zip(*np.nonzero(cosine >= 0.4), strict=True))


def test_look_alikes_are_found_among_thousands() -> None:
    """Hardly a twin is missed, the surer the more alike it is."""
    assert found(crowd(2000, 0.97), 0.8) > 0.999
    assert found(crowd(2000, 0.9), 0.8) > 0.98


def test_far_shots_take_no_pair_away() -> None:
    """The pairs of a folder are the same when another folder of other things comes beside it."""
    here, there = crowd(40, 0.95), crowd(1500, 0.95, seed=1)
    moved = [replace(shot, path=Path("there") / shot.path) for shot in there.shots]
    both = build_shot_table([*here.shots, *moved])
    names = [
        [roll.shots[number].path for number in pair]
        for roll in (here, both)
        for pair in find_similar_pairs(roll, 0.85, 8)
    ]
    count = len(find_similar_pairs(here, 0.85, 8))
    assert {tuple(pair) for pair in names[:count]} <= {tuple(pair) for pair in names[count:]}


def test_thousands_of_the_same_frame_are_tied_in_order() -> None:
    """Where everything looks the same no leaf can be cut; each shot still gets neighbours."""
    rng = np.random.default_rng(2)
    frame = Camera(rng).shoot(Scene.random(rng))
    roll = build_shot_table([replace(frame, path=Path(f"{number:05d}")) for number in range(500)])
    assert len(np.unique(find_similar_pairs(roll, 0.9, 8))) == 500


def test_neighbours_in_time() -> None:
    """Shots within seconds of one clock are paired; those of another clock, or later, are not."""
    camera, other = (Camera(np.random.default_rng(3), clock=name) for name in ("One", "Two"))
    scene = Scene.random(camera.rng)
    shots = [camera.shoot(scene, after=after) for after in (1, 1, 60, 1)]
    shots += [replace(other.shoot(scene, after=1), path=Path("other.jpg"))]
    assert find_pairs_in_time(build_shot_table(shots), 2.0).tolist() == [[0, 1], [2, 3]]


def test_pairs_are_unique_and_in_order() -> None:
    """A pair is one pair from both sides."""
    pairs = np.array([[3, 1], [1, 3], [0, 2], [1, 3]])
    assert unique_pairs(pairs, 4).tolist() == [[0, 2], [1, 3]]


def test_names_are_ordered_as_people_do() -> None:
    """Numbers count as numbers."""
    names = ["IMG_10", "img_9", "IMG_9b", "A", "2", "10"]
    assert sorted(names, key=natural_key) == ["2", "10", "A", "img_9", "IMG_9b", "IMG_10"]


def test_a_clock_that_stands_still_says_nothing() -> None:
    """More photos in one second than a camera can take: their times are not believed."""
    camera = Camera(np.random.default_rng(4))
    scene = Scene.random(camera.rng)
    shots = [replace(camera.shoot(scene), taken=5.0) for _ in range(130)]
    alive = camera.shoot(scene)
    roll = build_shot_table([*shots, alive])
    assert np.isnan(roll.taken).sum() == 130
    assert alive.taken in roll.taken
