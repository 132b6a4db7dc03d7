"""One job in work: its photos are looked up or measured, judged, and their results written one by one."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

from autocull.errors import PhotoError
from autocull.measure.evidence import Evidence
from autocull.pipeline.cull_run import Judge, Measurer, result_of
from autocull.pipeline.evidence_cache import Known
from autocull.read import Frame
from autocull.serve.jobs.model import Job, Picture, Wanted
from autocull.serve.jobs.outcomes import outcome_of
from autocull.serve.jobs.photo_path import photo_path
from autocull.serve.jobs.queue import JobWork

BATCH = 50
"""Photos that are taken from the job at a time; what bounds memory for any job."""


@dataclass(frozen=True, slots=True)
class Sought:
    """A photo, the frame that is to be judged for it, and which picture of it that is."""

    photo: Wanted
    frame: Frame
    picture: Picture


class JobRun:
    """One job, worked on until its photos are done or `goes_on` says no; it is asked before every photo.

    A photo that cannot be read is its own error. Photos of the job with the same file are measured once.
    `recorded` hears how many photos each written result stands for.
    """

    def __init__(
        self,
        job: Job,
        work: JobWork,
        known: Known,
        judge: Judge,
        *,
        goes_on: Callable[[], bool],
        recorded: Callable[[int], None],
    ) -> None:
        self._job = job
        self._work = work
        self._known = known
        self._judge = judge
        self._goes_on = goes_on
        self._recorded = recorded
        self._in_work: dict[Path, list[Sought]] = {}

    def carry_out(self, workers: Callable[[], Measurer]) -> Iterator[None]:
        """Work, pausing after every photo that was measured; `workers` is called where one has to be.

        When it is told not to go on, it hands out nothing more and finishes what is in work. Raises
        ModelError where a model is not usable, and StoreError where the file of jobs fails.
        """
        unknown = self._unknown()
        first = next(unknown, None)
        if first is None:
            return
        for frame, measurement in workers().measure(chain([first], unknown)):
            yield
            outcome = self._known.keep(frame, measurement)
            for sought in self._in_work.pop(frame.path):
                self._write(sought, outcome)

    def _unknown(self) -> Iterator[Frame]:
        """Yield the frames that have to be measured; what is known already is written on the way."""
        place = 0
        while self._goes_on() and (batch := self._work.pending(self._job.id, place, BATCH)):
            place = batch[-1].place
            firsts: dict[tuple[str, str | None], Wanted] = {}
            for _, photo in batch:
                firsts.setdefault((photo.path, photo.fallback), photo)
            sought = [found for photo in firsts.values() if (found := self._seek(photo))]
            known = self._known.recall([each.frame for each in sought])
            for each, (frame, outcome) in zip(sought, known, strict=True):
                if not self._goes_on():
                    return
                if outcome is not None:
                    self._write(each, outcome)
                elif frame.path in self._in_work:
                    self._in_work[frame.path].append(each)
                else:
                    self._in_work[frame.path] = [each]
                    yield frame

    def _seek(self, photo: Wanted) -> Sought | None:
        """Find the picture of a photo that is to be judged; where there can be none, write why."""
        try:
            frame = Frame(photo_path(photo.path))
        except PhotoError as error:
            self._give_up(photo, error)
            return None
        try:
            there = self._known.identity(frame) is not None
        except PhotoError as error:  # its drive hangs: the reader would hang too
            other = self._fallback(photo)
            if other is None:
                self._give_up(photo, error)
            return other
        return (
            Sought(photo, frame, "file") if there else self._fallback(photo) or Sought(photo, frame, "file")
        )

    def _fallback(self, photo: Wanted) -> Sought | None:
        if photo.fallback is None:
            return None
        try:
            frame = Frame(photo_path(photo.fallback))
            return Sought(photo, frame, "fallback") if self._known.identity(frame) else None
        except PhotoError:  # the photo's own error says more
            return None

    def _give_up(self, photo: Wanted, error: PhotoError) -> None:
        self._write(Sought(photo, Frame(error.path), "file"), error)

    def _write(self, sought: Sought, outcome: Evidence | PhotoError) -> None:
        # Whatever picture of it was judged: she knows the photo by its own file.
        named = Frame(photo_path(sought.photo.path)) if sought.picture == "fallback" else sought.frame
        result = result_of(named, outcome, self._judge)
        self._recorded(self._work.record(self._job.id, sought.photo, outcome_of(result, sought.picture)))
        self._known.drop(sought.frame)
