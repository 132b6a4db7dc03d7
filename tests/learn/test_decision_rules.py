"""Decisions from marks: flags first, else stars; unmarked photos of a culled shoot were passed over."""

from __future__ import annotations

from pathlib import Path

import pytest

from autocull.judge.verdict import Marks
from autocull.learn.decision_rules import MarkedPhoto, infer_decisions
from autocull.learn.decisions import PhotoDecision
from autocull.output.user_marks import PhotoMarks
from support.decision_cases import CASES, UNSET_MARKS, Case, name_cases, repeat_photos

A, B, C = (Path(f"/shoot/{name}.NEF") for name in "abc")
WRITTEN = Marks(0, "yellow", 0)


def marked(
    path: Path,
    group: int = 1,
    *,
    flag: int = 0,
    rating: int = 0,
    written: Marks | None = None,
    copy: bool = False,
) -> MarkedPhoto:
    """Return a photo with these marks."""
    return MarkedPhoto(path, group, PhotoMarks.compare(Marks(rating, "none", flag), written), copy)


def infer(*photos: MarkedPhoto) -> dict[str, bool]:
    """Return whether each photo was selected, by file name."""
    return {each.path.stem: each.selected for each in infer_decisions("catalog", photos).decisions}


def photos_of_case(case: Case) -> tuple[list[MarkedPhoto], dict[str, bool]]:
    """Return the photos of a case, and whether each was selected, by file name."""
    photos: list[MarkedPhoto] = []
    expected: dict[str, bool] = {}
    for number, (photo, decision) in enumerate(zip(*repeat_photos(case), strict=True)):
        path = photos[-1].path if "copy" in photo else Path(f"/shoot/{number}.NEF")
        marks = {mark: photo.get(mark, value) for mark, value in UNSET_MARKS.items()}
        written = Marks(**(UNSET_MARKS | photo["written"])) if photo.get("written") else None
        photos.append(MarkedPhoto(path, 1, PhotoMarks.compare(Marks(**marks), written), "copy" in photo))
        if decision is not None:
            expected[path.stem] = decision == "select"
    return photos, expected


@pytest.mark.parametrize("case", name_cases(CASES["shoots"]))
def test_shoot_is_decided_as_in_its_case(case: Case) -> None:
    """By the rules of the plug-in, which runs the same cases."""
    photos, expected = photos_of_case(case)
    assert infer(*photos) == expected


@pytest.mark.parametrize(("photos", "decisions"), [
    ([marked(A, flag=1), marked(B, flag=-1), marked(C)], {"a": True, "b": False}),
    ([marked(A, flag=1), marked(B), marked(C)], {"a": True, "b": False, "c": False}),
    ([marked(A, rating=3), marked(B)], {"a": True, "b": False}),
    ([marked(A, flag=1), marked(B, rating=3)], {"a": True, "b": False}),
    ([marked(A, flag=-1), marked(B)], {"a": False}),
    ([marked(A, flag=1), marked(B, 2)], {"a": True}),
    ([marked(A), marked(B)], {}),
    ([marked(A, flag=1), marked(B, written=WRITTEN)], {"a": True}),
    ([marked(A, flag=1), marked(B), marked(B, copy=True)], {"a": True, "b": False}),
    ([marked(A, flag=1), marked(A, flag=-1, copy=True)], {}),
])  # fmt: skip
def test_decisions_follow_from_marks(photos: list[MarkedPhoto], decisions: dict[str, bool]) -> None:
    """Each row: the marks of one or two shoots, and the decisions that follow."""
    assert infer(*photos) == decisions


def test_single_pick_does_not_make_a_large_shoot_culled() -> None:
    """With one flag in 200 photos the others are not yet decided; with two they were passed over."""
    rest = [marked(Path(f"/shoot/{number}.NEF")) for number in range(198)]
    assert infer(marked(A, flag=1), marked(B), *rest) == {"a": True}
    assert len(infer(marked(A, flag=1), marked(B, flag=1), *rest)) == 200


def test_photos_left_out_are_counted() -> None:
    """Photos without a decision, and those with contradicting ones."""
    photos = [marked(A, flag=1), marked(A, flag=-1, copy=True), marked(B), marked(C, flag=-1)]
    decision_set = infer_decisions("catalog", photos)
    assert decision_set.decisions == [PhotoDecision(C, False)]
    assert decision_set.left_out == {"without a decision of yours": 1, "decided both ways": 1}
