"""The tables of the file of jobs, and the few statements that both sides of it need.

What holds at every moment, also after `kill -9` and, where it says so, after a power cut:

- A photo is one row of its job, by (job, id); its result stands in that row. So no verdict can be lost or
  doubled: a result and its number MUST be written in one transaction.
- A first result MUST be written only where there was none. A revision MUST be written only where there was
  one, and only where it says something else: then it takes the row and a number of its own.
- Numbers of results MUST be larger than every number given before, in the order of writing; a number that a
  revision left behind is never given again. So who has read up to N has missed nothing, and of a photo that
  comes twice the larger number counts.
- A job, its photos and every change of its state MUST be on the disk before the request is answered (a power
  cut included). Results need not be: those that a power cut takes are judged again from stored evidence.
- Evidence MUST be kept in its own store before the result is written here; the other way round a crash
  between the two would cost a reading, not a verdict.
- Revisions MUST begin only when no photo is without a result and no `more` can come, and they MUST follow
  from settings and stored evidence alone: so a daemon that was killed between two of them makes them all
  again, and what was revised already is equal, and stays as it is.
- "done" MUST be written after the last revision, in the transaction that finds no photo without a result and
  no `more`.
- A journal's entries MUST be on the disk before the request is answered; they outlive their job. Of each mark
  of a photo the first `before` and the last `after` MUST be kept, however often the photo was written.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from itertools import count
from typing import Any

from autocull.errors import RequestError
from autocull.serve.jobs.model import Job, JobState, RequestedPhoto
from autocull.sqlite import DatabaseSchema

KIND = DatabaseSchema(
    "file of jobs",
    application=0x41554A42,  # "AUJB"
    version=1,
    shared=True,
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
)
"""The file of jobs; a view `workable` holds the live jobs that have a photo to judge, or only need an end."""


def find_job(connection: sqlite3.Connection, job: str) -> Job:
    """Return a job; raises RequestError (`unknown_job`) where there is none."""
    row = connection.execute("SELECT * FROM jobs WHERE id = ?", (job,)).fetchone()
    if row is None:
        message = "There is no such job. It may have expired: results are kept for a week."
        raise RequestError(message, code="unknown_job")
    return job_from_row(row)


def job_from_row(row: tuple[Any, ...]) -> Job:
    """Make a job of a row of its table."""
    _, id_, source, purpose, profile, settings, catalog, more, state, created, message, _ = row
    return Job(id_, source, purpose, profile, settings, catalog, bool(more), state, created, message)


def insert_photos(connection: sqlite3.Connection, job: str, photos: Iterable[RequestedPhoto]) -> None:
    """Add photos to a job, behind those it has; an id that it has already is passed over."""
    [last] = connection.execute("SELECT max(place) FROM photos WHERE job = ?", (job,)).fetchone()
    connection.executemany(
        "INSERT OR IGNORE INTO photos (job, place, id, path, fallback, facts) VALUES (?, ?, ?, ?, ?, ?)",
        [(job, position, *photo) for position, photo in zip(count((last or 0) + 1), photos, strict=False)],
    )


def end_job(
    connection: sqlite3.Connection, job: str, state: JobState, now: float, message: str | None = None
) -> None:
    """End a job."""
    connection.execute(
        "UPDATE jobs SET state = ?, message = ?, more = 0, ended = ? WHERE id = ?", (state, message, now, job)
    )


def delete_jobs(connection: sqlite3.Connection, jobs: Iterable[str]) -> None:
    """Remove jobs with their photos and results."""
    for job in jobs:
        connection.execute("DELETE FROM photos WHERE job = ?", (job,))
        connection.execute("DELETE FROM jobs WHERE id = ?", (job,))
