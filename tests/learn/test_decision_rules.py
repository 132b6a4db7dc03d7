"""Marks become decisions: flags first, else stars; and what a culled shoot left unmarked was passed over."""

from __future__ import annotations

from pathlib import Path

import pytest

from autocull.learn.decision_rules import MarkedPhoto, infer_decisions
from autocull.learn.decisions import PhotoDecision

A, B, C = (Path(f"/shoot/{name}.NEF") for name in "abc")


def decided(*photos: MarkedPhoto) -> dict[str, bool]:
    """Say what was decided, by the file's name."""
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
def test_marks_say_what_she_decided(photos: list[MarkedPhoto], decisions: dict[str, bool]) -> None:
    """Each row: marks of one or two shoots, and what follows from them."""
    assert decided(*photos) == decisions


def test_one_pick_in_passing_does_not_cull_a_shoot() -> None:
    """Of 200 photos one has a flag: the others were not looked at yet; with two of them they were."""
    rest = [MarkedPhoto(Path(f"/shoot/{number}.NEF"), 1) for number in range(198)]
    assert decided(MarkedPhoto(A, 1, flag=1), MarkedPhoto(B, 1), *rest) == {"a": True}
    assert len(decided(MarkedPhoto(A, 1, flag=1), MarkedPhoto(B, 1, flag=1), *rest)) == 200


def test_what_is_left_out_is_counted() -> None:
    """Undecided photos, and those that were decided both ways."""
    found = infer_decisions(
        "catalog",
        [
            MarkedPhoto(A, 1, flag=1),
            MarkedPhoto(A, 1, flag=-1, virtual_copy=True),
            MarkedPhoto(B, 1),
            MarkedPhoto(C, 1, flag=-1),
        ],
    )
    assert found.decisions == [PhotoDecision(C, False)]
    assert found.left_out == {"without a decision of yours": 1, "decided both ways": 1}
