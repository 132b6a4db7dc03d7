"""The second pass: all photos of a job are heard, and those that come out otherwise are revised, once."""

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
from autocull.serve.jobs.store import JobStore
from support import cull_run_fakes as fakes
from support.job_fixtures import order, paths


class FirstWins(ShootJudge):
    """Compares by name: the first of all photos wins, the others stand behind it."""

    def __init__(self) -> None:
        super().__init__(Settings())
        self.heard: list[Path] = []
        self.concluded = 0

    def add(self, frame: Frame, evidence: Evidence) -> tuple[Verdict, Marks]:
        """Note the photo."""
        assert not self.concluded
        self.heard.append(frame.path)
        return fakes.judge(frame, evidence)

    def finish(self) -> None:
        """Note that all were heard."""
        self.concluded += 1

    def judge(self, frame: Frame, evidence: Evidence) -> tuple[Verdict, Marks]:
        """Reject all but the first by name."""
        assert self.concluded == 1
        verdict, marks = fakes.judge(frame, evidence)
        order_ = sorted(set(self.heard))
        place = SeriesPosition("0123456789ab", "burst", order_.index(frame.path) + 1, len(order_), order_[0])
        if place.rank == 1:
            return replace(verdict, series=place), marks
        behind = replace(verdict, answer="reject", reasons=(Reason("copy", 1, 2),), series=place)
        return behind, Marks(0, "red", -1)


class Shoot:
    """A job with its store of evidence, all of whose photos are judged alone."""

    def __init__(self, folder: Path, *names: str) -> None:
        self.jobs = JobStore(folder / "jobs.sqlite", pytest.fail)
        self.store = EvidenceStore(folder / "store.sqlite", pytest.fail)
        self.paths = paths(folder / "shoot", *names)
        self.job = self.judged([RequestedPhoto(path.name, str(path)) for path in self.paths])

    def close(self) -> None:
        """Close both files."""
        self.store.close()
        self.jobs.close()

    def judged(self, photos: list[RequestedPhoto], **more: Any) -> Job:
        """Make a job and judge each of its photos alone; what is called "broken" is unreadable."""
        job = self.jobs.create(order(*photos, **more))
        self.jobs.queue.begin(job.id)
        known = self.known()
        for photo in photos:
            seen = Frame(Path(photo.fallback or photo.path))
            if "broken" in photo.id:
                self.jobs.queue.record(
                    job.id, photo, PhotoOutcome({"verdict": None, "source": None}, None, None)
                )
                continue
            known.identity(seen)
            outcome = known.put(seen, Measurement(fakes.evidence()))
            result = result_of(Frame(Path(photo.path)), outcome, fakes.judge)
            picture = "fallback" if photo.fallback else "file"
            self.jobs.queue.record(job.id, photo, outcome_of(result, picture))  # type: ignore[arg-type]
        return job

    def known(self) -> EvidenceCache:
        """Give what the store knows, as a daemon that came back does."""
        return EvidenceCache(self.store, fakes.VERSIONS)

    def compare(
        self, together: FirstWins | None = None, goes_on: Callable[[], bool] = lambda: True, **more: Any
    ) -> FirstWins:
        """Make the second pass over the job, or another one."""
        together = together or FirstWins()
        job = more.get("job", self.job)
        SecondPass(job, self.jobs.queue, self.known(), together, is_active=goes_on).run()
        return together

    def answers(self, job: Job | None = None) -> dict[str, tuple[int, str | None]]:
        """Give number and verdict of each photo."""
        rows, _ = self.jobs.list_results((job or self.job).id, 0, 500)
        return {str(row["id"]): (int(str(row["number"])), row["verdict"]) for row in rows}  # type: ignore[misc]


@pytest.fixture
def shoot(tmp_path: Path) -> Iterator[Shoot]:
    """Open a job of four photos, one of them unreadable."""
    with closing(Shoot(tmp_path, "a.jpg", "b.jpg", "broken.jpg", "c.jpg")) as made:
        yield made


def test_what_comes_out_otherwise_is_revised(shoot: Shoot) -> None:
    """The best frame keeps its verdict and gets its place; the others are rejected; the unreadable stays."""
    together = shoot.compare()
    assert together.heard == [path for path in shoot.paths if "broken" not in path.name]
    assert shoot.answers() == {
        "broken.jpg": (3, None), "a.jpg": (5, "keep"), "b.jpg": (6, "reject"), "c.jpg": (7, "reject"),
    }  # fmt: skip
    [revised], _ = shoot.jobs.list_results(shoot.job.id, 5, 1)
    assert revised["series"] == {
        "id": "0123456789ab", "kind": "burst", "rank": 2, "size": 3, "best": str(shoot.paths[0]),
    }  # fmt: skip
    assert shoot.jobs.queue.finish(shoot.job.id)


def test_made_again_it_changes_nothing(shoot: Shoot) -> None:
    """A daemon that was killed after it makes it once more: no photo gets a third number."""
    shoot.compare()
    before = shoot.answers()
    shoot.compare()
    assert shoot.answers() == before


