"""Rules that infer decisions from the marks of a shoot; pure functions.

What the marks of one photo decide is in `autocull.output.user_marks`. Many photographers never flag what they
do not want: in a shoot with picks and no rejects, the photos without a flag were passed over; in one with
stars but no flags, those without stars were. Stars select wherever there are no picks: rejects for the bad
and stars for the good are one usual way. The plug-in has the same rules in Lua (DecisionRules);
`tests/decision_cases.json` holds the cases of both.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

from autocull.learn.decisions import DecisionSet, DecisionSource, PhotoDecision, remove_conflicts
from autocull.output import PhotoMarks, user_choice

MIN_CHOSEN_SHARE = 0.01
"""Minimum share of chosen photos (0-1) for a shoot to count as culled, so that a stray pick is not enough."""


@dataclass(frozen=True, slots=True)
class MarkedPhoto:
    """A photo with its marks. `group` is the folder or import that is culled as one.

    A photo with marks that Autocull wrote, or a virtual copy, never counts as passed over.
    """

    path: Path
    group: Hashable
    marks: PhotoMarks
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
    choices = [user_choice("flag", photo.marks) for photo in photos]
    if "keep" not in choices:
        choices = [
            flag or user_choice("rating", photo.marks) for flag, photo in zip(choices, photos, strict=True)
        ]
    culled = "reject" not in choices and choices.count("keep") >= max(1, MIN_CHOSEN_SHARE * len(photos))
    for photo, choice in zip(photos, choices, strict=True):
        if choice is not None:
            yield PhotoDecision(photo.path, choice == "keep")
        elif culled and not photo.marks.written_by_autocull and not photo.virtual_copy:
            yield PhotoDecision(photo.path, False)
