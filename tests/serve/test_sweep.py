"""The job database failing or killed at its n-th statement, for every n: nothing is lost or duplicated.

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

from autocull import sqlite
from autocull.errors import RequestError, StoreError
from autocull.serve.jobs.store import JobStore
from autocull.serve.journals import JournalEntry
from support.job_fixtures import JobDatabase, job_request, photo_outcome, requested_photos

MAX_STATEMENTS = 400
"""More statements than the story has; where the sweep comes so far, it has no end."""


class Killed(BaseException):
    """The process is killed: nothing is rolled back or closed."""


class FailingConnection:
    """A connection whose n-th statement after `fail_at` fails; a killed one then fails for ever."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._remaining = -1
        self._error: BaseException = Killed()
        self.failed = False

    def fail_at(self, number: int, error: BaseException) -> None:
        """Let the n-th statement from now on fail."""
        self._remaining, self._error = number, error

    def _count(self) -> None:
        if self.failed and isinstance(self._error, Killed):
            raise self._error
        self._remaining -= 1
        if self._remaining == 0:
            self.failed = True
            raise self._error

    def execute(self, *arguments: Any) -> sqlite3.Cursor:
        """Run a statement, unless it is the n-th."""
        self._count()
        return self._connection.execute(*arguments)

    def executemany(self, *arguments: Any) -> sqlite3.Cursor:
        """Run a statement for many rows, unless it is the n-th."""
        self._count()
        return self._connection.executemany(*arguments)

    def stop_failing(self) -> None:
        """Let every further statement succeed."""
        self._remaining = -1

    def __getattr__(self, name: str) -> Any:
        return getattr(self._connection, name)


class Scenario:
    """The steps of a client and the runner with one job, and the responses that they received."""

    def __init__(self) -> None:
        self.job = ""
        self.results: dict[str, int] = {}
        self.revised: set[str] = set()
        self.entries = 0
        self.done = 0

    def steps(self) -> list[Callable[[JobDatabase], None]]:
        """Return the steps in order; each may be repeated if its response did not arrive."""
        return [
            self.create, self.add, self.begin, self.record("1"), self.record("2"), self.journal,
            self.record("3"), self.record("4"), self.revise("2", "4"), self.journal, self.revise("2", "1"),
            self.finish, self.read, self.undo, self.acknowledge,
        ]  # fmt: skip

    def run(self, database: JobDatabase) -> None:
        """Run the remaining steps."""
        for step in self.steps()[self.done :]:
            step(database)
            self.done += 1

    def create(self, database: JobDatabase) -> None:
        """Create the job with its first photos."""
        self.job = database.jobs.create(job_request(*requested_photos("1", "2"), catalog="C", more=True)).id

    def add(self, database: JobDatabase) -> None:
        """Add the others."""
        assert database.jobs.add_photos(self.job, requested_photos("3", "4"), more=False).id == self.job

    def begin(self, database: JobDatabase) -> None:
        """Begin the job."""
        assert database.queue.begin(self.job)

    def record(self, id_: str) -> Callable[[JobDatabase], None]:
        """Return the step that records a photo's result and reads all results."""

        def step(database: JobDatabase) -> None:
            database.queue.begin(self.job)  # a restarted daemon begins the job again
            database.queue.record(self.job, *requested_photos(id_), photo_outcome())
            self.read(database)

        return step

    def revise(self, *ids: str) -> Callable[[JobDatabase], None]:
        """Return the step that revises the results of photos and reads all; repeated, it changes nothing."""

        def step(database: JobDatabase) -> None:
            database.queue.begin(self.job)
            changed = database.queue.revise(self.job, [(id_, photo_outcome("reject", "soft")) for id_ in ids])
            assert changed <= len(ids)
            self.revised |= set(ids)
            self.read(database)

        return step

    def journal(self, database: JobDatabase) -> None:
        """Write the marks of two photos into the journal."""
        after = {"rating": 1, "flag": -1} if self.revised else {"rating": 3}
        entries = [
            JournalEntry(id_, {"rating": 3 if self.revised else None, "flag": 0}, after) for id_ in "12"
        ]
        self.entries = database.journals.write(self.job, entries).entries

    def finish(self, database: JobDatabase) -> None:
        """End the job."""
        database.queue.begin(self.job)
        assert database.queue.finish(self.job) or database.jobs.get(self.job).state == "done"

    def read(self, database: JobDatabase) -> None:
        """Read all results."""
        self.results = numbers_by_id(database.jobs, self.job)

    def undo(self, database: JobDatabase) -> None:
        """Mark the journal as undone."""
        database.journals.mark_undone(self.job)

    def acknowledge(self, database: JobDatabase) -> None:
        """Acknowledge the results; afterwards the job is unknown."""
        with suppress(RequestError):
            database.jobs.acknowledge(self.job)
        assert self.job not in {job.id for job in database.jobs.list_newest()}

    def check(self, database: JobDatabase) -> None:
        """Check that no answered change is lost, and that the data are consistent."""
        if self.entries:
            rows, _ = database.journals.list_entries(self.job, 0, 99)
            assert len(rows) == self.entries == 2
            assert all(row["before"] == {"rating": None, "flag": 0} for row in rows)
        jobs_by_id = {job.id for job in database.jobs.list_newest()}
        assert len(jobs_by_id) <= 2, "one job whose response was lost may exist"
        for job in jobs_by_id:
            counts, (rows, _) = database.jobs.counts(job), database.jobs.list_results(job, 0, 99)
            result_numbers = [int(str(row["number"])) for row in rows]
            assert result_numbers == sorted(set(result_numbers))
            assert len({row["id"] for row in rows}) == len(rows) == counts.done <= counts.total
            assert sum(counts.verdicts.values()) == counts.done
            pending = {photo.id for _, photo in database.queue.list_pending(job, 0, 99)}
            assert not pending & {row["id"] for row in rows}
            assert len(pending) == counts.total - counts.done
        if self.job in jobs_by_id:
            current = numbers_by_id(database.jobs, self.job)
            assert all(current[id_] >= number for id_, number in self.results.items())
            new_ids = {
                id_ for id_, number in current.items() if number > max(self.results.values(), default=0)
            }
            assert new_ids >= {id_ for id_ in current if current[id_] != self.results.get(id_)}, (
                "what changed since it was read must come behind what was read"
            )
            rows, _ = database.jobs.list_results(self.job, 0, 99)
            rejected = {row["id"] for row in rows if row["verdict"] == "reject"}
            assert rejected >= self.revised
            assert database.jobs.counts(self.job).verdicts["reject"] == len(rejected)


