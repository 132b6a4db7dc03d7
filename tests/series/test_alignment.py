"""Alignment: shifts are measured to a fraction of a patch, and a shared backdrop alone is no agreement."""

from __future__ import annotations

import numpy as np
import pytest

from autocull.series.alignment import align, align_pairs
from autocull.series.timeline import ShotTable
from support.simulated_shoots import SETTINGS, Camera, Scene

PAIR = np.array([[0, 1]])


@pytest.mark.parametrize("step", [(0.0, 0.0), (0.11, 0.0), (0.4, 0.05), (-0.3, 0.2), (0.6, 0.0)])
def test_shift_and_overlap_are_measured(step: tuple[float, float]) -> None:
    """In a frame moved to the right, what was in the middle is further left; the overlap follows."""
    camera = Camera(np.random.default_rng(3))
    scene = Scene.random(camera.rng)
    table = ShotTable.from_shots([camera.shoot(scene), camera.shoot(scene, at=step)])
    alignments = align(table, PAIR)
    assert alignments.shift[0] == pytest.approx(complex(-step[0], -step[1] * 2 / 3), abs=0.03)
    assert alignments.overlap[0] == pytest.approx((1 - abs(step[0])) * (1 - abs(step[1])), abs=0.1)
    assert alignments.scale[0] == pytest.approx(1, abs=0.08)
    assert alignments.agree[0] > 0.7


def test_another_person_before_the_same_backdrop_does_not_agree() -> None:
    """The backdrop is in the same position and gives many inliers; the middle of the frame differs."""
    camera = Camera(np.random.default_rng(4))
    scene = Scene.random(camera.rng)
    first, again, other = (
        camera.shoot(each) for each in (scene, scene, scene.with_another_person(camera.rng))
    )
    alignments = align(ShotTable.from_shots([first, again, other]), np.array([[0, 1], [0, 2]]))
    assert abs(alignments.shift).max() < 0.02
    assert alignments.matches[1] > 40
    assert alignments.agree[0] > 0.9 > 0.5 > alignments.agree[1]


def test_only_reliable_alignments_are_returned() -> None:
    """Of the same scene, another person and another scene, only the first is reliable."""
    camera = Camera(np.random.default_rng(7))
    scene = Scene.random(camera.rng)
    scenes = (scene, scene, scene.with_another_person(camera.rng), Scene.random(camera.rng))
    table = ShotTable.from_shots([camera.shoot(each) for each in scenes])
    alignments = align_pairs(table, np.array([[0, 3], [0, 1], [0, 2]]), SETTINGS)
    assert alignments.pairs.tolist() == [[0, 1]]
    assert len(alignments.shift) == len(alignments.clear) == 1


def test_different_scenes_do_not_agree() -> None:
    """Frames with nothing in common have few inliers and a low agreement."""
    camera = Camera(np.random.default_rng(5))
    table = ShotTable.from_shots([camera.shoot(Scene.random(camera.rng)) for _ in range(12)])
    alignments = align(table, np.stack(np.triu_indices(12, 1), axis=1))
    assert alignments.agree.max() < 0.5
    assert alignments.matches.max() < 12


def test_pairs_do_not_influence_each_other() -> None:
    """The alignment of a pair is the same alone and among many, so the order of the input does not matter."""
    camera = Camera(np.random.default_rng(6))
    table = ShotTable.from_shots([camera.shoot(Scene.random(camera.rng)) for _ in range(30)])
    pairs = np.stack(np.triu_indices(30, 1), axis=1)
    many, alone = align(table, pairs), align(table, pairs[300:301])
    assert many.shift[300] == alone.shift[0]
    assert (many.agree[300], many.matches[300]) == (alone.agree[0], alone.matches[0])


def test_no_pairs_have_no_alignments() -> None:
    """Without pairs the columns are empty."""
    alignments = align(ShotTable.from_shots([]), np.zeros((0, 2), np.intp))
    assert alignments.pairs.shape == (0, 2)
    assert len(alignments.agree) == 0
