"""Calibration: a probability of 0.8 should be right 8 times in 10; one temperature per network sees to it."""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import NDArray

from autocull.arrays import Floats

Task = Literal["one_of", "any_of"]


def probabilities(logits: Floats, task: Task, temperature: float = 1.0) -> NDArray[np.float64]:
    """Turn logits `(n, classes)` into probabilities: softmax over the classes, or sigmoid of each."""
    scaled = logits.astype(np.float64) / temperature
    if task == "any_of":
        return np.asarray(1.0 / (1.0 + np.exp(-np.clip(scaled, -60, 60))))
    powers = np.exp(scaled - scaled.max(axis=1, keepdims=True))
    return np.asarray(powers / powers.sum(axis=1, keepdims=True))


def log_loss(logits: Floats, targets: Floats, task: Task, temperature: float) -> float:
    """Measure the mean negative log likelihood of the targets (soft ones allowed)."""
    predicted = np.clip(probabilities(logits, task, temperature), 1e-7, 1 - 1e-7)
    likelihood = targets * np.log(predicted)
    if task == "any_of":
        likelihood = likelihood + (1 - targets) * np.log(1 - predicted)
    return float(-likelihood.sum(axis=1).mean())


def fit_temperature(logits: Floats, targets: Floats, task: Task) -> float:
    """Find the temperature (0.25-4) that makes the targets least surprising (Guo et al. 2017)."""
    candidates = np.exp(np.linspace(np.log(0.25), np.log(4.0), 161))
    return float(min(candidates, key=lambda t: log_loss(logits, targets, task, float(t))))


def reliability(
    confidence: NDArray[np.float64], correct: NDArray[np.float64], bins: int = 10
) -> list[tuple[float, float, int]]:
    """Group answers by confidence: (mean confidence, share right, count) of each bin that holds any."""
    bin_index = np.minimum((confidence * bins).astype(np.int64), bins - 1)
    masks = [bin_index == i for i in range(bins)]
    return [
        (float(confidence[mask].mean()), float(correct[mask].mean()), int(mask.sum()))
        for mask in masks
        if mask.any()
    ]


def calibration_error(bins: list[tuple[float, float, int]]) -> float:
    """Give the expected calibration error (ECE): the mean gap between confidence and share right."""
    total = sum(count for *_, count in bins)
    return sum(abs(confidence - accuracy) * count for confidence, accuracy, count in bins) / total


def confidences(
    predicted: NDArray[np.float64], targets: Floats, task: Task
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Pair each probability with what came true: for "one_of" the chosen class, for "any_of" every label."""
    if task == "any_of":
        return predicted.ravel(), targets.ravel().astype(np.float64)
    chosen = predicted.argmax(axis=1)
    return predicted.max(axis=1), (chosen == targets.argmax(axis=1)).astype(np.float64)
