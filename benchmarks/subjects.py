"""Is the answer about the subject? Made pairs of photos, one with the subject sharp and one with it missed.

    python benchmarks/subjects.py DATA [--split dev] [--pairs N]

From each photo of DATA/photos two are made through the same camera: a blob near the middle stays sharp on
ground out of focus, and the same blob is out of focus on sharp ground. A pair is right where the sharp
subject has the higher answer. Prints how many are right, with Wilson's 95 % interval, for the product's
answer, for the plain mean of its tiles, and for a mean weighted towards the middle. No faces are given.
"""

from __future__ import annotations

import argparse
import csv
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from autocull.measure.focus import FocusDetector
from autocull.measure.models import models_root
from autocull.read.photo import Photo, Pixels
from autocull.stats.metrics import wilson_interval
from autocull.train.synthesis import blur_kernels, isp
from autocull.train.synthesis.camera_models import sample_camera, simulate_capture

LONGEST = 640  # px, as the focus recipe reads the same photos
BLURS = (1.0, 4.0)  # px: the spread of what is out of focus
RADII = (0.12, 0.32)  # of the picture's width and height
OFF = 0.2  # how far from the middle the blob may lie
CENTRE = 0.25  # standard deviation of the middle's weight, in widths and heights


def main() -> None:
    """Print one row per way of answering."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("data", type=Path)
    parser.add_argument("--split", default="dev")
    parser.add_argument("--pairs", type=int, default=164)
    options = parser.parse_args()
    member = FocusDetector(models_root())
    right: dict[str, int] = {}
    paths = _paths(options.data / "photos", options.split)[: options.pairs]
    for number, path in enumerate(paths):
        sharp, missed = (_answers(member, each) for each in _pair(path, np.random.default_rng(number)))
        for way in sharp:
            right[way] = right.get(way, 0) + (sharp[way] > missed[way])
    for way, count in right.items():
        low, high = wilson_interval(count / len(paths), len(paths)) or (0.0, 1.0)
        print(f"{way}: {count} of {len(paths)} right ({count / len(paths):.1%}, 95 %: {low:.1%}-{high:.1%})")


def _paths(folder: Path, split: str) -> list[Path]:
    with (folder / "manifest.csv").open(newline="", encoding="utf-8") as file:
        return [folder / row["path"] for row in csv.DictReader(file) if row["split"] == split]


def _pair(path: Path, rng: np.random.Generator) -> tuple[Pixels, Pixels]:
    """Make the photo with the sharp subject, and the one with the missed subject, by one camera."""
    with Image.open(path) as image:
        image.thumbnail((LONGEST, LONGEST))
        linear = isp.to_linear(np.asarray(image.convert("RGB")))
    soft = blur_kernels.convolve(linear, blur_kernels.disc_kernel(2 * float(rng.uniform(*BLURS))))
    inside = _blob(linear.shape[0], linear.shape[1], rng)[..., None]
    settings, seed = sample_camera(rng), int(rng.integers(2**32))
    shots = (linear * inside + soft * (1 - inside), soft * inside + linear * (1 - inside))
    sharp, missed = (simulate_capture(shot, settings, np.random.default_rng(seed)) for shot in shots)
    return sharp, missed


def _blob(height: int, width: int, rng: np.random.Generator) -> Any:
    """How much of each pixel `(height, width)` belongs to an ellipse near the middle, its rim soft."""
    (x, y), (across, down) = rng.uniform(-OFF, OFF, 2) + 0.5, rng.uniform(*RADII, 2)
    rows, columns = np.mgrid[0:height, 0:width]
    far = np.hypot((columns / width - x) / across, (rows / height - y) / down)
    rim = 3 / (min(height, width) * min(across, down))
    return np.clip((1 - far) / rim + 0.5, 0, 1).astype(np.float32)


def _answers(member: FocusDetector, pixels: Pixels) -> dict[str, float]:
    focus = member.measure(Photo.from_pixels(pixels), ())
    tiles = np.array(focus.tiles)
    rows, columns = ((np.arange(count) + 0.5) / count - 0.5 for count in tiles.shape)
    weight = np.exp(-np.square(rows / CENTRE)[:, None] / 2 - np.square(columns / CENTRE)[None] / 2)
    return {
        "the product's answer": focus.sharp,
        "mean of all tiles": float(tiles.mean()),
        "mean weighted to the middle": float((tiles * weight).sum() / weight.sum()),
    }


if __name__ == "__main__":
    main()
