"""What the photographer decided about a photo, from the marks in its sidecar; pure.

Her own marks come before Autocull's, and the flag before the stars before the label. Labels mean to each
photographer something else: one of hers counts only where it stands in the place of one that Autocull wrote.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from autocull.judge.verdict import Marks
from autocull.output.sidecars.merge import Mark, SidecarMarks

Choice = Literal["keep", "reject"]
By = Literal["flag", "rating", "label", "left"]

_ORDER: tuple[Mark, ...] = ("flag", "rating", "label")
_FLAGS: dict[int | None, Choice] = {1: "keep", -1: "reject"}
_LABELS: dict[str | None, Choice] = {"green": "keep", "red": "reject"}


@dataclass(frozen=True, slots=True)
class Decision:
    """What was chosen, and by which mark of hers; "left" where she left Autocull's marks as they were."""

    choice: Choice
    by: By


def decided(found: SidecarMarks, noted: Marks | None, ours: Marks) -> Decision | None:
    """Say what the marks `found` in a sidecar decide; None where they decide nothing.

    `noted` is what Autocull wrote there, None where it never did; then marks that equal `ours`, those of
    today's verdict, count as Autocull's (the plug-in's marks reach a sidecar through Lightroom, unnoted).
    """
    own = hers_among(found, noted, ours)
    for mark in _ORDER:
        if mark in own and (choice := _changed(mark, found, noted)) is not None:
            return Decision(choice, mark)
    for mark in _ORDER:
        if mark not in own and (left := _standing(mark, found)) is not None:
            return Decision(left, "left")
    return None


def hers_among(found: SidecarMarks, noted: Marks | None, ours: Marks) -> frozenset[Mark]:
    """Name the marks that she set, changed or cleared."""
    if noted is not None:
        return found.hers
    same = {
        "flag": (found.flag or 0) == ours.flag,
        "rating": (found.rating or 0) == ours.rating,
        "label": (found.label or "none") == ours.label,
    }
    return frozenset(mark for mark in found.hers if not same[mark])


def _changed(mark: Mark, found: SidecarMarks, noted: Marks | None) -> Choice | None:
    """Say what a mark of hers means; to take Autocull's rejection away is to keep the photo."""
    if mark == "flag" and found.flag is None and noted is not None and noted.flag < 0:
        return "keep"
    if mark != "label":
        return _standing(mark, found)
    if noted is None or noted.label == "none":
        return None
    return _LABELS.get(found.label, "keep" if noted.label == "red" else None)


def _standing(mark: Mark, found: SidecarMarks) -> Choice | None:
    """Say what a mark means as it stands; stars keep, however few."""
    if mark == "flag":
        return _FLAGS.get(found.flag)
    if mark == "rating":
        return "keep" if found.rating else None
    return _LABELS.get(found.label)
