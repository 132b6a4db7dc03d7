"""Accuracy of the subject's sharpness on synthetic pairs of photos: the subject sharp, and out of focus.

    python benchmarks/subjects.py DATA [--split dev] [--pairs N]

From each photo of DATA/photos two are made with the same camera model: a blob near the middle is sharp on a
blurred background, and the same blob is blurred on a sharp background. A pair is right if the sharp subject
has the higher result. Prints how many are right, with Wilson's 95 % interval, for the product's result, for
the mean of its tiles, and for a mean weighted towards the middle. There are no faces.
"""

from __future__ import annotations

import argparse
import csv
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from autocull.measure.category import CategoryDetector
from autocull.measure.defects import DefectDetector
from autocull.measure.evidence import Focus
from autocull.measure.focus import FocusDetector
from autocull.measure.models import models_root
from autocull.read.photo import Photo, Pixels
from autocull.stats.intervals import wilson_interval
from autocull.train.synthesis import blur_kernels, isp
from autocull.train.synthesis.camera_models import sample_camera, simulate_capture

LONG_SIDE = 640  # px, as the focus recipe reads the same photos
BLURS = (1.0, 4.0)  # px: blur radius of what is out of focus
RADII = (0.12, 0.32)  # of the picture's width and height
MAX_OFFSET = 0.2  # of the blob from the middle, in widths and heights
CENTRE_DEVIATION = 0.25  # standard deviation of the middle's weight, in widths and heights


def main() -> None:
    """Print a row for each method."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("data", type=Path)
    parser.add_argument("--split", default="dev")
    parser.add_argument("--pairs", type=int, default=164)
    options = parser.parse_args()
    measure_focus = _make_measure()
    correct: dict[str, int] = {}
    paths = _paths(options.data / "photos", options.split)[: options.pairs]
    for number, path in enumerate(paths):
        pair = _pair(path, np.random.default_rng(number))
        sharp, missed = (_subject_sharpness(measure_focus(Photo.from_pixels(each))) for each in pair)
        for method in sharp:
            correct[method] = correct.get(method, 0) + (sharp[method] > missed[method])
    for method, count in correct.items():
        low, high = wilson_interval(count / len(paths), len(paths)) or (0.0, 1.0)
        print(
            f"{method}: {count} of {len(paths)} right ({count / len(paths):.1%}, 95 %: {low:.1%}-{high:.1%})"
        )


def _paths(folder: Path, split: str) -> list[Path]:
    with (folder / "manifest.csv").open(newline="", encoding="utf-8") as file:
        return [folder / row["path"] for row in csv.DictReader(file) if row["split"] == split]


def _pair(path: Path, rng: np.random.Generator) -> tuple[Pixels, Pixels]:
    """Return the photo with the sharp subject and the one with the blurred subject, of one camera."""
    with Image.open(path) as image:
        image.thumbnail((LONG_SIDE, LONG_SIDE))
        linear = isp.to_linear(np.asarray(image.convert("RGB")))
    soft = blur_kernels.convolve(linear, blur_kernels.disc_kernel(2 * float(rng.uniform(*BLURS))))
    inside = _blob(linear.shape[0], linear.shape[1], rng)[..., None]
    settings, seed = sample_camera(rng), int(rng.integers(2**32))
    shots = (linear * inside + soft * (1 - inside), soft * inside + linear * (1 - inside))
    sharp, missed = (simulate_capture(shot, settings, np.random.default_rng(seed)) for shot in shots)
    return sharp, missed


def _blob(height: int, width: int, rng: np.random.Generator) -> Any:
    """Return an ellipse near the middle with a soft rim: the share of each pixel `(height, width)` in it."""
    (x, y), (across, down) = rng.uniform(-MAX_OFFSET, MAX_OFFSET, 2) + 0.5, rng.uniform(*RADII, 2)
    rows, columns = np.mgrid[0:height, 0:width]
    distance = np.hypot((columns / width - x) / across, (rows / height - y) / down)
    rim = 3 / (min(height, width) * min(across, down))
    return np.clip((1 - distance) / rim + 0.5, 0, 1).astype(np.float32)


def _make_measure() -> Callable[[Photo], Focus]:
    """Return the ensemble's measurement of focus, without the detectors that have no influence on it."""
    focus, category, defects = (
        detector(models_root()) for detector in (FocusDetector, CategoryDetector, DefectDetector)
    )

    def measure(photo: Photo) -> Focus:
        blur = defects.measure(photo)
        frame_blur = max(blur["defocus"], blur["motion_blur"])
        return focus.measure(photo, (), category.measure_with_maps(photo, ())[1], frame_blur)

    return measure


def _subject_sharpness(focus: Focus) -> dict[str, float]:
    tiles = np.array(focus.tiles)
    rows, columns = ((np.arange(count) + 0.5) / count - 0.5 for count in tiles.shape)
    rows, columns = rows / CENTRE_DEVIATION, columns / CENTRE_DEVIATION
    weight = np.exp(-np.square(rows)[:, None] / 2 - np.square(columns)[None] / 2)
    return {
        "the product's answer": focus.sharp,
        "mean of all tiles": float(tiles.mean()),
        "mean weighted to the middle": float((tiles * weight).sum() / weight.sum()),
    }


if __name__ == "__main__":
    main()
