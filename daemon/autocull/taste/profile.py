"""A photographer's taste: heads, calibration, harm bound, and the origin of what was learned."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from autocull.arrays import Floats
from autocull.measure import Evidence
from autocull.series import SeriesPosition
from autocull.taste.features import extract_features, with_series_position
from autocull.taste.harm_bound import HarmBound, compute_harm_bound
from autocull.taste.heads import Heads

_MIN_PROBABILITY = 1e-6
"""Least probability, so that a limit of 0 rejects nothing."""

_MAX_LOGIT = 60.0
"""Size at which calibrated logits are cut off, so that their exponential does not overflow."""


@dataclass(frozen=True, slots=True)
class Selection:
    """Prediction of a taste for one photo.

    `probability` (0-1) of a select is calibrated; `profile` is the name of the taste. `acts` is whether it
    may decide: only if it was better than the plain ensemble on held-out shoots. `reject_limit` (0-1) is the
    probability up to which it rejects, chosen so that few of the photographer's selects are below it.
    """

    probability: float
    profile: str
    acts: bool
    reject_limit: float


@dataclass(frozen=True, slots=True)
class Calibration:
    """Calibration of the heads' mean logit to a probability (Platt 1999)."""

    slope: float
    offset: float

    def probability(self, logits: Floats) -> Floats:
        """Return the probabilities (0-1, never 0) of logits of any shape."""
        scaled = np.clip(logits.astype(np.float64) * self.slope + self.offset, -_MAX_LOGIT, _MAX_LOGIT)
        return np.asarray(np.clip(1 / (1 + np.exp(-scaled)), _MIN_PROBABILITY, 1.0))


@dataclass(frozen=True, slots=True)
class Origin:
    """Origin of a profile: counts and the day of training (ISO 8601), without names or paths.

    `source` is "catalog", "sidecars", "folders" or "decisions"; `models` the version of each detector.
    """

    source: str
    learned: str
    decisions: int
    selects: int
    shoots: int
    models: Mapping[str, str]


@dataclass(frozen=True, slots=True, eq=False)
class FeatureRow:
    """Features of a photo without its position in a series.

    `models_match` is whether the detectors had the versions that the taste was trained with.
    """

    features: Floats
    models_match: bool


@dataclass(frozen=True, slots=True, eq=False)
class Profile:
    """One photographer's taste.

    `held_out` are the out-of-fold probabilities of the selects, one row per shoot. `acts` is whether the
    taste was better than the plain ensemble on held-out shoots, and `metrics` how good both were (0-1 each).
    """

    name: str
    heads: Heads
    calibration: Calibration
    held_out: tuple[tuple[float, ...], ...]
    acts: bool
    metrics: Mapping[str, float]
    origin: Origin
    _harm_bounds: dict[float, HarmBound] = field(default_factory=dict, repr=False)

    def harm_bound(self, share: float) -> HarmBound:
        """Return the harm bound for an allowed `share` (0-1) of lost selects; computed once per share."""
        if share not in self._harm_bounds:
            self._harm_bounds[share] = compute_harm_bound(self.held_out, share)
        return self._harm_bounds[share]

    def probabilities(self, features: Floats) -> Floats:
        """Return the probabilities (0-1) of a select for photos with these features `(n, d)`."""
        return self.calibration.probability(self.heads.logits(features).mean(axis=1))

    def predict(self, evidence: Evidence, position: SeriesPosition | None, share: float) -> Selection:
        """Predict whether a photo is a select, with the limit for an allowed `share` (0-1) of lost selects.

        The taste never acts on evidence of other versions of the detectors than it was trained with.
        """
        return self.predict_row(self.features_of(evidence), position, share)

    def features_of(self, evidence: Evidence) -> FeatureRow:
        """Return what `predict_row` needs of the evidence: some hundred bytes."""
        models_match = dict(evidence.models) == dict(self.origin.models)
        return FeatureRow(extract_features(evidence, None), models_match)

    def predict_row(self, row: FeatureRow, position: SeriesPosition | None, share: float) -> Selection:
        """Predict as `predict` does, from features that were extracted before grouping."""
        probability = float(self.probabilities(with_series_position(row.features, position)[None])[0])
        return Selection(probability, self.name, self.acts and row.models_match, self.harm_bound(share).limit)
