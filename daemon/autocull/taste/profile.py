"""A photographer's taste as one value: what was learned, how far it may be trusted, and from how much."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from autocull.arrays import Floats
from autocull.measure.evidence import Evidence
from autocull.series.model import SeriesPosition
from autocull.taste.features import extract_features, with_series_position
from autocull.taste.harm_bound import HarmBound, compute_harm_bound
from autocull.taste.heads import Heads


@dataclass(frozen=True, slots=True)
class Selection:
    """How likely the photographer would select a photo.

    `probability` (0-1) is calibrated; `profile` names whose taste it is. `acts` says whether it may decide:
    only where it was better than the plain ensemble on shoots that it had not seen. `reject_limit` (0-1) is
    the probability up to which it rejects, chosen so that hardly one of her selects falls below it.
    """

    probability: float
    profile: str
    acts: bool
    reject_limit: float


_MIN_PROBABILITY = 1e-6
"""No probability is lower, so that a limit of 0 rejects nothing."""


@dataclass(frozen=True, slots=True)
class Calibration:
    """From the heads' mean logit to a probability that comes true as often as it says (Platt 1999)."""

    slope: float
    offset: float

    def probability(self, logits: Floats) -> Floats:
        """Give the probabilities (0-1, never 0) of logits of any shape."""
        scaled = np.clip(logits.astype(np.float64) * self.slope + self.offset, -60, 60)
        return np.asarray(np.clip(1 / (1 + np.exp(-scaled)), _MIN_PROBABILITY, 1.0))


@dataclass(frozen=True, slots=True)
class Origin:
    """What a profile was learned from: counts and the day (ISO 8601), never a name or a path.

    `source` is "catalog", "sidecars", "folders" or "decisions"; `models` the version of each member.
    """

    source: str
    learned: str
    decisions: int
    selects: int
    shoots: int
    models: Mapping[str, str]


@dataclass(frozen=True, slots=True, eq=False)
class FeatureRow:
    """What a taste has seen of a photo, without its place; `models_match` where it knows all who measured
    it.
    """

    features: Floats
    models_match: bool


@dataclass(frozen=True, slots=True, eq=False)
class Profile:
    """One photographer's taste.

    `held_out` are the probabilities of her selects, one row per shoot that the judging heads had not seen;
    `acts` says whether it beat the plain ensemble on such shoots, and `metrics` by how much (0-1 each).
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
        """Say up to which probability may be rejected where `share` (0-1) of her selects may be lost."""
        if share not in self._harm_bounds:
            self._harm_bounds[share] = compute_harm_bound(self.held_out, share)
        return self._harm_bounds[share]

    def probabilities(self, features: Floats) -> Floats:
        """Give the select probabilities (0-1) of photos with these features `(n, d)`."""
        return self.calibration.probability(self.heads.logits(features).mean(axis=1))

    def predict(self, evidence: Evidence, position: SeriesPosition | None, share: float) -> Selection:
        """Say how likely she would select a photo, and up to where she lets `share` of her selects be lost.

        It never acts on what other versions of the members measured than those it learned from.
        """
        return self.predict_row(self.features_of(evidence), position, share)

    def features_of(self, evidence: Evidence) -> FeatureRow:
        """Take from the evidence what `predict_row` needs, in some hundred bytes."""
        models_match = dict(evidence.models) == dict(self.origin.models)
        return FeatureRow(extract_features(evidence, None), models_match)

    def predict_row(self, row: FeatureRow, position: SeriesPosition | None, share: float) -> Selection:
        """Do as `predict`, once the photo's place in its series is known."""
        chance = float(self.probabilities(with_series_position(row.features, position)[None])[0])
        return Selection(chance, self.name, self.acts and row.models_match, self.harm_bound(share).limit)
