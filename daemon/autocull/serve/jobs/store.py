"""The jobs as clients see them: made, fed, counted, read, cancelled, forgotten; rules in `job_tables`."""

from __future__ import annotations

import json
import sqlite3
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path
from threading import Condition
from uuid import uuid4

from autocull.errors import RequestError, StoreError
from autocull.serve.database import Database
from autocull.serve.jobs.model import Counts, Job, Order, Wanted
from autocull.serve.jobs.queue import JobWork
from autocull.serve.jobs.tables import KIND, as_job, end, find, forget, insert
from autocull.serve.journals import Journals

KEPT = 7 * 86400
"""Seconds that the results of a job that ended are kept for who has not acknowledged them."""


class JobStore:
    """The jobs in one SQLite file, for several threads: `work` is the runner's side, `journals` is for undo.

    `warn` receives a sentence where the file is put aside, or jobs will not survive a restart. `now` is the
    wall clock (seconds since 1970), which may jump; `elapsed` never goes back. Methods that name a job raise
    RequestError (`unknown_job`) where there is none, and all raise StoreError where the file fails.
    """

    def __init__(
        self,
        file: Path | None,
        warn: Callable[[str], None],
        now: Callable[[], float] = time.time,
        elapsed: Callable[[], float] = time.monotonic,
    ) -> None:
        self._database = Database(file, KIND, warn)
        self._now = now
        self._news = Condition()
        self._heard = 0
        self.work = JobWork(self._database, now, elapsed)
        self.journals = Journals(self._database, now)
        with suppress(StoreError):  # damage that shows now is put aside, and a new file is in its place
            self.expire()
        with self._database.changing(lasting=True) as connection:
            connection.execute("UPDATE jobs SET state = 'waiting' WHERE state = 'running'")

    def close(self) -> None:
        """Close the file; everything stays."""
        self._database.close()

    def create(self, order: Order) -> Job:
        """Keep a new job with its first photos and return it; an id that comes twice is one photo."""
        job = uuid4().hex
        with self._database.changing(lasting=True) as connection:
            connection.execute(
                """INSERT INTO jobs
                   (id, source, purpose, profile, settings, catalog, more, state, created)
                   VALUES (?, ?, ?, ?, ?, ?, ?, 'waiting', ?)""",
                (job, *order.facts, self._now()),
            )
            insert(connection, job, order.photos)
        return self._changed(job)

    def add(self, job: str, photos: Iterable[Wanted], *, more: bool) -> Job:
        """Add photos to an open job, and close it unless `more` follow; ids that it has are not doubled.

        A closed job takes nothing (RequestError `wrong_state`), but for a piece that it has already: its
        sender did not hear the answer.
        """
        photos = list(photos)
        with self._database.changing(lasting=True) as connection:
            found = find(connection, job)
            new = [photo for photo in photos if not _has(connection, job, photo.id)]
            if not (found.live and found.more) and (new or more):
                message = f"The job is closed ({found.state}): send the photos as a new job."
                raise RequestError(message, code="wrong_state")
            insert(connection, job, new)
            connection.execute("UPDATE jobs SET more = more AND ? WHERE id = ?", (more, job))
        return self._changed(job)

    def job(self, job: str) -> Job:
        """Return a job as it is now."""
        with self._database.reading() as connection:
            return find(connection, job)

    def jobs(self, limit: int = 100) -> list[Job]:
        """Return the newest jobs, newest first."""
        with self._database.reading() as connection:
            rows = connection.execute("SELECT * FROM jobs ORDER BY place DESC LIMIT ?", (limit,))
            return [as_job(row) for row in rows]

    def waiting(self) -> int:
        """Count the jobs that wait."""
        with self._database.reading() as connection:
            return int(connection.execute("SELECT count(*) FROM jobs WHERE state = 'waiting'").fetchone()[0])

    def counts(self, job: str) -> Counts:
        """Count what a job has and what became of it."""
        with self._database.reading() as connection:
            rows = connection.execute(
                """SELECT number IS NULL, verdict, reason, count(*) FROM photos WHERE job = ?
                   GROUP BY number IS NULL, verdict, reason""",
                (job,),
            ).fetchall()
        done = [(verdict, reason, count) for pending, verdict, reason, count in rows if not pending]
        return Counts(
            total=sum(count for *_, count in rows),
            done=sum(count for *_, count in done),
            errors=sum(count for verdict, _, count in done if verdict is None),
            verdicts={
                answer: sum(count for verdict, _, count in done if verdict == answer)
                for answer in ("keep", "reject", "cannot_tell")
            },
            reasons={reason: count for verdict, reason, count in done if verdict == "reject" and reason},
        )

    def results(self, job: str, after: int, limit: int) -> tuple[list[dict[str, object]], bool]:
        """Return the results numbered above `after`, at most `limit`, as the protocol has them.

        The second value is True where the job has ended and nothing follows these.
        """
        with self._database.reading() as connection:
            live = find(connection, job).live
            rows = connection.execute(
                "SELECT number, id, result FROM photos WHERE job = ? AND number > ? ORDER BY number LIMIT ?",
                (job, after, limit + 1),
            ).fetchall()
        results = [{"number": number, "id": id_, **json.loads(text)} for number, id_, text in rows[:limit]]
        return results, not live and len(rows) <= limit

    def cancel(self, job: str) -> Job:
        """End a job; what was done stays readable. One that has ended stays as it ended."""
        with self._database.changing(lasting=True) as connection:
            if find(connection, job).live:
                end(connection, job, "cancelled", self._now())
        return self._changed(job)

    def acknowledge(self, job: str) -> None:
        """Forget a job that has ended, with its results; its journal stays.

        Raises RequestError (`wrong_state`) for a job that has not ended.
        """
        with self._database.changing(lasting=True) as connection:
            if find(connection, job).live:
                message = "The job has not ended: wait for it, or cancel it first."
                raise RequestError(message, code="wrong_state")
            forget(connection, [job])
        self.work.forget(job)

    def expire(self) -> None:
        """Forget what is older than its time: the results of ended jobs, and journals."""
        with self._database.changing() as connection:
            rows = connection.execute(
                "SELECT id FROM jobs WHERE ended <= ?", (self._now() - KEPT,)
            ).fetchall()
            forget(connection, [job for (job,) in rows])
        self.journals.expire()

    def wait(self, seconds: float) -> None:
        """Wait until a job comes, grows or is cancelled, or `seconds` have passed."""
        with self._news:
            self._news.wait_for(lambda: self._heard > 0, seconds)
            self._heard = 0

    def wake(self) -> None:
        """End the wait that is going on, or else the next one."""
        with self._news:
            self._heard += 1
            self._news.notify_all()

    def _changed(self, job: str) -> Job:
        self.work.feed(job)
        self.wake()
        return self.job(job)


def _has(connection: sqlite3.Connection, job: str, photo: str) -> bool:
    found = connection.execute("SELECT 1 FROM photos WHERE job = ? AND id = ?", (job, photo)).fetchone()
    return found is not None
