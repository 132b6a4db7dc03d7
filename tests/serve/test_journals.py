"""The undo journals: complete before anything is written, and true to the first mark before."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from autocull.errors import RequestError
from autocull.serve.jobs.store import JobStore
from autocull.serve.journals import RETENTION, JournalEntry
from support.job_fixtures import Clock, order


@pytest.fixture
def clock() -> Clock:
    """Return the clock of `jobs`."""
    return Clock()


@pytest.fixture
def jobs(tmp_path: Path, clock: Clock) -> Iterator[JobStore]:
    """Open a store that must not complain."""
    with closing(JobStore(tmp_path / "jobs.sqlite", pytest.fail, clock)) as opened:
        yield opened


def entry(id_: str, before: int | None = None, after: int = 3) -> JournalEntry:
    """Make an entry of a rating."""
    return JournalEntry(id_, {"rating": before}, {"rating": after})


def test_entries_come_back_as_they_were_written(jobs: JobStore) -> None:
    """In their order, page by page, with the marks that were given and no others."""
    job = jobs.create(order(catalog="C")).id
    marks = JournalEntry("2", {"label": "none"}, {"label": "red", "flag": -1})
    assert jobs.journals.write(job, [entry("1"), marks]).entries == 2
    assert jobs.journals.write(job, [entry("3")]).entries == 3
    rows, complete = jobs.journals.list_entries(job, 0, 2)
    assert rows == [
        {"number": 1, "id": "1", "before": {"rating": None}, "after": {"rating": 3}},
        {"number": 2, "id": "2", "before": {"label": "none"}, "after": {"label": "red", "flag": -1}},
    ]
    assert not complete
    rows, complete = jobs.journals.list_entries(job, 2, 2)
    assert [row["id"] for row in rows] == ["3"]
    assert complete


def test_the_first_before_and_the_last_after_count(jobs: JobStore) -> None:
    """A second write of one photo is undone to what was there before the first."""
    job = jobs.create(order()).id
    jobs.journals.write(job, [entry("1", 1, 3), entry("1", 3, 4)])
    assert jobs.journals.write(job, [entry("1", 4, 5)]).entries == 1
    [row], _ = jobs.journals.list_entries(job, 0, 9)
    assert (row["before"], row["after"]) == ({"rating": 1}, {"rating": 5})


def test_each_mark_has_its_own_first_and_last(jobs: JobStore) -> None:
    """A photo that is judged again is written again, perhaps in other marks: none of them is forgotten."""
    job = jobs.create(order()).id
    first = JournalEntry("1", {"rating": None, "label": "none"}, {"rating": 3, "label": "green"})
    jobs.journals.write(job, [first])
    jobs.journals.write(job, [JournalEntry("1", {"label": "green", "flag": 0}, {"label": "red", "flag": -1})])
    [row], _ = jobs.journals.list_entries(job, 0, 9)
    assert row["before"] == {"rating": None, "label": "none", "flag": 0}
    assert row["after"] == {"rating": 3, "label": "red", "flag": -1}


def test_a_journal_outlives_its_job(jobs: JobStore) -> None:
    """Acknowledged or expired, the undo still works; but it takes entries only while the job is there."""
    job = jobs.create(order(catalog="C")).id
    jobs.journals.write(job, [entry("1")])
    jobs.cancel(job)
    jobs.acknowledge(job)
    assert len(jobs.journals.list_entries(job, 0, 9)[0]) == 1
    assert jobs.journals.write(job, [entry("2")]).entries == 2, (
        "the marks of the last results are still written"
    )


def test_undone_is_noted_once(jobs: JobStore, clock: Clock) -> None:
    """The second time keeps the first time's hour, and nothing more is written into the journal."""
    job = jobs.create(order()).id
    jobs.journals.write(job, [entry("1")])
    assert jobs.journals.mark_undone(job).undone == clock.now
    clock.now += 60
    assert jobs.journals.mark_undone(job).undone == clock.now - 60
    with pytest.raises(RequestError) as caught:
        jobs.journals.write(job, [entry("2")])
    assert caught.value.code == "wrong_state"


def test_the_newest_of_a_catalog_come_first(jobs: JobStore, clock: Clock) -> None:
    """Of the catalog that is asked for, or of all; no more than asked."""
    made = []
    for catalog in ("A", "B", "A", None):
        made.append(jobs.create(order(catalog=catalog)).id)
        jobs.journals.write(made[-1], [])
    assert [found.id for found in jobs.journals.list_newest("A", 9)] == [made[2], made[0]]
    assert [found.id for found in jobs.journals.list_newest(None, 3)] == made[:0:-1]
    assert jobs.journals.list_newest("none", 9) == []


def test_journals_are_kept_for_90_days(jobs: JobStore, clock: Clock) -> None:
    """Then they go, with their entries, and only they."""
    old, new = jobs.create(order(more=True)).id, jobs.create(order(more=True)).id
    jobs.journals.write(old, [entry("1")])
    clock.now += RETENTION - 1
    jobs.journals.write(new, [entry("1")])
    jobs.expire()
    assert len(jobs.journals.list_newest(None, 9)) == 2
    clock.now += 1
    jobs.expire()
    assert [found.id for found in jobs.journals.list_newest(None, 9)] == [new]
    assert len(jobs.journals.list_entries(new, 0, 9)[0]) == 1


def test_unknown_names_are_said_to_be_unknown(jobs: JobStore) -> None:
    """A journal that is not there, and a job that never was."""
    for ask, code in (
        (lambda: jobs.journals.list_entries("none", 0, 9), "unknown_journal"),
        (lambda: jobs.journals.mark_undone("none"), "unknown_journal"),
        (lambda: jobs.journals.write("none", [entry("1")]), "unknown_job"),
    ):
        with pytest.raises(RequestError) as caught:
            ask()
        assert caught.value.code == code


@pytest.mark.parametrize("pieces", [1, 2, 3])
def test_row_23_the_journal_is_whole_whenever_the_host_dies(tmp_path: Path, pieces: int) -> None:
    """Lightroom and the daemon gone in mid-apply: every entry that was answered is there for the undo."""
    home, after = tmp_path / "home", tmp_path / "after"
    dying = JobStore(home / "jobs.sqlite", pytest.fail)
    job = dying.create(order(catalog="C")).id
    for piece in range(pieces):
        dying.journals.write(job, [entry(f"{piece}/{photo}") for photo in range(5)])
    shutil.copytree(home, after)  # the files as a kill leaves them: nobody closes them
    with closing(JobStore(after / "jobs.sqlite", pytest.fail)) as jobs:
        [journal] = jobs.journals.list_newest("C", 9)
        rows, complete = jobs.journals.list_entries(journal.id, 0, 99)
        assert [row["id"] for row in rows] == [
            f"{piece}/{photo}" for piece in range(pieces) for photo in range(5)
        ]
        assert complete
    dying.close()
