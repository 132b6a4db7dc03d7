"""Eye crops of photos of faces, as a dataset for the eyes network.

`python -m autocull.train.data.face_eyes TARGET FOLDER [FOLDER ...]` crops both eyes of the main face of each
photo that the manifests of the folders label "open" or "closed", and writes the crops and their manifest to
TARGET. The photos of one label may be softer and pressed harder than those of the other, which must not
give the label away: every photo is reduced to a width of the eyes that occurs among the smaller ones, and
written with the same quality.
"""

from __future__ import annotations

import csv
import io
import sys
from collections import defaultdict
from collections.abc import Iterable, Sequence
from math import hypot
from pathlib import Path
from random import Random
from typing import NamedTuple

import numpy as np
from PIL import Image

from autocull.measure import FaceDetector, OrientedCrop, build_eye_views, crop_working, models_root
from autocull.read import Photo, Pixels
from autocull.train.data.image_io import read_picture
from autocull.train.data.manifest import Row, read_manifest

SOURCE = "face_photos"
"""The source of all crops: one source, so that the weights of a training balance its labels."""

FRAMING = 0.8
"""Side of a crop over the distance between the eyes, as of the other colour crops."""

_QUALITY = 75
_SEED = 0


class FacePhoto(NamedTuple):
    """A photo's row and pixels, and the squares of its main face's eyes, left one first."""

    row: Row
    pixels: Pixels
    squares: tuple[OrientedCrop, ...]

    @property
    def distance(self) -> float:
        """Return the distance between the eyes in pixels."""
        left, right = self.squares
        return hypot(right.x - left.x, right.y - left.y)


def write_eye_dataset(target: Path, folders: Sequence[Path]) -> int:
    """Write the crops and the manifest of the photos in `folders`; returns the number of crops.

    Photos without a face, and those whose eyes are at the picture's edge, are left out. Raises ManifestError.
    """
    detector = FaceDetector(models_root())
    rows = [row for folder in folders for row in read_manifest(folder / "manifest.csv")]
    labelled = (row for row in rows if row.label in ("open", "closed"))
    photos = [photo for row in labelled if (photo := find_eyes(detector, row)) is not None]
    cells = [cell for photo in equalise(photos) for cell in _write_crops(target, photo)]
    with (target / "manifest.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(("path", "label", "split", "group", "source"))
        writer.writerows(cells)
    return len(cells)


def find_eyes(detector: FaceDetector, row: Row) -> FacePhoto | None:
    """Find the eyes of the most prominent face, None where there is none."""
    pixels = read_picture(row.path)
    faces = detector.measure(Photo.from_pixels(pixels))
    if not faces:
        return None
    height, width = pixels.shape[:2]
    squares = tuple(view.square for view in build_eye_views(faces[0], width, height, FRAMING))
    inside = all(0 <= square.x < width and 0 <= square.y < height for square in squares)
    return FacePhoto(row, pixels, squares) if inside and len(squares) == 2 else None


def equalise(photos: Sequence[FacePhoto]) -> Iterable[FacePhoto]:
    """Yield the photos, reduced and pressed alike for every label.

    Each is reduced until its eyes are as far apart as those of a photo drawn from the label whose median is
    the smallest; photos are never enlarged.
    """
    distances: dict[str, list[float]] = defaultdict(list)
    for photo in photos:
        distances[photo.row.label].append(photo.distance)
    smallest = min(distances.values(), key=np.median, default=[])
    rng = Random(_SEED)
    for photo in photos:
        scale = min(1.0, rng.choice(smallest) / photo.distance)
        yield _reduce(photo, scale)


def _reduce(photo: FacePhoto, scale: float) -> FacePhoto:
    """Return the photo at `scale` (at most 1), as a JPEG of low quality shows it."""
    height, width = photo.pixels.shape[:2]
    size = max(1, round(width * scale)), max(1, round(height * scale))
    stream = io.BytesIO()
    Image.fromarray(photo.pixels).resize(size, Image.Resampling.LANCZOS).save(
        stream, "JPEG", quality=_QUALITY
    )
    squares = tuple(square.scaled(size[0] / width) for square in photo.squares)
    with Image.open(stream) as image:
        return FacePhoto(photo.row, np.asarray(image.convert("RGB")), squares)


def _write_crops(target: Path, photo: FacePhoto) -> Iterable[tuple[str, ...]]:
    """Write both crops of a photo; yields their cells of the manifest."""
    row = photo.row
    for square, side in zip(photo.squares, "LR", strict=True):
        path = Path(row.split, row.label, f"{row.path.stem}_{side}.png")
        (target / path).parent.mkdir(parents=True, exist_ok=True)
        crop = crop_working(photo.pixels, square, max(8, round(square.side)))
        Image.fromarray(crop).save(target / path)
        yield path.as_posix(), row.label, row.split, row.group, SOURCE


if __name__ == "__main__":
    write_eye_dataset(Path(sys.argv[1]), [Path(folder) for folder in sys.argv[2:]])
