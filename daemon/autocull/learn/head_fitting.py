"""Fits all heads of a taste in NumPy, each with weight 0 for the samples of its fold."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from autocull.arrays import Doubles, Floats, Integers, Rng
from autocull.taste import Heads, compute_mean_and_scale, standardise

WIDTH = 6
"""Hidden units of each head; enough for an interaction of a few features."""

STEPS, BATCH = 600, 256
"""Number of training steps, and photos in a step."""

_RATE = 8e-3
_PRIOR, _PRIOR_HIDDEN = 2.0, 4.0
"""L2 penalty (a Gaussian prior) of the linear and of the hidden weights, in units of one sample's loss."""

_PRIORS = {"straight": _PRIOR, "hidden": _PRIOR_HIDDEN, "out": _PRIOR_HIDDEN}

_Weights = dict[str, Doubles]
"""Arrays of the heads by their names in `Heads`, or the gradients of them."""


def fit_heads(
    features: Floats, selected: Floats, weights: Floats, evidence: float, *, seed: int = 0
) -> Heads:
    """Train K heads on features `(n, d)`, `selected` `(n,)` 0 or 1, and weights `(n, K)` with mean about 1.

    Minimises the weighted cross-entropy with Adam (Kingma and Ba 2015) and a rate that falls to 0 along a
    cosine (Loshchilov and Hutter 2017). Photos with weight 0 for a head do not affect it. `evidence` is the
    effective number of decisions, which is weighed against the prior. The same input gives the same heads.
    """
    mean, scale = compute_mean_and_scale(features)
    inputs = standardise(features, mean, scale).astype(np.float64)
    count = weights.shape[1]
    rng = np.random.default_rng(seed)
    heads = _initialise(features.shape[1], count, rng)
    decay = {name: 2 * prior / (max(1.0, evidence) * count) for name, prior in _PRIORS.items()}
    optimiser = _Adam(heads)
    for step, rows in enumerate(_batches(len(inputs), rng)):
        gradients = compute_gradients(heads, inputs[rows], selected[rows], weights[rows])
        for name, strength in decay.items():
            gradients[name] += strength * heads[name]
        optimiser.update(heads, gradients, _RATE * 0.5 * (1 + np.cos(np.pi * step / STEPS)))
    return Heads(mean, scale, **{name: array.astype(np.float32) for name, array in heads.items()})


def compute_gradients(heads: _Weights, inputs: Doubles, selected: Floats, weights: Floats) -> _Weights:
    """Return the gradients of the cross-entropy, the mean over photos and heads, by every array of `heads`.

    `inputs` `(b, d)` are standardised; `selected` is `(b,)` and `weights` `(b, K)`, as in `fit_heads`.
    """
    size, features = inputs.shape
    flat = heads["hidden"].reshape(features, -1)
    inner = np.tanh((inputs @ flat).reshape(size, *heads["out"].shape) + heads["hidden_bias"])
    logits = inputs @ heads["straight"] + (inner * heads["out"]).sum(axis=2) + heads["bias"]
    by_logit = weights * (0.5 * (1 + np.tanh(0.5 * logits)) - selected[:, None]) / logits.size
    by_inner = by_logit[:, :, None] * heads["out"] * (1 - inner**2)
    return {
        "straight": inputs.T @ by_logit,
        "hidden": (inputs.T @ by_inner.reshape(size, -1)).reshape(heads["hidden"].shape),
        "hidden_bias": by_inner.sum(axis=0),
        "out": (by_logit[:, :, None] * inner).sum(axis=0),
        "bias": by_logit.sum(axis=0),
    }


def _initialise(features: int, count: int, rng: Rng) -> _Weights:
    """Return random weights, uniform with the variance of Glorot and Bengio (2010), and biases of 0."""

    def draw(shape: tuple[int, ...], fans: int) -> Doubles:
        limit = np.sqrt(6 / fans)
        return rng.uniform(-limit, limit, shape)

    return {
        "straight": draw((features, count), features + count),
        "hidden": draw((features, count, WIDTH), features * (count + WIDTH)),
        "hidden_bias": np.zeros((count, WIDTH)),
        "out": draw((count, WIDTH), count + WIDTH),
        "bias": np.zeros(count),
    }


def _batches(count: int, rng: Rng) -> Iterator[Integers]:
    """Yield the sample indices of each step: one permutation of all samples after another."""
    rows = STEPS * BATCH
    order = np.concatenate([rng.permutation(count) for _ in range(-(-rows // count))])[:rows]
    yield from order.reshape(STEPS, BATCH)


class _Adam:
    """Adam with the defaults of its authors: 0.9 and 0.999 for the decay of the two moments."""

    def __init__(self, weights: _Weights) -> None:
        self._first = {name: np.zeros_like(array) for name, array in weights.items()}
        self._second = {name: np.zeros_like(array) for name, array in weights.items()}
        self._steps = 0

    def update(self, weights: _Weights, gradients: _Weights, rate: float) -> None:
        """Change `weights` in place by one step against `gradients`."""
        self._steps += 1
        correction = np.sqrt(1 - 0.999**self._steps) / (1 - 0.9**self._steps)
        for name, gradient in gradients.items():
            self._first[name] += 0.1 * (gradient - self._first[name])
            self._second[name] += 0.001 * (gradient**2 - self._second[name])
            weights[name] -= rate * correction * self._first[name] / (np.sqrt(self._second[name]) + 1e-7)
