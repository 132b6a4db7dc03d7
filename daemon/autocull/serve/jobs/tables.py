"""The tables of the job database, and the statements that store and queue share.

Invariants, also after `kill -9` and, where stated, after a power cut:

- A photo is one row of its job, by (job, id); its result is in that row. So no verdict can be lost or
  duplicated: a result and its number MUST be written in one transaction.
- A first result MUST be written only where there was none. A revision MUST be written only where there was
  one, and only if it differs: then it replaces the row's result and gets a new number.
- The number of a result MUST be larger than every earlier number of the job, in the order of writing; a
  number that a revision replaced is never used again. So a client that has read up to N has missed nothing,
  and if it receives a photo twice, the larger number counts.
- A job, its photos and every change of its state MUST be on the disk before the request is answered, safe
  from a power cut. Results need not be: those that a power cut takes are judged again from stored evidence.
- Evidence MUST be saved in its own store before the result is written here; in the other order, a crash
  between the two would cost a measurement, but no verdict.
- Revisions MUST begin only when every photo has a result and no `more` can come, and they MUST depend only on
  settings and stored evidence: so a daemon that was killed between two of them repeats them all, and results
  that were already revised are equal and do not change.
- "done" MUST be written after the last revision, in the transaction that finds no photo without a result and
  no `more`.
- Ended jobs and journals MUST expire by the number of days on which the daemon ran since, not by the clock:
  a start with a wrong clock is one day. `running_days` has these days, `ages` their number when a job or
  journal was first counted.
- A journal's entries MUST be on the disk before the request is answered; they outlive their job. Of each mark
  of a photo the last `after` MUST be kept, and as `before` what was set last by other hands than ours.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable
from itertools import count
from typing import Any

from autocull.errors import Problem, RequestError
from autocull.serve.jobs.model import Job, JobState, RequestedPhoto
from autocull.sqlite import DatabaseSchema

SCHEMA = DatabaseSchema(
    "job database",
    application=0x41554A42,  # "AUJB"
    version=1,
    temporary_warning="Jobs do not survive a restart",
    shared=True,
    must_persist=True,
    tables=(
        """CREATE TABLE jobs
           (place INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, source TEXT NOT NULL,
            purpose TEXT NOT NULL, profile TEXT NOT NULL, settings TEXT NOT NULL, catalog TEXT,
            more INTEGER NOT NULL, state TEXT NOT NULL, created REAL NOT NULL, message TEXT, ended REAL)""",
        """CREATE TABLE photos
           (job TEXT NOT NULL REFERENCES jobs (id), id TEXT NOT NULL, place INTEGER NOT NULL,
            path TEXT NOT NULL, fallback TEXT, facts TEXT,
            number INTEGER, result TEXT, verdict TEXT, reason TEXT,
            PRIMARY KEY (job, id), UNIQUE (job, place), UNIQUE (job, number),
            CHECK ((number IS NULL) = (result IS NULL)))""",
        "CREATE INDEX pending ON photos (job, place) WHERE number IS NULL",
        "CREATE INDEX twins ON photos (job, path) WHERE number IS NULL",
        "CREATE INDEX counted ON photos (job, number IS NULL, verdict, reason)",
        """CREATE VIEW workable AS SELECT * FROM jobs
           WHERE state IN ('waiting', 'running')
           AND (NOT more OR EXISTS (SELECT 1 FROM photos WHERE job = jobs.id AND number IS NULL))""",
        "CREATE TABLE journals (id TEXT PRIMARY KEY, catalog TEXT, created REAL NOT NULL, undone REAL)",
        """CREATE TABLE entries
           (journal TEXT NOT NULL REFERENCES journals (id), id TEXT NOT NULL, number INTEGER NOT NULL,
            before TEXT NOT NULL, after TEXT NOT NULL,
            PRIMARY KEY (journal, id), UNIQUE (journal, number))""",
        """CREATE VIEW journal_heads AS SELECT id, catalog, created, undone,
           (SELECT count(*) FROM entries WHERE journal = journals.id), rowid AS place FROM journals""",
    ),
    additions=(
        """CREATE INDEX IF NOT EXISTS fallbacks ON photos (fallback)
           WHERE number IS NULL AND fallback IS NOT NULL""",
        "CREATE TABLE IF NOT EXISTS running_days (day INTEGER PRIMARY KEY)",
        """CREATE TABLE IF NOT EXISTS ages
           (kind TEXT NOT NULL, id TEXT NOT NULL, number INTEGER NOT NULL, PRIMARY KEY (kind, id))""",
    ),
)
"""The job database; the view `workable` has the live jobs with a photo to judge, or that only need to end."""


def find_job(connection: sqlite3.Connection, job: str) -> Job:
    """Return a job; raises RequestError (`unknown_job`) if it does not exist."""
    row = connection.execute("SELECT * FROM jobs WHERE id = ?", (job,)).fetchone()
    if row is None:
        message = "There is no such job. It may have expired: results are kept for a week."
        raise RequestError(message, code="unknown_job")
    return job_from_row(row)


def job_from_row(row: tuple[Any, ...]) -> Job:
    """Return the job of a row of its table."""
    _, id_, source, purpose, profile, settings, catalog, more, state, created, message, _ = row
    problem = None if message is None else _parse_problem(message)
    return Job(id_, source, purpose, profile, settings, catalog, bool(more), state, created, problem)


def insert_photos(connection: sqlite3.Connection, job: str, photos: Iterable[RequestedPhoto]) -> None:
    """Append photos to a job; an id that it has already is skipped."""
    [last] = connection.execute("SELECT max(place) FROM photos WHERE job = ?", (job,)).fetchone()
    connection.executemany(
        "INSERT OR IGNORE INTO photos (job, place, id, path, fallback, facts) VALUES (?, ?, ?, ?, ?, ?)",
        [
            (job, position, *photo[:4])
            for position, photo in zip(count((last or 0) + 1), photos, strict=False)
        ],
    )


def end_job(
    connection: sqlite3.Connection, job: str, state: JobState, now: float, problem: Problem | None = None
) -> None:
    """Set the final state of a job, with the time and an optional problem."""
    message = None if problem is None else json.dumps(problem.to_json())
    connection.execute(
        "UPDATE jobs SET state = ?, message = ?, more = 0, ended = ? WHERE id = ?", (state, message, now, job)
    )


def _parse_problem(text: str) -> Problem:
    """Return a stored problem; a version before it stored the message alone."""
    try:
        content = json.loads(text)
        return Problem(content["code"], content["message"], content["parameters"])
    except (ValueError, TypeError, KeyError):
        return Problem("failed", text)


def count_running_day(connection: sqlite3.Connection, now: float) -> int:
    """Note that the daemon runs on the day of `now` (seconds since 1970); return the number of such days."""
    connection.execute("INSERT OR IGNORE INTO running_days (day) VALUES (?)", (int(now // 86400),))
    [days] = connection.execute("SELECT count(*) FROM running_days").fetchone()
    return int(days)


def find_expired(
    connection: sqlite3.Connection, kind: str, ids: Iterable[str], days: int, retention: int
) -> list[str]:
    """Return those things of a kind that were first listed `retention` running days ago; `days` is today's.

    A thing that is listed for the first time is noted with today's number, one that is not listed forgotten.
    """
    numbers = dict(connection.execute("SELECT id, number FROM ages WHERE kind = ?", (kind,)).fetchall())
    present = set(ids)
    connection.executemany(
        "INSERT INTO ages VALUES (?, ?, ?)", [(kind, id_, days) for id_ in present - numbers.keys()]
    )
    expired = [id_ for id_ in present & numbers.keys() if days - numbers[id_] >= retention]
    gone = [*expired, *(numbers.keys() - present)]
    connection.executemany("DELETE FROM ages WHERE kind = ? AND id = ?", [(kind, id_) for id_ in gone])
    return expired


def delete_jobs(connection: sqlite3.Connection, jobs: Iterable[str]) -> None:
    """Delete jobs with their photos and results."""
    for job in jobs:
        connection.execute("DELETE FROM photos WHERE job = ?", (job,))
        connection.execute("DELETE FROM jobs WHERE id = ?", (job,))
