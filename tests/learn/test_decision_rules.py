"""Decisions from marks: flags first, else stars; unmarked photos of a culled shoot were passed over."""

from __future__ import annotations

from pathlib import Path

import pytest

from autocull.learn.decision_rules import MarkedPhoto, infer_decisions
from autocull.learn.decisions import PhotoDecision

A, B, C = (Path(f"/shoot/{name}.NEF") for name in "abc")


def infer(*photos: MarkedPhoto) -> dict[str, bool]:
    """Return whether each photo was selected, by file name."""
    return {each.path.stem: each.selected for each in infer_decisions("catalog", photos).decisions}


@pytest.mark.parametrize(("photos", "decisions"), [
    ([MarkedPhoto(A, 1, flag=1), MarkedPhoto(B, 1, flag=-1), MarkedPhoto(C, 1)], {"a": True, "b": False}),
    ([MarkedPhoto(A, 1, flag=1), MarkedPhoto(B, 1), MarkedPhoto(C, 1)], {"a": True, "b": False, "c": False}),
    ([MarkedPhoto(A, 1, starred=True), MarkedPhoto(B, 1)], {"a": True, "b": False}),
    ([MarkedPhoto(A, 1, flag=1), MarkedPhoto(B, 1, starred=True)], {"a": True, "b": False}),
    ([MarkedPhoto(A, 1, flag=-1), MarkedPhoto(B, 1)], {"a": False}),
    ([MarkedPhoto(A, 1, flag=1), MarkedPhoto(B, 2)], {"a": True}),
    ([MarkedPhoto(A, 1), MarkedPhoto(B, 1)], {}),
    ([MarkedPhoto(A, 1, flag=1), MarkedPhoto(B, 1, written_by_autocull=True)], {"a": True}),
    (
        [MarkedPhoto(A, 1, flag=1), MarkedPhoto(B, 1), MarkedPhoto(B, 1, virtual_copy=True)],
        {"a": True, "b": False},
    ),
    ([MarkedPhoto(A, 1, flag=1), MarkedPhoto(A, 1, flag=-1, virtual_copy=True)], {}),
])  # fmt: skip
def test_decisions_follow_from_marks(photos: list[MarkedPhoto], decisions: dict[str, bool]) -> None:
    """Each row: the marks of one or two shoots, and the decisions that follow."""
    assert infer(*photos) == decisions


def test_single_pick_does_not_make_a_large_shoot_culled() -> None:
    """With one flag in 200 photos the others are not yet decided; with two they were passed over."""
    rest = [MarkedPhoto(Path(f"/shoot/{number}.NEF"), 1) for number in range(198)]
    assert infer(MarkedPhoto(A, 1, flag=1), MarkedPhoto(B, 1), *rest) == {"a": True}
    assert len(infer(MarkedPhoto(A, 1, flag=1), MarkedPhoto(B, 1, flag=1), *rest)) == 200


def test_photos_left_out_are_counted() -> None:
    """Photos without a decision, and those with contradicting ones."""
    decision_set = infer_decisions(
        "catalog",
        [
            MarkedPhoto(A, 1, flag=1),
            MarkedPhoto(A, 1, flag=-1, virtual_copy=True),
            MarkedPhoto(B, 1),
            MarkedPhoto(C, 1, flag=-1),
        ],
    )
    assert decision_set.decisions == [PhotoDecision(C, False)]
    assert decision_set.left_out == {"without a decision of yours": 1, "decided both ways": 1}
