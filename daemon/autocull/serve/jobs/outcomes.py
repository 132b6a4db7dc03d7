"""Converts results to the outcomes that are stored and sent; imported when the first job is worked on."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from hashlib import blake2b
from typing import Any

from autocull.judge import Marks, Settings, Verdict, judge, marks_for
from autocull.measure import Evidence
from autocull.output import Judged, Result, Unreadable, result_to_json
from autocull.pipeline import Judge
from autocull.read import Frame
from autocull.series import single_position
from autocull.serve.jobs.model import PhotoOutcome, Picture


def create_single_judge(settings: Settings) -> Judge:
    """Return the judge of a job's first pass, in which each photo is a series of one."""
    return partial(_judge_single, settings=settings)


def outcome_of(result: Result, picture: Picture) -> PhotoOutcome:
    """Return the outcome of a photo in the form of the protocol, without its number and id."""
    if isinstance(result, Unreadable):
        return _unreadable_outcome(result)
    content = _judged_content(result, picture)
    reasons = result.verdict.reasons
    return PhotoOutcome(content, result.verdict.answer, reasons[0].code if reasons else None)


def _judge_single(frame: Frame, evidence: Evidence, settings: Settings) -> tuple[Verdict, Marks]:
    verdict = judge(evidence, settings)
    return replace(verdict, series=single_position(frame.path)), marks_for(verdict, settings)


def _judged_content(result: Judged, picture: Picture) -> dict[str, Any]:
    full_record = result_to_json(result)
    copied_keys = ("verdict", "rating", "label", "flag", "score", "reasons", "series", "select")
    focus, category = full_record["evidence"]["focus"], result.evidence.category
    return {
        **{name: full_record[name] for name in copied_keys},
        "focus": {name: focus[name] for name in ("subject_sharp", "kind")},
        "eyes": full_record["evidence"]["eyes"],
        "category": max(category, key=category.__getitem__),
        "model": _model_digest(result.evidence.models),
        "source": picture,
        "error": None,
    }


def _unreadable_outcome(result: Unreadable) -> PhotoOutcome:
    empty_keys = (
        *("verdict", "rating", "label", "flag", "score", "series", "select"),
        *("focus", "eyes", "category", "model", "source"),
    )
    content: dict[str, Any] = dict.fromkeys(empty_keys)
    content["reasons"] = []
    content["error"] = result.error.problem.to_json()
    return PhotoOutcome(content, None, None)


def _model_digest(models: dict[str, str]) -> str:
    """Return eight hexadecimal digits that differ if the version of any model differs."""
    return blake2b(repr(sorted(models.items())).encode(), digest_size=4).hexdigest()
