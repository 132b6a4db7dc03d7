"""Retrieval metrics of the embedding network, on synthetic view pairs from a fixed seed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from autocull.arrays import Doubles, Floats
from autocull.measure import DESCRIPTOR_SIZE, VECTOR_SIZE
from autocull.stats import area_under_curve
from autocull.train.recipes import GRID, EmbeddingDataset

Encoder = Callable[[Floats], Floats]
"""Maps pictures `(n, 96, 96, 3)` to rows of vector and patch descriptors `(n, 64 + patches * 16)`."""

_SEED = 7
_MAX_PATCH_SHIFT = 1.5  # cells: tolerance of a matched patch's position


@dataclass(frozen=True, slots=True, kw_only=True)
class RetrievalMetrics:
    """Retrieval metrics on `n` photos with a pair of views each.

    `auc` is that of the vectors' cosine, pairs of one photo against all pairs of two photos; `recall_at_1`
    the share of views whose nearest neighbour is the other view of the same photo; `negative_cosine` the
    0.999 quantile of the cosine of pairs of two photos, `recall` the share of pairs of one photo above it;
    `patch_accuracy` the share of patches whose best match in the other view is within 1.5 cells of its true
    position.
    """

    n: int
    auc: float
    recall_at_1: float
    negative_cosine: float
    recall: float
    patch_accuracy: float

    def to_json(self) -> dict[str, float]:
        """Return the metrics as they are stored in reports."""
        return {
            "n": self.n,
            "auc": self.auc,
            "first": self.recall_at_1,
            "strangers": self.negative_cosine,
            "known": self.recall,
            "patches": self.patch_accuracy,
        }


def retrieval_metrics(encoder: Encoder, dataset: EmbeddingDataset) -> RetrievalMetrics:
    """Compute the metrics on one pair of views of every photo of the dataset."""
    views = [
        dataset.sample_views(index, np.random.default_rng([_SEED, index])) for index in range(len(dataset))
    ]
    first = encoder(dataset.prepare_batch([view.first for view in views]))
    second = encoder(dataset.prepare_batch([view.second for view in views]))
    cosine = (first[:, :VECTOR_SIZE] @ second[:, :VECTOR_SIZE].T).astype(np.float64)
    same = np.eye(len(cosine), dtype=bool)
    negative_cosine = float(np.quantile(cosine[~same], 0.999))
    locations = np.stack([view.locations for view in views])
    return RetrievalMetrics(
        n=len(dataset),
        auc=area_under_curve(same.reshape(-1), cosine.reshape(-1)) or 0.0,
        recall_at_1=float((cosine.argmax(1) == np.arange(len(cosine))).mean()),
        negative_cosine=negative_cosine,
        recall=float((cosine[same] > negative_cosine).mean()),
        patch_accuracy=_patch_accuracy(_patch_vectors(first), _patch_vectors(second), locations),
    )


def _patch_vectors(encodings: Floats) -> Floats:
    return encodings[:, VECTOR_SIZE:].reshape(len(encodings), GRID**2, DESCRIPTOR_SIZE)


def _patch_accuracy(patches: Floats, other_patches: Floats, targets: Floats) -> float:
    """Return the share of correctly matched patches, among those that occur in both views."""
    likeliest = np.einsum("nid,njd->nij", patches, other_patches).argmax(2)
    positions: Doubles = np.stack([likeliest % GRID, likeliest // GRID], -1) + 0.5
    distance = np.abs(positions - targets[..., :2] * GRID).max(2)
    return float((distance <= _MAX_PATCH_SHIFT)[targets[..., 2] > 0].mean())
