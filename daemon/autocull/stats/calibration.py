"""Platt and temperature scaling of predicted probabilities, their log loss and calibration error.

Calibrated means that predictions of probability 0.8 come true 8 times in 10.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, NamedTuple

import numpy as np

from autocull.arrays import Doubles, Flags, Floats

Task = Literal["one_of", "any_of"]
"""Whether the classes exclude each other (softmax) or not (sigmoid)."""

ReliabilityBin = tuple[float, float, int]
"""Predictions of one range of confidence: mean confidence (0-1), accuracy (0-1), number of predictions."""

_NEWTON_STEPS = 50
_RIDGE = 1e-3
"""Weight of a quadratic penalty that keeps Newton's method stable where the logits separate the labels."""

_TOLERANCE = 1e-9

_MIN_SLOPE = 1e-3
"""The smallest slope: predictions without information keep their order, with nearly equal probabilities."""


class PlattScaling(NamedTuple):
    """A calibrated probability is the sigmoid of `slope` x logit + `offset`."""

    slope: float
    offset: float


def fit_platt(logits: Doubles, truth: Flags) -> PlattScaling:
    """Fit slope and offset by Newton's method (Platt 1999, with his targets for few samples).

    Steps are halved until the loss falls (Lin, Lin and Weng 2007). The offset also corrects for class weights
    in the training of the logits.
    """
    positives = int(truth.sum())
    negatives = len(truth) - positives
    targets = np.where(truth, (positives + 1) / (positives + 2), 1 / (negatives + 2))
    prior_offset = float(np.log((positives + 1) / (negatives + 1)))
    inputs = np.column_stack([logits.astype(np.float64), np.ones(len(logits))])
    coefficients = np.array([0.5, prior_offset])
    for _ in range(_NEWTON_STEPS):
        step, loss = _newton_step(inputs, targets, coefficients), _platt_loss(inputs, targets, coefficients)
        while np.abs(step).max() > _TOLERANCE and _platt_loss(inputs, targets, coefficients - step) > loss:
            step = step / 2
        coefficients = coefficients - step
        if np.abs(step).max() <= _TOLERANCE:
            break
    slope, offset = map(float, coefficients)
    return PlattScaling(slope, offset) if slope >= _MIN_SLOPE else PlattScaling(_MIN_SLOPE, prior_offset)


def _newton_step(inputs: Doubles, targets: Doubles, coefficients: Doubles) -> Doubles:
    probability = 1 / (1 + np.exp(-np.clip(inputs @ coefficients, -60, 60)))
    gradient = inputs.T @ (probability - targets) + _RIDGE * coefficients
    hessian = (inputs * (probability * (1 - probability))[:, None]).T @ inputs + _RIDGE * np.eye(2)
    return np.asarray(np.linalg.solve(hessian, gradient))


def _platt_loss(inputs: Doubles, targets: Doubles, coefficients: Doubles) -> float:
    scaled = inputs @ coefficients
    loss = (np.logaddexp(0, scaled) - targets * scaled).sum()
    return float(loss + _RIDGE / 2 * (coefficients**2).sum())


def probabilities(logits: Floats, task: Task, temperature: float = 1.0) -> Doubles:
    """Convert logits `(n, classes)` to probabilities: softmax over the classes, or sigmoid of each."""
    scaled = logits.astype(np.float64) / temperature
    if task == "any_of":
        return np.asarray(1.0 / (1.0 + np.exp(-np.clip(scaled, -60, 60))))
    powers = np.exp(scaled - scaled.max(axis=1, keepdims=True))
    return np.asarray(powers / powers.sum(axis=1, keepdims=True))


def log_loss(logits: Floats, targets: Floats, task: Task, temperature: float) -> float:
    """Compute the mean negative log likelihood of the targets, which may be soft."""
    predicted = np.clip(probabilities(logits, task, temperature), 1e-7, 1 - 1e-7)
    likelihood = targets * np.log(predicted)
    if task == "any_of":
        likelihood = likelihood + (1 - targets) * np.log(1 - predicted)
    return float(-likelihood.sum(axis=1).mean())


def fit_temperature(logits: Floats, targets: Floats, task: Task) -> float:
    """Return the temperature (0.25-4) with the lowest log loss of the targets (Guo et al. 2017)."""
    candidates = np.exp(np.linspace(np.log(0.25), np.log(4.0), 161))
    return float(min(candidates, key=lambda t: log_loss(logits, targets, task, float(t))))


def reliability(confidence: Doubles, correct: Doubles, bins: int = 10) -> list[ReliabilityBin]:
    """Bin predictions by confidence; returns the non-empty ones of `bins` equal ranges."""
    bin_index = np.minimum((confidence * bins).astype(np.int64), bins - 1)
    masks = [bin_index == i for i in range(bins)]
    return [
        (float(confidence[mask].mean()), float(correct[mask].mean()), int(mask.sum()))
        for mask in masks
        if mask.any()
    ]


def calibration_error(bins: Sequence[ReliabilityBin]) -> float:
    """Return the expected calibration error (ECE): the mean gap between confidence and accuracy."""
    total = sum(count for *_, count in bins)
    return sum(abs(confidence - accuracy) * count for confidence, accuracy, count in bins) / total


def confidences(predicted: Doubles, targets: Floats, task: Task) -> tuple[Doubles, Doubles]:
    """Pair probabilities with outcomes (0 or 1): of the chosen class, or for "any_of" of every label."""
    if task == "any_of":
        return predicted.ravel(), targets.ravel().astype(np.float64)
    chosen = predicted.argmax(axis=1)
    return predicted.max(axis=1), (chosen == targets.argmax(axis=1)).astype(np.float64)
