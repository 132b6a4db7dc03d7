"""Retrieval metrics: 1 for a perfect encoder, chance for a constant one."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from skimage import data

from autocull.measure.embedding import DESCRIPTOR_SIZE, EMBEDDING_PREPROCESSING, VECTOR_SIZE
from autocull.train.evaluation.retrieval import retrieval_metrics
from autocull.train.recipes.embedding import EmbeddingDataset

GRID = EMBEDDING_PREPROCESSING["grid"]
PICTURES = [np.ascontiguousarray(each()[::3, ::3]) for each in (data.astronaut, data.coffee, data.chelsea)]
DATASET = EmbeddingDataset(PICTURES, ["web"] * 3)


def encodings(vectors: NDArray[np.float64], patches: NDArray[np.float64]) -> NDArray[np.float32]:
    """Join vectors `(n, 64)` and patches `(n, cells, 16)` to rows as the network does."""
    rows = np.concatenate([vectors, patches.reshape(len(patches), -1)], axis=1)
    return rows.astype(np.float32)


def test_perfect_encoder_scores_one() -> None:
    """Each photo has its own axis in both views."""
    rows = encodings(np.eye(3, VECTOR_SIZE), np.ones((3, GRID**2, DESCRIPTOR_SIZE)))
    metrics = retrieval_metrics(lambda _: rows, DATASET)
    assert (metrics.n, metrics.auc, metrics.recall_at_1, metrics.recall) == (3, 1, 1, 1)
    assert metrics.negative_cosine == 0


def test_constant_encoder_scores_chance() -> None:
    """With the same vector for all photos no pair is closer than another."""
    rows = encodings(np.ones((3, VECTOR_SIZE)) / 8, np.ones((3, GRID**2, DESCRIPTOR_SIZE)))
    metrics = retrieval_metrics(lambda _: rows, DATASET)
    assert metrics.auc == pytest.approx(0.5)
    assert metrics.recall == 0
    assert metrics.patch_accuracy < 0.15


def test_patches_that_encode_their_position_are_matched() -> None:
    """Patches of the second view encode their cell; those of the first, their position in the second."""
    middles = (np.arange(GRID) + 0.5) / GRID
    cells = np.stack(np.meshgrid(middles, middles), -1).reshape(-1, 2)
    views = [DATASET.sample_views(index, np.random.default_rng([7, index])) for index in range(3)]
    first = encodings(np.eye(3, VECTOR_SIZE), np.stack([_codes(view.locations[:, :2]) for view in views]))
    second = encodings(np.eye(3, VECTOR_SIZE), np.stack([_codes(cells)] * 3))
    outputs = iter((first, second))
    assert retrieval_metrics(lambda _: next(outputs), DATASET).patch_accuracy > 0.97


def _codes(positions: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return unit descriptors whose dot product grows as two positions get closer."""
    angles = np.clip(positions, 0, 1) * np.pi / 2
    waves = [
        wave(angles[:, axis] * (1 + k)) for axis in (0, 1) for k in range(4) for wave in (np.sin, np.cos)
    ]
    return np.stack(waves, -1) / np.sqrt(8)
