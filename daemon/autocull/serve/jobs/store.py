"""The clients' access to the jobs: creating, counting, reading, cancelling, deleting; rules in `tables`."""

from __future__ import annotations

import json
import sqlite3
import time
from collections.abc import Callable, Iterable
from uuid import uuid4

from autocull.errors import RequestError
from autocull.serve.jobs.model import Job, JobCounts, JobRequest, RequestedPhoto
from autocull.serve.jobs.previews import PreviewStore
from autocull.serve.jobs.queue import JobQueue
from autocull.serve.jobs.tables import delete_jobs, end_job, find_job, insert_photos, job_from_row
from autocull.sqlite import Database


class JobStore:
    """The clients' side of the job database, for several threads; every change is reported to `queue`.

    `now` is the wall clock (seconds since 1970), which may jump. Methods that take a job's id raise
    RequestError (`unknown_job`) if it does not exist, and all raise StoreError if the file fails.
    """

    def __init__(self, database: Database, queue: JobQueue, now: Callable[[], float] = time.time) -> None:
        self._database = database
        self._queue = queue
        self._now = now

    def create(self, request: JobRequest) -> Job:
        """Store a new job with its first photos and return it; an id that comes twice is one photo."""
        job, previews = uuid4().hex, self._queue.previews
        with previews.lock, self._database.transaction(durable=True) as connection:
            connection.execute(
                """INSERT INTO jobs
                   (id, source, purpose, profile, settings, catalog, more, state, created)
                   VALUES (?, ?, ?, ?, ?, ?, ?, 'waiting', ?)""",
                (job, *request.column_values, self._now()),
            )
            insert_photos(connection, job, [_save_preview(photo, previews) for photo in request.photos])
        self._queue.record_poll(job)
        return self._notify_changed(job)

    def add_photos(self, job: str, photos: Iterable[RequestedPhoto], *, more: bool) -> Job:
        """Add photos to an open job, and close it unless `more` follow; ids that it has are skipped.

        A closed job raises RequestError (`wrong_state`), except for photos that it has already: the client
        repeats a request of which it did not receive the response.
        """
        photos, previews = list(photos), self._queue.previews
        with previews.lock, self._database.transaction(durable=True) as connection:
            existing = find_job(connection, job)
            new = [photo for photo in photos if not _has_photo(connection, job, photo.id)]
            if not (existing.live and existing.more) and (new or more):
                message = f"The job is closed ({existing.state}): send the photos as a new job."
                parameters = {"reason": "job_closed", "state": existing.state}
                raise RequestError(message, code="wrong_state", parameters=parameters)
            insert_photos(connection, job, [_save_preview(photo, previews) for photo in new])
            connection.execute("UPDATE jobs SET more = more AND ? WHERE id = ?", (more, job))
        self._queue.record_poll(job)
        return self._notify_changed(job)

    def get(self, job: str) -> Job:
        """Return the current state of a job."""
        with self._database.read_connection() as connection:
            return find_job(connection, job)

    def record_poll(self, job: str) -> Job:
        """Return the current state of a job, and record that a client waits for it."""
        current = self.get(job)
        self._queue.record_poll(job)
        return current

    def list_newest(self, limit: int = 100) -> list[Job]:
        """Return the newest jobs, newest first."""
        with self._database.read_connection() as connection:
            rows = connection.execute("SELECT * FROM jobs ORDER BY place DESC LIMIT ?", (limit,))
            return [job_from_row(row) for row in rows]

    def has_live(self) -> bool:
        """Return whether any job has not ended."""
        with self._database.read_connection() as connection:
            query = "SELECT 1 FROM jobs WHERE state IN ('waiting', 'running') LIMIT 1"
            return connection.execute(query).fetchone() is not None

    def count_waiting(self) -> int:
        """Return the number of waiting jobs."""
        with self._database.read_connection() as connection:
            return int(connection.execute("SELECT count(*) FROM jobs WHERE state = 'waiting'").fetchone()[0])

    def counts(self, job: str) -> JobCounts:
        """Return the counts of a job's photos, verdicts and reasons."""
        with self._database.read_connection() as connection:
            rows = connection.execute(
                """SELECT number IS NULL, verdict, reason, count(*) FROM photos WHERE job = ?
                   GROUP BY number IS NULL, verdict, reason""",
                (job,),
            ).fetchall()
        done = [(verdict, reason, count) for pending, verdict, reason, count in rows if not pending]
        return JobCounts(
            total=sum(count for *_, count in rows),
            done=sum(count for *_, count in done),
            errors=sum(count for verdict, _, count in done if verdict is None),
            verdicts={
                answer: sum(count for verdict, _, count in done if verdict == answer)
                for answer in ("keep", "reject", "cannot_tell")
            },
            reasons={reason: count for verdict, reason, count in done if verdict == "reject" and reason},
        )

    def list_results(self, job: str, after: int, limit: int) -> tuple[list[dict[str, object]], bool]:
        """Return the results numbered above `after`, at most `limit`, in the form of the protocol.

        The second value is True if the job has ended and no results follow.
        """
        with self._database.read_connection() as connection:
            live = find_job(connection, job).live
            rows = connection.execute(
                "SELECT number, id, result FROM photos WHERE job = ? AND number > ? ORDER BY number LIMIT ?",
                (job, after, limit + 1),
            ).fetchall()
        results = [{"number": number, "id": id_, **json.loads(text)} for number, id_, text in rows[:limit]]
        return results, not live and len(rows) <= limit

    def cancel(self, job: str) -> Job:
        """Cancel a job; its results so far stay. A job that has ended does not change."""
        with self._database.transaction(durable=True) as connection:
            if find_job(connection, job).live:
                end_job(connection, job, "cancelled", self._now())
        self._queue.delete_unneeded_previews()
        return self._notify_changed(job)

    def acknowledge(self, job: str) -> None:
        """Delete a job that has ended, with its results; its journal stays.

        Raises RequestError (`wrong_state`) for a job that has not ended.
        """
        with self._database.transaction(durable=True) as connection:
            if find_job(connection, job).live:
                message = "The job has not ended: wait for it, or cancel it first."
                raise RequestError(message, code="wrong_state", parameters={"reason": "job_not_ended"})
            delete_jobs(connection, [job])

    def _notify_changed(self, job: str) -> Job:
        self._queue.notify(job)
        return self.get(job)


def _save_preview(photo: RequestedPhoto, previews: PreviewStore) -> RequestedPhoto:
    """Return the photo with its preview, if any, as a file; that is preferred to another fallback."""
    if photo.preview is None:
        return photo
    return photo._replace(fallback=str(previews.save(photo.preview)), preview=None)


def _has_photo(connection: sqlite3.Connection, job: str, photo: str) -> bool:
    row = connection.execute("SELECT 1 FROM photos WHERE job = ? AND id = ?", (job, photo)).fetchone()
    return row is not None
