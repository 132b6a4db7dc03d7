"""One culling run: evidence from the store, or from worker processes where a photo is new or has changed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from autocull.errors import PhotoError
from autocull.measure import Evidence, models_root, versions
from autocull.output import Judged, Result, Unreadable
from autocull.pipeline.evidence_cache import EvidenceCache
from autocull.pipeline.evidence_store import EvidenceStore, Measurement
from autocull.pipeline.worker_main import make_measure
from autocull.pipeline.worker_pool import Workers
from autocull.plurals import format_count
from autocull.read import Frame, ScanResult, find_frames

if TYPE_CHECKING:  # the workers are started before judging is imported, which costs 0.2 s
    from autocull.judge import Marks, Verdict

Judge = Callable[[Frame, Evidence], "tuple[Verdict, Marks]"]
"""Returns verdict and marks for the evidence of a frame."""

_BATCH = 500


class Measurer(Protocol):
    """Measures frames: `autocull.pipeline.worker_pool.Workers`, or a fake in tests."""

    def measure(self, frames: Iterable[Frame]) -> Iterator[tuple[Frame, Measurement]]:
        """Yield each frame with its measurement, in any order."""
        ...

    def stop(self) -> None:
        """Stop at once."""
        ...


@dataclass(slots=True)
class RunCounts:
    """Counts of a run so far; `measured` counts the photos whose pixels were read.

    `first_reasons` counts each reject under its gravest reason, `reasons` each photo under all its reasons.
    """

    processed: int = 0
    measured: int = 0
    kept: int = 0
    rejected: int = 0
    cannot_tell: int = 0
    first_reasons: Counter[str] = field(default_factory=Counter)
    reasons: Counter[str] = field(default_factory=Counter)
    unreadable: list[Unreadable] = field(default_factory=list)

    def add(self, result: Result) -> None:
        """Count one result."""
        self.processed += 1
        if isinstance(result, Unreadable):
            self.unreadable.append(result)
        else:
            self._count(result.verdict)

    def replace_verdicts(self, verdicts: Iterable[Verdict]) -> None:
        """Count these final verdicts in place of those of the first pass."""
        self.kept = self.rejected = self.cannot_tell = 0
        self.first_reasons.clear()
        self.reasons.clear()
        for verdict in verdicts:
            self._count(verdict)

    def _count(self, verdict: Verdict) -> None:
        answer = verdict.answer
        self.kept += answer == "keep"
        self.rejected += answer == "reject"
        self.cannot_tell += answer == "cannot_tell"
        self.reasons.update({reason.code for reason in verdict.reasons})
        if answer == "reject":
            self.first_reasons[verdict.reasons[0].code] += 1


class CullRun:
    """One run over the photos of `scan`; each frame is measured at most once.

    `versions` holds the version of each detector by its name; `start_workers` is called only where a frame
    has to be measured. Evidence is held by the `store`, so memory does not grow with the photos.
    """

    def __init__(
        self,
        scan: ScanResult,
        *,
        store: EvidenceStore,
        versions: Mapping[str, str],
        start_workers: Callable[[], Measurer],
    ) -> None:
        self._frames = scan.frames
        self._unreadable = [Unreadable(Frame(error.path), error) for error in scan.unreadable]
        self._cache = EvidenceCache(store, versions)
        self._start_workers = start_workers
        self._workers: Measurer | None = None
        self.store = store
        self.total = len(scan.frames) + len(scan.unreadable)
        self.counts = RunCounts()

    def start_workers_early(self) -> None:
        """Start the workers early where one of the first photos has to be measured."""
        if not self._cache.has_all(self._frames[:_BATCH]):
            self._workers = self._start_workers()

    def frame_of(self, path: Path) -> Frame:
        """Return the frame that has the file `path`; raises PhotoError where it cannot be accessed."""
        absolute = path.absolute()
        for frame in self._frames:
            if absolute in (each.absolute() for each in frame.files):
                return frame
        for unreadable in self._unreadable:
            if unreadable.frame.path == path:
                raise unreadable.error
        for frame in self._frames:  # a link to a photo that is judged in its place
            if any(_is_same_file(path, each) for each in frame.files):
                return frame
        raise PhotoError(path, "The file is no photo that culling reads.", code="not_a_photo")

    def limit_unmeasured(self, path: Path, maximum: int) -> int:
        """Leave out all but `maximum` of the frames without a stored outcome; returns how many.

        The nearest ones to that of `path` stay, in the order of the frames. Raises PhotoError as `frame_of`.
        """
        position = self._frames.index(self.frame_of(path))
        unmeasured = [
            index
            for index, (_, outcome) in enumerate(self._read_outcomes())
            if outcome is None and index != position
        ]
        unmeasured.sort(key=lambda index: abs(index - position))
        left_out = set(unmeasured[maximum:])
        self._frames = tuple(each for index, each in enumerate(self._frames) if index not in left_out)
        self.total -= len(left_out)
        return len(left_out)

    def close(self) -> None:
        """Stop the workers at once; stored measurements stay."""
        if self._workers is not None:
            self._workers.stop()
            self._workers = None

    def run(self, judge: Judge) -> Generator[Result, None, None]:
        """Yield every result: the unreadable paths, the stored frames, then the others as they are measured.

        `judge` judges each photo before the rest of its series is measured; `results` yields the final ones.
        Measurements are stored before they are yielded, so an interrupted run loses only those in progress.
        Raises ModelError where a model is not usable.
        """
        unmeasured: list[Frame] = []
        for unreadable in self._unreadable:
            self.counts.add(unreadable)
            yield unreadable
        try:
            for frame, outcome in self._read_outcomes():
                if outcome is None:
                    unmeasured.append(frame)
                else:
                    yield self._judge_and_count(frame, outcome, judge)
            if unmeasured:
                self._workers = self._workers or self._start_workers()
                for frame, measurement in self._workers.measure(unmeasured):
                    self.counts.measured += 1
                    yield self._judge_and_count(frame, self._cache.put(frame, measurement), judge)
        finally:
            self.close()

    def results(self, judge: Judge) -> Iterator[Result]:
        """Yield the results again, in the order of the frames, without reading any photo.

        Frames that an interrupted run did not measure are left out; the unreadable paths come last.
        """
        for frame, outcome in self._read_outcomes():
            if outcome is not None:
                yield result_of(frame, outcome, judge)
        yield from self._unreadable

    def is_unchanged(self, frame: Frame) -> bool:
        """Return whether a frame has the same files as when its evidence was read or measured."""
        return self._cache.is_unchanged(frame)

    def thumbnail(self, frame: Frame) -> bytes | None:
        """Return the frame's small JPEG, None where it was not measured."""
        return self.store.thumbnail(frame.path)

    def _read_outcomes(self) -> Iterator[tuple[Frame, Evidence | PhotoError | None]]:
        """Yield each frame with its stored outcome; None where it has to be measured."""
        for start in range(0, len(self._frames), _BATCH):
            yield from self._cache.get(self._frames[start : start + _BATCH])

    def _judge_and_count(self, frame: Frame, outcome: Evidence | PhotoError, judge: Judge) -> Result:
        result = result_of(frame, outcome, judge)
        self.counts.add(result)
        return result


