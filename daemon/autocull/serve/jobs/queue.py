"""The jobs as the runner sees them: which is next, which photos wait, and their results."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterable, Iterator
from itertools import count

from autocull.serve.database import Database
from autocull.serve.jobs.model import Done, Job, Outcome, Pending, Wanted
from autocull.serve.jobs.tables import as_job, end, find

ABANDONED = 600
"""Seconds after which an open job that gets no further photo is closed with what it has."""

_INCOMPLETE = """SELECT 1 FROM jobs WHERE id = ? AND (state != 'running' OR more OR EXISTS
                 (SELECT 1 FROM photos WHERE job = jobs.id AND number IS NULL))"""


class JobWork:
    """The runner's side of the file of jobs; raises StoreError where the file fails.

    `now` is the wall clock, `elapsed` one that never goes back.
    """

    def __init__(self, database: Database, now: Callable[[], float], elapsed: Callable[[], float]) -> None:
        self._database = database
        self._now = now
        self._elapsed = elapsed
        self._fed: dict[str, float] = {}

    def feed(self, job: str) -> None:
        """Note that a job got photos just now."""
        self._fed[job] = self._elapsed()

    def forget(self, job: str) -> None:
        """Note that a job is gone."""
        self._fed.pop(job, None)

    def next_job(self) -> Job | None:
        """Return the job that is to be worked on: the user's before an import's, the oldest first.

        An open job whose photos are all done is passed over until more come or it is closed.
        """
        with self._database.reading() as connection:
            row = connection.execute(
                "SELECT * FROM workable ORDER BY source = 'import', place LIMIT 1"
            ).fetchone()
        return as_job(row) if row else None

    def begin(self, job: str) -> bool:
        """Say that a job is being worked on, and no other; False where it has ended meanwhile."""
        with self._database.changing() as connection:
            connection.execute("UPDATE jobs SET state = 'waiting' WHERE state = 'running'")
            begun = connection.execute(
                "UPDATE jobs SET state = 'running' WHERE id = ? AND state IN ('waiting', 'running')", (job,)
            )
            return begun.rowcount == 1

    def leave(self, job: str) -> bool:
        """Say that nobody works on a job for now; False where it has ended."""
        with self._database.changing() as connection:
            left = connection.execute(
                "UPDATE jobs SET state = 'waiting' WHERE id = ? AND state = 'running'", (job,)
            )
            return left.rowcount == 1

    def goes_on(self, job: Job) -> bool:
        """Whether the job in work goes on: it has not ended, and no user's job waits behind an import."""
        with self._database.reading() as connection:
            state = connection.execute("SELECT state FROM jobs WHERE id = ?", (job.id,)).fetchone()
            if state != ("running",):
                return False
            if job.source == "user":
                return True
            return not connection.execute("SELECT 1 FROM workable WHERE source = 'user' LIMIT 1").fetchone()

    def pending(self, job: str, after: int, limit: int) -> list[Pending]:
        """Return photos without a result, in their order, from the place above `after`."""
        with self._database.reading() as connection:
            rows = connection.execute(
                """SELECT place, id, path, fallback, facts FROM photos
                   WHERE job = ? AND number IS NULL AND place > ? ORDER BY place LIMIT ?""",
                (job, after, limit),
            )
            return [Pending(place, Wanted(*photo)) for place, *photo in rows]

    def record(self, job: str, photo: Wanted, outcome: Outcome) -> int:
        """Write the result of a photo, and of every other photo of the job with the same file; say how many.

        A photo that has a result keeps it. A job that has ended takes none (0).
        """
        with self._database.changing() as connection:
            if not _runs(connection, job):
                return 0
            numbers = _numbers(connection, job)
            twins = connection.execute(
                """SELECT id FROM photos INDEXED BY twins
                   WHERE job = ? AND path = ? AND fallback IS ? AND number IS NULL ORDER BY place""",
                (job, photo.path, photo.fallback),
            ).fetchall()
            text = json.dumps(outcome.content, allow_nan=False)
            connection.executemany(
                "UPDATE photos SET number = ?, result = ?, verdict = ?, reason = ? WHERE job = ? AND id = ?",
                [
                    (number, text, outcome.verdict, outcome.reason, job, id_)
                    for number, (id_,) in zip(numbers, twins, strict=False)
                ],
            )
        return len(twins)

    def is_complete(self, job: str) -> bool:
        """Whether every photo of a running job has its result, and no more can come."""
        with self._database.reading() as connection:
            return connection.execute(_INCOMPLETE, (job,)).fetchone() is None

    def done(self, job: str, after: int, limit: int) -> list[Done]:
        """Return photos with a verdict, in their order, from the place above `after`."""
        with self._database.reading() as connection:
            rows = connection.execute(
                """SELECT place, id, path, fallback, facts, result FROM photos
                   WHERE job = ? AND verdict IS NOT NULL AND place > ? ORDER BY place LIMIT ?""",
                (job, after, limit),
            )
            return [
                Done(place, Wanted(*photo), json.loads(result)["source"]) for place, *photo, result in rows
            ]

    def revise(self, job: str, revised: Iterable[tuple[str, Outcome]]) -> int:
        """Give photos (by id) that have a result another one, where it says something else; say how many.

        Each of them takes a number of its own, so that who has read the first hears of it. All are written
        in one transaction. A job that has ended takes none (0).
        """
        changed = 0
        with self._database.changing() as connection:
            if not _runs(connection, job):
                return 0
            numbers = _numbers(connection, job)
            number = next(numbers)
            for id_, outcome in revised:
                text = json.dumps(outcome.content, allow_nan=False)
                written = connection.execute(
                    """UPDATE photos SET number = ?, result = ?, verdict = ?, reason = ?
                       WHERE job = ? AND id = ? AND result != ?""",
                    (number, text, outcome.verdict, outcome.reason, job, id_, text),
                )
                if written.rowcount:
                    number, changed = next(numbers), changed + 1
        return changed

    def finish(self, job: str) -> bool:
        """End a running job as done where nothing is left of it; else nothing is changed, and False."""
        with self._database.changing(lasting=True) as connection:
            left = connection.execute(_INCOMPLETE, (job,)).fetchone()
            if left is None:
                end(connection, job, "done", self._now())
        return left is None

    def fail(self, job: str, message: str) -> None:
        """End a live job as failed, and say why."""
        with self._database.changing(lasting=True) as connection:
            if find(connection, job).live:
                end(connection, job, "failed", self._now(), message)

    def close_abandoned(self) -> list[str]:
        """Close the open jobs that got no photo for `ABANDONED` seconds; returns them.

        Sleep and a clock that is set count for nothing: only time that passed here does.
        """
        with self._database.changing(lasting=True) as connection:
            rows = connection.execute("SELECT id FROM jobs WHERE more").fetchall()
            since = {job: self._fed.setdefault(job, self._elapsed()) for (job,) in rows}
            old = [job for job, fed in since.items() if self._elapsed() - fed >= ABANDONED]
            connection.executemany("UPDATE jobs SET more = 0 WHERE id = ?", [(job,) for job in old])
        return old


def _runs(connection: sqlite3.Connection, job: str) -> bool:
    state = connection.execute("SELECT state FROM jobs WHERE id = ?", (job,)).fetchone()
    return bool(state == ("running",))


def _numbers(connection: sqlite3.Connection, job: str) -> Iterator[int]:
    """Count on from the largest number of a job's results."""
    [last] = connection.execute("SELECT max(number) FROM photos WHERE job = ?", (job,)).fetchone()
    return count((last or 0) + 1)
