"""Temperature scaling, log loss and calibration error of predicted probabilities.

Calibrated means that predictions of probability 0.8 come true 8 times in 10.
"""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import NDArray

from autocull.arrays import Floats

Task = Literal["one_of", "any_of"]


def probabilities(logits: Floats, task: Task, temperature: float = 1.0) -> NDArray[np.float64]:
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


def reliability(
    confidence: NDArray[np.float64], correct: NDArray[np.float64], bins: int = 10
) -> list[tuple[float, float, int]]:
    """Bin predictions by confidence; returns (mean confidence, accuracy, count) of each non-empty bin."""
    bin_index = np.minimum((confidence * bins).astype(np.int64), bins - 1)
    masks = [bin_index == i for i in range(bins)]
    return [
        (float(confidence[mask].mean()), float(correct[mask].mean()), int(mask.sum()))
        for mask in masks
        if mask.any()
    ]


def calibration_error(bins: list[tuple[float, float, int]]) -> float:
    """Return the expected calibration error (ECE): the mean gap between confidence and accuracy."""
    total = sum(count for *_, count in bins)
    return sum(abs(confidence - accuracy) * count for confidence, accuracy, count in bins) / total


def confidences(
    predicted: NDArray[np.float64], targets: Floats, task: Task
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Pair probabilities with outcomes (0 or 1): of the chosen class, or for "any_of" of every label."""
    if task == "any_of":
        return predicted.ravel(), targets.ravel().astype(np.float64)
    chosen = predicted.argmax(axis=1)
    return predicted.max(axis=1), (chosen == targets.argmax(axis=1)).astype(np.float64)
