"""Linked pairs: time and similarity are enough, and alignment replaces one of them where it is missing."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from autocull.arrays import Indices
from autocull.series import pairing
from autocull.series.alignment import Alignments, align_pairs
from autocull.series.model import GroupingSettings
from autocull.series.pairing import are_compatible, link_pairs
from autocull.series.shot import Shot
from autocull.series.timeline import ShotTable
from autocull.series.views import Views, compare_views
from support.simulated_shoots import SETTINGS, Camera, Scene, take_burst, take_single


def make_burst(frames: int = 3, seed: int = 0) -> list[Shot]:
    """Take a burst and a single photo after it."""
    camera = Camera(np.random.default_rng(seed))
    return [each.shot for each in (*take_burst(camera, "a", frames), *take_single(camera))]


def test_time_and_similarity_need_no_alignment() -> None:
    """Frames of a burst are linked by time and embedding alone; the photo after them is not."""
    links = link_pairs(ShotTable.from_shots(make_burst()), SETTINGS)
    assert links.pairs.tolist() == links.scene.tolist() == [[0, 1], [0, 2], [1, 2]]
    assert (links.strength >= SETTINGS.alike).all()
    assert len(links.alignments.pairs) == 0


def test_alignment_replaces_a_missing_time() -> None:
    """Without times the frames of a burst are linked because they are aligned."""
    links = link_pairs(ShotTable.from_shots([replace(shot, taken=None) for shot in make_burst()]), SETTINGS)
    assert links.pairs.tolist() == links.alignments.pairs.tolist() == [[0, 1], [0, 2], [1, 2]]


def test_aligned_frames_of_another_moment_are_of_one_scene_only() -> None:
    """Between the gap of a burst and that of a set, a pair is of the scene, and not of the burst."""
    camera = Camera(np.random.default_rng(1))
    scene = Scene.random(camera.rng)
    after = (SETTINGS.gap + SETTINGS.set_gap) / 2
    links = link_pairs(ShotTable.from_shots([camera.shoot(scene, after=after) for _ in range(2)]), SETTINGS)
    assert links.scene.tolist() == [[0, 1]]
    assert len(links.pairs) == 0


def test_links_are_restricted_to_free_shots() -> None:
    """Pairs and alignments with a shot that is not free are removed."""
    table = ShotTable.from_shots([replace(shot, taken=None) for shot in make_burst()])
    links = link_pairs(table, SETTINGS).restrict(np.array([True, False, True, True]))
    for pairs in (links.pairs, links.scene, links.alignments.pairs):
        assert pairs.tolist() == [[0, 2]]
    assert len(links.strength) == len(links.alignments.shift) == 1


def test_aligned_pairs_are_compatible_in_both_directions() -> None:
    """Shots with different embeddings are compatible if they are aligned, and not otherwise."""
    shots = make_burst(2)
    turned = -np.roll(shots[1].vector, 1)
    table = ShotTable.from_shots([shots[0], replace(shots[1], vector=turned), shots[2]])
    links = link_pairs(ShotTable.from_shots([replace(shot, taken=None) for shot in shots]), SETTINGS)
    assert links.alignments.pairs.tolist() == [[0, 1]]
    first, second = np.array([0, 1, 0]), np.array([1, 0, 2])
    assert are_compatible(table, links, first, second, SETTINGS).tolist() == [True, True, False]


@pytest.mark.parametrize("timed", [True, False])
def test_shoot_of_one_scene_costs_a_bounded_number_of_comparisons(
    timed: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where all shots resemble each other, each is aligned with four, and its view compared with few."""
    compared = {"views": 0, "alignments": 0}

    def count_views(table: ShotTable, pairs: Indices, *shift: int) -> Views:
        compared["views"] += len(pairs)
        return compare_views(table, pairs, *shift)

    def count_alignments(table: ShotTable, pairs: Indices, settings: GroupingSettings) -> Alignments:
        compared["alignments"] += len(pairs)
        return align_pairs(table, pairs, settings)

    monkeypatch.setattr(pairing, "compare_views", count_views)
    monkeypatch.setattr(pairing, "align_pairs", count_alignments)
    camera = Camera(np.random.default_rng(3))
    scene = Scene.random(camera.rng)
    shots = [camera.shoot(scene, after=60.0 * (shot % 5 == 0) + 0.5, jitter=0.3) for shot in range(300)]
    shots = shots if timed else [replace(shot, taken=None) for shot in shots]
    link_pairs(ShotTable.from_shots(shots), SETTINGS)
    assert compared["alignments"] <= 8 * len(shots)
    assert compared["views"] <= 20 * len(shots)
    if timed:
        assert compared["alignments"] <= len(shots)
        assert compared["views"] <= 2 * len(shots)
