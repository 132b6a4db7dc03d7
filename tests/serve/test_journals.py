"""The undo journals: complete before any mark is written, with the first mark before."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from autocull.errors import RequestError
from autocull.serve.jobs.store import JobStore
from autocull.serve.journals import RETENTION, JournalEntry, Journals
from support.job_fixtures import Clock, JobDatabase, job_request, run_for_days


@pytest.fixture
def clock() -> Clock:
    """Return the clock of `jobs`."""
    return Clock()


@pytest.fixture
def job_database(tmp_path: Path, clock: Clock) -> Iterator[JobDatabase]:
    """Open a database that must not warn."""
    with closing(JobDatabase(tmp_path / "jobs.sqlite", pytest.fail, clock)) as database:
        yield database


@pytest.fixture
def jobs(job_database: JobDatabase) -> JobStore:
    """Return the clients' side."""
    return job_database.jobs


@pytest.fixture
def journals(job_database: JobDatabase) -> Journals:
    """Return the journals."""
    return job_database.journals


def rating_entry(id_: str, before: int | None = None, after: int = 3) -> JournalEntry:
    """Return an entry of a rating."""
    return JournalEntry(id_, {"rating": before}, {"rating": after})


def test_entries_round_trip(jobs: JobStore, journals: Journals) -> None:
    """In order, page by page, with only the marks that were written."""
    job = jobs.create(job_request(catalog="C")).id
    marks = JournalEntry("2", {"label": "none"}, {"label": "red", "flag": -1})
    assert journals.write(job, [rating_entry("1"), marks]).entries == 2
    assert journals.write(job, [rating_entry("3")]).entries == 3
    rows, complete = journals.list_entries(job, 0, 2)
    assert rows == [
        {"number": 1, "id": "1", "before": {"rating": None}, "after": {"rating": 3}},
        {"number": 2, "id": "2", "before": {"label": "none"}, "after": {"label": "red", "flag": -1}},
    ]
    assert not complete
    rows, complete = journals.list_entries(job, 2, 2)
    assert [row["id"] for row in rows] == ["3"]
    assert complete


def test_first_before_and_last_after_are_kept(jobs: JobStore, journals: Journals) -> None:
    """A second write of a photo is undone to the marks before the first."""
    job = jobs.create(job_request()).id
    journals.write(job, [rating_entry("1", 1, 3), rating_entry("1", 3, 4)])
    assert journals.write(job, [rating_entry("1", 4, 5)]).entries == 1
    [row], _ = journals.list_entries(job, 0, 9)
    assert (row["before"], row["after"]) == ({"rating": 1}, {"rating": 5})


def test_mark_set_by_the_photographer_in_between_replaces_the_first_before(
    jobs: JobStore, journals: Journals
) -> None:
    """Also where the first write never came about: the undo gives what the photographer had last."""
    job = jobs.create(job_request()).id
    journals.write(job, [rating_entry("1", None, 3), rating_entry("1", 5, 4)])
    [row], _ = journals.list_entries(job, 0, 9)
    assert (row["before"], row["after"]) == ({"rating": 5}, {"rating": 4})
    journals.write(job, [rating_entry("1", 4, None)])
    [row], _ = journals.list_entries(job, 0, 9)
    assert (row["before"], row["after"]) == ({"rating": 5}, {"rating": None})


def test_each_mark_keeps_its_own_before(jobs: JobStore, journals: Journals) -> None:
    """A photo that is judged again may be written in other marks; none of them is lost."""
    job = jobs.create(job_request()).id
    first = JournalEntry("1", {"rating": None, "label": "none"}, {"rating": 3, "label": "green"})
    journals.write(job, [first])
    journals.write(job, [JournalEntry("1", {"label": "green", "flag": 0}, {"label": "red", "flag": -1})])
    [row], _ = journals.list_entries(job, 0, 9)
    assert row["before"] == {"rating": None, "label": "none", "flag": 0}
    assert row["after"] == {"rating": 3, "label": "red", "flag": -1}


def test_journal_outlives_its_job(jobs: JobStore, journals: Journals) -> None:
    """After acknowledgement the undo works, and more entries are accepted."""
    job = jobs.create(job_request(catalog="C")).id
    journals.write(job, [rating_entry("1")])
    jobs.cancel(job)
    jobs.acknowledge(job)
    assert len(journals.list_entries(job, 0, 9)[0]) == 1
    assert journals.write(job, [rating_entry("2")]).entries == 2, (
        "the marks of the last results are still written"
    )


