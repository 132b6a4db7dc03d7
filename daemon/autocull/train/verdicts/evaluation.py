"""Evaluation of verdicts on labelled photos, at several sizes."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from autocull.judge import Settings
from autocull.measure import models_root, versions
from autocull.pipeline import CullRun, EvidenceStore, Measurer, Workers, make_measure
from autocull.read import Frame, ScanResult
from autocull.train.verdicts.curves import compute_curves
from autocull.train.verdicts.judging import MeasuredPhoto, UnmeasuredPhoto, judge_photos, measure_photos
from autocull.train.verdicts.labels import VerdictSample
from autocull.train.verdicts.report import VerdictOutcome, VerdictReport, compare_sizes, count_verdicts
from autocull.train.verdicts.sizes import CAMERA_SIZE, make_copies


@dataclass(slots=True, kw_only=True)
class VerdictEvaluation:
    """One evaluation: the settings, how photos are measured, and what could not be read.

    `store` keeps what is measured of photos at their own size (None: for this evaluation only), `workers`
    processes measure, each `time_limit` seconds per photo at most. `on_progress` is called once for each
    photo and size, `on_warning` with what the store reports. `start_workers` replaces the worker processes.
    """

    settings: Settings
    models: Path = field(default_factory=models_root)
    store: Path | None = None
    workers: int = 1
    time_limit: float = 60.0
    on_progress: Callable[[], None] = lambda: None
    on_warning: Callable[[str], None] = lambda _: None
    unreadable: dict[Path, UnmeasuredPhoto] = field(default_factory=dict)
    start_workers: Callable[[], Measurer] | None = None

    def run(
        self,
        photos: Sequence[VerdictSample],
        sizes: Sequence[str] = (CAMERA_SIZE,),
        harm: float | None = None,
    ) -> VerdictReport:
        """Measure and judge the photos at each size, and summarise; raises ModelError and StoreError.

        With `harm` (0-1) the report has operating curves with that target, at the last of the sizes.
        """
        measured_by_size = {size: self.measure(photos, size) for size in sizes}
        outcomes = [
            VerdictOutcome(each.photo, size, verdict)
            for size, measured in measured_by_size.items()
            for each, verdict in zip(measured, judge_photos(measured, self.settings), strict=True)
        ]
        measured = measured_by_size[sizes[-1]]
        return VerdictReport(
            outcomes=outcomes,
            counts=count_verdicts(outcomes),
            changes=compare_sizes(outcomes),
            unreadable=list(self.unreadable.values()),
            models=versions(self.models),
            settings=self.settings.model_dump(mode="json", exclude={"marks"}),
            curves=() if harm is None else compute_curves(measured, self.settings, harm),
        )

    def measure(self, photos: Sequence[VerdictSample], size: str = CAMERA_SIZE) -> list[MeasuredPhoto]:
        """Measure the photos at one size; those that cannot be read are recorded and left out."""
        if size == CAMERA_SIZE:
            return self._measure_files({photo.path: photo for photo in photos}, self.store)
        with TemporaryDirectory(prefix="autocull-sizes-") as folder:
            files = make_copies(photos, size, Path(folder), lambda: None)
            for _ in range(len(photos) - len(files)):
                self.on_progress()
            return self._measure_files(files, None)

    def _measure_files(
        self, photos_by_file: Mapping[Path, VerdictSample], store: Path | None
    ) -> list[MeasuredPhoto]:
        workers = partial(
            Workers, partial(make_measure, self.models), count=self.workers, time_limit=self.time_limit
        )
        with (
            closing(EvidenceStore(store, self.on_warning)) as evidence_store,
            closing(
                CullRun(
                    ScanResult(frames=tuple(Frame(file) for file in photos_by_file)),
                    store=evidence_store,
                    versions=versions(self.models),
                    start_workers=self.start_workers or workers,
                )
            ) as run,
        ):
            measured, unmeasured = measure_photos(photos_by_file, run, self.on_progress)
        self.unreadable |= {each.path: each for each in unmeasured}
        return measured
