"""Platt scaling of out-of-fold logits."""

from __future__ import annotations

import numpy as np

from autocull.arrays import Doubles, Flags
from autocull.taste.profile import Calibration

_NEWTON_STEPS = 50
_MIN_SLOPE = 1e-3
"""A taste that learned nothing, or the contrary, still orders photos as its heads do, all but alike."""


def fit_platt(logits: Doubles, selected: Flags) -> Calibration:
    """Fit slope and offset (Platt 1999, with the targets that he advises for few examples).

    By Newton's method; it undoes the class weights that the heads were trained with.
    """
    positives = int(selected.sum())
    negatives = len(selected) - positives
    target = np.where(selected, (positives + 1) / (positives + 2), 1 / (negatives + 2))
    inputs = np.column_stack([logits.astype(np.float64), np.ones(len(logits))])
    coefficients = np.array([0.5, np.log((positives + 1) / (negatives + 1))])
    for _ in range(_NEWTON_STEPS):
        probability = 1 / (1 + np.exp(-np.clip(inputs @ coefficients, -60, 60)))
        gradient = inputs.T @ (probability - target) + 1e-3 * coefficients
        hessian = (inputs * (probability * (1 - probability))[:, None]).T @ inputs + 1e-3 * np.eye(2)
        step = np.linalg.solve(hessian, gradient)
        coefficients = coefficients - np.clip(step, -2, 2)
        if np.abs(step).max() < 1e-9:
            break
    if coefficients[0] < _MIN_SLOPE:
        return Calibration(_MIN_SLOPE, float(np.log((positives + 1) / (negatives + 1))))
    return Calibration(float(coefficients[0]), float(coefficients[1]))
