"""From a judged photo to what is kept and sent of it; imported when the first job is worked on."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from hashlib import blake2b
from typing import Any

from autocull.judge import Settings, judge, mark
from autocull.judge.verdict import Marks, Verdict
from autocull.measure.evidence import Evidence
from autocull.output.json_lines import record
from autocull.output.result import Judged, Result, Unreadable
from autocull.pipeline.cull_run import Judge
from autocull.read import Frame
from autocull.series.model import alone
from autocull.serve.jobs.model import Outcome, Picture


def judge_alone(settings: Settings) -> Judge:
    """Return the judge of a job's first pass: each photo is a series of its own."""
    return partial(_judge, settings=settings)


def outcome_of(result: Result, picture: Picture) -> Outcome:
    """Return what the protocol says of a photo, without its number and id."""
    if isinstance(result, Unreadable):
        return _unreadable(result)
    content = _judged(result, picture)
    reasons = result.verdict.reasons
    return Outcome(content, result.verdict.answer, reasons[0].code if reasons else None)


def _judge(frame: Frame, evidence: Evidence, settings: Settings) -> tuple[Verdict, Marks]:
    verdict = judge(evidence, settings)
    return replace(verdict, series=alone(frame.path)), mark(verdict, settings)


def _judged(result: Judged, picture: Picture) -> dict[str, Any]:
    whole = record(result)
    taken = ("verdict", "rating", "label", "flag", "score", "reasons", "series", "select")
    focus, category = whole["evidence"]["focus"], result.evidence.category
    return {
        **{name: whole[name] for name in taken},
        "focus": {name: focus[name] for name in ("subject_sharp", "kind")},
        "eyes": whole["evidence"]["eyes"],
        "category": max(category, key=category.__getitem__),
        "model": _digits(result.evidence.models),
        "source": picture,
        "error": None,
    }


def _unreadable(result: Unreadable) -> Outcome:
    nothing = (
        *("verdict", "rating", "label", "flag", "score", "series", "select"),
        *("focus", "eyes", "category", "model", "source"),
    )
    content: dict[str, Any] = dict.fromkeys(nothing)
    content["reasons"] = []
    content["error"] = {"code": result.error.code, "message": result.error.message}
    return Outcome(content, None, None)


def _digits(models: dict[str, str]) -> str:
    """Eight hexadecimal digits that differ where any member's version does."""
    return blake2b(repr(sorted(models.items())).encode(), digest_size=4).hexdigest()
