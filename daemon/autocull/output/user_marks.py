"""Rules about the marks of one photo: which ones the photographer set, and what they decide; pure functions.

The photographer's own marks come before Autocull's, and the flag before the stars before the label. Labels
have a different meaning for each photographer: a user's label counts only where it replaced Autocull's. The
plug-in has the same rules in Lua; `tests/decision_cases.json` holds the cases of both.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

from autocull.judge import ColourLabel, Marks

Mark = Literal["rating", "label", "flag"]
Choice = Literal["keep", "reject"]
DecidingMark = Literal["flag", "rating", "label", "left"]

UNSET = Marks(0, "none", 0)

_ORDER: tuple[Mark, ...] = ("flag", "rating", "label")
_FLAGS: dict[int | None, Choice] = {1: "keep", -1: "reject"}
_LABELS: dict[str | None, Choice] = {"green": "keep", "red": "reject"}


@dataclass(frozen=True, slots=True)
class PhotoMarks:
    """The marks of a photo in a sidecar or catalog, and who set them; None means "not set".

    `rating` is 1-5; `label` the colour, None where its name is none of Lightroom's; `flag` 1 or -1.
    `user_set` names the marks that the photographer set, changed or cleared; the others are unset or as
    Autocull wrote them. `written` are the marks that Autocull noted, None without a note.
    """

    rating: int | None
    label: ColourLabel | None
    flag: int | None
    user_set: frozenset[Mark]
    written: Marks | None = None

    @classmethod
    def compare(cls, current: Marks, written: Marks | None) -> PhotoMarks:
        """Return the current marks; those that differ from `written` were set by the photographer."""
        own = written or UNSET
        marks: tuple[Mark, ...] = get_args(Mark)
        return cls(
            rating=current.rating if current.rating > 0 else None,
            label=None if current.label == "none" else current.label,
            flag=current.flag or None,
            user_set=frozenset(mark for mark in marks if getattr(current, mark) != getattr(own, mark)),
            written=written,
        )

    @property
    def written_by_autocull(self) -> bool:
        """Whether Autocull noted any mark, also where the photographer has changed it since."""
        return self.written is not None and self.written != UNSET


@dataclass(frozen=True, slots=True)
class MarkDecision:
    """The choice and the user's mark that decided it; "left" where Autocull's marks were left unchanged."""

    choice: Choice
    by: DecidingMark


def user_choice(mark: Mark, marks: PhotoMarks) -> Choice | None:
    """Return the choice of a mark as it stands; None where the photographer did not set it."""
    return _choice_of_mark(mark, marks) if mark in marks.user_set else None


def decision_from_marks(marks: PhotoMarks, verdict_marks: Marks) -> MarkDecision | None:
    """Return the decision in the marks of a photo; None where they decide nothing.

    `verdict_marks` are those of the present verdict; see `user_set_marks`.
    """
    user_set = user_set_marks(marks, verdict_marks)
    for mark in _ORDER:
        if mark in user_set and (choice := _choice_of_changed_mark(mark, marks)) is not None:
            return MarkDecision(choice, mark)
    for mark in _ORDER:
        if mark not in user_set and (autocull_choice := _choice_of_mark(mark, marks)) is not None:
            return MarkDecision(autocull_choice, "left")
    return None


def user_set_marks(marks: PhotoMarks, verdict_marks: Marks) -> frozenset[Mark]:
    """Return the marks that the photographer set, changed or cleared.

    Without a note, marks that equal those of the present verdict count as Autocull's, as the plug-in's marks
    reach a sidecar through Lightroom.
    """
    if marks.written is not None:
        return marks.user_set
    unchanged = {
        "flag": (marks.flag or 0) == verdict_marks.flag,
        "rating": (marks.rating or 0) == verdict_marks.rating,
        "label": (marks.label or "none") == verdict_marks.label,
    }
    return frozenset(mark for mark in marks.user_set if not unchanged[mark])


def _choice_of_changed_mark(mark: Mark, marks: PhotoMarks) -> Choice | None:
    """Return the choice of a mark that the user set; removing Autocull's rejection keeps the photo."""
    written = marks.written or UNSET
    if mark == "flag" and marks.flag is None and written.flag < 0:
        return "keep"
    if mark != "label":
        return _choice_of_mark(mark, marks)
    if written.label == "none":
        return None
    return _LABELS.get(marks.label, "keep" if written.label == "red" else None)


def _choice_of_mark(mark: Mark, marks: PhotoMarks) -> Choice | None:
    """Return the choice of a mark by its value alone; any number of stars keeps."""
    if mark == "flag":
        return _FLAGS.get(marks.flag)
    if mark == "rating":
        return "keep" if marks.rating else None
    return _LABELS.get(marks.label)