def numbers_by_id(jobs: JobStore, job: str) -> dict[str, int]:
    """Return the number of each photo that has a result."""
    return {str(row["id"]): int(str(row["number"])) for row in jobs.list_results(job, 0, 99)[0]}


def open_failing(file: Path, number: int, error: BaseException) -> tuple[JobDatabase, FailingConnection]:
    """Open the file with a connection whose n-th statement after that fails."""
    connections: list[FailingConnection] = []

    def open_file(path: Path, schema: sqlite.DatabaseSchema) -> FailingConnection:
        connection = original(path, schema)
        assert connection is not None
        connections.append(FailingConnection(connection))
        return connections[-1]

    original = sqlite.open_file
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sqlite, "open_file", open_file)
        database = JobDatabase(file)
    [connection] = connections
    connection.fail_at(number, error)
    return database, connection


def count_statements() -> Iterator[int]:
    """Count up; the caller returns when the scenario ends before the n-th statement."""
    yield from range(1, MAX_STATEMENTS)
    pytest.fail("the scenario did not end")


@pytest.mark.parametrize("reason", ["disk I/O error", "database or disk is full"])
def test_row_19_failed_statement_can_be_repeated(tmp_path: Path, reason: str) -> None:
    """For every n: StoreError, no change by the step; it is repeated, and the scenario ends the same."""
    for number in count_statements():
        scenario, message = Scenario(), ""
        error = sqlite3.OperationalError(reason)
        database, connection = open_failing(tmp_path / f"{number}.sqlite", number, error)
        with closing(database):
            try:
                scenario.run(database)
            except StoreError as caught:
                message = caught.message
            connection.stop_failing()
            scenario.check(database)
            scenario.run(database)
            scenario.check(database)
        assert scenario.results == {"3": 3, "2": 5, "4": 6, "1": 7}
        assert str(tmp_path) not in message
        if not connection.failed:
            assert number > 50, "the sweep reached too few statements"
            return
        assert reason in message


def test_row_17_daemon_killed_at_any_statement_goes_on(tmp_path: Path) -> None:
    """For every n: the files at that moment can be opened again, with every answered change."""
    for number in count_statements():
        scenario, folder, after = Scenario(), tmp_path / f"{number}", tmp_path / f"{number} after"
        folder.mkdir()
        database, connection = open_failing(folder / "jobs.sqlite", number, Killed())
        with suppress(Killed):
            scenario.run(database)
        shutil.copytree(folder, after)  # before anything is rolled back or closed
        with closing(JobDatabase(after / "jobs.sqlite")) as reopened:
            scenario.check(reopened)
            scenario.run(reopened)
            scenario.check(reopened)
        assert scenario.results == {"3": 3, "2": 5, "4": 6, "1": 7}
        database.close()
        if not connection.failed:
            return
