"""The runner's access to the jobs: the next job, its pending photos, their results and its end."""

from __future__ import annotations

import json
import sqlite3
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from itertools import count
from pathlib import Path
from threading import Condition

from autocull.errors import Problem, StoreError
from autocull.serve.jobs.model import Job, JudgedPhoto, PendingPhoto, PhotoOutcome, RequestedPhoto
from autocull.serve.jobs.previews import PreviewStore
from autocull.serve.jobs.tables import (
    count_running_day,
    delete_jobs,
    end_job,
    find_expired,
    find_job,
    job_from_row,
)
from autocull.serve.journals import RETENTION as JOURNAL_RETENTION
from autocull.serve.journals import delete_journals
from autocull.sqlite import Database

ABANDONED_TIMEOUT = 600
"""Seconds after which an open job that receives no more photos is closed."""

POLL_TIMEOUT = 30.0
"""Seconds without a request for a job after which the job gives way to one that is polled."""

RETENTION = 7
"""Days on which the daemon ran for which the results of an ended job are kept unless acknowledged."""

_INCOMPLETE = """SELECT 1 FROM jobs WHERE id = ? AND (state != 'running' OR more OR EXISTS
                 (SELECT 1 FROM photos WHERE job = jobs.id AND number IS NULL))"""
_PENDING_FALLBACKS = """SELECT fallback FROM photos WHERE number IS NULL AND fallback IS NOT NULL
                        AND job IN (SELECT id FROM jobs WHERE state IN ('waiting', 'running'))"""


