"""Recall, false positives and time of the face detector: the table of `models/faces/card.md`.

    python benchmarks/faces.py DATA

DATA holds `portraits/manifest.csv` (path, source, n_faces_yunet) and `scenes/manifest.csv` (path, label,
split). A last table counts the copies of the portraits in which a face is still found, and whose eyes are at
most a quarter of their distance from where they were: turned by a quarter, cut from brow to chin, and small.
"""

from __future__ import annotations

import csv
import sys
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from time import perf_counter

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from autocull.measure.evidence import Face
from autocull.measure.faces import FaceDetector
from autocull.measure.models import models_root
from autocull.read import Photo, Pixels, read_photo
from autocull.stats.intervals import wilson_interval

TURNS = {"turned to the left": 1, "turned to the right": 3}
TIGHT = {"brow to chin": None, "brow to chin, 140 px": 140, "brow to chin, 70 px": 70}


def main(folder: Path) -> None:
    """Print the table for one folder of photos."""
    detector = FaceDetector(models_root())
    print(f"{'portraits':24} photos faces found share     95 %     without ms")
    _print_recall(detector, folder / "portraits")
    print(f"{'photos of no people':24} photos faces ms")
    _print_false_positives(detector, folder / "scenes")
    print(f"{'copies of portraits':24} photos found share     95 %")
    _print_copies(detector, folder / "portraits")


def _print_copies(detector: FaceDetector, folder: Path) -> None:
    hits: dict[str, list[bool]] = defaultdict(list)
    for row in (row for rows in _rows_by(folder, "source").values() for row in rows):
        pixels = np.ascontiguousarray(read_photo(folder / row["path"]).working)
        faces = detector.measure(Photo.from_pixels(pixels))
        if faces:
            for name, copy, eyes in _copies(pixels, faces[0]):
                hits[name].append(_is_detected(detector, copy, eyes))
    for name, detected in hits.items():
        share = sum(detected) / len(detected)
        low, high = wilson_interval(share, len(detected)) or (0.0, 1.0)
        print(f"{name:24} {len(detected):6} {sum(detected):5} {share:5.3f} {low:.3f}-{high:.3f}")


def _copies(pixels: Pixels, face: Face) -> Iterator[tuple[str, Pixels, NDArray[np.float64]]]:
    """Yield name, pixels and the eyes' positions (2, 2) of each copy of a portrait."""
    height, width = pixels.shape[:2]
    eyes = np.array([eye.centre for eye in face.eye_points]) * (width, height)
    for name, quarters in TURNS.items():
        x, y = eyes.T
        turned_eyes = np.stack([y, width - x] if quarters == 1 else [height - y, x], axis=1)
        yield name, np.ascontiguousarray(np.rot90(pixels, quarters)), turned_eyes
    left, top = int(face.box.x0 * width), int(face.box.y0 * height)
    tight = pixels[top : round(face.box.y1 * height), left : round(face.box.x1 * width)]
    for name, side in TIGHT.items():
        scale = 1.0 if side is None else min(1.0, side / max(tight.shape))
        size = tuple(max(1, round(length * scale)) for length in tight.shape[1::-1])
        copy = np.asarray(Image.fromarray(tight).resize(size, Image.Resampling.LANCZOS))
        yield name, copy, (eyes - (left, top)) * scale


def _is_detected(detector: FaceDetector, copy: Pixels, eyes: NDArray[np.float64]) -> bool:
    height, width = copy.shape[:2]
    limit = np.linalg.norm(eyes[1] - eyes[0]) / 4
    for face in detector.measure(Photo.from_pixels(copy)):
        positions = np.array([eye.centre for eye in face.eye_points]) * (width, height)
        if (np.linalg.norm(positions - eyes, axis=1) <= limit).all():
            return True
    return False


def _print_recall(detector: FaceDetector, folder: Path) -> None:
    groups = _rows_by(folder, "source")
    for source, rows in groups.items():
        results = [_measure(detector, folder / row["path"]) for row in rows]
        expected = [int(row["n_faces_yunet"]) for row in rows]
        detected = sum(min(count, len(faces)) for count, (faces, _) in zip(expected, results, strict=True))
        without = sum(not faces for faces, _ in results)
        share = detected / sum(expected)
        low, high = wilson_interval(share, sum(expected)) or (0.0, 1.0)
        print(f"{source:24} {len(rows):6} {sum(expected):5} {detected:5} {share:5.3f}", end="")
        print(f" {low:.3f}-{high:.3f} {without:7}", end="")
        print(f" {_median([ms for _, ms in results]):.1f}")


def _print_false_positives(detector: FaceDetector, folder: Path) -> None:
    for split, rows in _rows_by(folder, "split").items():
        rows = [row for row in rows if row["label"] != "people"]
        results = [_measure(detector, folder / row["path"]) for row in rows]
        print(f"{split:24} {len(rows):6} {sum(len(faces) for faces, _ in results):5}", end="")
        print(f" {_median([ms for _, ms in results]):.1f}")
        for row, (faces, _) in zip(rows, results, strict=True):
            for face in faces:
                print(f"    {row['path']}: score {face.score:.2f}, mesh {face.mesh_score:.2f}")


def _measure(detector: FaceDetector, path: Path) -> tuple[tuple[Face, ...], float]:
    photo = read_photo(path)
    start = perf_counter()
    faces = detector.measure(photo)
    return faces, (perf_counter() - start) * 1e3


def _rows_by(folder: Path, column: str) -> dict[str, list[dict[str, str]]]:
    groups: dict[str, list[dict[str, str]]] = defaultdict(list)
    with (folder / "manifest.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            groups[row[column]].append(row)
    return groups


def _median(values: list[float]) -> float:
    return sorted(values)[len(values) // 2]


if __name__ == "__main__":
    main(Path(sys.argv[1]))
