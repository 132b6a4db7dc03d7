"""Rules that infer decisions from the marks in a catalog or in sidecars; no input or output.

A flag decides. Many photographers never flag what they do not want: in a shoot with picks and no rejects,
the photos without a flag were passed over; in one with stars but no flags, those without stars were.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

from autocull.learn.decisions import DecisionSet, DecisionSource, PhotoDecision, remove_conflicts

MIN_CHOSEN_SHARE = 0.01
"""Minimum share of chosen photos (0-1) for a shoot to count as culled, so that a stray pick is not enough."""


@dataclass(frozen=True, slots=True)
class MarkedPhoto:
    """A photo with the marks that the photographer set: `flag` 1, -1 or None, and whether it has stars.

    `group` is the folder or import that is culled as one. A photo with marks that Autocull wrote, or a
    virtual copy, never counts as passed over.
    """

    path: Path
    group: Hashable
    flag: int | None = None
    starred: bool = False
    written_by_autocull: bool = False
    virtual_copy: bool = False


def infer_decisions(source: DecisionSource, photos: Iterable[MarkedPhoto]) -> DecisionSet:
    """Infer the decisions group by group; photos without a decision are counted as left out."""
    ordered = sorted(photos, key=lambda photo: (str(photo.group), photo.path, photo.virtual_copy))
    decisions: list[PhotoDecision] = []
    undecided = 0
    for _, group in groupby(ordered, key=lambda photo: str(photo.group)):
        group_photos = list(group)
        group_decisions = list(_infer_group_decisions(group_photos))
        decisions += group_decisions
        undecided += len(group_photos) - len(group_decisions)
    decision_set = remove_conflicts(source, decisions)
    if undecided:
        decision_set.left_out["without a decision of yours"] = undecided
    return decision_set


def _infer_group_decisions(photos: Sequence[MarkedPhoto]) -> Iterable[PhotoDecision]:
    flagged = any(photo.flag for photo in photos)
    rejects = any(photo.flag == -1 for photo in photos)
    chosen = sum(photo.flag == 1 if flagged else photo.starred for photo in photos)
    culled = not rejects and chosen >= max(1, MIN_CHOSEN_SHARE * len(photos))
    for photo in photos:
        if photo.flag:
            yield PhotoDecision(photo.path, photo.flag == 1)
        elif photo.starred and not flagged:
            yield PhotoDecision(photo.path, True)
        elif culled and not photo.written_by_autocull and not photo.virtual_copy:
            yield PhotoDecision(photo.path, False)
