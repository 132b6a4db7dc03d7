"""The outcome of a judged photo: the verdict of the judge, in the form of the protocol."""

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


def test_verdict_is_that_of_the_judge() -> None:
    """With the settings of any profile."""
    photo_evidence = evidence(faces=(face(0.15),))
    for profile in ("balanced", "portrait", "sports"):
        settings = load_settings(profile)
        single_judge = create_single_judge(settings)
        verdict, marks = single_judge(Frame(Path("a.jpg")), photo_evidence)
        assert verdict == replace(judge(photo_evidence, settings), series=single_position(Path("a.jpg")))
        assert marks == marks_for(verdict, settings)


def test_reject_has_its_reasons() -> None:
    """With numbers, position and text; it is counted by its most severe reason."""
    result = outcome_of(judged(Path("a.jpg"), faces=(face(0.02),)), "file")
    assert (result.verdict, result.reason) == ("reject", "eyes_closed")
    assert result.content["reasons"][0] == {
        "code": "eyes_closed", "measured": 0.02, "limit": 0.12, "where": [0.35, 0.2, 0.65, 0.6],
        "beside": None, "blur": None, "text": "Eyes closed on the marked face (open 2 %, limit 12 %)",
    }  # fmt: skip
    assert (result.content["rating"], result.content["label"], result.content["flag"]) == (0, "red", -1)
    assert (result.content["eyes"], result.content["category"], result.content["source"]) == (
        "closed",
        "people",
        "file",
    )


def test_kept_photo_has_focus_and_no_reason() -> None:
    """And the picture that it was judged by."""
    result = outcome_of(judged(Path("a.jpg"), focus=focus(0.97)), "fallback")
    assert (result.verdict, result.reason, result.content["error"]) == ("keep", None, None)
    assert result.content["focus"] == {"subject_sharp": 0.97, "kind": "sharp"}
    assert result.content["source"] == "fallback"


def test_unreadable_photo_has_only_an_error() -> None:
    """It has no verdict and no marks, and is counted only as an error."""
    result = outcome_of(unreadable(Path("a.jpg"), message="It is damaged."), "file")
    assert (result.verdict, result.reason) == (None, None)
    assert result.content["error"] == {"code": "damaged", "message": "It is damaged.", "parameters": {}}
    assert result.content["reasons"] == []
    assert {"series", "select"} <= set(result.content)
    assert {value for name, value in result.content.items() if name not in ("error", "reasons")} == {None}


def test_photo_has_series_position_and_selection() -> None:
    """In the form of `autocull cull --json`; a photo without a series is a series of one."""
    single = judged(Path("/b.jpg"))
    position, selection = (
        SeriesPosition("0123456789ab", "burst", 2, 3, Path("/a.jpg")),
        Selection(0.93456, "mine", True, 0.1),
    )
    judged_in_series = replace(single, verdict=replace(single.verdict, series=position, select=selection))
    content = outcome_of(judged_in_series, "file").content
    assert content["series"] == {
        "id": "0123456789ab", "kind": "burst", "rank": 2, "size": 3, "best": str(Path("/a.jpg")),
    }  # fmt: skip
    assert content["select"] == {"probability": 0.9346, "profile": "mine", "acts": True}
    assert outcome_of(single, "file").content["select"] is None


def test_model_digest_depends_on_every_version() -> None:
    """It has eight digits, and does not depend on the order."""

    def digest(**models: str) -> str:
        photo_evidence = evidence(models=models)
        verdict = judge(photo_evidence, Settings())
        return str(
            outcome_of(
                Judged(Frame(Path("a")), photo_evidence, verdict, marks_for(verdict, Settings())), "file"
            ).content["model"]
        )

    assert digest(eyes="1", focus="2") == digest(focus="2", eyes="1")
    assert len({digest(eyes="1"), digest(eyes="2"), digest(focus="1"), digest()}) == 4
    assert all(letter in "0123456789abcdef" for letter in digest())
    assert len(digest()) == 8
