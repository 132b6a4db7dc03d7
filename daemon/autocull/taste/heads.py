"""Inference of a taste's heads in NumPy: an ensemble of small networks, each trained on other shoots."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np

from autocull.arrays import Floats

_MAX_DEVIATIONS = 4.0
"""Standard deviations from the mean to which a feature is clipped."""

_MIN_DEVIATION = 1e-4
"""Standard deviation up to which a feature counts as constant."""


@dataclass(frozen=True, slots=True, eq=False)
class Heads:
    """K heads over d features, with h hidden units each; all arrays float32.

    `mean` and `scale` `(d,)` standardise the features. The logits are the sum of a linear part, `straight`
    `(d, K)`, of a hidden layer with tanh, `hidden` `(d, K, h)`, `hidden_bias` `(K, h)` and `out` `(K, h)`,
    and of `bias` `(K,)`.
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
        """Return the number of heads."""
        return len(self.bias)

    def logits(self, features: Floats) -> Floats:
        """Return the logits `(n, K)` of every head for features `(n, d)`."""
        inputs = standardise(features, self.mean, self.scale)
        inner = np.tanh(np.einsum("nd,dkh->nkh", inputs, self.hidden) + self.hidden_bias)
        return np.asarray(inputs @ self.straight + (inner * self.out).sum(axis=2) + self.bias, np.float32)


def standardise(features: Floats, mean: Floats, scale: Floats) -> Floats:
    """Return features `(n, d)` with mean 0 and standard deviation 1, clipped at 4 deviations."""
    return np.asarray(np.clip((features - mean) / scale, -_MAX_DEVIATIONS, _MAX_DEVIATIONS), np.float32)


def compute_mean_and_scale(features: Floats) -> tuple[Floats, Floats]:
    """Return mean and standard deviation of each feature `(n, d)`; 1 for the deviation of a constant one."""
    mean, deviation = features.mean(axis=0), features.std(axis=0)
    scale = np.where(deviation > _MIN_DEVIATION, deviation, 1.0)
    return mean.astype(np.float32), scale.astype(np.float32)
