"""Tests of the report's large view: every score with its limits, the likeliest labels, and its size."""

from __future__ import annotations

import json
import re
from contextlib import closing
from pathlib import Path
from typing import Any

from autocull.judge import PROFILES, Settings
from autocull.judge.texts.labels import DEFECT_NAMES
from autocull.output.report.report import ReportWriter
from autocull.output.result import Result
from support.baseline_rules import LIMITS, judged_by_limits
from support.evidence_builders import evidence, face, focus
from support.result_factories import unreadable


def page(path: Path, *results: Result, settings: Settings | None = None) -> str:
    """Write a report without thumbnails, and return its source."""
    writer = ReportWriter(path, title="A shoot", settings=settings or LIMITS, find_thumbnail=lambda _: None)
    with closing(writer):
        for result in results:
            writer.add(result)
        writer.finish()
    return path.read_text("utf-8")


def large_view(source: str) -> dict[str, Any]:
    """Return the data of the first photo's large view."""
    data: dict[str, Any] = json.loads(re.findall(r'application/json">(.*?)</script>', source, re.S)[0])
    return data


def test_every_score_has_its_limits(tmp_path: Path) -> None:
    """The large view has the outcome of each score, and draws both of its limits."""
    scores = large_view(
        page(tmp_path / "r.html", judged_by_limits(tmp_path / "blink.jpg", evidence(faces=(face(0.02),))))
    )["scores"]
    outcomes = {each["name"]: each["outcome"] for each in scores}
    assert outcomes["Eyes open"] == "rejects"
    assert outcomes["Sharp subject"] == "passes"
    assert len(scores) == 10
    texts = [(each["outcome_words"], each["words"]) for each in scores]
    assert ("passes", "In doubt from 60 % on, rejected from 85 % on") in texts
    limits = [limit for each in scores for limit in each.get("limits", [])]
    assert [kind for kind, _ in limits].count("near") == 7
    assert [kind for kind, _ in limits].count("past") == 5
    assert ["past", 12] in limits


def test_unsure_labels_are_marked(tmp_path: Path) -> None:
    """There are five labels, the likeliest first; one that is below its limit is marked as not sure."""
    photo_evidence = evidence(category={"landscape": 0.45, "food": 0.4}, defects={"noise": 0.7})
    source = page(tmp_path / "r.html", judged_by_limits(tmp_path / "a.jpg", photo_evidence))
    labels = large_view(source)["labels"]
    assert len(labels) == 5
    rows = [tuple(each[key] for key in ("answer", "chance", "name", "about")) for each in labels]
    assert rows[0] == ("not_sure", 70, "Noise", "not sure, from 85 % on")
    assert rows[1] == ("not_sure", 45, "Landscape", "not sure, from 50 % on")
    assert "landscape (not sure)" in source
    assert "not sure" not in page(tmp_path / "r.html", judged_by_limits(tmp_path / "a.jpg", evidence()))


def test_report_uses_the_settings_of_the_verdicts(tmp_path: Path) -> None:
    """A profile that ignores the eyes shows them without limits."""
    sports = PROFILES["sports"]
    result = judged_by_limits(tmp_path / "a.jpg", evidence(faces=(face(0.02),)))
    source = page(tmp_path / "r.html", result, settings=sports)
    assert "Ignored by these settings" in str(large_view(source)["scores"])
    assert "Ignored by" not in page(tmp_path / "r.html", result)


def test_card_is_small(tmp_path: Path) -> None:
    """With every reason and eight faces a card stays under 10 kB, so that ten thousand fit on a page."""
    worst = evidence(
        faces=tuple(face(0.02) for _ in range(8)),
        focus=focus(0.05),
        defects=dict.fromkeys(DEFECT_NAMES, 0.99),
        remarks=("maybe_damaged",),
        width=90,
        height=60,
    )
    result = judged_by_limits(tmp_path / "a.jpg", worst)
    one, eleven = (len(page(tmp_path / "r.html", *[result] * count).encode()) for count in (1, 11))
    assert len(result.verdict.reasons) >= 7
    assert (eleven - one) / 10 < 10_000


def test_missing_score_is_empty(tmp_path: Path) -> None:
    """Without faces the eyes have no number, bar or outcome; an unreadable photo has no scores."""
    scores = large_view(page(tmp_path / "r.html", judged_by_limits(tmp_path / "a.jpg", evidence())))["scores"]
    eyes = next(each for each in scores if each["name"] == "Eyes open")
    assert (eyes["bar"], eyes["number"], eyes["words"]) == (0, "-", "No face was found")
    assert eyes["outcome_words"] == ""
    broken = large_view(page(tmp_path / "r.html", unreadable(tmp_path / "b.jpg")))
    assert broken["scores"] == broken["labels"] == []
