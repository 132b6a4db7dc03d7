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
DecisionSource = Literal["flag", "rating", "label", "left"]

_ORDER: tuple[Mark, ...] = ("flag", "rating", "label")
_FLAGS: dict[int | None, Choice] = {1: "keep", -1: "reject"}
_LABELS: dict[str | None, Choice] = {"green": "keep", "red": "reject"}


@dataclass(frozen=True, slots=True)
class MarkDecision:
    """What was chosen, and by which mark of hers; "left" where she left Autocull's marks as they were."""

    choice: Choice
    by: DecisionSource


def decision_from_marks(
    marks: SidecarMarks, written_marks: Marks | None, verdict_marks: Marks
) -> MarkDecision | None:
    """Say what the marks `marks` in a sidecar decide; None where they decide nothing.

    `written_marks` is what Autocull wrote there, None where it never did; then marks that equal
    `verdict_marks`, those of
    today's verdict, count as Autocull's (the plug-in's marks reach a sidecar through Lightroom, unnoted).
    """
    user_set = user_set_marks(marks, written_marks, verdict_marks)
    for mark in _ORDER:
        if mark in user_set and (choice := _choice_of_user_mark(mark, marks, written_marks)) is not None:
            return MarkDecision(choice, mark)
    for mark in _ORDER:
        if mark not in user_set and (autocull_choice := _choice_of_mark(mark, marks)) is not None:
            return MarkDecision(autocull_choice, "left")
    return None


def user_set_marks(marks: SidecarMarks, written_marks: Marks | None, verdict_marks: Marks) -> frozenset[Mark]:
    """Name the marks that she set, changed or cleared."""
    if written_marks is not None:
        return marks.user_set
    unchanged = {
        "flag": (marks.flag or 0) == verdict_marks.flag,
        "rating": (marks.rating or 0) == verdict_marks.rating,
        "label": (marks.label or "none") == verdict_marks.label,
    }
    return frozenset(mark for mark in marks.user_set if not unchanged[mark])


def _choice_of_user_mark(mark: Mark, marks: SidecarMarks, written_marks: Marks | None) -> Choice | None:
    """Say what a mark of hers means; to take Autocull's rejection away is to keep the photo."""
    if mark == "flag" and marks.flag is None and written_marks is not None and written_marks.flag < 0:
        return "keep"
    if mark != "label":
        return _choice_of_mark(mark, marks)
    if written_marks is None or written_marks.label == "none":
        return None
    return _LABELS.get(marks.label, "keep" if written_marks.label == "red" else None)


def _choice_of_mark(mark: Mark, marks: SidecarMarks) -> Choice | None:
    """Say what a mark means as it stands; stars keep, however few."""
    if mark == "flag":
        return _FLAGS.get(marks.flag)
    if mark == "rating":
        return "keep" if marks.rating else None
    return _LABELS.get(marks.label)
