"""The first pass over a job: reads or measures each photo's evidence, judges it alone, writes its result."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

from autocull.errors import PhotoError
from autocull.measure import Evidence
from autocull.pipeline import EvidenceCache, Judge, Measurer, result_of
from autocull.read import Frame
from autocull.serve.jobs.file_probe import FileProbe
from autocull.serve.jobs.model import Job, Picture, RequestedPhoto
from autocull.serve.jobs.outcomes import outcome_of
from autocull.serve.jobs.photo_path import parse_photo_path
from autocull.serve.jobs.queue import JobQueue

BATCH_SIZE = 50
"""Photos that are read from the job at a time; this limits the memory for a job of any size."""


@dataclass(frozen=True, slots=True)
class ResolvedPhoto:
    """A photo, the frame to judge for it, and which picture of it that is."""

    photo: RequestedPhoto
    frame: Frame
    picture: Picture


class FirstPass:
    """The first pass over one job; ends when its photos are done, or when `is_active` returns False.

    `is_active` is called before every photo. A photo that cannot be read is an error of this photo only.
    Photos of the job with the same file are measured once. `on_progress` receives the number of photos that
    each written result stands for.
    """

    def __init__(
        self,
        job: Job,
        queue: JobQueue,
        cache: EvidenceCache,
        judge: Judge,
        probe: FileProbe,
        *,
        is_active: Callable[[], bool],
        on_progress: Callable[[int], None],
    ) -> None:
        self._job = job
        self._queue = queue
        self._cache = cache
        self._judge = judge
        self._probe = probe
        self._is_active = is_active
        self._on_progress = on_progress
        self._in_progress: dict[Path, list[ResolvedPhoto]] = {}
        self._measured: dict[Path, Evidence | PhotoError] = {}

    def run(self, workers: Callable[[], Measurer]) -> Iterator[None]:
        """Yield after every measured photo; `workers` is called only if a photo must be measured.

        Once the job is not active, no more photos are started, and those in work are finished. Raises
        ModelError if a model is not usable, and StoreError if the job database fails.
        """
        unmeasured = self._unmeasured_frames()
        first = next(unmeasured, None)
        if first is None:
            return
        for frame, measurement in workers().measure(chain([first], unmeasured)):
            yield
            if isinstance(measurement.outcome, PhotoError) and measurement.outcome.code == "timeout":
                self._probe.watch(frame)  # so that its drive, if it hangs, is not waited for again and again
            outcome = self._measured[frame.path] = self._cache.put(frame, measurement)
            for resolved in self._in_progress.pop(frame.path):
                self._record(resolved, outcome)

    def _unmeasured_frames(self) -> Iterator[Frame]:
        """Yield the frames that must be measured; judge and write photos with stored evidence at once."""
        position = 0
        while self._is_active() and (batch := self._queue.list_pending(self._job.id, position, BATCH_SIZE)):
            position = batch[-1].position
            unique_photos: dict[tuple[str, str | None], RequestedPhoto] = {}
            for _, photo in batch:
                unique_photos.setdefault((photo.path, photo.fallback), photo)
            resolved = [
                resolved_photo for photo in unique_photos.values() if (resolved_photo := self._resolve(photo))
            ]
            cached = self._cache.get([each.frame for each in resolved])
            self._measured.clear()
            for each, (frame, stored_outcome) in zip(resolved, cached, strict=True):
                if not self._is_active():
                    return
                outcome = stored_outcome or self._measured.get(frame.path)
                if outcome is not None:
                    self._record(each, outcome)
                elif (available := self._avoid_hung_drive(each)) is each:
                    yield from self._begin(each)
                elif available is not None:
                    [(_, fallback_outcome)] = self._cache.get([available.frame])
                    if fallback_outcome is None:
                        yield from self._begin(available)
                    else:
                        self._record(available, fallback_outcome)

    def _begin(self, resolved: ResolvedPhoto) -> Iterator[Frame]:
        """Yield the frame of a photo, unless it is measured already."""
        path = resolved.frame.path
        if path in self._in_progress:
            self._in_progress[path].append(resolved)
        else:
            self._in_progress[path] = [resolved]
            yield resolved.frame

    def _avoid_hung_drive(self, resolved: ResolvedPhoto) -> ResolvedPhoto | None:
        """Return the photo, or its fallback if its drive hangs by now; without one, write the error."""
        try:
            if resolved.picture == "file":
                self._probe.check_drive(resolved.frame)
        except PhotoError as error:
            fallback = self._resolve_fallback(resolved.photo)
            if fallback is None:
                self._record_error(resolved.photo, error)
            return fallback
        return resolved

    def _resolve(self, photo: RequestedPhoto) -> ResolvedPhoto | None:
        """Return the picture of a photo to judge; if there is none, write the error and return None."""
        try:
            frame = Frame(parse_photo_path(photo.path))
        except PhotoError as error:
            self._record_error(photo, error)
            return None
        try:
            exists = self._cache.identity(frame) is not None
        except PhotoError as error:  # the drive hangs, and so would the reader
            fallback = self._resolve_fallback(photo)
            if fallback is None:
                self._record_error(photo, error)
            return fallback
        return (
            ResolvedPhoto(photo, frame, "file")
            if exists
            else self._resolve_fallback(photo) or ResolvedPhoto(photo, frame, "file")
        )

    def _resolve_fallback(self, photo: RequestedPhoto) -> ResolvedPhoto | None:
        if photo.fallback is None:
            return None
        try:
            frame = Frame(parse_photo_path(photo.fallback))
            return ResolvedPhoto(photo, frame, "fallback") if self._cache.identity(frame) else None
        except PhotoError:  # the error of the photo's own file is more useful
            return None

    def _record_error(self, photo: RequestedPhoto, error: PhotoError) -> None:
        self._record(ResolvedPhoto(photo, Frame(error.path), "file"), error)

    def _record(self, resolved: ResolvedPhoto, outcome: Evidence | PhotoError) -> None:
        # Whichever picture was judged, the photographer identifies the photo by its own file.
        reported_frame = (
            Frame(parse_photo_path(resolved.photo.path)) if resolved.picture == "fallback" else resolved.frame
        )
        result = result_of(reported_frame, outcome, self._judge)
        self._on_progress(
            self._queue.record(self._job.id, resolved.photo, outcome_of(result, resolved.picture))
        )
        self._cache.discard(resolved.frame)
