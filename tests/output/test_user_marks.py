"""What the marks of one photo decide: the cases of `support.decision_cases`."""

from __future__ import annotations

import pytest

from autocull.judge.verdict import Marks
from autocull.output.sidecars.merge import marks_in
from autocull.output.sidecars.xmp_packet import Packet
from autocull.output.user_marks import UNSET, MarkDecision, PhotoMarks, decision_from_marks
from support.decision_cases import CASES, UNSET_MARKS, Case, name_cases
from support.xmp_samples import marked_sidecar


def read_marks(case: Case) -> PhotoMarks:
    """Return the marks of a sidecar with the marks of a case."""
    written = None if case["written"] is None else UNSET_MARKS | case["written"]
    return marks_in(Packet.parse(marked_sidecar(UNSET_MARKS | case["now"], written)))


@pytest.mark.parametrize("case", name_cases(CASES["photos"]))
def test_marks_of_the_photographer_are_those_of_the_case(case: Case) -> None:
    """In a sidecar, and in a catalog that stores one value per mark."""
    written = None if case["written"] is None else Marks(**(UNSET_MARKS | case["written"]))
    compared = PhotoMarks.compare(Marks(**(UNSET_MARKS | case["now"])), written)
    assert read_marks(case).user_set == compared.user_set == set(case["user_set"])
    assert read_marks(case).written == compared.written == written


@pytest.mark.parametrize("case", name_cases(CASES["photos"]))
def test_photo_is_decided_as_in_its_case(case: Case) -> None:
    """By the user's marks, or by Autocull's marks that were left as they are."""
    verdict_marks = Marks(**(UNSET_MARKS | case["today"])) if "today" in case else UNSET
    decision = decision_from_marks(read_marks(case), verdict_marks)
    assert decision == (None if case["choice"] is None else MarkDecision(case["choice"], case["by"]))


def test_rating_of_minus_one_is_no_star() -> None:
    """Other programs write it for a reject; a sidecar's reader turns it into a flag."""
    assert PhotoMarks.compare(Marks(-1, "none", 0), None).rating is None
    assert marks_in(Packet.parse(marked_sidecar(UNSET_MARKS | {"rating": -1}, None))).flag == -1
