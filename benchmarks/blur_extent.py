"""Error of the measured extent of a missed focus, on good photos that were blurred by discs of given widths.

    python benchmarks/blur_extent.py DATA [--split dev] [--limit 20] [--models FOLDER] [--whole]

Each photo is blurred in linear light by discs of EXTENTS (diameter in px of a view of 2048 px), or moved by
as much. Noise of 0 to 4 grey levels and JPEG compression follow, and the whole ensemble measures the result.
The error is that of the measured diameter over the true one. Photos are reduced to 2048 px before.
With --whole the extent of the whole picture is measured, without networks, and no photo is moved.
"""

from __future__ import annotations

import argparse
import csv
import io
from collections.abc import Iterator
from functools import partial
from itertools import pairwise
from pathlib import Path

import numpy as np
from PIL import Image

from autocull.arrays import Floats, Rng
from autocull.judge.findings import VIEWED_SIDE
from autocull.measure.blur_extent import measure_blur_width
from autocull.measure.ensemble import Ensemble
from autocull.measure.models import models_root
from autocull.read import Box, Photo, Pixels
from autocull.train.synthesis import blur_kernels, isp

SETS = {
    "photos": "photos",
    "blur": "blur",
    "realblur": "more/blur/realblur",
    "lowkey_fuji": "more/good/lowkey_fuji",
    "camera_size": "more/good/camera_size",
}
"""The folders with good photos, below DATA."""

EXTENTS = (3.0, 6.0, 9.0, 14.0, 20.0, 30.0, 50.0, 80.0)
"""px at 2048: the diameters of the discs."""

BINS = (0.0, 5.0, 8.0, 12.0, 20.0, 40.0, 80.0, 1000.0)
"""px at 2048: the limits between which measured extents are counted."""

GOOD_LABELS = ("", "sharp", "good", "good_dark")


def main() -> None:
    """Print the error by true and by measured extent, by source, and how often a movement has an extent."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("data", type=Path)
    parser.add_argument("--split", default="dev", choices=("dev", "train"))
    parser.add_argument("--limit", type=int, default=20, help="photos of each source")
    parser.add_argument("--models", type=Path, default=models_root())
    parser.add_argument("--whole", action="store_true", help="measure the whole picture, without networks")
    options = parser.parse_args()
    measure = _measure_whole if options.whole else partial(_measure_subject, Ensemble(options.models))
    rng = np.random.default_rng(0)
    names, extents, measured, moved = [], [], [], []
    for name, photo in _photos(options.data, options.split, options.limit):
        linear = isp.to_linear(photo)
        for extent in EXTENTS:
            size = extent * max(photo.shape[:2]) / VIEWED_SIDE
            names.append(name)
            extents.append(extent)
            measured.append(measure(_degrade(linear, blur_kernels.disc_kernel(size / 2), rng)))
            if not options.whole:
                moved.append(measure(_degrade(linear, blur_kernels.motion_kernel(size, rng), rng)))
    results = np.array(extents), np.array(measured)
    _print_table("true", results, results[0], (*EXTENTS, 1e4))
    _print_table("measured", results, results[1], BINS)
    for name in SETS:
        chosen = np.array(names) == name
        _print_table(name, (results[0][chosen], results[1][chosen]), results[1][chosen], (8.0, 80.0))
    for extent in EXTENTS if moved else ():
        of_extent = np.array(moved)[results[0] == extent]
        print(f"moved by {extent:g} px: {np.mean(of_extent > 0):.0%} have an extent")


def _photos(data: Path, split: str, limit: int) -> Iterator[tuple[str, Pixels]]:
    """Yield good photos, each with its source."""
    for name, folder in SETS.items():
        with (data / folder / "manifest.csv").open(newline="", encoding="utf-8") as file:
            rows = [row for row in csv.DictReader(file) if row["split"] == split]
        good = [row for row in rows if row.get("label", "") in GOOD_LABELS]
        for row in good[:: max(1, len(good) // limit)][:limit]:
            with Image.open(data / folder / row["path"]) as image:
                picture = image.convert("RGB")
            picture.thumbnail((VIEWED_SIDE, VIEWED_SIDE), Image.Resampling.BOX)
            yield name, np.asarray(picture)


def _measure_subject(ensemble: Ensemble, photo: Photo) -> float:
    """Return the extent (px at 2048) of the subject's missed focus; 0 where the networks find none."""
    return VIEWED_SIDE * ensemble.measure(photo).focus.blur


def _measure_whole(photo: Photo) -> float:
    """Return the extent (px at 2048) of the blur of the whole picture."""
    return VIEWED_SIDE * measure_blur_width(photo.working, Box(0, 0, 1, 1))


def _degrade(linear: Floats, kernel: Floats, rng: Rng) -> Photo:
    """Return a photo after a blur, noise and compression."""
    blurred = 255 * isp.to_encoded(blur_kernels.convolve(linear, kernel))
    noisy = blurred + rng.normal(0, rng.uniform(0, 4), blurred.shape)
    file = io.BytesIO()
    Image.fromarray(noisy.clip(0, 255).astype(np.uint8)).save(file, "JPEG", quality=int(rng.integers(85, 96)))
    with Image.open(file) as image:
        return Photo.from_pixels(np.asarray(image))


def _print_table(title: str, results: tuple[Floats, Floats], by: Floats, edges: tuple[float, ...]) -> None:
    """Print a row for each pair of `edges`: the photos, the share with an extent, and its error."""
    print(f"\n| {title} (px) | photos | with an extent | median ratio | median error | within 30 % |")
    print("|---|---|---|---|---|---|")
    for low, high in pairwise(edges):
        true, measured = (each[(by >= low) & (by < high)] for each in results)
        ratio = measured[measured > 0] / true[measured > 0]
        if len(ratio):
            error = np.abs(ratio - 1)
            cells = [f"{np.median(ratio):.2f}", f"{np.median(error):.0%}", f"{np.mean(error <= 0.3):.0%}"]
            print("|", " | ".join([f"{low:g}-{high:g}", str(len(true)), str(len(ratio)), *cells]), "|")


if __name__ == "__main__":
    main()
