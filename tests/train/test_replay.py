"""Replaying a fixture: her decisions against the judge's, at any settings, without a photo."""

from __future__ import annotations

import json

import pytest

from autocull.judge import Settings
from autocull.judge.verdict import Answer
from autocull.marks.decision import Choice
from autocull.marks.fixture import Case, Counts, Fixture, HerMarks
from autocull.train.replay import replay
from builders import evidence, focus

NO_MARKS = HerMarks(None, None, None, ())


def case(sharp: float, decision: Choice, answer: Answer = "keep") -> Case:
    """A photo that is so sharp, and what she decided; `answer` is what was said at the export."""
    seen = evidence(focus=focus(sharp), defects={"defocus": 1 - sharp})
    return Case(1, seen, answer, (), decision, "flag", NO_MARKS)


def fixture(*cases: Case) -> Fixture:
    """A fixture of these cases."""
    return Fixture.of(cases, Counts(len(cases), len(cases), 0, 0, 0, 0, 0, 0))


SHOOT = fixture(
    case(0.9, "keep"),
    case(0.8, "keep"),
    case(0.1, "keep", "reject"),
    case(0.3, "keep", "cannot_tell"),
    case(0.05, "reject", "reject"),
    case(0.95, "reject"),
)


def test_harm_and_misses_are_counted_apart() -> None:
    """Kept by her and rejected is harm, rejected by her and kept is a miss; a doubt is neither."""
    figures = replay(SHOOT, Settings())
    assert (figures["n"], figures["met"], figures["cannot_tell"], figures["moved"]) == (6, 3, 1, 0)
    assert (figures["harm"]["n"], figures["harm"]["of"]) == (1, 4)
    assert figures["harm"]["share"] == 0.25
    assert figures["harm"]["interval"][0] < 0.25 < figures["harm"]["interval"][1]
    assert figures["harm"]["reasons"] == {"out_of_focus": 1}
    assert (figures["missed"]["n"], figures["missed"]["of"]) == (1, 2)
    assert figures["confusion"]["reject"] == {"reject": 1, "keep": 1}
    assert figures["recall"] == 0.5


def test_settings_move_the_figures() -> None:
    """A stricter limit rejects more of both, and the verdicts that moved are counted."""
    figures = replay(SHOOT, Settings(focus_reject=0.35, focus_doubt=0.4))
    assert figures["harm"]["n"] == 2
    assert figures["moved"] == 1
    lenient = replay(SHOOT, Settings(defocus_trust="ignore", motion_trust="ignore"))
    assert (lenient["harm"]["n"], lenient["missed"]["n"]) == (0, 2)


def test_the_score_orders_what_is_worse() -> None:
    """The area under the curve is that of the judge's own score."""
    assert replay(fixture(case(0.9, "keep"), case(0.1, "reject")), Settings())["auc"] == 1.0
    assert replay(fixture(case(0.9, "reject"), case(0.1, "keep")), Settings())["auc"] == 0.0


@pytest.mark.parametrize("decision", ["keep", "reject"])
def test_one_kind_of_decision_leaves_figures_open(decision: Choice) -> None:
    """What cannot be counted is None, never 0 or 1."""
    figures = replay(fixture(case(0.9, decision)), Settings())
    other = figures["missed" if decision == "keep" else "harm"]
    assert (other["of"], other["share"], other["interval"]) == (0, None, None)
    assert figures["auc"] is None


def test_the_figures_are_json() -> None:
    """Programs get plain numbers."""
    assert json.loads(json.dumps(replay(SHOOT, Settings())))["n"] == 6
