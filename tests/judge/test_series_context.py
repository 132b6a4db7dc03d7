"""Settling: what a series and a taste change of a verdict, and what they never do."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autocull.judge import REASON_TEXTS, RankResult, adjust_for_series, judge, marks_for
from autocull.judge.verdict import Reason, Verdict
from autocull.measure.evidence import Evidence
from autocull.series.model import Kind, SeriesPosition
from autocull.taste.profile import Selection
from support.baseline_rules import LIMITS
from support.evidence_builders import evidence, exposure, face, focus
from support.series_factories import adjusted_verdicts

DARK = evidence(defects={"too_dark": 0.97, "noise": 0.9}, exposure=exposure(median=0.05, low=0.0, high=0.2))
SOFT = evidence(focus=focus(0.05), defects={"defocus": 0.95})
BLINK = evidence(faces=(face(0.03),))
GOOD = evidence()


def taste(probability: float, *, acts: bool = True) -> Selection:
    """What a taste says of a photo, whose limit for rejecting is 4 %."""
    return Selection(probability, "weddings", acts, 0.04)


def codes(verdict: Verdict) -> list[str]:
    """The codes of a verdict's reasons."""
    return [reason.code for reason in verdict.reasons]


def alone(seen: Evidence, selection: Selection | None = None) -> Verdict:
    """A photo without siblings, with what a taste says of it."""
    return adjust_for_series(judge(seen, LIMITS), None, selection, LIMITS)


def test_alone_and_without_a_taste_nothing_changes() -> None:
    """The verdict stays the very same."""
    for seen in (GOOD, DARK, SOFT, BLINK):
        assert alone(seen) == judge(seen, LIMITS)


def test_a_burst_keeps_its_best_and_names_it() -> None:
    """The best is kept, the others are rejected with a reason that names it."""
    found = adjusted_verdicts({"1.jpg": evidence(focus=focus(0.6)), "2.jpg": GOOD}, LIMITS)
    assert (found["2.jpg"].answer, found["2.jpg"].reasons) == ("keep", ())
    assert (found["1.jpg"].answer, codes(found["1.jpg"])) == ("reject", ["better_in_series"])
    place = found["1.jpg"].series
    assert place is not None
    assert (place.rank, place.size, place.best) == (2, 2, Path("2.jpg"))


def test_own_rejecting_reasons_come_before_the_series_and_that_before_doubts() -> None:
    """A doubt of its own stays, behind what rejects."""
    found = adjusted_verdicts(
        {"flare": evidence(defects={"lens_flare": 0.9}, focus=focus(0.5)), "good": GOOD}, LIMITS
    )
    assert codes(found["flare"]) == ["better_in_series", "flare_doubtful"]
    found = adjusted_verdicts({"soft": SOFT, "good": GOOD}, LIMITS)
    assert codes(found["soft"]) == ["out_of_focus"]


def test_about_as_good_is_a_doubt_behind_its_own() -> None:
    """Within the margin nobody can tell."""
    found = adjusted_verdicts({"a": GOOD, "b": evidence(defects={"lens_flare": 0.9})}, LIMITS)
    assert (found["b"].answer, codes(found["b"])) == ("cannot_tell", ["flare_doubtful", "better_doubtful"])


def test_a_burst_of_bad_frames_stays_rejected() -> None:
    """Two missed frames are no better than one: what each is by itself holds."""
    found = adjusted_verdicts({"a": SOFT, "b": SOFT}, LIMITS)
    assert {verdict.answer for verdict in found.values()} == {"reject"}


@pytest.mark.parametrize(
    ("kind", "seen"),
    [("bracket", DARK), ("focus_stack", SOFT)],
)
def test_what_makes_a_set_is_no_ground_in_it(kind: Kind, seen: Evidence) -> None:
    """The dark frame of a bracket and the soft one of a focus stack are kept, without a reason."""
    assert judge(seen, LIMITS).answer == "reject"
    found = adjusted_verdicts({"1": seen, "2": GOOD, "3": seen}, LIMITS, kind)
    assert {(verdict.answer, verdict.reasons) for verdict in found.values()} == {("keep", ())}


