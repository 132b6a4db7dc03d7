"""Retrieval metrics of the embedding network, on synthetic view pairs from a fixed seed."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from autocull.arrays import Floats
from autocull.measure.embedding import DESCRIPTOR_SIZE, VECTOR_SIZE
from autocull.stats.metrics import area_under_curve
from autocull.train.recipes.embedding import GRID, EmbeddingDataset

Encoder = Callable[[Floats], Floats]
"""Maps pictures `(n, 96, 96, 3)` to rows of vector and patch descriptors `(n, 64 + patches * 16)`."""

RetrievalMetrics = dict[str, float]

_SEED = 7
_MAX_PATCH_SHIFT = 1.5  # cells: tolerance of a matched patch's position


def retrieval_metrics(encoder: Encoder, dataset: EmbeddingDataset) -> RetrievalMetrics:
    """Compute the metrics on one pair of views of every photo of the dataset.

    `n` photos; `auc` of the vectors' cosine, pairs of one photo against all pairs of two photos; `first`, the
    share of views whose nearest neighbour is the other view of the same photo (recall at 1); `strangers`, the
    0.999 quantile of the cosine of pairs of two photos; `known`, the share of pairs of one photo above it;
    `patches`, the share of patches whose best match in the other view is within 1.5 cells of its true
    position.
    """
    views = [
        dataset.sample_views(index, np.random.default_rng([_SEED, index])) for index in range(len(dataset))
    ]
    first = encoder(dataset.prepare_batch([view.first for view in views]))
    second = encoder(dataset.prepare_batch([view.second for view in views]))
    cosine = (first[:, :VECTOR_SIZE] @ second[:, :VECTOR_SIZE].T).astype(np.float64)
    same = np.eye(len(cosine), dtype=bool)
    negative_cosine = float(np.quantile(cosine[~same], 0.999))
    return {
        "n": len(dataset),
        "auc": area_under_curve(same.reshape(-1), cosine.reshape(-1)) or 0.0,
        "first": float((cosine.argmax(1) == np.arange(len(cosine))).mean()),
        "strangers": negative_cosine,
        "known": float((cosine[same] > negative_cosine).mean()),
        "patches": _patch_accuracy(
            _patch_vectors(first), _patch_vectors(second), np.stack([view.locations for view in views])
        ),
    }


def _patch_vectors(encodings: Floats) -> Floats:
    return encodings[:, VECTOR_SIZE:].reshape(len(encodings), GRID**2, DESCRIPTOR_SIZE)


def _patch_accuracy(patches: Floats, other_patches: Floats, targets: Floats) -> float:
    """Return the share of correctly matched patches, among those that occur in both views."""
    likeliest = np.einsum("nid,njd->nij", patches, other_patches).argmax(2)
    positions: NDArray[np.float64] = np.stack([likeliest % GRID, likeliest // GRID], -1) + 0.5
    distance = np.abs(positions - targets[..., :2] * GRID).max(2)
    return float((distance <= _MAX_PATCH_SHIFT)[targets[..., 2] > 0].mean())
