"""The response bodies of docs/protocol.md."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from typing import Any

from autocull.serve.jobs import Job, JobCounts
from autocull.serve.journals import Journal
from autocull.serve.learnings import Learning

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def job_to_json(job: Job, counts: JobCounts, rate: float | None) -> dict[str, Any]:
    """Return the JSON object of a job; `rate` is photos per second, None if it is not in work."""
    remaining = counts.total - counts.done
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
        "seconds_left": None if not rate or not job.live else round(remaining / rate, 1),
        "errors": counts.errors,
        "verdicts": dict(counts.verdicts),
        "reasons": dict(counts.reasons),
        "created": format_timestamp(job.created),
        "message": None if job.problem is None else job.problem.message,
        "problem": None if job.problem is None else job.problem.to_json(),
    }


def journal_to_json(journal: Journal) -> dict[str, Any]:
    """Return the JSON object of a journal."""
    return {
        "id": journal.id,
        "catalog": journal.catalog,
        "entries": journal.entries,
        "created": format_timestamp(journal.created),
        "undone": None if journal.undone is None else format_timestamp(journal.undone),
    }


def learning_to_json(learning: Learning) -> dict[str, Any]:
    """Return the JSON object of a learning; the result is null until its end."""
    result = learning.result
    return {
        "id": learning.id,
        "name": learning.name,
        "state": learning.state,
        "decisions": learning.decisions,
        "selects": learning.selects,
        "measured": None if learning.measured is None else learning.measured[0],
        "total": None if learning.measured is None else learning.measured[1],
        "created": format_timestamp(learning.created),
        "message": None if result is None else result.message,
        "problem": None if result is None or result.problem is None else result.problem.to_json(),
        "acts": None if result is None else result.acts,
        "promise": None if result is None or result.harm_bound is None else asdict(result.harm_bound),
        "report": None if result is None else result.report,
    }


def page_to_json(name: str, rows: list[dict[str, object]], after: int, complete: bool) -> dict[str, Any]:
    """Return one page of numbered `rows` under `name`, and the number after which the next page begins."""
    return {name: rows, "next": rows[-1]["number"] if rows else after, "complete": complete}


def format_timestamp(seconds: float) -> str:
    """Return seconds since 1970 as ISO 8601 in UTC, to the second."""
    return (_EPOCH + timedelta(seconds=int(seconds))).strftime("%Y-%m-%dT%H:%M:%SZ")
