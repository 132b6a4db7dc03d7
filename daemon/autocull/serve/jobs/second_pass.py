"""The second pass over a job: its photos seen together, and the results of those revised that it changes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Protocol

from autocull.measure.evidence import Evidence
from autocull.pipeline.cull_run import result_of
from autocull.pipeline.evidence_cache import Known
from autocull.read import Frame
from autocull.serve.jobs.model import Done, Job, Outcome
from autocull.serve.jobs.outcomes import outcome_of
from autocull.serve.jobs.photo_path import photo_path
from autocull.serve.jobs.queue import JobWork

if TYPE_CHECKING:
    from autocull.judge.verdict import Marks, Verdict

BATCH = 50
"""Photos that are taken from the job, and revised in one transaction."""


class Comparing(Protocol):
    """What compares the photos of a run: `autocull.pipeline.two_pass.Together`, or a test's own."""

    def hear(self, frame: Frame, evidence: Evidence) -> tuple[Verdict, Marks]:
        """Take a photo; the same file again is the same photo."""
        ...

    def conclude(self) -> None:
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
        self, job: Job, work: JobWork, known: Known, together: Comparing, *, goes_on: Callable[[], bool]
    ) -> None:
        self._job = job
        self._work = work
        self._known = known
        self._together = together
        self._goes_on = goes_on

    def carry_out(self) -> None:
        """Hear all photos, compare them, and revise; raises StoreError where the file of jobs fails.

        Nothing is done while the job may still get photos, or has some without a result.
        """
        if not self._work.is_complete(self._job.id):
            return
        for batch in self._batches():
            for _, frame, evidence in batch:
                self._together.hear(frame, evidence)
        if not self._goes_on():
            return
        self._together.conclude()
        for batch in self._batches():
            self._work.revise(self._job.id, self._revised(batch))
            for done, frame, _ in batch:
                self._known.drop(_seen(done, frame))

    def _revised(self, batch: Sequence[tuple[Done, Frame, Evidence]]) -> Iterator[tuple[str, Outcome]]:
        for done, frame, evidence in batch:
            result = result_of(frame, evidence, self._together.judge)
            yield done.photo.id, outcome_of(result, done.picture)

    def _batches(self) -> Iterator[list[tuple[Done, Frame, Evidence]]]:
        """Yield the judged photos in their order, each with its frame and what was measured for it."""
        place = 0
        while self._goes_on() and (photos := self._work.done(self._job.id, place, BATCH)):
            place = photos[-1].place
            frames = [Frame(photo_path(done.photo.path)) for done in photos]
            seen = [_seen(done, frame) for done, frame in zip(photos, frames, strict=True)]
            known = [outcome for _, outcome in self._known.recall(seen)]
            yield [
                (done, frame, outcome)
                for done, frame, outcome in zip(photos, frames, known, strict=True)
                if isinstance(outcome, Evidence)
            ]


def _seen(done: Done, frame: Frame) -> Frame:
    """Return the frame that was measured for a photo: its own file's, or that of another picture of it.

    Beside others a photo goes by its own file's name in any case, which is the one that she knows.
    """
    if done.picture == "fallback" and done.photo.fallback is not None:
        return Frame(photo_path(done.photo.fallback))
    return frame
