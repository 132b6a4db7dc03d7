"""Candidate pairs: similar shots are found among many, and unrelated shots change nothing."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np

from autocull.series.candidates import (
    are_among,
    find_candidates,
    find_pairs_in_time,
    find_similar_pairs,
    unique_pairs,
)
from autocull.series.shot import Shot
from autocull.series.timeline import ShotTable, natural_key
from support.simulated_shoots import SETTINGS, Camera, Scene, to_int8, unit


def table_of_twins(count: int, cosine: float, seed: int = 0) -> ShotTable:
    """Make a table of `count` scenes, each with a twin of about this cosine."""
    rng = np.random.default_rng(seed)
    frame = Camera(rng).shoot(Scene.random(rng))
    vectors = unit(rng.standard_normal((count, 64)))
    noise = unit(rng.standard_normal((count, 64)))
    twins = unit(cosine * vectors + np.sqrt(1 - cosine**2) * noise)
    shots = list[Shot]()
    for number, pair in enumerate(zip(vectors, twins, strict=True)):
        for letter, vector in zip("ab", pair, strict=True):
            path = Path(f"{number:05d}{letter}")
            shots.append(replace(frame, path=path, vector=to_int8(vector), taken=None))
    return ShotTable.from_shots(shots)


def share_of_twins_found(table: ShotTable, min_cosine: float) -> float:
    """Return the share of the twins that are found."""
    pairs = find_similar_pairs(table, min_cosine, 8)
    return float((pairs[pairs[:, 0] % 2 == 0] @ (-1, 1) == 1).sum() / (len(table) / 2))


def test_few_shots_are_all_compared() -> None:
    """Up to 64 shots no pair is missed."""
    table = table_of_twins(32, 0.6)
    cosine = np.triu(table.vector @ table.vector.T, 1)
    pairs = find_similar_pairs(table, 0.4, 64)
    assert {tuple(pair) for pair in pairs.tolist()} == set(zip(*np.nonzero(cosine >= 0.4), strict=True))


def test_similar_shots_are_found_among_thousands() -> None:
    """Few pairs are missed, and fewer of more similar ones."""
    assert share_of_twins_found(table_of_twins(2000, 0.97), 0.8) > 0.999
    assert share_of_twins_found(table_of_twins(2000, 0.9), 0.8) > 0.98


def test_unrelated_shots_remove_no_pair() -> None:
    """The pairs of a folder are still found when a folder with other scenes is added."""
    own, others = table_of_twins(40, 0.95), table_of_twins(1500, 0.95, seed=1)
    moved = [replace(shot, path=Path("others") / shot.path) for shot in others.shots]
    both = ShotTable.from_shots([*own.shots, *moved])
    alone, joint = (
        {
            tuple(table.shots[number].path for number in pair)
            for pair in find_similar_pairs(table, 0.85, 8).tolist()
        }
        for table in (own, both)
    )
    assert alone <= joint


def test_equal_shots_are_paired_in_order() -> None:
    """Where all embeddings are equal no leaf can be split; each shot still gets neighbours."""
    rng = np.random.default_rng(2)
    frame = Camera(rng).shoot(Scene.random(rng))
    table = ShotTable.from_shots([replace(frame, path=Path(f"{number:05d}")) for number in range(500)])
    assert len(np.unique(find_similar_pairs(table, 0.9, 8))) == 500


def test_neighbours_in_time_are_paired() -> None:
    """Shots within seconds of one clock are paired; those of another clock, or later, are not."""
    camera, other = (Camera(np.random.default_rng(3), clock=name) for name in ("One", "Two"))
    scene = Scene.random(camera.rng)
    shots = [camera.shoot(scene, after=after) for after in (1, 1, 60, 1)]
    shots += [replace(other.shoot(scene, after=1), path=Path("other.jpg"))]
    assert find_pairs_in_time(ShotTable.from_shots(shots), 2.0).tolist() == [[0, 1], [2, 3]]


def test_pairs_are_unique_and_in_order() -> None:
    """A pair is the same in both directions."""
    pairs = np.array([[3, 1], [1, 3], [0, 2], [1, 3]])
    assert unique_pairs(pairs, 4).tolist() == [[0, 2], [1, 3]]


def test_pairs_are_compared_in_both_directions() -> None:
    """A pair is among others if they hold it in either direction."""
    others = np.array([[1, 3], [2, 0]])
    assert are_among(np.array([[3, 1], [0, 2], [0, 1]]), others, 4).tolist() == [True, True, False]


def test_candidates_are_neighbours_in_time_and_similar_shots() -> None:
    """Neighbours need not be similar, and similar shots need not be neighbours; each pair is there once."""
    camera = Camera(np.random.default_rng(5))
    scenes = [Scene.random(camera.rng) for _ in range(2)]
    order = (scenes[0], scenes[0], scenes[1])
    shots = [camera.shoot(scene, after=1) for scene in order] + [camera.shoot(scenes[0], after=900)]
    pairs = find_candidates(ShotTable.from_shots(shots), SETTINGS, SETTINGS.set_gap)
    assert pairs.tolist() == [[0, 1], [0, 2], [0, 3], [1, 2], [1, 3]]


def test_numbers_in_names_are_ordered_by_value() -> None:
    """IMG_9 is before IMG_10, and 2 before 10."""
    names = ["IMG_10", "img_9", "IMG_9b", "A", "2", "10"]
    assert sorted(names, key=natural_key) == ["2", "10", "A", "img_9", "IMG_9b", "IMG_10"]


def test_constant_capture_time_is_ignored() -> None:
    """More photos in one second than a camera can take: their times are set to NaN."""
    camera = Camera(np.random.default_rng(4))
    scene = Scene.random(camera.rng)
    stopped = [replace(camera.shoot(scene), taken=5.0) for _ in range(130)]
    running = camera.shoot(scene)
    table = ShotTable.from_shots([*stopped, running])
    assert np.isnan(table.taken).sum() == 130
    assert running.taken in table.taken
