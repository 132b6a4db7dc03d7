"""A photographer's taste as one value: what was learned, how far it may be trusted, and from how much."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from autocull.arrays import Floats
from autocull.measure.evidence import Evidence
from autocull.series.model import Place
from autocull.taste.features import features, placed
from autocull.taste.harm_bound import Promise, promise
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


_LEAST = 1e-6
"""No probability is lower, so that a limit of 0 rejects nothing."""


@dataclass(frozen=True, slots=True)
class Calibration:
    """From the heads' mean logit to a probability that comes true as often as it says (Platt 1999)."""

    slope: float
    offset: float

    def probability(self, logits: Floats) -> Floats:
        """Give the probabilities (0-1, never 0) of logits of any shape."""
        raised = np.clip(logits.astype(np.float64) * self.slope + self.offset, -60, 60)
        return np.asarray(np.clip(1 / (1 + np.exp(-raised)), _LEAST, 1.0))


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
class Look:
    """What a taste has seen of a photo, without its place; `known` where it knows all who measured it."""

    seen: Floats
    known: bool


@dataclass(frozen=True, slots=True, eq=False)
class Profile:
    """One photographer's taste.

    `held_out` are the probabilities of her selects, one row per shoot that the judging heads had not seen;
    `acts` says whether it beat the plain ensemble on such shoots, and `figures` by how much (0-1 each).
    """

    name: str
    heads: Heads
    calibration: Calibration
    held_out: tuple[tuple[float, ...], ...]
    acts: bool
    figures: Mapping[str, float]
    origin: Origin
    _promises: dict[float, Promise] = field(default_factory=dict, repr=False)

    def promise(self, share: float) -> Promise:
        """Say up to which probability may be rejected where `share` (0-1) of her selects may be lost."""
        if share not in self._promises:
            self._promises[share] = promise(self.held_out, share)
        return self._promises[share]

    def probabilities(self, seen: Floats) -> Floats:
        """Give the select probabilities (0-1) of photos with these features `(n, d)`."""
        return self.calibration.probability(self.heads.logits(seen).mean(axis=1))

    def selection(self, evidence: Evidence, place: Place | None, share: float) -> Selection:
        """Say how likely she would select a photo, and up to where she lets `share` of her selects be lost.

        It never acts on what other versions of the members measured than those it learned from.
        """
        return self.selection_of(self.look(evidence), place, share)

    def look(self, evidence: Evidence) -> Look:
        """Take from the evidence what `selection_of` needs, in some hundred bytes."""
        known = dict(evidence.models) == dict(self.origin.models)
        return Look(features(evidence, None), known)

    def selection_of(self, look: Look, place: Place | None, share: float) -> Selection:
        """Do as `selection`, once the photo's place in its series is known."""
        chance = float(self.probabilities(placed(look.seen, place)[None])[0])
        return Selection(chance, self.name, self.acts and look.known, self.promise(share).limit)
