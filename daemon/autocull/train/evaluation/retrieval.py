"""How well photos are known again: figures of a likeness network on views that were made, from a seed."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from autocull.arrays import Floats
from autocull.measure.embedding import DEPTH, VECTOR
from autocull.stats.metrics import area_under_curve
from autocull.train.recipes.embedding import GRID, LikenessPart

Encoder = Callable[[Floats], Floats]
"""Answers prepared pictures `(n, 96, 96, 3)` with vectors and patches in rows `(n, 64 + patches * 16)`."""

Figures = dict[str, float]

_SEED = 7
_NEAR = 1.5  # cells: as far as a patch may be found from where it is


def knowing_figures(encoder: Encoder, part: LikenessPart) -> Figures:
    """Measure on one pair of views of every photo of the part.

    `n` photos; `auc` of the vectors' cosine, pairs of one photo against all pairs of two; `first`, the share
    of views whose nearest among all others is the other view of the same photo; `strangers`, the cosine that
    one in a thousand pairs of two photos exceeds, and `known`, the share of pairs of one photo above it;
    `patches`, the share of patches whose nearest one in the other view lies within 1.5 cells of its place.
    """
    views = [part.views(index, np.random.default_rng([_SEED, index])) for index in range(len(part))]
    first = encoder(part.prepared([view.first for view in views]))
    second = encoder(part.prepared([view.second for view in views]))
    cosine = (first[:, :VECTOR] @ second[:, :VECTOR].T).astype(np.float64)
    same = np.eye(len(cosine), dtype=bool)
    strangers = float(np.quantile(cosine[~same], 0.999))
    return {
        "n": len(part),
        "auc": area_under_curve(same.reshape(-1), cosine.reshape(-1)) or 0.0,
        "first": float((cosine.argmax(1) == np.arange(len(cosine))).mean()),
        "strangers": strangers,
        "known": float((cosine[same] > strangers).mean()),
        "patches": _found(_patches(first), _patches(second), np.stack([view.where for view in views])),
    }


def _patches(answers: Floats) -> Floats:
    return answers[:, VECTOR:].reshape(len(answers), GRID**2, DEPTH)


def _found(patches: Floats, others: Floats, where: Floats) -> float:
    """The share of patches that are found where they are, of those that can be found."""
    likeliest = np.einsum("nid,njd->nij", patches, others).argmax(2)
    places: NDArray[np.float64] = np.stack([likeliest % GRID, likeliest // GRID], -1) + 0.5
    apart = np.abs(places - where[..., :2] * GRID).max(2)
    return float((apart <= _NEAR)[where[..., 2] > 0].mean())
