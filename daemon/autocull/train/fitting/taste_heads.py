"""Training of a taste's heads with Keras: all in one network, each with weight 0 for the samples of its fold.

Importing this module imports Keras; `autocull.learn.fit_process` does so in a child process.
"""

from __future__ import annotations

from typing import Any

import keras
import numpy as np

from autocull.arrays import Floats, Integers, Rng
from autocull.taste import Heads, compute_mean_and_scale, standardise

WIDTH = 6
"""Hidden units of each head; enough for an interaction of a few features."""

STEPS, BATCH = 600, 256
"""Number of training steps, and photos in a step."""

_RATE = 8e-3
_PRIOR, _PRIOR_HIDDEN = 2.0, 4.0
"""L2 penalty (a Gaussian prior) of the linear and of the hidden weights, in units of one sample's loss."""


def fit_heads(
    features: Floats, selected: Floats, weights: Floats, *, evidence: float, seed: int = 0
) -> Heads:
    """Train K heads on features `(n, d)`, `selected` `(n,)` 0 or 1, and weights `(n, K)` with mean about 1.

    Photos with weight 0 for a head do not affect it. `evidence` is the effective number of decisions, which
    is weighed against the prior. The same input gives the same heads.
    """
    keras.utils.set_random_seed(seed)
    mean, scale = compute_mean_and_scale(features)
    inputs = standardise(features, mean, scale)
    count = weights.shape[1]
    network = build_heads_network(features.shape[1], count, evidence=evidence)
    order = _sample_order(len(inputs), np.random.default_rng(seed))
    targets = np.repeat(selected[order, None, None], count, axis=1)
    network.compile(
        keras.optimizers.Adam(keras.optimizers.schedules.CosineDecay(_RATE, STEPS)),
        keras.losses.BinaryCrossentropy(from_logits=True),
        steps_per_execution=20,
    )
    # One epoch of all steps: the overhead between two epochs equals dozens of such small steps.
    network.fit(
        inputs[order], targets, sample_weight=weights[order], batch_size=BATCH, shuffle=False, verbose=0
    )
    return _extract_heads(network, mean, scale)


def _sample_order(count: int, rng: Rng) -> Integers:
    """Return the sample indices of all steps: one permutation of all samples after another."""
    rows = STEPS * BATCH
    return np.concatenate([rng.permutation(count) for _ in range(-(-rows // count))])[:rows]


def build_heads_network(features: int, count: int, *, evidence: float) -> Any:
    """Build the untrained network: `(batch, features)` to logits `(batch, heads, 1)`.

    The loss is a mean over decisions and heads, so the prior is divided by both.
    """

    def regulariser(strength: float) -> Any:
        return keras.regularizers.L2(strength / (max(1.0, evidence) * count))

    layers = keras.layers
    inputs = keras.Input((features,), name="features")
    linear = layers.Dense(count, name="straight", kernel_regularizer=regulariser(_PRIOR))(inputs)
    hidden = layers.EinsumDense(
        "bd,dkh->bkh", (count, WIDTH), bias_axes="kh", activation="tanh", name="hidden",
        kernel_regularizer=regulariser(_PRIOR_HIDDEN),
    )(inputs)  # fmt: skip
    nonlinear = layers.EinsumDense(
        "bkh,kh->bk", (count,), name="out", kernel_regularizer=regulariser(_PRIOR_HIDDEN)
    )(hidden)  # fmt: skip
    return keras.Model(inputs, layers.Reshape((count, 1))(layers.Add()([linear, nonlinear])))


def _extract_heads(network: Any, mean: Floats, scale: Floats) -> Heads:
    linear, bias = network.get_layer("straight").get_weights()
    hidden, hidden_bias = network.get_layer("hidden").get_weights()
    (out,) = network.get_layer("out").get_weights()
    return Heads(mean, scale, linear, hidden, hidden_bias, out, bias)
