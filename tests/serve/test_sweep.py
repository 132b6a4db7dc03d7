"""The file of jobs, failing or killed at its n-th statement, for every n: nothing is lost or doubled.

Rows 17 and 19 of the list of attacks and faults: a daemon that dies, or whose disk fails, at any step.
"""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

import pytest

from autocull.errors import RequestError, StoreError
from autocull.serve.jobs.store import JobStore
from autocull.serve.journals import JournalEntry
from support.job_fixtures import order, outcome, wanted

MOST = 400
"""More statements than the story has; where the sweep comes so far, it has no end."""


class Killed(BaseException):
    """The process is gone: nobody rolls back, nobody closes."""


class Failing:
    """A connection whose n-th statement from now does not happen."""

    def __init__(self, connection: sqlite3.Connection, at: int, error: BaseException) -> None:
        self._connection = connection
        self._left = at
        self._error = error
        self.failed = False

    def _count(self) -> None:
        if self.failed and isinstance(self._error, Killed):
            raise self._error
        self._left -= 1
        if self._left == 0:
            self.failed = True
            raise self._error

    def execute(self, *words: Any) -> sqlite3.Cursor:
        """Run a statement, unless it is the n-th."""
        self._count()
        return self._connection.execute(*words)

    def executemany(self, *words: Any) -> sqlite3.Cursor:
        """Run a statement for many rows, unless it is the n-th."""
        self._count()
        return self._connection.executemany(*words)

    def end(self) -> None:
        """Let everything happen from here on."""
        self._left = -1

    def __getattr__(self, name: str) -> Any:
        return getattr(self._connection, name)


class Story:
    """What a client and the runner do with one job, step by step, and what they were told."""

    def __init__(self) -> None:
        self.job = ""
        self.results: dict[str, int] = {}
        self.revised: set[str] = set()
        self.entries = 0
        self.done = 0

    def steps(self) -> list[Callable[[JobStore], None]]:
        """List the steps in their order; each may be done again where its answer did not arrive."""
        return [
            self.create, self.add, self.begin, self.record("1"), self.record("2"), self.journal,
            self.record("3"), self.record("4"), self.revise("2", "4"), self.journal, self.revise("2", "1"),
            self.finish, self.read, self.undo, self.acknowledge,
        ]  # fmt: skip

    def go_on(self, jobs: JobStore) -> None:
        """Do the steps that are left."""
        for step in self.steps()[self.done :]:
            step(jobs)
            self.done += 1

    def create(self, jobs: JobStore) -> None:
        """Send the job's first photos."""
        self.job = jobs.create(order(*wanted("1", "2"), catalog="C", more=True)).id

    def add(self, jobs: JobStore) -> None:
        """Send the others."""
        assert jobs.add_photos(self.job, wanted("3", "4"), more=False).id == self.job

    def begin(self, jobs: JobStore) -> None:
        """Take the job up."""
        assert jobs.queue.begin(self.job)

    def record(self, id_: str) -> Callable[[JobStore], None]:
        """Judge a photo, and read what there is."""

        def step(jobs: JobStore) -> None:
            jobs.queue.begin(self.job)  # a daemon that came back takes the job up anew
            jobs.queue.record(self.job, *wanted(id_), outcome())
            self.read(jobs)

        return step

    def revise(self, *ids: str) -> Callable[[JobStore], None]:
        """Give photos another verdict, together, and read what there is; done again it changes nothing."""

        def step(jobs: JobStore) -> None:
            jobs.queue.begin(self.job)
            changed = jobs.queue.revise(self.job, [(id_, outcome("reject", "soft")) for id_ in ids])
            assert changed <= len(ids)
            self.revised |= set(ids)
            self.read(jobs)

        return step

    def journal(self, jobs: JobStore) -> None:
        """Write the marks of two photos, before they go into the catalog."""
        after = {"rating": 1, "flag": -1} if self.revised else {"rating": 3}
        entries = [
            JournalEntry(id_, {"rating": 3 if self.revised else None, "flag": 0}, after) for id_ in "12"
        ]
        self.entries = jobs.journals.write(self.job, entries).entries

    def finish(self, jobs: JobStore) -> None:
        """End the job."""
        jobs.queue.begin(self.job)
        assert jobs.queue.finish(self.job) or jobs.get(self.job).state == "done"

    def read(self, jobs: JobStore) -> None:
        """Read all results."""
        self.results = numbers(jobs, self.job)

    def undo(self, jobs: JobStore) -> None:
        """Undo what was written."""
        jobs.journals.mark_undone(self.job)

    def acknowledge(self, jobs: JobStore) -> None:
        """Say that the results have arrived; afterwards the job is unknown."""
        with suppress(RequestError):
            jobs.acknowledge(self.job)
        assert self.job not in {job.id for job in jobs.list_newest()}

    def check(self, jobs: JobStore) -> None:
        """Nothing that was answered is lost or changed, and what is there fits together."""
        if self.entries:
            rows, _ = jobs.journals.list_entries(self.job, 0, 99)
            assert len(rows) == self.entries == 2
            assert all(row["before"] == {"rating": None, "flag": 0} for row in rows)
        found = {job.id for job in jobs.list_newest()}
        assert len(found) <= 2, "a job that nobody was told of may be there, once"
        for job in found:
            counts, (rows, _) = jobs.counts(job), jobs.list_results(job, 0, 99)
            given = [int(str(row["number"])) for row in rows]
            assert given == sorted(set(given))
            assert len({row["id"] for row in rows}) == len(rows) == counts.done <= counts.total
            assert sum(counts.verdicts.values()) == counts.done
            pending = {photo.id for _, photo in jobs.queue.list_pending(job, 0, 99)}
            assert not pending & {row["id"] for row in rows}
            assert len(pending) == counts.total - counts.done
        if self.job in found:
            now = numbers(jobs, self.job)
            assert all(now[id_] >= number for id_, number in self.results.items())
            news = {id_ for id_, number in now.items() if number > max(self.results.values(), default=0)}
            assert news >= {id_ for id_ in now if now[id_] != self.results.get(id_)}, (
                "what changed since it was read must come behind what was read"
            )
            rows, _ = jobs.list_results(self.job, 0, 99)
            rejected = {row["id"] for row in rows if row["verdict"] == "reject"}
            assert rejected >= self.revised
            assert jobs.counts(self.job).verdicts["reject"] == len(rejected)


