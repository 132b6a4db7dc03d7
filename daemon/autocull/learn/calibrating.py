"""From logits on held-out shoots to probabilities that come true as often as they say."""

from __future__ import annotations

import numpy as np

from autocull.arrays import Doubles, Flags
from autocull.taste.profile import Calibration

_STEPS = 50
_LEAST_SLOPE = 1e-3
"""A taste that learned nothing, or the contrary, still orders photos as its heads do, all but alike."""


def calibrate(logits: Doubles, selected: Flags) -> Calibration:
    """Fit slope and offset (Platt 1999, with the targets that he advises for few examples).

    By Newton's method; it undoes the class weights that the heads were trained with.
    """
    yes = int(selected.sum())
    no = len(selected) - yes
    target = np.where(selected, (yes + 1) / (yes + 2), 1 / (no + 2))
    inputs = np.column_stack([logits.astype(np.float64), np.ones(len(logits))])
    found = np.array([0.5, np.log((yes + 1) / (no + 1))])
    for _ in range(_STEPS):
        chance = 1 / (1 + np.exp(-np.clip(inputs @ found, -60, 60)))
        slope = inputs.T @ (chance - target) + 1e-3 * found
        curve = (inputs * (chance * (1 - chance))[:, None]).T @ inputs + 1e-3 * np.eye(2)
        step = np.linalg.solve(curve, slope)
        found = found - np.clip(step, -2, 2)
        if np.abs(step).max() < 1e-9:
            break
    if found[0] < _LEAST_SLOPE:
        return Calibration(_LEAST_SLOPE, float(np.log((yes + 1) / (no + 1))))
    return Calibration(float(found[0]), float(found[1]))
