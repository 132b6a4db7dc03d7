"""Scores: each with its limits, the verdict's own reasons, and why a crossed limit did not reject."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autocull.judge import PROFILES, Settings, describe, judge, list_scores
from autocull.judge.texts.reasons import REASON_TEXTS
from autocull.judge.texts.score_table import OUTCOME_WORDS, Score
from autocull.measure.evidence import Evidence
from support.baseline_rules import LIMITS
from support.evidence_builders import evidence, exposure, face, focus

DARK = exposure(median=0.1, low=0.0, high=0.35)
BLURRED = {"defocus": 0.9}


def table(seen: Evidence, settings: Settings | None = None) -> dict[str, Score]:
    """Every score of a photo by its code."""
    settings = settings or LIMITS
    return {score.code: score for score in list_scores(seen, judge(seen, settings), settings)}


def test_a_good_photo_passes_everywhere_with_its_limits() -> None:
    """What passes says so as well: the number, and both limits on the right side."""
    found = table(evidence(faces=(face(0.97),)))
    assert list(found) == [
        *("score", "eyes", "focus", "second", "too_dark", "too_bright", "lens_flare", "low_quality"),
        *("noise", "resolution"),
    ]
    assert found["eyes"].words == "In doubt at 35 % or less, rejected at 12 % or less"
    assert found["too_dark"].words == "In doubt from 60 % on, rejected from 85 % on"
    assert found["noise"].words == "In doubt from 85 % on"
    assert found["resolution"].words == "In doubt below 100 px"
    assert (found["noise"].reject, found["noise"].doubt) == (None, 0.85)
    assert {score.outcome for score in found.values()} == {"passes", "shown"}
    assert [found[code].number for code in ("eyes", "resolution")] == ["97 %", "6000 px"]


@pytest.mark.parametrize(
    ("seen", "code", "outcome"),
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
def test_a_reason_is_told_as_the_verdict_told_it(seen: Evidence, code: str, outcome: str) -> None:
    """The score that made a reason carries its very sentence and says what it did."""
    (reason,) = judge(seen, LIMITS).reasons
    score = table(seen)[code]
    assert score.outcome == outcome
    assert score.words.startswith(describe(reason))
    assert score.measured == reason.measured


@pytest.mark.parametrize(
    ("seen", "code", "why"),
    [
        (evidence(faces=(face(0.03),), category={"people": 0.02}), "eyes", "hardly one of people (2 %, l"),
        (evidence(faces=(face(0.03, pitch=-30),)), "eyes", ""),
        (evidence(focus=focus(0.05)), "focus", "whole-frame network does not agree (blur 2 %, limit 50 %)"),
        (evidence(focus=focus(0.05, texture=((0.0,) * 4,) * 3)), "focus", "too plain to tell"),
        (evidence(focus=focus(0.05), remarks=("low_resolution_preview",)), "focus", "small preview"),
        (evidence(defects={"too_dark": 0.95}), "too_dark", "the measured light is not dark"),
        (evidence(defects={"too_bright": 0.95}), "too_bright", "the measured light is not so"),
        (evidence(defects={"noise": 0.99}), "noise", "these settings do not let it reject"),
        (evidence(defects={"noise": 0.9}), "noise", ""),
    ],
)
def test_a_number_past_the_reject_limit_says_why_it_did_not_reject(
    seen: Evidence, code: str, why: str
) -> None:
    """A doubt that might have been a reject names what was missing; one that might not, nothing."""
    score = table(seen)[code]
    assert score.outcome != "rejects"
    assert ("because" in score.words) == bool(why)
    assert why in score.words


def test_a_few_of_a_group_are_named_as_such() -> None:
    """One blink among many guests is a doubt, and the words say that it is the group's size."""
    guests = (face(0.97), *(face(0.97, prominence=0.8) for _ in range(5)), face(0.02, prominence=0.8))
    assert "only a few faces of a large group" in table(evidence(faces=guests))["eyes"].words


def test_a_wink_is_no_reject_and_says_so() -> None:
    """Where both eyes together seem closed but one of them not surely, that is the reason for the doubt."""
    seen = evidence(faces=(face(0.1, aspect=0.2),))
    settings = LIMITS.model_copy(update={"eyes_closed": 0.05})
    assert "not both eyes of the face are surely closed" in table(seen, settings)["eyes"].words


def test_what_is_not_there_is_not_judged() -> None:
    """Without faces, and with faces without eyes, the score of the eyes is empty and says which it was."""
    assert table(evidence())["eyes"].words == "No face was found"
    blind = table(evidence(faces=(face(eyes=()),)))["eyes"]
    assert (blind.outcome, blind.number) == ("not_measured", "-")
    assert "no eyes that can be judged" in blind.words


def test_what_the_settings_ignore_is_measured_and_not_heard() -> None:
    """The sports profile hears neither eyes nor noise: both are shown without limits."""
    seen = evidence(faces=(face(0.02),), defects={"noise": 0.99})
    found = table(seen, PROFILES["sports"])
    for code in ("eyes", "noise"):
        assert found[code].outcome == "ignored"
        assert found[code].words == "Ignored by these settings"
        assert found[code].reject is found[code].doubt is None
    ignoring = Settings(defocus_trust="ignore", motion_trust="ignore", damage_trust="ignore")
    found = table(evidence(focus=focus(0.05), remarks=("maybe_damaged",)), ignoring)
    assert (found["focus"].outcome, found["focus"].measured) == ("ignored", 0.05)
    assert found["damage"].outcome == "ignored"


def test_the_second_opinion_never_decides_alone() -> None:
    """It stands beside, and says whether it agrees."""
    assert "would not agree" in table(evidence())["second"].words
    agreeing = table(evidence(defects=BLURRED))["second"]
    assert (agreeing.outcome, agreeing.measured) == ("shown", 0.9)
    assert "network agrees" in agreeing.words


chances = st.floats(0, 1)


@given(chances, chances, chances, chances, st.sampled_from(sorted(PROFILES)))
def test_scores_and_verdict_never_disagree(
    sharp: float, opened: float, dark: float, noise: float, profile: str
) -> None:
    """A verdict has exactly as many reasons as scores that reject or doubt, and rejects where one does."""
    seen = evidence(
        faces=(face(opened),), focus=focus(sharp), defects={"too_dark": dark, "noise": noise}, exposure=DARK
    )
    verdict = judge(seen, PROFILES[profile])
    told = [score.outcome for score in list_scores(seen, verdict, PROFILES[profile])]
    assert told.count("rejects") == sum(REASON_TEXTS[each.code].rejects for each in verdict.reasons)
    assert told.count("rejects") + told.count("doubt") == len(verdict.reasons)
    assert ("rejects" in told) == (verdict.answer == "reject")
    assert set(told) <= set(OUTCOME_WORDS)
