"""Verdicts of labelled photos by the whole product: each alone, or in the series that its manifest names."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from autocull.judge import Marks, Settings, Verdict, judge, marks_for
from autocull.measure import Evidence
from autocull.output import Judged, Result
from autocull.pipeline import Judge, ShootJudge, judge_shoot
from autocull.read import Frame
from autocull.train.verdicts.labels import VerdictSample, unit_of


class PhotoRun(Protocol):
    """A culling run, of which only the measuring is used: `autocull.pipeline.CullRun`."""

    def run(self, judge: Judge) -> Generator[Result, None, None]:
        """Yield each photo once, measured and judged by `judge`, or the error that prevented it."""
        ...


@dataclass(frozen=True, slots=True)
class MeasuredPhoto:
    """A labelled photo with its evidence, at one size; `path` is that of the file that was measured."""

    photo: VerdictSample
    path: Path
    evidence: Evidence


@dataclass(frozen=True, slots=True)
class UnmeasuredPhoto:
    """A labelled photo that could not be measured, and why."""

    path: Path
    code: str
    message: str


def measure_photos(
    photos_by_file: Mapping[Path, VerdictSample], run: PhotoRun, on_progress: Callable[[], None]
) -> tuple[list[MeasuredPhoto], list[UnmeasuredPhoto]]:
    """Measure the files of labelled photos by a culling run over exactly these files.

    Returns the photos in their order, and those that cannot be read. Raises ModelError.
    """
    evidence_by_file: dict[Path, Evidence] = {}
    unmeasured: list[UnmeasuredPhoto] = []
    settings = Settings()
    for result in run.run(lambda _, evidence: _judge_alone(evidence, settings)):
        if isinstance(result, Judged):
            evidence_by_file[result.frame.path] = result.evidence
        else:
            photo = photos_by_file[result.frame.path]
            unmeasured.append(UnmeasuredPhoto(photo.path, result.error.code, result.error.message))
        on_progress()
    measured = [
        MeasuredPhoto(photo, file, evidence_by_file[file])
        for file, photo in photos_by_file.items()
        if file in evidence_by_file
    ]
    return measured, unmeasured


def _judge_alone(evidence: Evidence, settings: Settings) -> tuple[Verdict, Marks]:
    verdict = judge(evidence, settings)
    return verdict, marks_for(verdict, settings)


def judge_photos(photos: Sequence[MeasuredPhoto], settings: Settings) -> list[Verdict]:
    """Return the verdict of each photo as culling gives it: alone, or within its series."""
    units: dict[str, list[MeasuredPhoto]] = defaultdict(list)
    for photo in photos:
        units[unit_of(photo.photo)].append(photo)
    verdicts: dict[Path, Verdict] = {}
    for unit in units.values():
        for result in judge_shoot(_MeasuredShoot(unit), ShootJudge(settings)):
            verdicts[result.frame.path] = result.verdict
    return [verdicts[photo.path] for photo in photos]


def judge_quickly(photos: Sequence[MeasuredPhoto], settings: Settings) -> list[Verdict]:
    """Return verdicts with the same answers and reasons as `judge_photos`, for many settings in a row.

    Photos that are judged alone are not grouped, which takes most of the time.
    """
    in_series = [photo for photo in photos if photo.photo.series]
    verdicts = dict(zip((photo.path for photo in in_series), judge_photos(in_series, settings), strict=True))
    return [verdicts.get(photo.path) or judge(photo.evidence, settings) for photo in photos]


class _MeasuredShoot:
    """Photos that are measured already, as the source of a shoot."""

    def __init__(self, photos: Sequence[MeasuredPhoto]) -> None:
        self._photos = photos

    def run(self, judge: Judge) -> Generator[Judged, None, None]:
        yield from self.results(judge)

    def results(self, judge: Judge) -> Iterator[Judged]:
        for photo in self._photos:
            yield Judged(Frame(photo.path), photo.evidence, *judge(Frame(photo.path), photo.evidence))
