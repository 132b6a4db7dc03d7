"""Scores: each with its limits, the verdict's reasons, and why a number past its limit did not reject."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autocull.judge import PROFILES, Settings, describe, judge, list_scores
from autocull.judge.texts.reasons import REASON_TEXTS
from autocull.judge.texts.score_table import OUTCOME_WORDS, Score
from autocull.measure.evidence import Evidence, Face
from support.baseline_rules import LIMITS
from support.evidence_builders import evidence, exposure, face, focus

DARK = exposure(median=0.1, low=0.0, high=0.35)
BLURRED = {"defocus": 0.9}


def table(photo: Evidence, settings: Settings | None = None) -> dict[str, Score]:
    """Return every score of a photo by its code."""
    settings = settings or LIMITS
    return {score.code: score for score in list_scores(photo, judge(photo, settings), settings)}


def test_the_score_of_focus_gives_the_width_of_a_missed_focus() -> None:
    """Whatever follows from it; not where none was measured."""
    words = "about 41 px wide at 2048 px, 1/62 of the diagonal"
    for sharp in (0.05, 0.3, 0.45):
        photo = evidence(focus=focus(sharp, blur=0.02), width=1200, height=900)
        assert table(photo)["focus"].words.count(words) == 1
        assert words not in table(evidence(focus=focus(sharp)))["focus"].words


def test_a_good_photo_passes_everywhere_with_its_limits() -> None:
    """A passing score has its number, and both limits on the right side."""
    scores = table(evidence(faces=(face(0.97),)))
    assert list(scores) == [
        *("score", "eyes", "focus", "second", "too_dark", "too_bright", "lens_flare", "low_quality"),
        *("noise", "resolution"),
    ]
    assert scores["eyes"].words == "In doubt at 35 % or less, rejected at 12 % or less"
    assert scores["too_dark"].words == "In doubt from 60 % on, rejected from 85 % on"
    assert scores["noise"].words == "In doubt from 85 % on"
    assert scores["resolution"].words == "In doubt below 100 px"
    assert (scores["noise"].reject, scores["noise"].doubt) == (None, 0.85)
    assert {score.outcome for score in scores.values()} == {"passes", "shown"}
    assert [scores[code].number for code in ("eyes", "resolution")] == ["97 %", "6000 px"]


@pytest.mark.parametrize(
    ("photo", "code", "outcome"),
    [
        pytest.param(evidence(faces=(face(0.03),)), "eyes", "rejects", id="blink"),
        pytest.param(evidence(faces=(face(0.3),)), "eyes", "doubt", id="half closed"),
        pytest.param(evidence(focus=focus(0.05), defects=BLURRED), "focus", "rejects", id="soft"),
        pytest.param(evidence(focus=focus(0.3)), "focus", "doubt", id="perhaps soft"),
        pytest.param(evidence(defects={"too_dark": 0.95}, exposure=DARK), "too_dark", "rejects", id="dark"),
        pytest.param(evidence(defects={"too_bright": 0.7}), "too_bright", "doubt", id="bright"),
        pytest.param(evidence(defects={"lens_flare": 0.9}), "lens_flare", "doubt", id="flare"),
        pytest.param(evidence(defects={"low_quality": 0.99}), "low_quality", "rejects", id="crushed"),
        pytest.param(evidence(width=90, height=60), "resolution", "doubt", id="tiny"),
        pytest.param(evidence(remarks=("maybe_damaged",)), "damage", "doubt", id="damaged"),
    ],
)
def test_a_reason_has_the_sentence_of_the_verdict(photo: Evidence, code: str, outcome: str) -> None:
    """The score behind a reason has the same sentence, number and outcome."""
    (reason,) = judge(photo, LIMITS).reasons
    score = table(photo)[code]
    assert score.outcome == outcome
    assert score.words.startswith(describe(reason))
    assert score.measured == reason.measured


@pytest.mark.parametrize(
    ("photo", "code", "why"),
    [
        (evidence(faces=(face(0.03),), category={"people": 0.02}), "eyes", "hardly one of people (2 %, l"),
        (evidence(faces=(face(0.03, pitch=-30),)), "eyes", ""),
        (evidence(focus=focus(0.05)), "focus", "whole-frame network does not agree (blur 2 %, limit 50 %)"),
        (evidence(focus=focus(0.05, texture=((0.0,) * 4,) * 3)), "focus", "too plain to tell"),
        (evidence(focus=focus(0.05), remarks=("low_resolution_preview",)), "focus", "small preview"),
        (evidence(focus=focus(0.05, blur=0.002)), "focus", "the blur is only 4 px wide at 2048 px (limit 8)"),
        (evidence(focus=focus(0.05), width=500, height=400), "focus", "too few pixels, and may be enlarged"),
        (evidence(defects={"too_dark": 0.95}), "too_dark", "the light is not dark throughout"),
        (evidence(defects={"too_bright": 0.95}), "too_bright", "the measured light is not bright"),
        (evidence(defects={"noise": 0.99}), "noise", "these settings do not let it reject"),
        (evidence(defects={"noise": 0.9}), "noise", ""),
    ],
)
def test_a_number_past_the_reject_limit_explains_why_it_did_not_reject(
    photo: Evidence, code: str, why: str
) -> None:
    """A doubt past the limit for rejecting names the cause; any other names none."""
    score = table(photo)[code]
    assert score.outcome != "rejects"
    assert ("because" in score.words) == bool(why)
    assert why in score.words


def test_a_few_closed_eyes_of_a_group_are_explained() -> None:
    """One blink in a large group is a doubt, and the text names the group."""
    group = (face(0.97), *(face(0.97, prominence=0.8) for _ in range(5)), face(0.02, prominence=0.8))
    assert "only a few faces of a large group" in table(evidence(faces=group))["eyes"].words


@pytest.mark.parametrize(
    ("closed", "profile", "why"),
    [
        (face(0.02, lids=0.25), "balanced", "the lids do not surely agree"),
        (face(0.02, yaw=30), "portrait", "the eyes are perhaps closed on purpose"),
    ],
)
def test_closed_eyes_that_do_not_reject_are_explained(closed: Face, profile: str, why: str) -> None:
    """The text names why closed eyes only raise a doubt."""
    score = table(evidence(faces=(closed,)), PROFILES[profile])["eyes"]
    assert score.outcome == "doubt"
    assert why in score.words


def test_a_remark_passes_and_is_written_out() -> None:
    """Eyes closed on purpose pass, with their number and the text of the remark."""
    score = table(evidence(faces=(face(0.02, yaw=30),)))["eyes"]
    assert (score.outcome, score.number) == ("passes", "2 %")
    assert "perhaps on purpose" in score.words


def test_a_wink_explains_why_it_does_not_reject() -> None:
    """Where the mean of both eyes is closed but one eye is not, the text names that."""
    photo = evidence(faces=(face(0.1, aspect=0.2),))
    settings = LIMITS.model_copy(update={"eyes_closed": 0.05})
    assert "not both eyes of the face are surely closed" in table(photo, settings)["eyes"].words


def test_scores_without_eyes_are_empty() -> None:
    """Without faces, and with faces without eyes, the score of the eyes is empty and names the cause."""
    assert table(evidence())["eyes"].words == "No face was found"
    blind = table(evidence(faces=(face(eyes=()),)))["eyes"]
    assert (blind.outcome, blind.number) == ("not_measured", "-")
    assert "no eyes that can be judged" in blind.words


def test_ignored_scores_are_shown_without_limits() -> None:
    """The sports profile ignores eyes and noise: both are shown without limits."""
    photo = evidence(faces=(face(0.02),), defects={"noise": 0.99})
    scores = table(photo, PROFILES["sports"])
    for code in ("eyes", "noise"):
        assert scores[code].outcome == "ignored"
        assert scores[code].words == "Ignored by these settings"
        assert scores[code].reject is scores[code].doubt is None
    ignoring = Settings(defocus_trust="ignore", motion_trust="ignore", damage_trust="ignore")
    scores = table(evidence(focus=focus(0.05), remarks=("maybe_damaged",)), ignoring)
    assert (scores["focus"].outcome, scores["focus"].measured) == ("ignored", 0.05)
    assert scores["damage"].outcome == "ignored"


def test_the_whole_frame_network_is_shown_only() -> None:
    """Its score decides nothing, and its text has whether it agrees."""
    assert "would not agree" in table(evidence())["second"].words
    agreeing = table(evidence(defects=BLURRED))["second"]
    assert (agreeing.outcome, agreeing.measured) == ("shown", 0.9)
    assert "network agrees" in agreeing.words


chances = st.floats(0, 1)


@given(chances, chances, chances, chances, st.sampled_from(sorted(PROFILES)))
def test_scores_and_verdict_agree(
    sharp: float, opened: float, dark: float, noise: float, profile: str
) -> None:
    """A verdict has exactly as many reasons as scores that reject or doubt, and rejects where one does."""
    photo = evidence(
        faces=(face(opened),), focus=focus(sharp), defects={"too_dark": dark, "noise": noise}, exposure=DARK
    )
    verdict = judge(photo, PROFILES[profile])
    outcomes = [score.outcome for score in list_scores(photo, verdict, PROFILES[profile])]
    assert outcomes.count("rejects") == sum(REASON_TEXTS[each.code].rejects for each in verdict.reasons)
    assert outcomes.count("rejects") + outcomes.count("doubt") == len(verdict.reasons)
    assert ("rejects" in outcomes) == (verdict.answer == "reject")
    assert set(outcomes) <= set(OUTCOME_WORDS)
