"""Rules from findings to the verdict, and from the verdict to marks and order."""

from __future__ import annotations

from autocull.judge.eyes import judge_eyes
from autocull.judge.findings import (
    Finding,
    check_defects,
    check_eyes,
    check_file,
    check_focus,
    check_page,
    compute_score,
    compute_softness,
)
from autocull.judge.series_context import taste_picks
from autocull.judge.settings import Settings
from autocull.judge.texts import REASON_TEXTS
from autocull.judge.verdict import Answer, Marks, Verdict
from autocull.measure import Evidence

_ORDER: dict[Answer, int] = {"keep": 0, "cannot_tell": 1, "reject": 2}


def judge(evidence: Evidence, settings: Settings) -> Verdict:
    """Judge one photo alone: "reject" if a criterion rejects, "cannot_tell" if one doubts, else "keep".

    Reasons come most severe first: the rejecting ones, the doubts, the remarks; a kept photo has only
    remarks. Equal evidence and settings give equal verdicts.
    """
    eyes = judge_eyes(evidence, settings)
    soft = compute_softness(evidence.focus, settings)
    findings = [
        *check_eyes(evidence, eyes, settings),
        *check_focus(evidence, soft, settings),
        *check_defects(evidence, settings),
        *check_file(evidence, settings),
        *check_page(evidence, settings),
    ]
    findings.sort(key=_severity, reverse=True)
    return Verdict(
        answer=_answer_of(findings),
        score=compute_score(evidence, eyes, soft, settings),
        reasons=tuple(finding.reason for finding in findings),
        faces=eyes.states,
        eyes=eyes.answer,
        eyes_open=eyes.open,
    )


def _severity(finding: Finding) -> tuple[bool, bool, float]:
    return finding.rejects, not _is_remark(finding), finding.severity


def _is_remark(finding: Finding) -> bool:
    return REASON_TEXTS[finding.reason.code].keeps


def _answer_of(findings: list[Finding]) -> Answer:
    if not findings or _is_remark(findings[0]):
        return "keep"
    return "reject" if findings[0].rejects else "cannot_tell"


def marks_for(verdict: Verdict, settings: Settings) -> Marks:
    """Return the marks of the table's row for the answer: of those that the score reaches, the highest.

    A photo that the photographer's taste selects also gets the pick flag.
    """
    rows = (row for row in settings.marks if row.verdict == verdict.answer and row.score <= verdict.score)
    row = max(rows, key=lambda row: row.score)
    return Marks(row.stars, row.label, 1 if taste_picks(verdict.select, settings) else row.flag)


def sort_key(verdict: Verdict) -> tuple[int, float]:
    """Return a key that sorts the best photos first: kept, doubtful, rejected; then by falling score."""
    return _ORDER[verdict.answer], -verdict.score
