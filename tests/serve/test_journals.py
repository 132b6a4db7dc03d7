"""The undo journals: complete before any mark is written, with the first mark before."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from autocull.errors import RequestError
from autocull.serve.jobs.store import JobStore
from autocull.serve.journals import RETENTION, JournalEntry
from support.job_fixtures import Clock, job_request


@pytest.fixture
def clock() -> Clock:
    """Return the clock of `jobs`."""
    return Clock()


@pytest.fixture
def jobs(tmp_path: Path, clock: Clock) -> Iterator[JobStore]:
    """Open a store that must not warn."""
    with closing(JobStore(tmp_path / "jobs.sqlite", pytest.fail, clock)) as job_store:
        yield job_store


def rating_entry(id_: str, before: int | None = None, after: int = 3) -> JournalEntry:
    """Return an entry of a rating."""
    return JournalEntry(id_, {"rating": before}, {"rating": after})


def test_entries_round_trip(jobs: JobStore) -> None:
    """In order, page by page, with only the marks that were written."""
    job = jobs.create(job_request(catalog="C")).id
    marks = JournalEntry("2", {"label": "none"}, {"label": "red", "flag": -1})
    assert jobs.journals.write(job, [rating_entry("1"), marks]).entries == 2
    assert jobs.journals.write(job, [rating_entry("3")]).entries == 3
    rows, complete = jobs.journals.list_entries(job, 0, 2)
    assert rows == [
        {"number": 1, "id": "1", "before": {"rating": None}, "after": {"rating": 3}},
        {"number": 2, "id": "2", "before": {"label": "none"}, "after": {"label": "red", "flag": -1}},
    ]
    assert not complete
    rows, complete = jobs.journals.list_entries(job, 2, 2)
    assert [row["id"] for row in rows] == ["3"]
    assert complete


def test_first_before_and_last_after_are_kept(jobs: JobStore) -> None:
    """A second write of a photo is undone to the marks before the first."""
    job = jobs.create(job_request()).id
    jobs.journals.write(job, [rating_entry("1", 1, 3), rating_entry("1", 3, 4)])
    assert jobs.journals.write(job, [rating_entry("1", 4, 5)]).entries == 1
    [row], _ = jobs.journals.list_entries(job, 0, 9)
    assert (row["before"], row["after"]) == ({"rating": 1}, {"rating": 5})


def test_each_mark_keeps_its_own_before(jobs: JobStore) -> None:
    """A photo that is judged again may be written in other marks; none of them is lost."""
    job = jobs.create(job_request()).id
    first = JournalEntry("1", {"rating": None, "label": "none"}, {"rating": 3, "label": "green"})
    jobs.journals.write(job, [first])
    jobs.journals.write(job, [JournalEntry("1", {"label": "green", "flag": 0}, {"label": "red", "flag": -1})])
    [row], _ = jobs.journals.list_entries(job, 0, 9)
    assert row["before"] == {"rating": None, "label": "none", "flag": 0}
    assert row["after"] == {"rating": 3, "label": "red", "flag": -1}


def test_journal_outlives_its_job(jobs: JobStore) -> None:
    """After acknowledgement the undo works, and more entries are accepted."""
    job = jobs.create(job_request(catalog="C")).id
    jobs.journals.write(job, [rating_entry("1")])
    jobs.cancel(job)
    jobs.acknowledge(job)
    assert len(jobs.journals.list_entries(job, 0, 9)[0]) == 1
    assert jobs.journals.write(job, [rating_entry("2")]).entries == 2, (
        "the marks of the last results are still written"
    )


def test_journal_is_undone_once(jobs: JobStore, clock: Clock) -> None:
    """A second call keeps the first time, and no more entries are accepted."""
    job = jobs.create(job_request()).id
    jobs.journals.write(job, [rating_entry("1")])
    assert jobs.journals.mark_undone(job).undone == clock.now
    clock.now += 60
    assert jobs.journals.mark_undone(job).undone == clock.now - 60
    with pytest.raises(RequestError) as caught:
        jobs.journals.write(job, [rating_entry("2")])
    assert caught.value.code == "wrong_state"


def test_newest_journals_come_first(jobs: JobStore, clock: Clock) -> None:
    """Of one catalog or of all, no more than the limit."""
    created = []
    for catalog in ("A", "B", "A", None):
        created.append(jobs.create(job_request(catalog=catalog)).id)
        jobs.journals.write(created[-1], [])
    assert [journal.id for journal in jobs.journals.list_newest("A", 9)] == [created[2], created[0]]
    assert [journal.id for journal in jobs.journals.list_newest(None, 3)] == created[:0:-1]
    assert jobs.journals.list_newest("none", 9) == []


def test_journals_are_kept_for_90_days(jobs: JobStore, clock: Clock) -> None:
    """Then they are deleted with their entries."""
    old, new = jobs.create(job_request(more=True)).id, jobs.create(job_request(more=True)).id
    jobs.journals.write(old, [rating_entry("1")])
    clock.now += RETENTION - 1
    jobs.journals.write(new, [rating_entry("1")])
    jobs.expire()
    assert len(jobs.journals.list_newest(None, 9)) == 2
    clock.now += 1
    jobs.expire()
    assert [journal.id for journal in jobs.journals.list_newest(None, 9)] == [new]
    assert len(jobs.journals.list_entries(new, 0, 9)[0]) == 1


def test_unknown_ids_are_reported(jobs: JobStore) -> None:
    """Of a journal and of a job."""
    for call, code in (
        (lambda: jobs.journals.list_entries("none", 0, 9), "unknown_journal"),
        (lambda: jobs.journals.mark_undone("none"), "unknown_journal"),
        (lambda: jobs.journals.write("none", [rating_entry("1")]), "unknown_job"),
    ):
        with pytest.raises(RequestError) as caught:
            call()
        assert caught.value.code == code


@pytest.mark.parametrize("parts", [1, 2, 3])
def test_row_23_answered_entries_survive_a_crash(tmp_path: Path, parts: int) -> None:
    """If all crashes while marks are written, every answered entry is there for the undo."""
    folder, after = tmp_path / "home", tmp_path / "after"
    dying = JobStore(folder / "jobs.sqlite", pytest.fail)
    job = dying.create(job_request(catalog="C")).id
    for part in range(parts):
        dying.journals.write(job, [rating_entry(f"{part}/{photo}") for photo in range(5)])
    shutil.copytree(folder, after)  # the files as a kill leaves them: nobody closes them
    with closing(JobStore(after / "jobs.sqlite", pytest.fail)) as jobs:
        [journal] = jobs.journals.list_newest("C", 9)
        rows, complete = jobs.journals.list_entries(journal.id, 0, 99)
        assert [row["id"] for row in rows] == [
            f"{part}/{photo}" for part in range(parts) for photo in range(5)
        ]
        assert complete
    dying.close()
