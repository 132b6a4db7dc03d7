"""The second pass over a job: its photos seen together, and the results of those revised that it changes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Protocol

from autocull.measure.evidence import Evidence
from autocull.pipeline.cull_run import result_of
from autocull.pipeline.evidence_cache import EvidenceCache
from autocull.read import Frame
from autocull.serve.jobs.model import Job, JudgedPhoto, PhotoOutcome
from autocull.serve.jobs.outcomes import outcome_of
from autocull.serve.jobs.photo_path import parse_photo_path
from autocull.serve.jobs.queue import JobQueue

if TYPE_CHECKING:
    from autocull.judge.verdict import Marks, Verdict

BATCH_SIZE = 50
"""Photos that are taken from the job, and revised in one transaction."""


class TwoPassJudge(Protocol):
    """What compares the photos of a run: `autocull.pipeline.two_pass.ShootJudge`, or a test's own."""

    def add(self, frame: Frame, evidence: Evidence) -> tuple[Verdict, Marks]:
        """Take a photo; the same file again is the same photo."""
        ...

    def finish(self) -> None:
        """Compare all that was heard."""
        ...

    def judge(self, frame: Frame, evidence: Evidence) -> tuple[Verdict, Marks]:
        """Judge a photo beside those that were heard with it."""
        ...


class SecondPass:
    """One job whose photos all have their results, compared from stored evidence: no file is read for it.

    It begins anew after whatever ended it, and says the same again; what it says of a photo is written only
    where that differs. A photo that changed or went since it was judged keeps the verdict that it has.
    `goes_on` is asked before every batch of photos.
    """

    def __init__(
        self,
        job: Job,
        queue: JobQueue,
        cache: EvidenceCache,
        shoot_judge: TwoPassJudge,
        *,
        is_active: Callable[[], bool],
    ) -> None:
        self._job = job
        self._queue = queue
        self._cache = cache
        self._shoot_judge = shoot_judge
        self._is_active = is_active

    def run(self) -> None:
        """Hear all photos, compare them, and revise; raises StoreError where the file of jobs fails.

        Nothing is done while the job may still get photos, or has some without a result.
        """
        if not self._queue.is_complete(self._job.id):
            return
        for batch in self._batches():
            for _, frame, evidence in batch:
                self._shoot_judge.add(frame, evidence)
        if not self._is_active():
            return
        self._shoot_judge.finish()
        for batch in self._batches():
            self._queue.revise(self._job.id, self._revisions(batch))
            for judged, frame, _ in batch:
                self._cache.discard(_measured_frame(judged, frame))

    def _revisions(
        self, batch: Sequence[tuple[JudgedPhoto, Frame, Evidence]]
    ) -> Iterator[tuple[str, PhotoOutcome]]:
        for judged, frame, evidence in batch:
            result = result_of(frame, evidence, self._shoot_judge.judge)
            yield judged.photo.id, outcome_of(result, judged.picture)

    def _batches(self) -> Iterator[list[tuple[JudgedPhoto, Frame, Evidence]]]:
        """Yield the judged photos in their order, each with its frame and what was measured for it."""
        position = 0
        while self._is_active() and (photos := self._queue.list_judged(self._job.id, position, BATCH_SIZE)):
            position = photos[-1].position
            frames = [Frame(parse_photo_path(judged.photo.path)) for judged in photos]
            measured_frames = [
                _measured_frame(judged, frame) for judged, frame in zip(photos, frames, strict=True)
            ]
            outcomes = [outcome for _, outcome in self._cache.get(measured_frames)]
            yield [
                (judged, frame, outcome)
                for judged, frame, outcome in zip(photos, frames, outcomes, strict=True)
                if isinstance(outcome, Evidence)
            ]


def _measured_frame(judged: JudgedPhoto, frame: Frame) -> Frame:
    """Return the frame that was measured for a photo: its own file's, or that of another picture of it.

    Beside others a photo goes by its own file's name in any case, which is the one that she knows.
    """
    if judged.picture == "fallback" and judged.photo.fallback is not None:
        return Frame(parse_photo_path(judged.photo.fallback))
    return frame
