"""Adjustment of a verdict by series and taste: what they change, and what they never change."""

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


def selection_of(probability: float, *, acts: bool = True) -> Selection:
    """Make the selection of a taste whose limit for rejecting is 4 %."""
    return Selection(probability, "weddings", acts, 0.04)


def codes(verdict: Verdict) -> list[str]:
    """Return the codes of a verdict's reasons."""
    return [reason.code for reason in verdict.reasons]


def alone(photo: Evidence, selection: Selection | None = None) -> Verdict:
    """Judge a photo without a series, with the selection of a taste."""
    return adjust_for_series(judge(photo, LIMITS), None, selection, LIMITS)


def test_alone_and_without_a_taste_nothing_changes() -> None:
    """The verdict is unchanged."""
    for photo in (GOOD, DARK, SOFT, BLINK):
        assert alone(photo) == judge(photo, LIMITS)


def test_a_burst_keeps_its_best_and_names_it() -> None:
    """The best is kept, the others are rejected with a reason that names it."""
    verdicts = adjusted_verdicts({"1.jpg": evidence(focus=focus(0.6)), "2.jpg": GOOD}, LIMITS)
    assert (verdicts["2.jpg"].answer, verdicts["2.jpg"].reasons) == ("keep", ())
    assert (verdicts["1.jpg"].answer, codes(verdicts["1.jpg"])) == ("reject", ["better_in_series"])
    position = verdicts["1.jpg"].series
    assert position is not None
    assert (position.rank, position.size, position.best) == (2, 2, Path("2.jpg"))


def test_own_rejecting_reasons_come_before_the_series_and_that_before_doubts() -> None:
    """The photo's own doubts come last."""
    verdicts = adjusted_verdicts(
        {"flare": evidence(defects={"lens_flare": 0.9}, focus=focus(0.5)), "good": GOOD}, LIMITS
    )
    assert codes(verdicts["flare"]) == ["better_in_series", "flare_doubtful"]
    verdicts = adjusted_verdicts({"soft": SOFT, "good": GOOD}, LIMITS)
    assert codes(verdicts["soft"]) == ["out_of_focus"]


def test_a_frame_about_as_good_gets_a_doubt_after_its_own() -> None:
    """A frame within the margin of the best raises a doubt."""
    verdicts = adjusted_verdicts({"a": GOOD, "b": evidence(defects={"lens_flare": 0.9})}, LIMITS)
    assert (verdicts["b"].answer, codes(verdicts["b"])) == (
        "cannot_tell",
        ["flare_doubtful", "better_doubtful"],
    )


def test_a_burst_of_bad_frames_stays_rejected() -> None:
    """Frames that are rejected alone are rejected in a series, too."""
    verdicts = adjusted_verdicts({"a": SOFT, "b": SOFT}, LIMITS)
    assert {verdict.answer for verdict in verdicts.values()} == {"reject"}


@pytest.mark.parametrize(
    ("kind", "photo"),
    [("bracket", DARK), ("focus_stack", SOFT)],
)
def test_expected_codes_do_not_count_in_a_set(kind: Kind, photo: Evidence) -> None:
    """The dark frame of a bracket and the soft one of a focus stack are kept, without a reason."""
    assert judge(photo, LIMITS).answer == "reject"
    verdicts = adjusted_verdicts({"1": photo, "2": GOOD, "3": photo}, LIMITS, kind)
    assert {(verdict.answer, verdict.reasons) for verdict in verdicts.values()} == {("keep", ())}


def test_two_frames_in_other_light_are_doubtful() -> None:
    """They may be a bracket, or a wrong exposure and the next try: the dark one is not rejected."""
    verdicts = adjusted_verdicts({"1": DARK, "2": GOOD}, LIMITS, "bracket")
    assert (verdicts["1"].answer, codes(verdicts["1"])[0]) == ("cannot_tell", "kept_whole")
    assert verdicts["2"].answer == "keep"


@pytest.mark.parametrize("kind", ["bracket", "focus_stack", "panorama"])
def test_no_frame_of_a_set_is_rejected(kind: Kind) -> None:
    """Other rejecting reasons raise a doubt, with a reason that the set is kept whole."""
    verdicts = adjusted_verdicts({"1": GOOD, "2": BLINK, "3": GOOD}, LIMITS, kind)
    assert (verdicts["2"].answer, codes(verdicts["2"])) == ("cannot_tell", ["kept_whole", "eyes_closed"])
    assert [verdicts[name].answer for name in "13"] == ["keep", "keep"]


