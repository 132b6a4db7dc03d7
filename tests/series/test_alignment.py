"""Geometry: shifts are found to a part of a patch, and a shared backdrop alone is no agreement."""

from __future__ import annotations

import numpy as np
import pytest

from autocull.series.alignment import align
from autocull.series.timeline import build_shot_table
from support.simulated_shoots import Camera, Scene

PAIR = np.array([[0, 1]])


@pytest.mark.parametrize("step", [(0.0, 0.0), (0.11, 0.0), (0.4, 0.05), (-0.3, 0.2), (0.6, 0.0)])
def test_a_shift_is_found(step: tuple[float, float]) -> None:
    """A frame moved to the right shows further left what was in the middle; overlap follows."""
    camera = Camera(np.random.default_rng(3))
    scene = Scene.random(camera.rng)
    roll = build_shot_table([camera.shoot(scene), camera.shoot(scene, at=step)])
    found = align(roll, PAIR)
    assert found.shift[0] == pytest.approx(complex(-step[0], -step[1] * 2 / 3), abs=0.03)
    assert found.overlap[0] == pytest.approx((1 - abs(step[0])) * (1 - abs(step[1])), abs=0.1)
    assert found.scale[0] == pytest.approx(1, abs=0.08)
    assert found.agree[0] > 0.7


def test_another_person_before_the_same_backdrop_does_not_agree() -> None:
    """The backdrop lies in the same place and makes matches; the middle says that it is new."""
    camera = Camera(np.random.default_rng(4))
    scene = Scene.random(camera.rng)
    first, again, other = (
        camera.shoot(each) for each in (scene, scene, scene.with_another_person(camera.rng))
    )
    found = align(build_shot_table([first, again, other]), np.array([[0, 1], [0, 2]]))
    assert abs(found.shift).max() < 0.02
    assert found.matches[1] > 40
    assert found.agree[0] > 0.9 > 0.5 > found.agree[1]


def test_two_scenes_do_not_agree() -> None:
    """What has nothing in common is never laid on each other with agreement."""
    camera = Camera(np.random.default_rng(5))
    roll = build_shot_table([camera.shoot(Scene.random(camera.rng)) for _ in range(12)])
    found = align(roll, np.stack(np.triu_indices(12, 1), axis=1))
    assert found.agree.max() < 0.5
    assert found.matches.max() < 12


def test_pairs_do_not_influence_each_other() -> None:
    """A pair's overlay is the same alone and among many, so that the order of the input does not matter."""
    camera = Camera(np.random.default_rng(6))
    roll = build_shot_table([camera.shoot(Scene.random(camera.rng)) for _ in range(30)])
    pairs = np.stack(np.triu_indices(30, 1), axis=1)
    many, alone = align(roll, pairs), align(roll, pairs[300:301])
    assert many.shift[300] == alone.shift[0]
    assert (many.agree[300], many.matches[300]) == (alone.agree[0], alone.matches[0])


def test_no_pairs_have_no_overlays() -> None:
    """Nothing to compare gives empty columns."""
    assert len(align(build_shot_table([]), np.zeros((0, 2), np.intp)).agree) == 0
