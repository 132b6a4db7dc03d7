"""The second pass over a job: groups its photos into series, and revises the results that this changes."""

from __future__ import annotations

from collections.abc import Callable, Generator

from autocull.measure import Evidence
from autocull.output import Result
from autocull.pipeline import EvidenceCache, Judge, ShootJudge, judge_shoot, result_of
from autocull.read import Frame
from autocull.serve.jobs.model import Job, JudgedPhoto
from autocull.serve.jobs.outcomes import outcome_of
from autocull.serve.jobs.photo_path import parse_photo_path
from autocull.serve.jobs.queue import JobQueue

BATCH_SIZE = 50
"""Photos that are read from the job at a time and revised in one transaction."""


class SecondPass:
    """The second pass over a job whose photos all have results; it uses stored evidence and reads no files.

    It may be repeated with the same outcome: a result is written only if it differs. A photo that was changed
    or deleted since it was judged keeps its verdict. `is_active` is called for every batch of photos, in both
    passes over the evidence.
    """

    def __init__(
        self,
        job: Job,
        queue: JobQueue,
        cache: EvidenceCache,
        shoot_judge: ShootJudge,
        *,
        is_active: Callable[[], bool],
    ) -> None:
        self._job = job
        self._queue = queue
        self._cache = cache
        self._shoot_judge = shoot_judge
        self._is_active = is_active

    def run(self) -> int:
        """Add all photos, group them, and revise; raises StoreError if the job database fails.

        Returns the number of photos with a verdict that were left out, since there is no evidence of their
        present files. Nothing is done while the job may still receive photos, or has some without a result.
        """
        if not self._queue.is_complete(self._job.id):
            return 0
        batches = _JudgedBatches(self._job, self._queue, self._cache)
        for batch in judge_shoot(batches, self._shoot_judge, should_stop=self._should_stop):
            if self._should_stop():
                return 0
            revisions = [(judged.photo.id, outcome_of(result, judged.picture)) for judged, result in batch]
            self._queue.revise(self._job.id, revisions)
            for judged, result in batch:
                self._cache.discard(_measured_frame(judged, result.frame))
        return batches.left_out

    def _should_stop(self) -> bool:
        return not self._is_active()


class _JudgedBatches:
    """The photos of a job that have a verdict, in order, judged again from stored evidence.

    `left_out` is the number of those without evidence.
    """

    def __init__(self, job: Job, queue: JobQueue, cache: EvidenceCache) -> None:
        self.left_out = 0
        self._job = job
        self._queue = queue
        self._cache = cache

    def run(self, judge: Judge) -> Generator[list[tuple[JudgedPhoto, Result]], None, None]:
        """Yield batches of photos, each with its result; photos without evidence are left out."""
        position = self.left_out = 0
        while photos := self._queue.list_judged(self._job.id, position, BATCH_SIZE):
            position = photos[-1].position
            frames = [Frame(parse_photo_path(judged.photo.path)) for judged in photos]
            measured_frames = [
                _measured_frame(judged, frame) for judged, frame in zip(photos, frames, strict=True)
            ]
            outcomes = [outcome for _, outcome in self._cache.get(measured_frames)]
            self.left_out += sum(not isinstance(outcome, Evidence) for outcome in outcomes)
            yield [
                (judged, result_of(frame, outcome, judge))
                for judged, frame, outcome in zip(photos, frames, outcomes, strict=True)
                if isinstance(outcome, Evidence)
            ]

    results = run


def _measured_frame(judged: JudgedPhoto, frame: Frame) -> Frame:
    """Return the frame that was measured for a photo: that of its own file, or of its fallback.

    Within a series a photo is always named by its own file, as the photographer identifies it.
    """
    if judged.picture == "fallback" and judged.photo.fallback is not None:
        return Frame(parse_photo_path(judged.photo.fallback))
    return frame
