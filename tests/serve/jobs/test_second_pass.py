"""The second pass: all photos of a job are added and grouped, and changed results are revised once."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from autocull.judge import Settings
from autocull.judge.verdict import Marks, Reason, Verdict
from autocull.measure.evidence import Evidence
from autocull.pipeline.cull_run import result_of
from autocull.pipeline.evidence_cache import EvidenceCache
from autocull.pipeline.evidence_store import EvidenceStore, Measurement
from autocull.pipeline.two_pass import ShootJudge
from autocull.read import Frame
from autocull.series.model import SeriesPosition
from autocull.serve.jobs import second_pass
from autocull.serve.jobs.model import Job, PhotoOutcome, RequestedPhoto
from autocull.serve.jobs.outcomes import outcome_of
from autocull.serve.jobs.second_pass import SecondPass
from support import cull_run_fakes as fakes
from support.job_fixtures import JobDatabase, create_files, job_request


class FirstByNameWins(ShootJudge):
    """Ranks by name: the first of all photos wins, the others come after it."""

    def __init__(self) -> None:
        super().__init__(Settings())
        self.added: list[Path] = []
        self.finish_count = 0

    def add(self, frame: Frame, evidence: Evidence) -> tuple[Verdict, Marks]:
        """Record the photo."""
        assert not self.finish_count
        self.added.append(frame.path)
        return fakes.judge(frame, evidence)

    def finish(self) -> None:
        """Count the call."""
        self.finish_count += 1

    def judge(self, frame: Frame, evidence: Evidence) -> tuple[Verdict, Marks]:
        """Reject all but the first by name."""
        assert self.finish_count == 1
        verdict, marks = fakes.judge(frame, evidence)
        sorted_paths = sorted(set(self.added))
        position = SeriesPosition(
            "0123456789ab", "burst", sorted_paths.index(frame.path) + 1, len(sorted_paths), sorted_paths[0]
        )
        if position.rank == 1:
            return replace(verdict, series=position), marks
        rejected = replace(verdict, answer="reject", reasons=(Reason("copy", 1, 2),), series=position)
        return rejected, Marks(0, "red", -1)


class ShootFixture:
    """A job with its evidence store; each photo has been judged alone."""

    def __init__(self, folder: Path, *names: str) -> None:
        self.database = JobDatabase(folder / "jobs.sqlite")
        self.jobs, self.queue = self.database.jobs, self.database.queue
        self.store = EvidenceStore(folder / "store.sqlite", pytest.fail)
        self.paths = create_files(folder / "shoot", *names)
        self.job = self.create_judged_job([RequestedPhoto(path.name, str(path)) for path in self.paths])

    def close(self) -> None:
        """Close both files."""
        self.store.close()
        self.database.close()

    def create_judged_job(self, photos: list[RequestedPhoto], **more: Any) -> Job:
        """Create a job and judge each of its photos alone; names with "broken" are unreadable."""
        job = self.jobs.create(job_request(*photos, **more))
        self.queue.begin(job.id)
        cache = self.create_cache()
        for photo in photos:
            frame = Frame(Path(photo.fallback or photo.path))
            if "broken" in photo.id:
                self.queue.record(job.id, photo, PhotoOutcome({"verdict": None, "source": None}, None, None))
                continue
            cache.identity(frame)
            outcome = cache.put(frame, Measurement(fakes.evidence()))
            result = result_of(Frame(Path(photo.path)), outcome, fakes.judge)
            picture = "fallback" if photo.fallback else "file"
            self.queue.record(job.id, photo, outcome_of(result, picture))  # type: ignore[arg-type]
        return job

    def create_cache(self) -> EvidenceCache:
        """Return a new cache of the store, as after a restart of the daemon."""
        return EvidenceCache(self.store, fakes.VERSIONS)

    def run_second_pass(
        self,
        shoot_judge: FirstByNameWins | None = None,
        is_active: Callable[[], bool] = lambda: True,
        **more: Any,
    ) -> FirstByNameWins:
        """Run the second pass over the job, or another one."""
        shoot_judge = shoot_judge or FirstByNameWins()
        job = more.get("job", self.job)
        SecondPass(job, self.queue, self.create_cache(), shoot_judge, is_active=is_active).run()
        return shoot_judge

    def verdicts(self, job: Job | None = None) -> dict[str, tuple[int, str | None]]:
        """Return number and verdict of each photo."""
        rows, _ = self.jobs.list_results((job or self.job).id, 0, 500)
        return {str(row["id"]): (int(str(row["number"])), row["verdict"]) for row in rows}  # type: ignore[misc]


@pytest.fixture
def shoot(tmp_path: Path) -> Iterator[ShootFixture]:
    """Open a job of four photos, one of them unreadable."""
    with closing(ShootFixture(tmp_path, "a.jpg", "b.jpg", "broken.jpg", "c.jpg")) as shoot:
        yield shoot


def test_changed_results_are_revised(shoot: ShootFixture) -> None:
    """The best frame keeps its verdict and gets its position; the others are rejected."""
    shoot_judge = shoot.run_second_pass()
    assert shoot_judge.added == [path for path in shoot.paths if "broken" not in path.name]
    assert shoot.verdicts() == {
        "broken.jpg": (3, None), "a.jpg": (5, "keep"), "b.jpg": (6, "reject"), "c.jpg": (7, "reject"),
    }  # fmt: skip
    [revised], _ = shoot.jobs.list_results(shoot.job.id, 5, 1)
    assert revised["series"] == {
        "id": "0123456789ab", "kind": "burst", "rank": 2, "size": 3, "best": str(shoot.paths[0]),
    }  # fmt: skip
    assert shoot.queue.finish(shoot.job.id)


def test_repeated_pass_changes_nothing(shoot: ShootFixture) -> None:
    """As after a daemon was killed: no photo gets a third number."""
    shoot.run_second_pass()
    before = shoot.verdicts()
    shoot.run_second_pass()
    assert shoot.verdicts() == before


@pytest.mark.parametrize("batch_count", range(9))
def test_row_17_interrupted_pass_is_completed_by_the_next(
    tmp_path: Path, batch_count: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Revised results stay, and the next daemon revises the rest."""
    monkeypatch.setattr(second_pass, "BATCH_SIZE", 1)
    with closing(ShootFixture(tmp_path, "a.jpg", "b.jpg", "c.jpg")) as shoot:
        active_answers = iter([True] * batch_count + [False] * 20)
        shoot.run_second_pass(is_active=lambda: next(active_answers))
        halfway = shoot.verdicts()
        shoot.queue.requeue(shoot.job.id)
        shoot.queue.begin(shoot.job.id)
        shoot.run_second_pass()
        final = shoot.verdicts()
    assert {id_: answer for id_, (_, answer) in final.items()} == {
        "a.jpg": "keep", "b.jpg": "reject", "c.jpg": "reject",
    }  # fmt: skip
    assert all(final[id_] == halfway[id_] for id_, (number, _) in halfway.items() if number > 3)
    assert sorted(number for number, _ in final.values()) == [4, 5, 6]


