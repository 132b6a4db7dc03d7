"""The bodies of answers, as docs/protocol.md has them."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from typing import Any

from autocull.serve.jobs.model import Counts, Job
from autocull.serve.journals import Journal
from autocull.serve.learnings.model import Learning

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def job_answer(job: Job, counts: Counts, rate: float | None) -> dict[str, Any]:
    """Say how a job is."""
    left = counts.total - counts.done
    return {
        "id": job.id,
        "catalog": job.catalog,
        "source": job.source,
        "purpose": job.purpose,
        "profile": job.profile,
        "state": job.state,
        "more": job.more,
        "total": counts.total,
        "done": counts.done,
        "rate": None if rate is None else round(rate, 2),
        "seconds_left": None if not rate or not job.live else round(left / rate, 1),
        "errors": counts.errors,
        "verdicts": dict(counts.verdicts),
        "reasons": dict(counts.reasons),
        "created": moment(job.created),
        "message": job.message,
    }


def journal_answer(journal: Journal) -> dict[str, Any]:
    """Say what a journal is."""
    return {
        "id": journal.id,
        "catalog": journal.catalog,
        "entries": journal.entries,
        "created": moment(journal.created),
        "undone": None if journal.undone is None else moment(journal.undone),
    }


def learning_answer(learning: Learning) -> dict[str, Any]:
    """Say how a learning is, and at its end what was learned."""
    lesson = learning.lesson
    return {
        "id": learning.id,
        "name": learning.name,
        "state": learning.state,
        "decisions": learning.decisions,
        "selects": learning.selects,
        "measured": None if learning.measured is None else learning.measured[0],
        "total": None if learning.measured is None else learning.measured[1],
        "created": moment(learning.created),
        "message": None if lesson is None else lesson.message,
        "acts": None if lesson is None else lesson.acts,
        "promise": None if lesson is None or lesson.promise is None else asdict(lesson.promise),
        "report": None if lesson is None else lesson.report,
    }


def page_answer(name: str, rows: list[dict[str, object]], after: int, complete: bool) -> dict[str, Any]:
    """Give one page of numbered rows, and where the next one begins."""
    return {name: rows, "next": rows[-1]["number"] if rows else after, "complete": complete}


def moment(seconds: float) -> str:
    """Write a time since 1970 in ISO 8601, in UTC, to the second."""
    return (_EPOCH + timedelta(seconds=int(seconds))).strftime("%Y-%m-%dT%H:%M:%SZ")
