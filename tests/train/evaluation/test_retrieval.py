"""Knowing again: the figures say 1 of who knows everything, and chance of who knows nothing."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from skimage import data

from autocull.measure.embedding import DESCRIPTOR_SIZE, PREPROCESSING, VECTOR_SIZE
from autocull.train.evaluation.retrieval import retrieval_metrics
from autocull.train.recipes.embedding import EmbeddingDataset

GRID = PREPROCESSING["grid"]
PICTURES = [np.ascontiguousarray(each()[::3, ::3]) for each in (data.astronaut, data.coffee, data.chelsea)]
PART = EmbeddingDataset(PICTURES, ["web"] * 3)


def answers(vectors: NDArray[np.float64], patches: NDArray[np.float64]) -> NDArray[np.float32]:
    """Put vectors `(n, 64)` and patches `(n, cells, 16)` into rows as a network does."""
    rows = np.concatenate([vectors, patches.reshape(len(patches), -1)], axis=1)
    return rows.astype(np.float32)


def test_who_knows_each_photo_has_one_everywhere() -> None:
    """Each photo has an axis of its own in both views."""
    told = answers(np.eye(3, VECTOR_SIZE), np.ones((3, GRID**2, DESCRIPTOR_SIZE)))
    figures = retrieval_metrics(lambda _: told, PART)
    assert (figures["n"], figures["auc"], figures["first"], figures["known"]) == (3, 1, 1, 1)
    assert figures["strangers"] == 0


def test_who_answers_alike_knows_nothing() -> None:
    """The same vector for all: no pair is nearer than another."""
    told = answers(np.ones((3, VECTOR_SIZE)) / 8, np.ones((3, GRID**2, DESCRIPTOR_SIZE)))
    figures = retrieval_metrics(lambda _: told, PART)
    assert figures["auc"] == pytest.approx(0.5)
    assert figures["known"] == 0
    assert figures["patches"] < 0.15


def test_patches_that_say_their_place_are_found_where_they_are() -> None:
    """The second view's patches tell where its cells lie; the first one's, where they are in the second."""
    middles = (np.arange(GRID) + 0.5) / GRID
    cells = np.stack(np.meshgrid(middles, middles), -1).reshape(-1, 2)
    views = [PART.sample_views(index, np.random.default_rng([7, index])) for index in range(3)]
    first = answers(np.eye(3, VECTOR_SIZE), np.stack([_codes(view.locations[:, :2]) for view in views]))
    second = answers(np.eye(3, VECTOR_SIZE), np.stack([_codes(cells)] * 3))
    turn = iter((first, second))
    assert retrieval_metrics(lambda _: next(turn), PART)["patches"] > 0.97


def _codes(places: NDArray[np.float64]) -> NDArray[np.float64]:
    """Unit descriptors whose product is the larger, the nearer two places are."""
    angles = np.clip(places, 0, 1) * np.pi / 2
    waves = [
        wave(angles[:, axis] * (1 + k)) for axis in (0, 1) for k in range(4) for wave in (np.sin, np.cos)
    ]
    return np.stack(waves, -1) / np.sqrt(8)
