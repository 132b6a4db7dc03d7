"""Eye crops of photos of faces: both eyes of each face, alike in size and compression for both labels."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from skimage import data

from autocull.measure import FaceDetector, OrientedCrop, models_root
from autocull.read import Pixels
from autocull.train.data import read_manifest, read_picture
from autocull.train.data.face_eyes import (
    FRAMING,
    SOURCE,
    FacePhoto,
    equalise,
    find_eyes,
    write_eye_dataset,
)
from autocull.train.data.manifest import Row

EYES = ((203.8, 101.2), (246.5, 103.6))  # the astronaut's pupils in pixels of 512 x 512


def write_folder(folder: Path, label: str, pictures: dict[str, Pixels]) -> Path:
    """Write pictures, the first one of the dev split, and their manifest."""
    folder.mkdir()
    with (folder / "manifest.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(("path", "label", "split", "group"))
        for number, (name, pixels) in enumerate(pictures.items()):
            Image.fromarray(pixels).save(folder / f"{name}.png")
            writer.writerow((f"{name}.png", label, "train" if number else "dev", f"{label} {name}"))
    return folder


def resized(pixels: Pixels, side: int) -> Pixels:
    """Scale a picture to a square."""
    return np.asarray(Image.fromarray(pixels).resize((side, side)))


def make_photo(label: str, distance: float) -> FacePhoto:
    """Make a photo of noise whose eyes are `distance` pixels apart."""
    side = round(3 * distance)
    pixels = np.random.default_rng(side).integers(0, 255, (side, side, 3), np.uint8)
    squares = tuple(OrientedCrop(x * distance, distance, distance) for x in (1.0, 2.0))
    return FacePhoto(Row(Path("a.png"), label, "train", "a", "", 2, {}), pixels, squares)


def test_crops_and_manifest_of_faces_are_written(tmp_path: Path) -> None:
    """Split, label and group are kept; photos without a face, and other labels, are left out."""
    astronaut = np.asarray(data.astronaut())
    folders = [
        write_folder(tmp_path / "open", "open", {"a": astronaut, "b": np.asarray(data.coffee())}),
        write_folder(tmp_path / "closed", "closed", {"c": astronaut[:, ::-1], "d": resized(astronaut, 900)}),
        write_folder(tmp_path / "else", "mixed", {"e": astronaut}),
    ]
    assert write_eye_dataset(tmp_path / "crops", folders) == 6
    rows = read_manifest(tmp_path / "crops" / "manifest.csv", labels=("open", "closed"))
    assert [(row.path.stem, row.label, row.split, row.group, row.source) for row in rows] == [
        (f"{name}_{side}", label, split, f"{label} {name}", SOURCE)
        for name, label, split in (("a", "open", "dev"), ("c", "closed", "dev"), ("d", "closed", "train"))
        for side in "LR"
    ]
    sides = [read_picture(row.path).shape[0] for row in rows]
    assert max(sides) - min(sides) <= 3


def test_eyes_of_the_main_face_are_found(tmp_path: Path) -> None:
    """The squares are around the pupils, and as wide as the framing of the distance between them."""
    folder = write_folder(tmp_path / "open", "open", {"a": np.asarray(data.astronaut())})
    (row,) = read_manifest(folder / "manifest.csv")
    photo = find_eyes(FaceDetector(models_root()), row)
    assert photo is not None
    for square, (x, y) in zip(photo.squares, EYES, strict=True):
        assert (square.x, square.y) == pytest.approx((x, y), abs=4)
        assert square.side == pytest.approx(FRAMING * photo.distance, rel=0.1)


def test_photos_of_both_labels_get_the_same_sizes_and_quality() -> None:
    """Wide faces shrink to a distance of the label with the smaller ones, small ones stay; noise is lost."""
    photos = [make_photo("closed", 200.0), make_photo("open", 40.0), make_photo("open", 50.0)]
    closed, *opened = equalise(photos)
    assert min(abs(closed.distance - distance) for distance in (40, 50)) < 1
    assert all(
        after.distance <= before.distance + 1 for before, after in zip(photos[1:], opened, strict=True)
    )
    for before, after in zip(photos, (closed, *opened), strict=True):
        assert after.squares[0].x / after.pixels.shape[1] == pytest.approx(
            before.squares[0].x / before.pixels.shape[1], abs=0.02
        )
        assert after.pixels.std() < 0.9 * before.pixels.std()


def test_sizes_are_drawn_alike_in_every_run() -> None:
    """The same photos give the same crops."""
    photos = [make_photo("closed", 90.0), make_photo("open", 40.0), make_photo("open", 60.0)]
    for first, second in zip(equalise(photos), equalise(photos), strict=True):
        assert np.array_equal(first.pixels, second.pixels)
