"""What a photographer's own taste says of one photo."""

from __future__ import annotations

from dataclasses import dataclass


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
