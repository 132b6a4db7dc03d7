"""Harm and recall of verdicts by source and size, on made pictures and on the shared photos."""

from __future__ import annotations

import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from hashlib import sha256
from pathlib import Path

from PIL import Image

from autocull.judge import Settings
from autocull.pipeline import make_measure
from autocull.read.photo import Pixels
from autocull.train.verdicts.evaluation import VerdictEvaluation
from autocull.train.verdicts.labels import VerdictSample, read_verdict_samples
from autocull.train.verdicts.report import VerdictCounts
from regression.picture_set import PictureSet
from regression.verdict_floors import VerdictFloor
from support.cull_run_fakes import FakeWorkers

SIZES = ("500", "camera")
KINDS_OF_PICTURES = {
    "defocus": "blur",
    "motion_blur": "motion",
    "too_dark": "dark",
    "too_bright": "bright",
    "low_quality": "compression",
}
"""The kind of fault of each corruption of the picture set whose effect does not depend on the scene."""

PER_SOURCE = 6
"""How many good and how many faulty photos of each source of the shared photos are judged."""

BENCHMARK = Path(__file__).resolve().parents[2] / "benchmarks" / "verdict_manifest.py"

Cell = tuple[str, str, str]
"""A row of the report: good or the kind of fault, source ("all": every one), and size."""


def write_pictures(pictures: PictureSet, folder: Path, count: int) -> list[VerdictSample]:
    """Write `count` good pictures, as many with each fault, and the blinks; returns them with labels."""
    samples = [_write(pixels, folder, "other", index) for index, pixels in enumerate(pictures.good[:count])]
    for fault, kind in KINDS_OF_PICTURES.items():
        samples += [_write(pixels, folder, kind, i) for i, pixels in enumerate(pictures.bad[fault][:count])]
    samples += [_write(pixels, folder, "closed_eyes", i) for i, pixels in enumerate(pictures.blinks)]
    return samples


def sample_dev_photos(data: Path, folder: Path) -> list[VerdictSample]:
    """Sample good and faulty dev photos of each source of the shared photos, always the same."""
    command = [sys.executable, str(BENCHMARK), str(data), str(folder)]
    subprocess.run(command, check=True, capture_output=True)
    by_source: dict[tuple[str, bool], list[VerdictSample]] = defaultdict(list)
    for sample in read_verdict_samples([folder / "verdicts.csv"]):
        by_source[sample.source, sample.is_faulty].append(sample)
    return [sample for group in by_source.values() for sample in sorted(group, key=_digest)[:PER_SOURCE]]


def measure_shares(
    models: Path, samples: Sequence[VerdictSample], settings: Settings, sizes: Sequence[str] = SIZES
) -> dict[Cell, VerdictCounts]:
    """Judge the photos at each size, by the whole ensemble in this process; returns the counts by cell."""
    evaluation = VerdictEvaluation(
        settings=settings, models=models, start_workers=lambda: FakeWorkers(make_measure(models))
    )
    report = evaluation.run(samples, sizes)
    assert not report.unreadable, report.unreadable
    return {
        (each.kind if each.is_faulty else "good", each.source, each.size): each
        for each in report.counts
        if each.is_faulty or each.kind == "all"
    }


def broken_floors(floors: Iterable[VerdictFloor], counts: Mapping[Cell, VerdictCounts]) -> list[VerdictFloor]:
    """Return the floors that the counts break."""
    return [floor for floor in floors if not floor.holds(floor.share(counts[floor.cell]))]


def _write(pixels: Pixels, folder: Path, kind: str, index: int) -> VerdictSample:
    path = folder / f"{kind}{index}.png"
    Image.fromarray(pixels).save(path)
    return VerdictSample(path, (kind,), kind != "other", "made", "dev", "", "")


def _digest(sample: VerdictSample) -> bytes:
    return sha256(sample.path.name.encode()).digest()
