"""The trained part of a taste: some small heads side by side, each blind to other shoots; pure NumPy."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np

from autocull.arrays import Floats

_MAX_DEVIATIONS = 4.0
"""A feature counts as no more than so many standard deviations from its mean."""


@dataclass(frozen=True, slots=True, eq=False)
class Heads:
    """K heads over d features, with h hidden values each; all arrays float32.

    `mean` and `scale` `(d,)` bring the features to one measure; `straight` `(d, K)` and, through tanh,
    `hidden` `(d, K, h)`, `hidden_bias` `(K, h)` and `out` `(K, h)` give the logits, with `bias` `(K,)`.
    """

    mean: Floats
    scale: Floats
    straight: Floats
    hidden: Floats
    hidden_bias: Floats
    out: Floats
    bias: Floats

    def __post_init__(self) -> None:
        d, count, width = self.hidden.shape
        shapes = ((d,), (d,), (d, count), (d, count, width), (count, width), (count, width), (count,))
        actual = tuple(getattr(self, field.name).shape for field in fields(self))
        if actual != shapes:
            raise ValueError(f"the heads' arrays do not fit together: {actual}, not {shapes}")

    @property
    def count(self) -> int:
        """How many heads there are."""
        return len(self.bias)

    def logits(self, features: Floats) -> Floats:
        """Ask every head: features `(n, d)` give logits `(n, K)`."""
        inputs = standardise(features, self.mean, self.scale)
        inner = np.tanh(np.einsum("nd,dkh->nkh", inputs, self.hidden) + self.hidden_bias)
        return np.asarray(inputs @ self.straight + (inner * self.out).sum(axis=2) + self.bias, np.float32)


def standardise(features: Floats, mean: Floats, scale: Floats) -> Floats:
    """Bring features `(n, d)` to mean 0 and deviation 1, and far ones nearer."""
    return np.asarray(np.clip((features - mean) / scale, -_MAX_DEVIATIONS, _MAX_DEVIATIONS), np.float32)


def compute_mean_and_scale(features: Floats) -> tuple[Floats, Floats]:
    """Give mean and deviation of each feature `(n, d)`; one that never changes has deviation 1."""
    scale = features.std(axis=0)
    return features.mean(axis=0).astype(np.float32), np.where(scale > 1e-4, scale, 1.0).astype(np.float32)