def numbers(jobs: JobStore, job: str) -> dict[str, int]:
    """Read the number of each photo that has a result."""
    return {str(row["id"]): int(str(row["number"])) for row in jobs.list_results(job, 0, 99)[0]}


def opened(file: Path) -> JobStore:
    """Open the file; it must be whole."""
    return JobStore(file, pytest.fail)


def fail_at(jobs: JobStore, number: int, error: BaseException) -> Failing:
    """Let the n-th statement from now fail."""
    failing = Failing(jobs._database._connection, number, error)
    jobs._database._connection = failing  # type: ignore[assignment]
    return failing


def sweep() -> Iterator[int]:
    """Count up; the caller leaves when the story came to its end without meeting the n-th statement."""
    yield from range(1, MOST)
    pytest.fail("the story never came to its end")


@pytest.mark.parametrize("words", ["disk I/O error", "database or disk is full"])
def test_row_19_a_statement_that_fails_is_said_and_can_be_done_again(tmp_path: Path, words: str) -> None:
    """For every n: StoreError, all as before the step; it is done again, and the story ends the same."""
    for number in sweep():
        story, said = Story(), ""
        with closing(opened(tmp_path / f"{number}.sqlite")) as jobs:
            failing = fail_at(jobs, number, sqlite3.OperationalError(words))
            try:
                story.go_on(jobs)
            except StoreError as error:
                said = error.message
            failing.end()
            story.check(jobs)
            story.go_on(jobs)
            story.check(jobs)
        assert story.results == {"3": 3, "2": 5, "4": 6, "1": 7}
        assert str(tmp_path) not in said
        if not failing.failed:
            assert number > 50, "the sweep met hardly a statement"
            return
        assert words in said


def test_row_17_a_daemon_killed_at_any_statement_goes_on(tmp_path: Path) -> None:
    """For every n: the files as they lie there at that moment open again, with all that was answered."""
    for number in sweep():
        story, home, after = Story(), tmp_path / f"{number}", tmp_path / f"{number} after"
        home.mkdir()
        jobs = opened(home / "jobs.sqlite")
        failing = fail_at(jobs, number, Killed())
        with suppress(Killed):
            story.go_on(jobs)
        shutil.copytree(home, after)  # before anybody rolls back or closes
        with closing(opened(after / "jobs.sqlite")) as again:
            story.check(again)
            story.go_on(again)
            story.check(again)
        assert story.results == {"3": 3, "2": 5, "4": 6, "1": 7}
        jobs._database._connection = failing._connection
        jobs.close()
        if not failing.failed:
            return
