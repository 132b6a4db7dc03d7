"""What is sent of a judged photo: the verdict as the judge gives it, and the same every time."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from autocull.judge import Settings, judge, load_settings, marks_for
from autocull.output.result import Judged
from autocull.read import Frame
from autocull.series.model import SeriesPosition, single_position
from autocull.serve.jobs.outcomes import create_single_judge, outcome_of
from autocull.taste.profile import Selection
from support.evidence_builders import evidence, face, focus
from support.result_factories import judged, unreadable


def test_the_verdict_is_the_judges() -> None:
    """By the frozen settings, whatever profile they came from."""
    found = evidence(faces=(face(0.15),))
    for profile in ("balanced", "portrait", "sports"):
        settings = load_settings(profile)
        judging = create_single_judge(settings)
        verdict, marks = judging(Frame(Path("a.jpg")), found)
        assert verdict == replace(judge(found, settings), series=single_position(Path("a.jpg")))
        assert marks == marks_for(verdict, settings)


def test_a_reject_comes_with_its_reasons() -> None:
    """Numbers, place and words; it is counted under its gravest."""
    out = outcome_of(judged(Path("a.jpg"), faces=(face(0.02),)), "file")
    assert (out.verdict, out.reason) == ("reject", "eyes_closed")
    assert out.content["reasons"][0] == {
        "code": "eyes_closed", "measured": 0.02, "limit": 0.12, "where": [0.35, 0.2, 0.65, 0.6],
        "beside": None, "text": "Eyes closed on the marked face (open 2 %, limit 12 %)",
    }  # fmt: skip
    assert (out.content["rating"], out.content["label"], out.content["flag"]) == (0, "red", -1)
    assert (out.content["eyes"], out.content["category"], out.content["source"]) == (
        "closed",
        "people",
        "file",
    )


def test_a_kept_photo_has_no_reason_and_says_its_focus() -> None:
    """And which picture it was judged by."""
    out = outcome_of(judged(Path("a.jpg"), focus=focus(0.97)), "fallback")
    assert (out.verdict, out.reason, out.content["error"]) == ("keep", None, None)
    assert out.content["focus"] == {"subject_sharp": 0.97, "kind": "sharp"}
    assert out.content["source"] == "fallback"


def test_an_unreadable_photo_has_an_error_and_nothing_else() -> None:
    """No verdict, no marks: it is in no count but that of the errors."""
    out = outcome_of(unreadable(Path("a.jpg"), message="It is damaged."), "file")
    assert (out.verdict, out.reason) == (None, None)
    assert out.content["error"] == {"code": "damaged", "message": "It is damaged."}
    assert out.content["reasons"] == []
    assert {"series", "select"} <= set(out.content)
    assert {value for name, value in out.content.items() if name not in ("error", "reasons")} == {None}


def test_a_photo_is_told_its_place_and_what_her_taste_says() -> None:
    """As the record of the command line has it; alone, it is a series of its own."""
    one = judged(Path("/b.jpg"))
    place, said = (
        SeriesPosition("0123456789ab", "burst", 2, 3, Path("/a.jpg")),
        Selection(0.93456, "mine", True, 0.1),
    )
    beside = replace(one, verdict=replace(one.verdict, series=place, select=said))
    content = outcome_of(beside, "file").content
    assert content["series"] == {
        "id": "0123456789ab", "kind": "burst", "rank": 2, "size": 3, "best": str(Path("/a.jpg")),
    }  # fmt: skip
    assert content["select"] == {"probability": 0.9346, "profile": "mine", "acts": True}
    assert outcome_of(one, "file").content["select"] is None


def test_the_models_digits_differ_where_a_member_does() -> None:
    """Eight of them, the same for the same versions in any order."""

    def digits(**models: str) -> str:
        seen = evidence(models=models)
        verdict = judge(seen, Settings())
        return str(
            outcome_of(
                Judged(Frame(Path("a")), seen, verdict, marks_for(verdict, Settings())), "file"
            ).content["model"]
        )

    assert digits(eyes="1", focus="2") == digits(focus="2", eyes="1")
    assert len({digits(eyes="1"), digits(eyes="2"), digits(focus="1"), digits()}) == 4
    assert all(letter in "0123456789abcdef" for letter in digits())
    assert len(digits()) == 8