@pytest.mark.parametrize("left", range(9))
def test_row_17_killed_between_the_passes_it_ends_the_same(
    tmp_path: Path, left: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Wherever it ended, what was revised stays, and the next daemon revises the rest."""
    monkeypatch.setattr(second_pass, "BATCH_SIZE", 1)
    with closing(Shoot(tmp_path, "a.jpg", "b.jpg", "c.jpg")) as shoot:
        asked = iter([True] * left + [False] * 20)
        shoot.compare(goes_on=lambda: next(asked))
        halfway = shoot.answers()
        shoot.jobs.queue.requeue(shoot.job.id)
        shoot.jobs.queue.begin(shoot.job.id)
        shoot.compare()
        found = shoot.answers()
    assert {id_: answer for id_, (_, answer) in found.items()} == {
        "a.jpg": "keep", "b.jpg": "reject", "c.jpg": "reject",
    }  # fmt: skip
    assert all(found[id_] == halfway[id_] for id_, (number, _) in halfway.items() if number > 3)
    assert sorted(number for number, _ in found.values()) == [4, 5, 6]


def test_job_stopped_while_photos_are_added_is_not_grouped(
    shoot: Shoot, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A user's job that came and went again between two batches must not lead to series of a part."""
    monkeypatch.setattr(second_pass, "BATCH_SIZE", 1)
    before = shoot.answers()
    answers = iter([True, False] + [True] * 20)
    shoot_judge = shoot.compare(goes_on=lambda: next(answers))
    assert (len(shoot_judge.heard), shoot_judge.concluded) == (2, 0)
    assert shoot.answers() == before


def test_a_job_that_is_cancelled_meanwhile_keeps_what_its_photos_have(shoot: Shoot) -> None:
    """Nothing is revised after the cancel."""
    before = shoot.answers()

    class Cancelled(FirstWins):
        def finish(self) -> None:
            super().finish()
            shoot.jobs.cancel(shoot.job.id)

    shoot.compare(Cancelled())
    assert shoot.answers() == before
    assert shoot.jobs.get(shoot.job.id).state == "cancelled"


@pytest.mark.parametrize("state", ["open", "pending"])
def test_a_job_that_is_not_complete_is_not_compared(shoot: Shoot, state: str) -> None:
    """More photos may come, or one waits: the comparison would have to be made again."""
    photos = [RequestedPhoto(path.name, str(path)) for path in shoot.paths[:2]]
    if state == "open":
        job = shoot.judged(photos, more=True)
    else:
        job = shoot.jobs.create(order(*photos))
        shoot.jobs.queue.begin(job.id)
    together = shoot.compare(job=job)
    assert (together.heard, together.concluded) == ([], 0)


def test_a_file_that_changed_since_keeps_its_verdict(shoot: Shoot) -> None:
    """Nothing is said of a picture that nobody measured, and nothing is measured here."""
    shoot.paths[1].write_bytes(b"another picture")
    shoot.paths[3].unlink()
    together = shoot.compare()
    assert together.heard == [shoot.paths[0]]
    assert {id_: answer for id_, (_, answer) in shoot.answers().items()} == {
        "a.jpg": "keep", "b.jpg": "keep", "c.jpg": "keep", "broken.jpg": None,
    }  # fmt: skip


def test_two_photos_of_one_file_are_one_frame(shoot: Shoot) -> None:
    """A virtual copy gets its master's verdict: it is no sibling of itself."""
    path = str(shoot.paths[0])
    job = shoot.judged(
        [
            RequestedPhoto("master", path),
            RequestedPhoto("copy", path),
            RequestedPhoto("b", str(shoot.paths[1])),
        ]
    )
    together = shoot.compare(job=job)
    assert len(set(together.heard)) == 2
    answers = {id_: answer for id_, (_, answer) in shoot.answers(job).items()}
    assert answers == {"master": "keep", "copy": "keep", "b": "reject"}


def test_a_photo_judged_by_another_picture_goes_by_its_own_name(shoot: Shoot) -> None:
    """The file is gone, its preview was measured; beside others it is the file that she knows."""
    gone = str(shoot.paths[0].with_name("a0.nef"))
    job = shoot.judged(
        [RequestedPhoto("gone", gone, fallback=str(shoot.paths[0])), RequestedPhoto("b", str(shoot.paths[1]))]
    )
    shoot.compare(job=job)
    rows, _ = shoot.jobs.list_results(job.id, 0, 9)
    assert {row["series"]["best"] for row in rows} == {gone}  # type: ignore[index]
    assert {row["id"]: row["source"] for row in rows} == {"gone": "fallback", "b": "file"}


def test_memory_holds_a_batch_and_no_more(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of a long job so many photos are taken at a time; each is heard once and judged once."""
    monkeypatch.setattr(second_pass, "BATCH_SIZE", 7)
    names = [f"{number:03}.jpg" for number in range(30)]
    with closing(Shoot(tmp_path, *names)) as shoot:
        asked: list[int] = []
        done = shoot.jobs.queue.list_judged

        def counted(job: str, after: int, limit: int) -> Any:
            found = done(job, after, limit)
            asked.append(len(found))
            return found

        monkeypatch.setattr(shoot.jobs.queue, "list_judged", counted)
        together = shoot.compare()
        assert [path.name for path in together.heard] == names
        assert asked == [7, 7, 7, 7, 2, 0] * 2
        assert sum(answer == "reject" for _, answer in shoot.answers().values()) == 29
