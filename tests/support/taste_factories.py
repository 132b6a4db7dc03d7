"""Builders of tastes and of decisions to learn from."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from autocull.arrays import Floats
from autocull.learn.dataset import TasteExamples
from autocull.taste.features import NAMES
from autocull.taste.heads import Heads, compute_mean_and_scale, standardise
from autocull.taste.profile import Calibration, Origin, Profile
from support.evidence_builders import MODELS

FEATURE_COUNT = len(NAMES)


def heads(count: int = 3, width: int = 2, seed: int = 0) -> Heads:
    """Make heads with random weights."""
    rng = np.random.default_rng(seed)

    def weights(*shape: int) -> Floats:
        return rng.standard_normal(shape).astype(np.float32) * np.float32(0.3)

    return Heads(
        mean=weights(FEATURE_COUNT),
        scale=np.abs(weights(FEATURE_COUNT)) + np.float32(0.5),
        straight=weights(FEATURE_COUNT, count),
        hidden=weights(FEATURE_COUNT, count, width),
        hidden_bias=weights(count, width),
        out=weights(count, width),
        bias=weights(count),
    )


def origin(**changes: Any) -> Origin:
    """Make an origin; `changes` are its fields."""
    return replace(Origin("decisions", "2026-11-26", 1000, 400, 20, dict(MODELS)), **changes)


def profile(**changes: Any) -> Profile:
    """Make a taste that acts, with 400 selects in 20 held-out shoots, with probabilities of 0.005 to 1."""
    probabilities = np.linspace(0.005, 1, 400)
    taste = Profile(
        name="Anna",
        heads=heads(),
        calibration=Calibration(0.8, -0.5),
        held_out=tuple(tuple(probabilities[number::20].tolist()) for number in range(20)),
        acts=True,
        metrics={"taste": 0.8, "plain": 0.7},
        origin=origin(),
    )
    return replace(taste, **changes)


def make_dark_taste(**changes: Any) -> Profile:
    """Make a taste that selects dark photos, whatever else is in them."""
    template = heads(1, 1)
    weights = np.zeros((FEATURE_COUNT, 1), np.float32)
    weights[NAMES.index("median")] = -20
    linear = Heads(
        mean=np.full(FEATURE_COUNT, 0.45, np.float32), scale=np.ones(FEATURE_COUNT, np.float32),
        straight=weights,
        hidden=template.hidden * 0, hidden_bias=template.hidden_bias * 0,
        out=template.out * 0, bias=template.bias * 0,
    )  # fmt: skip
    return profile(heads=linear, **changes)


def fit_least_squares(features: Floats, selected: Floats, weights: Floats, evidence: float) -> Heads:
    """Train linear heads, by regularised least squares on the weighted targets."""
    mean, scale = compute_mean_and_scale(features)
    inputs = np.column_stack([standardise(features, mean, scale), np.ones(len(features))]).astype(np.float64)
    count, solutions = weights.shape[1], []
    for head in range(count):
        weighted = inputs * weights[:, head, None]
        curve = weighted.T @ inputs + 0.05 * len(inputs) / max(1.0, evidence) * np.eye(inputs.shape[1])
        solutions.append(4 * np.linalg.solve(curve, weighted.T @ (selected.astype(np.float64) - 0.5)))
    weight = np.array(solutions, dtype=np.float32).T
    hidden, unused = np.zeros((FEATURE_COUNT, count, 1), np.float32), np.zeros((count, 1), np.float32)
    return Heads(mean, scale, weight[:-1], hidden, unused, unused, weight[-1])


def examples(
    count: int = 600, shoots: int = 15, *, share: float = 0.2, clear: float = 2.0, seed: int = 0
) -> TasteExamples:
    """Make decisions of a photographer who decides by five features; `clear` 0 is chance.

    The plain ensemble uses one of the five. Shoots differ in how many of their photos are selected.
    """
    rng = np.random.default_rng(seed)
    features = rng.standard_normal((count, FEATURE_COUNT)).astype(np.float32)
    shoot = np.sort(np.arange(count) % shoots)
    appeal = features[:, :5].sum(axis=1) / np.sqrt(5)
    shoot_appeal = rng.normal(0, 0.3, shoots)[shoot]
    score = clear * appeal + shoot_appeal + rng.logistic(size=count)
    return TasteExamples(
        features=features,
        selected=score >= np.quantile(score, 1 - share),
        shoot=shoot,
        plain_score=features[:, 0].astype(np.float64),
        mirrored_features=features[:0],
        mirrored_index=np.zeros(0, np.int64),
    )
