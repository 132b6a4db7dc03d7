"""What `autocull learn --json` answers: one object, whatever came of it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from autocull.errors import LearningError
from autocull.learn.decisions import Gathered
from autocull.learn.messages import message, picked_of
from autocull.learn.training import Lecture, Lesson
from autocull.taste.summary import promised

Record = dict[str, Any]


def record_of(lesson: Lesson, lecture: Lecture, gathered: Gathered, report: Path | None = None) -> Record:
    """Tell a lesson: its state, the message for the photographer, the promise in words and in numbers, the
    figures, and the report's path.
    """
    return {
        "state": "learned",
        "message": message(lesson, lecture.settings),
        "profile": lesson.profile.name,
        "acts": lesson.profile.acts,
        "promise": promised(lesson.profile, lecture.settings.select_loss),
        "promised": promise_record(lesson, lecture.settings.select_loss),
        "figures": {**lesson.profile.figures, **_picks(lesson, lecture.settings.select_min)},
        "left_out": dict(gathered.left_out),
        "report": None if report is None else str(report),
    }


def nothing_learned(name: str, error: LearningError, gathered: Gathered) -> Record:
    """Tell that there was too little."""
    return {
        "state": "nothing_learned",
        "message": error.message,
        "profile": name,
        "acts": False,
        "promise": None,
        "promised": None,
        "figures": {},
        "left_out": dict(gathered.left_out),
        "report": None,
    }


def _picks(lesson: Lesson, limit: float) -> dict[str, float]:
    picked, right = picked_of(lesson, limit)
    return {"picked": float(picked), "picked_rightly": float(right)}


def promise_record(lesson: Lesson, share: float) -> Record:
    """Tell the promise; `rejected` is the share (0-1) of her decided photos that it rejects, held out."""
    made = lesson.profile.promise(share)
    return {
        "share": made.share,
        "confidence": made.confidence,
        "expected": made.expected,
        "limit": made.limit,
        "selects": made.selects,
        "effective": made.effective,
        "lost": made.lost,
        "rejected": float((lesson.blind <= made.limit).mean()),
    }