class JobQueue:
    """The runner's side of the job database; all methods raise StoreError if the file fails.

    A job that was running when the last daemon ended waits again. `now` is the wall clock (seconds since
    1970), which may jump; `elapsed` is monotonic.
    """

    def __init__(
        self,
        database: Database,
        previews: PreviewStore,
        now: Callable[[], float] = time.time,
        elapsed: Callable[[], float] = time.monotonic,
    ) -> None:
        self._database = database
        self.previews = previews
        self._now = now
        self._elapsed = elapsed
        self._touched: dict[str, float] = {}
        self._polled: dict[str, float] = {}
        self._condition = Condition()
        self._wake_count = 0
        self._is_recovered = False
        with suppress(StoreError):  # the file cannot be used now: recovered as soon as it can
            self._recover()

    def _recover(self) -> None:
        """Let the job that ran when the last daemon ended wait again, and clean up."""
        if self._is_recovered:
            return
        with suppress(StoreError):  # a damaged file was renamed, and a new one is in its place
            self.expire()
        with self._database.transaction(durable=True) as connection:
            connection.execute("UPDATE jobs SET state = 'waiting' WHERE state = 'running'")
        self._is_recovered = True
        self.delete_unneeded_previews()

    def notify(self, job: str) -> None:
        """Record that a job has just received photos or changed, and wake the runner."""
        self._touched[job] = self._elapsed()
        self.wake()

    def record_poll(self, job: str) -> None:
        """Record that a client has just requested a job, or something of it: it waits for the results."""
        self._polled[job] = self._elapsed()

    def wake(self) -> None:
        """End the current `wait`, or else the next one."""
        with self._condition:
            self._wake_count += 1
            self._condition.notify_all()

    def wait(self, seconds: float) -> None:
        """Wait until a job is created, grows or is cancelled, or `seconds` have passed."""
        with self._condition:
            self._condition.wait_for(lambda: self._wake_count > 0, seconds)
            self._wake_count = 0

    def next_job(self) -> Job | None:
        """Return the job to work on: a polled one first, then the user's before an import's, then the oldest.

        An open job whose photos are all done is skipped until more come or it is closed. A job is polled if a
        client requested it, or something of it, within the last `POLL_TIMEOUT` seconds of `elapsed`.
        """
        self._recover()
        with self._database.read_connection() as connection:
            rows = connection.execute("SELECT * FROM workable ORDER BY place").fetchall()
        return min(map(job_from_row, rows), key=self._priority, default=None)

    def begin(self, job: str) -> bool:
        """Mark a job, and no other, as running; return False if it has ended meanwhile."""
        with self._database.transaction() as connection:
            connection.execute("UPDATE jobs SET state = 'waiting' WHERE state = 'running'")
            cursor = connection.execute(
                "UPDATE jobs SET state = 'running' WHERE id = ? AND state IN ('waiting', 'running')", (job,)
            )
            return cursor.rowcount == 1

    def requeue(self, job: str) -> bool:
        """Mark a running job as waiting; return False if it has ended."""
        with self._database.transaction() as connection:
            cursor = connection.execute(
                "UPDATE jobs SET state = 'waiting' WHERE id = ? AND state = 'running'", (job,)
            )
            return cursor.rowcount == 1

    def is_active(self, job: Job) -> bool:
        """Return whether the running job goes on: it has not ended, and no other job comes before it.

        An import's job gives way to a user's, and one that is not polled to one that is.
        """
        with self._database.read_connection() as connection:
            state = connection.execute("SELECT state FROM jobs WHERE id = ?", (job.id,)).fetchone()
            if state != ("running",):
                return False
            rows = connection.execute("SELECT * FROM workable WHERE id != ?", (job.id,)).fetchall()
        priority = self._priority(job)
        return not any(self._priority(job_from_row(row)) < priority for row in rows)

    def _priority(self, job: Job) -> tuple[bool, bool]:
        """Return the key by which jobs are taken, the smallest first."""
        polled_at = self._polled.get(job.id)
        is_polled = polled_at is not None and self._elapsed() - polled_at < POLL_TIMEOUT
        return not is_polled, job.source == "import"

    def list_pending(self, job: str, after: int, limit: int) -> list[PendingPhoto]:
        """Return photos without a result, in order, at positions above `after`, at most `limit`."""
        with self._database.read_connection() as connection:
            rows = connection.execute(
                """SELECT place, id, path, fallback, facts FROM photos
                   WHERE job = ? AND number IS NULL AND place > ? ORDER BY place LIMIT ?""",
                (job, after, limit),
            )
            return [PendingPhoto(position, RequestedPhoto(*photo)) for position, *photo in rows]

    def record(self, job: str, photo: RequestedPhoto, outcome: PhotoOutcome) -> int:
        """Write the result of a photo and of all photos of the job with the same file; return their number.

        A photo that has a result keeps it. For a job that has ended nothing is written (0).
        """
        with self._database.transaction() as connection:
            if not _is_running(connection, job):
                return 0
            numbers = _next_numbers(connection, job)
            same_file_rows = connection.execute(
                """SELECT id FROM photos INDEXED BY twins
                   WHERE job = ? AND path = ? AND fallback IS ? AND number IS NULL ORDER BY place""",
                (job, photo.path, photo.fallback),
            ).fetchall()
            text = json.dumps(outcome.content, allow_nan=False)
            connection.executemany(
                "UPDATE photos SET number = ?, result = ?, verdict = ?, reason = ? WHERE job = ? AND id = ?",
                [
                    (number, text, outcome.verdict, outcome.reason, job, id_)
                    for number, (id_,) in zip(numbers, same_file_rows, strict=False)
                ],
            )
        self._delete_preview(photo)
        return len(same_file_rows)

    def delete_unneeded_previews(self) -> None:
        """Delete the previews that no photo without a result needs: those of jobs that have ended."""
        with self.previews.lock:
            with self._database.read_connection() as connection:
                rows = connection.execute(_PENDING_FALLBACKS).fetchall()
            self.previews.delete_all_except(Path(fallback) for (fallback,) in rows)

    def _delete_preview(self, photo: RequestedPhoto) -> None:
        """Delete the preview of a photo that has its result, unless another photo waits with the same one."""
        if photo.fallback is None or not self.previews.owns(Path(photo.fallback)):
            return
        with self.previews.lock, self._database.read_connection() as connection:
            query = f"{_PENDING_FALLBACKS} AND fallback = ? LIMIT 1"
            if connection.execute(query, (photo.fallback,)).fetchone() is None:
                self.previews.delete(Path(photo.fallback))

    def is_complete(self, job: str) -> bool:
        """Return whether every photo of a running job has its result, and no more can come."""
        with self._database.read_connection() as connection:
            return connection.execute(_INCOMPLETE, (job,)).fetchone() is None

    def list_judged(self, job: str, after: int, limit: int) -> list[JudgedPhoto]:
        """Return photos with a verdict, in order, at positions above `after`, at most `limit`."""
        with self._database.read_connection() as connection:
            rows = connection.execute(
                """SELECT place, id, path, fallback, facts, result FROM photos
                   WHERE job = ? AND verdict IS NOT NULL AND place > ? ORDER BY place LIMIT ?""",
                (job, after, limit),
            )
            return [
                JudgedPhoto(position, RequestedPhoto(*photo), json.loads(result)["source"])
                for position, *photo, result in rows
            ]

    def revise(self, job: str, revisions: Iterable[tuple[str, PhotoOutcome]]) -> int:
        """Replace the results of photos (by id) where they differ; return the number of replaced ones.

        Each revision gets a new number, so that a client that has read the first result receives it. All are
        written in one transaction. For a job that has ended nothing is written (0).
        """
        changed = 0
        with self._database.transaction() as connection:
            if not _is_running(connection, job):
                return 0
            numbers = _next_numbers(connection, job)
            number = next(numbers)
            for id_, outcome in revisions:
                text = json.dumps(outcome.content, allow_nan=False)
                cursor = connection.execute(
                    """UPDATE photos SET number = ?, result = ?, verdict = ?, reason = ?
                       WHERE job = ? AND id = ? AND result != ?""",
                    (number, text, outcome.verdict, outcome.reason, job, id_, text),
                )
                if cursor.rowcount:
                    number, changed = next(numbers), changed + 1
        return changed

    def finish(self, job: str, problem: Problem | None = None) -> bool:
        """End a running job as done if it is complete; else change nothing and return False.

        `problem` is what had to be left out.
        """
        with self._database.transaction(durable=True) as connection:
            incomplete = connection.execute(_INCOMPLETE, (job,)).fetchone()
            if incomplete is None:
                end_job(connection, job, "done", self._now(), problem)
        if incomplete is None:
            self.delete_unneeded_previews()
        return incomplete is None

    def fail(self, job: str, problem: Problem) -> None:
        """End a live job as failed, with the reason."""
        with self._database.transaction(durable=True) as connection:
            if find_job(connection, job).live:
                end_job(connection, job, "failed", self._now(), problem)
        self.delete_unneeded_previews()

    def close_abandoned(self) -> list[str]:
        """Close the open jobs that received no photo for `ABANDONED_TIMEOUT` seconds; return their ids.

        The time is that of `elapsed`: changes of the wall clock and time before a restart do not count.
        """
        with self._database.transaction(durable=True) as connection:
            rows = connection.execute("SELECT id FROM jobs WHERE more").fetchall()
            touched = {job: self._touched.setdefault(job, self._elapsed()) for (job,) in rows}
            abandoned = [
                job
                for job, touched_at in touched.items()
                if self._elapsed() - touched_at >= ABANDONED_TIMEOUT
            ]
            connection.executemany("UPDATE jobs SET more = 0 WHERE id = ?", [(job,) for job in abandoned])
            live = {job for (job,) in connection.execute("SELECT id FROM jobs WHERE ended IS NULL")}
        for job in self._touched.keys() - touched.keys():
            self._touched.pop(job, None)
        for job in self._polled.keys() - live:
            self._polled.pop(job, None)
        return abandoned

    def expire(self) -> None:
        """Delete ended jobs and journals that were kept for as many days on which the daemon ran."""
        with self._database.transaction() as connection:
            days = count_running_day(connection, self._now())
            ended = [job for (job,) in connection.execute("SELECT id FROM jobs WHERE ended IS NOT NULL")]
            delete_jobs(connection, find_expired(connection, "job", ended, days, RETENTION))
            journals = [journal for (journal,) in connection.execute("SELECT id FROM journals")]
            expired = find_expired(connection, "journal", journals, days, JOURNAL_RETENTION)
            delete_journals(connection, expired)


def _is_running(connection: sqlite3.Connection, job: str) -> bool:
    state = connection.execute("SELECT state FROM jobs WHERE id = ?", (job,)).fetchone()
    return bool(state == ("running",))


def _next_numbers(connection: sqlite3.Connection, job: str) -> Iterator[int]:
    """Count up from the largest number of a job's results, exclusive."""
    [last] = connection.execute("SELECT max(number) FROM photos WHERE job = ?", (job,)).fetchone()
    return count((last or 0) + 1)
