"""Accuracy of the defects network on photos corrupted by an external library.

    python benchmarks/external_corruptions.py DATA [--split dev] [--photos N]

Every photo of DATA/photos is compared with itself with each corruption by albumentations (Buslaev et al.
2020; not a dependency: `pip install albumentations`), strong enough to reject the photo, seeded by its index.
Prints for each label the area under the curve and the balanced accuracy at the default limit, with 95 %
intervals, and how many pairs are in the right order.
"""

from __future__ import annotations

import argparse
import os
from pathlib import Path
from typing import Any

import numpy as np

from autocull.judge import Settings
from autocull.measure.defects import DefectDetector
from autocull.measure.models import models_root
from autocull.read.photo import Photo, Pixels
from autocull.stats.intervals import compute_intervals, share_interval
from autocull.stats.metrics import BinaryMetrics, binary_metrics
from autocull.train.data.image_io import read_picture
from autocull.train.data.label_vocabulary import DEFECT_LIMITS
from autocull.train.data.manifest import read_manifest

os.environ["NO_ALBUMENTATIONS_UPDATE"] = "1"  # else it searches the network for a newer version
import albumentations

CORRUPTIONS = {
    "too_dark": albumentations.RandomBrightnessContrast((-0.75, -0.5), (0, 0), p=1),
    "too_bright": albumentations.RandomBrightnessContrast((0.45, 0.7), (0, 0), p=1),
    "motion_blur": albumentations.MotionBlur((13, 31), p=1),
    "defocus": albumentations.Defocus((4, 8), (0.1, 0.5), p=1),
    "lens_flare": albumentations.RandomSunFlare(src_radius=200, method="physics_based", p=1),
    "low_quality": albumentations.ImageCompression(quality_range=(3, 10), p=1),
    "noise": albumentations.ISONoise((0.02, 0.06), (0.6, 1.0), p=1),
}
HEADER = ("label", "photos", "AUC", "95 %", "balanced accuracy", "95 %", "pairs in order", "95 %")


def main() -> None:
    """Print a row for each corruption, and the mean."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("data", type=Path)
    parser.add_argument("--split", default="dev")
    parser.add_argument("--photos", type=int, default=164)
    options = parser.parse_args()
    rows = read_manifest(options.data / "photos" / "manifest.csv")
    pictures = [read_picture(row.path) for row in rows if row.split == options.split][: options.photos]
    detector, settings = DefectDetector(models_root()), Settings()
    measured_clean = [detector.measure(Photo.from_pixels(pixels)) for pixels in pictures]
    print(
        "| label | photos | AUC | 95 % | balanced accuracy | 95 % | pairs in order | 95 % |\n"
        + "|---" * 8
        + "|"
    )
    areas = []
    for label, corruption in CORRUPTIONS.items():
        corrupted = [
            _measure_corrupted(detector, corruption, pixels, seed)[label]
            for seed, pixels in enumerate(pictures)
        ]
        clean = [measured[label] for measured in measured_clean]
        truth, scores = np.repeat([True, False], len(corrupted)), np.array(corrupted + clean)
        metrics = binary_metrics(truth, scores, scores >= getattr(settings, DEFECT_LIMITS[label]))
        ordered = sum(one > other for one, other in zip(corrupted, clean, strict=True))
        print(_row(label, len(corrupted), metrics, ordered), flush=True)
        areas.append(metrics.auc)
    print(f"mean AUC {np.mean(areas):.3f}")


def _measure_corrupted(
    detector: DefectDetector, corruption: Any, pixels: Pixels, seed: int
) -> dict[str, float]:
    """Measure a corrupted photo; the same seed gives the same corruption."""
    corruption.set_random_seed(seed)
    return detector.measure(Photo.from_pixels(corruption(image=pixels)["image"]))


def _row(label: str, count: int, metrics: BinaryMetrics, ordered: int) -> str:
    intervals = compute_intervals(metrics) | {"pairs": share_interval(ordered, count)}
    values = metrics.overall() | {"pairs": ordered / count}
    cells = []
    for name in ("auc", "balanced_accuracy", "pairs"):
        low, high = intervals[name] or (0.0, 1.0)
        cells.append(f"{values[name]:.3f} | {low:.3f}-{high:.3f}")
    return f"| {label} | {count} | {' | '.join(cells)} |"


if __name__ == "__main__":
    main()