def test_job_stopped_while_photos_are_added_is_not_grouped(
    shoot: ShootFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another job between two batches must not lead to series of a part of the photos."""
    monkeypatch.setattr(second_pass, "BATCH_SIZE", 1)
    before = shoot.verdicts()
    active_answers = iter([True, False] + [True] * 20)
    shoot_judge = shoot.run_second_pass(is_active=lambda: next(active_answers))
    assert (len(shoot_judge.added), shoot_judge.finish_count) == (2, 0)
    assert shoot.verdicts() == before


def test_cancelled_job_keeps_its_results(shoot: ShootFixture) -> None:
    """Nothing is revised after the cancellation."""
    before = shoot.verdicts()

    class Cancelled(FirstByNameWins):
        def finish(self) -> None:
            super().finish()
            shoot.jobs.cancel(shoot.job.id)

    shoot.run_second_pass(Cancelled())
    assert shoot.verdicts() == before
    assert shoot.jobs.get(shoot.job.id).state == "cancelled"


@pytest.mark.parametrize("state", ["open", "pending"])
def test_incomplete_job_is_not_grouped(shoot: ShootFixture, state: str) -> None:
    """More photos may come, or one waits."""
    photos = [RequestedPhoto(path.name, str(path)) for path in shoot.paths[:2]]
    if state == "open":
        job = shoot.create_judged_job(photos, more=True)
    else:
        job = shoot.jobs.create(job_request(*photos))
        shoot.queue.begin(job.id)
    shoot_judge = shoot.run_second_pass(job=job)
    assert (shoot_judge.added, shoot_judge.finish_count) == ([], 0)


def test_changed_or_deleted_file_keeps_its_verdict(shoot: ShootFixture) -> None:
    """Its new picture was not measured, and the second pass measures nothing."""
    shoot.paths[1].write_bytes(b"another picture")
    shoot.paths[3].unlink()
    shoot_judge = shoot.run_second_pass()
    assert shoot_judge.added == [shoot.paths[0]]
    assert {id_: answer for id_, (_, answer) in shoot.verdicts().items()} == {
        "a.jpg": "keep", "b.jpg": "keep", "c.jpg": "keep", "broken.jpg": None,
    }  # fmt: skip


def test_photos_of_one_file_are_one_frame(shoot: ShootFixture) -> None:
    """A virtual copy gets the verdict of its original and does not compete with it."""
    path = str(shoot.paths[0])
    job = shoot.create_judged_job(
        [
            RequestedPhoto("master", path),
            RequestedPhoto("copy", path),
            RequestedPhoto("b", str(shoot.paths[1])),
        ]
    )
    shoot_judge = shoot.run_second_pass(job=job)
    assert len(set(shoot_judge.added)) == 2
    verdicts = {id_: answer for id_, (_, answer) in shoot.verdicts(job).items()}
    assert verdicts == {"master": "keep", "copy": "keep", "b": "reject"}


def test_fallback_photo_is_named_by_its_own_file(shoot: ShootFixture) -> None:
    """The file is missing, and its preview was measured."""
    missing = str(shoot.paths[0].with_name("a0.nef"))
    job = shoot.create_judged_job(
        [
            RequestedPhoto("gone", missing, fallback=str(shoot.paths[0])),
            RequestedPhoto("b", str(shoot.paths[1])),
        ]
    )
    shoot.run_second_pass(job=job)
    rows, _ = shoot.jobs.list_results(job.id, 0, 9)
    assert {row["series"]["best"] for row in rows} == {missing}  # type: ignore[index]
    assert {row["id"]: row["source"] for row in rows} == {"gone": "fallback", "b": "file"}


def test_photos_are_read_in_batches(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """This limits the memory; each photo is added once and judged once."""
    monkeypatch.setattr(second_pass, "BATCH_SIZE", 7)
    names = [f"{number:03}.jpg" for number in range(30)]
    with closing(ShootFixture(tmp_path, *names)) as shoot:
        batch_sizes: list[int] = []
        list_judged = shoot.queue.list_judged

        def list_and_count(job: str, after: int, limit: int) -> Any:
            page = list_judged(job, after, limit)
            batch_sizes.append(len(page))
            return page

        monkeypatch.setattr(shoot.queue, "list_judged", list_and_count)
        shoot_judge = shoot.run_second_pass()
        assert [path.name for path in shoot_judge.added] == names
        assert batch_sizes == [7, 7, 7, 7, 2, 0] * 2
        assert sum(answer == "reject" for _, answer in shoot.verdicts().values()) == 29