@contextmanager
def open_cull_run(
    paths: Iterable[Path],
    store_file: Path | None,
    *,
    workers: int,
    time_limit: float,
    on_warning: Callable[[str], None],
) -> Iterator[CullRun]:
    """Find the photos in files and folders, and open a run over them whose workers are already starting.

    `store_file` keeps what is measured (None: for this run only), `workers` processes measure, each
    `time_limit` seconds per photo at most; `on_warning` receives what the store reports. Raises ModelError
    and StoreError.
    """
    scan = find_frames(paths)
    if scan.placeholders:
        on_warning(
            f"Only in iCloud: {format_count(len(scan.placeholders), 'photo')}, beginning with "
            f"{scan.placeholders[0]}. Download from there in Finder, then run again."
        )
    models = models_root()
    with (
        closing(EvidenceStore(store_file, on_warning)) as store,
        closing(
            CullRun(
                scan,
                store=store,
                versions=versions(models),
                start_workers=partial(
                    Workers, partial(make_measure, models), count=workers, time_limit=time_limit
                ),
            )
        ) as cull_run,
    ):
        cull_run.start_workers_early()
        yield cull_run


def _is_same_file(path: Path, other: Path) -> bool:
    try:
        return path.samefile(other)
    except OSError:
        return False


def result_of(frame: Frame, outcome: Evidence | PhotoError, judge: Judge) -> Result:
    """Return the result of a frame: `judge` applied to its evidence, or its error."""
    if isinstance(outcome, PhotoError):
        return Unreadable(frame, outcome)
    return Judged(frame, outcome, *judge(frame, outcome))