@pytest.mark.parametrize("kind", ["bracket", "focus_stack", "panorama"])
def test_no_frame_of_a_set_is_rejected(kind: Kind) -> None:
    """Whatever else is wrong raises a doubt, which says that the set is kept whole."""
    found = adjusted_verdicts({"1": GOOD, "2": BLINK, "3": GOOD}, LIMITS, kind)
    assert (found["2"].answer, codes(found["2"])) == ("cannot_tell", ["kept_whole", "eyes_closed"])
    assert [found[name].answer for name in "13"] == ["keep", "keep"]


def test_a_taste_that_only_shows_changes_nothing() -> None:
    """Until it has proved itself it is told, and no more."""
    for seen in (GOOD, SOFT):
        verdict = alone(seen, taste(0.99, acts=False))
        assert (verdict.answer, verdict.reasons) == (judge(seen, LIMITS).answer, judge(seen, LIMITS).reasons)
        assert verdict.select == taste(0.99, acts=False)
        assert marks_for(verdict, LIMITS).flag == marks_for(judge(seen, LIMITS), LIMITS).flag


def test_a_likely_select_is_kept_and_picked() -> None:
    """What the photographer would select is kept, even where the networks reject, and gets the pick flag."""
    verdict = alone(SOFT, taste(0.93))
    assert (verdict.answer, codes(verdict)) == ("keep", ["select_likely", "out_of_focus"])
    assert marks_for(verdict, LIMITS).flag == 1


def test_an_unlikely_select_is_rejected_for_that() -> None:
    """Up to the limit the taste rejects, and its reason comes first."""
    verdict = alone(GOOD, taste(0.04))
    assert (verdict.answer, codes(verdict)) == ("reject", ["select_unlikely"])


def test_where_a_taste_acts_nothing_else_rejects() -> None:
    """Above its limit the networks raise doubts only, so that its promise holds for the whole verdict."""
    verdict = alone(SOFT, taste(0.3))
    assert (verdict.answer, codes(verdict)) == ("cannot_tell", ["select_spares", "out_of_focus"])


def test_a_taste_without_a_promise_picks_and_spares_nothing() -> None:
    """Learned from too few selects, it rejects nothing, and the networks' rejects stand but for its picks."""
    unsure = Selection(0.3, "weddings", acts=True, reject_limit=0.0)
    assert alone(SOFT, unsure).answer == "reject"
    assert alone(GOOD, Selection(0.001, "weddings", acts=True, reject_limit=0.0)).answer == "keep"
    assert alone(SOFT, Selection(0.95, "weddings", acts=True, reject_limit=0.0)).answer == "keep"


def test_a_taste_breaks_no_set() -> None:
    """A frame of a bracket that nobody would select by itself is kept with its set."""
    placing = RankResult(SeriesPosition("0123456789ab", "bracket", 1, 3, Path("1")))
    verdict = adjust_for_series(judge(DARK, LIMITS), placing, taste(0.01), LIMITS)
    assert verdict.answer == "keep"


@given(st.floats(0, 1), st.sampled_from([GOOD, DARK, SOFT, BLINK]))
def test_the_promise_covers_the_whole_verdict(probability: float, seen: Evidence) -> None:
    """Where a taste acts, a photo is rejected if and only if its probability is at most the limit."""
    verdict = alone(seen, taste(probability))
    assert (verdict.answer == "reject") == (probability <= 0.04)
    assert not verdict.reasons or verdict.answer != "reject" or REASON_TEXTS[verdict.reasons[0].code].rejects


def test_a_reason_without_another_frame_still_has_words() -> None:
    """Every code that settling writes is one of the table's."""
    for code in ("kept_whole", "select_likely", "select_unlikely", "select_spares"):
        assert code in REASON_TEXTS
        assert Reason(code, 0.5, 0.5).better_frame is None
