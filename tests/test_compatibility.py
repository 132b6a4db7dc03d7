"""Files written by version 0.1 (tests/data/version_0_1) keep working: evidence, jobs, journals, a taste."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from autocull.errors import PhotoError
from autocull.measure.evidence import Evidence
from autocull.output.sorting.undo_journal import undo
from autocull.pipeline.evidence_store import EvidenceStore
from autocull.serve.jobs.store import JobStore
from autocull.serve.journals import JournalEntry
from autocull.taste.profile_store import read_profile
from support.job_fixtures import JobDatabase, photo_outcome, requested_photos

DATA = Path(__file__).parent / "data" / "version_0_1"
JOB_IDS = json.loads((DATA / "job-ids.json").read_text("utf-8"))
MTIME_NS = 1_700_000_000_000_000_000


@pytest.fixture
def copy_of(tmp_path: Path) -> Callable[[str], Path]:
    """Return a function that copies one of the files, since opening a database writes to it."""
    return lambda name: Path(shutil.copy(DATA / name, tmp_path / name))


@pytest.fixture
def job_database(copy_of: Callable[[str], Path]) -> Iterator[JobDatabase]:
    """Open the job database; a warning would mean that it was renamed."""
    with closing(JobDatabase(copy_of("jobs.sqlite"), pytest.fail, lambda: 1_790_000_100.0)) as database:
        yield database


@pytest.fixture
def jobs(job_database: JobDatabase) -> JobStore:
    """Return the clients' side."""
    return job_database.jobs


def test_stored_evidence_is_read(copy_of: Callable[[str], Path]) -> None:
    """Evidence, a stored error and thumbnails come back; nothing is rebuilt."""
    names = {Path(f"/shoot/{name}.jpg"): name.encode() * 16 for name in "abc"}
    with closing(EvidenceStore(copy_of("evidence.sqlite"), pytest.fail)) as store:
        outcomes = store.get(names)
        thumbnail = store.thumbnail(Path("/shoot/a.jpg"))
    landscape, people, damaged = (outcomes[path] for path in names)
    assert isinstance(landscape, Evidence)
    assert (landscape.width, landscape.capture.camera) == (6000, "Example One")
    assert isinstance(people, Evidence)
    assert len(people.faces) == 1
    assert isinstance(damaged, PhotoError)
    assert damaged.code == "damaged"
    assert thumbnail is not None
    assert thumbnail.startswith(b"\xff\xd8")


def test_a_finished_job_keeps_its_results(jobs: JobStore) -> None:
    """Results, their numbers and the counts are as they were."""
    job = jobs.get(JOB_IDS["done"])
    results, complete = jobs.list_results(job.id, 0, 10)
    assert (job.state, complete) == ("done", True)
    assert [(row["id"], row["verdict"]) for row in results] == [("1", "keep"), ("2", "reject")]


def test_an_interrupted_job_goes_on(job_database: JobDatabase) -> None:
    """What had no result is still pending, and is judged now."""
    jobs, queue = job_database.jobs, job_database.queue
    job = JOB_IDS["half"]
    assert queue.begin(job)
    assert [pending.photo.id for pending in queue.list_pending(job, 0, 10)] == ["4"]
    assert queue.record(job, *requested_photos("4"), photo_outcome("keep")) == 1
    assert queue.finish(job)
    assert jobs.get(job).state == "done"


def test_an_undo_journal_of_marks_is_read_and_continued(job_database: JobDatabase) -> None:
    """Of a mark the first `before` and the last `after` count, across versions."""
    journals = job_database.journals
    job = JOB_IDS["done"]
    unmarked = {"rating": None, "label": "none", "flag": 0}
    first = {"rating": 3, "label": "green", "flag": 1}
    [entry], complete = journals.list_entries(job, 0, 10)
    assert (entry["before"], entry["after"], complete) == (unmarked, first, True)
    journals.write(job, [JournalEntry("1", first, {**first, "rating": 5})])
    [entry], _ = journals.list_entries(job, 0, 10)
    assert (entry["before"], entry["after"]) == (unmarked, {**first, "rating": 5})


def test_a_sorted_shoot_is_undone(tmp_path: Path) -> None:
    """The journal of `cull --sort-into` is taken back: copies and folders go, photos stay."""
    shoot = tmp_path / "shoot"
    (shoot / "sorted" / "keep").mkdir(parents=True)
    for name in ("a.jpg", "b.jpg"):
        for path in (shoot / name, shoot / "sorted" / "keep" / name):
            path.write_bytes(name[:1].encode() * 10)
            os.utime(path, ns=(MTIME_NS, MTIME_NS))
    journal = tmp_path / "sort-journal.jsonl"
    text = (DATA / "sort-journal.jsonl").read_text("utf-8")
    journal.write_text(text.replace('"/shoot', json.dumps(str(shoot))[:-1]), "utf-8", newline="\n")
    undo(journal)
    assert sorted(path.name for path in shoot.iterdir()) == ["a.jpg", "b.jpg"]


def test_a_taste_is_read() -> None:
    """Heads, calibration and origin of a taste file."""
    profile = read_profile(DATA / "taste.json")
    assert (profile.name, profile.acts, profile.origin.selects) == ("Anna", True, 400)
    assert (profile.calibration.slope, profile.calibration.offset) == (0.8, -0.5)