def test_journal_is_undone_once(jobs: JobStore, journals: Journals, clock: Clock) -> None:
    """A second call keeps the first time, and no more entries are accepted."""
    job = jobs.create(job_request()).id
    journals.write(job, [rating_entry("1")])
    assert journals.mark_undone(job).undone == clock.now
    clock.now += 60
    assert journals.mark_undone(job).undone == clock.now - 60
    with pytest.raises(RequestError) as caught:
        journals.write(job, [rating_entry("2")])
    assert caught.value.code == "wrong_state"


def test_newest_journals_come_first(jobs: JobStore, journals: Journals, clock: Clock) -> None:
    """Of one catalog or of all, no more than the limit."""
    created = []
    for catalog in ("A", "B", "A", None):
        created.append(jobs.create(job_request(catalog=catalog)).id)
        journals.write(created[-1], [])
    assert [journal.id for journal in journals.list_newest("A", 9)] == [created[2], created[0]]
    assert [journal.id for journal in journals.list_newest(None, 3)] == created[:0:-1]
    assert journals.list_newest("none", 9) == []


def test_journals_are_kept_for_90_days(
    job_database: JobDatabase, jobs: JobStore, journals: Journals, clock: Clock
) -> None:
    """On which the daemon ran; then they are deleted with their entries."""
    old, new = jobs.create(job_request(more=True)).id, jobs.create(job_request(more=True)).id
    journals.write(old, [rating_entry("1")])
    job_database.queue.expire()
    run_for_days(job_database.queue, clock, RETENTION - 1)
    journals.write(new, [rating_entry("1")])
    assert len(journals.list_newest(None, 9)) == 2
    run_for_days(job_database.queue, clock, 1)
    assert [journal.id for journal in journals.list_newest(None, 9)] == [new]
    assert len(journals.list_entries(new, 0, 9)[0]) == 1


@pytest.mark.parametrize("jump", [92 * 86400, -(10**9), 100 * 365 * 86400])
def test_row_21_wrong_clock_at_a_start_deletes_nothing(tmp_path: Path, jump: float) -> None:
    """However often the clock is that wrong: it counts as one day. A file of the last release is the same."""
    clock, file = Clock(), tmp_path / "jobs.sqlite"
    with closing(JobDatabase(file, pytest.fail, clock)) as database:
        job = database.jobs.create(job_request()).id
        database.journals.write(job, [rating_entry("1")])
        database.jobs.cancel(job)
    with closing(sqlite3.connect(file)) as connection:
        connection.executescript("DROP TABLE ages; DROP TABLE running_days")
    for offset in (jump, 0, jump, jump, 0):
        clock.now += offset
        with closing(JobDatabase(file, pytest.fail, clock)) as database:
            assert [each.id for each in database.jobs.list_newest()] == [job]
            assert [each.id for each in database.journals.list_newest(None, 9)] == [job]
        clock.now -= offset


def test_ages_of_deleted_things_are_forgotten(
    job_database: JobDatabase, jobs: JobStore, clock: Clock
) -> None:
    """The table does not grow with the number of jobs."""
    queue = job_database.queue
    for _ in range(5):
        job = jobs.create(job_request()).id
        jobs.cancel(job)
        run_for_days(queue, clock, 1)
        jobs.acknowledge(job)
    queue.expire()
    with job_database.database.read_connection() as connection:
        assert connection.execute("SELECT count(*) FROM ages").fetchone() == (0,)


def test_unknown_ids_are_reported(jobs: JobStore, journals: Journals) -> None:
    """Of a journal and of a job."""
    for call, code in (
        (lambda: journals.list_entries("none", 0, 9), "unknown_journal"),
        (lambda: journals.mark_undone("none"), "unknown_journal"),
        (lambda: journals.write("none", [rating_entry("1")]), "unknown_job"),
    ):
        with pytest.raises(RequestError) as caught:
            call()
        assert caught.value.code == code


@pytest.mark.parametrize("parts", [1, 2, 3])
def test_row_23_answered_entries_survive_a_crash(tmp_path: Path, parts: int) -> None:
    """If all crashes while marks are written, every answered entry is there for the undo."""
    folder, after = tmp_path / "home", tmp_path / "after"
    dying = JobDatabase(folder / "jobs.sqlite")
    job = dying.jobs.create(job_request(catalog="C")).id
    for part in range(parts):
        dying.journals.write(job, [rating_entry(f"{part}/{photo}") for photo in range(5)])
    shutil.copytree(folder, after)  # the files as a kill leaves them, not closed
    with closing(JobDatabase(after / "jobs.sqlite")) as reopened:
        journals = reopened.journals
        [journal] = journals.list_newest("C", 9)
        rows, complete = journals.list_entries(journal.id, 0, 99)
        assert [row["id"] for row in rows] == [
            f"{part}/{photo}" for part in range(parts) for photo in range(5)
        ]
        assert complete
    dying.close()
