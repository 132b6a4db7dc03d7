"""Recall, false positives and time of the face detector: the table of `models/faces/card.md`.

    python benchmarks/faces.py DATA

DATA holds `portraits/manifest.csv` (path, source, n_faces_yunet) and `scenes/manifest.csv` (path, label,
split).
"""

from __future__ import annotations

import csv
import sys
from collections import defaultdict
from pathlib import Path
from time import perf_counter

from autocull.measure.evidence import Face
from autocull.measure.faces import FaceDetector
from autocull.measure.models import models_root
from autocull.read import read_photo
from autocull.stats.intervals import wilson_interval


def main(folder: Path) -> None:
    """Print the table for one folder of photos."""
    detector = FaceDetector(models_root())
    print(f"{'portraits':24} photos faces found share     95 %     without ms")
    _print_recall(detector, folder / "portraits")
    print(f"{'photos of no people':24} photos faces ms")
    _print_false_positives(detector, folder / "scenes")


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