@pytest.mark.parametrize("kind", ["bracket", "focus_stack", "panorama"])
def test_a_remark_in_a_set_raises_no_doubt(kind: Kind) -> None:
    """A frame of a set in which a face laughs with closed eyes is kept, with its remark."""
    laugh = evidence(faces=(face(0.03, mouth=0.5),))
    verdicts = adjusted_verdicts({"1": GOOD, "2": laugh, "3": GOOD}, LIMITS, kind)
    assert (verdicts["2"].answer, codes(verdicts["2"])) == ("keep", ["eyes_on_purpose"])


def test_closed_eyes_reject_next_to_the_same_face_with_open_ones() -> None:
    """A doubt and a remark alone become a reject in a burst; each keeps its own reason."""
    for own, closed in (("eyes_doubtful", face(0.03, lids=0.25)), ("eyes_on_purpose", face(0.03, mouth=0.5))):
        frames = {"closed": evidence(faces=(closed,)), "open": evidence(faces=(face(0.97),))}
        assert judge(frames["closed"], LIMITS).answer != "reject"
        verdict = adjusted_verdicts(frames, LIMITS)["closed"]
        assert (verdict.answer, codes(verdict)) == ("reject", ["blink_in_series", own])


def test_a_taste_that_does_not_act_changes_nothing() -> None:
    """Until it acts, its selection is only shown."""
    for photo in (GOOD, SOFT):
        verdict = alone(photo, selection_of(0.99, acts=False))
        assert (verdict.answer, verdict.reasons) == (
            judge(photo, LIMITS).answer,
            judge(photo, LIMITS).reasons,
        )
        assert verdict.select == selection_of(0.99, acts=False)
        assert marks_for(verdict, LIMITS).flag == marks_for(judge(photo, LIMITS), LIMITS).flag


def test_a_likely_select_is_kept_and_picked() -> None:
    """What the photographer would select is kept, even where the networks reject, and gets the pick flag."""
    verdict = alone(SOFT, selection_of(0.93))
    assert (verdict.answer, codes(verdict)) == ("keep", ["select_likely", "out_of_focus"])
    assert marks_for(verdict, LIMITS).flag == 1


def test_an_unlikely_select_is_rejected_for_that() -> None:
    """Up to the limit the taste rejects, and its reason comes first."""
    verdict = alone(GOOD, selection_of(0.04))
    assert (verdict.answer, codes(verdict)) == ("reject", ["select_unlikely"])


def test_where_a_taste_acts_nothing_else_rejects() -> None:
    """Above its limit the networks only raise doubts, so that its harm bound holds for the whole verdict."""
    verdict = alone(SOFT, selection_of(0.3))
    assert (verdict.answer, codes(verdict)) == ("cannot_tell", ["select_spares", "out_of_focus"])


def test_a_taste_without_a_harm_bound_picks_and_rejects_nothing() -> None:
    """A taste of too few selects rejects nothing; the networks' rejects stay, except for its picks."""
    unsure = Selection(0.3, "weddings", acts=True, reject_limit=0.0)
    assert alone(SOFT, unsure).answer == "reject"
    assert alone(GOOD, Selection(0.001, "weddings", acts=True, reject_limit=0.0)).answer == "keep"
    assert alone(SOFT, Selection(0.95, "weddings", acts=True, reject_limit=0.0)).answer == "keep"


def test_a_taste_rejects_no_frame_of_a_set() -> None:
    """A frame of a bracket that would hardly be selected is kept with its set."""
    rank_result = RankResult(SeriesPosition("0123456789ab", "bracket", 1, 3, Path("1")))
    verdict = adjust_for_series(judge(DARK, LIMITS), rank_result, selection_of(0.01), LIMITS)
    assert verdict.answer == "keep"


@given(st.floats(0, 1), st.sampled_from([GOOD, DARK, SOFT, BLINK]))
def test_the_harm_bound_covers_the_whole_verdict(probability: float, photo: Evidence) -> None:
    """Where a taste acts, a photo is rejected if and only if its probability is at most the limit."""
    verdict = alone(photo, selection_of(probability))
    assert (verdict.answer == "reject") == (probability <= 0.04)
    assert not verdict.reasons or verdict.answer != "reject" or REASON_TEXTS[verdict.reasons[0].code].rejects


def test_codes_of_set_and_taste_have_texts() -> None:
    """Every code of sets and tastes is in the table of texts."""
    for code in ("kept_whole", "select_likely", "select_unlikely", "select_spares"):
        assert code in REASON_TEXTS
        assert Reason(code, 0.5, 0.5).better_frame is None
