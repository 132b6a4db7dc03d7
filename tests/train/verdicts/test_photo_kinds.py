"""The photos that were labelled by eye, and the manifests that the benchmark makes of them."""

from __future__ import annotations

import csv
import subprocess
import sys
from collections import Counter
from pathlib import Path

from autocull.train.data.manifest import split_labels
from autocull.train.verdicts.labels import GOOD_KINDS, read_verdict_samples

BENCHMARKS = Path(__file__).resolve().parents[3] / "benchmarks"


def read_kinds() -> list[dict[str, str]]:
    """Read the labels."""
    with (BENCHMARKS / "photo_kinds.csv").open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def test_every_kind_of_good_photo_is_labelled() -> None:
    """Names and labels only, each photo once, and at least 300."""
    rows = read_kinds()
    kinds = Counter(kind for row in rows for kind in split_labels(row["kind"]))
    assert set(kinds) == set(GOOD_KINDS)
    assert len({row["photo"] for row in rows}) == len(rows) >= 300
    assert set(rows[0]) == {"photo", "kind"}


def test_manifests_of_the_shared_photos_can_be_read(shared_data: Path, tmp_path: Path) -> None:
    """Every labelled photo exists, no photo is listed twice, and only dev rows are listed."""
    assert not [row["photo"] for row in read_kinds() if not (shared_data / row["photo"]).is_file()]
    command = [sys.executable, str(BENCHMARKS / "verdict_manifest.py"), str(shared_data), str(tmp_path)]
    subprocess.run(command, check=True, capture_output=True)
    photos = read_verdict_samples([tmp_path / "verdicts.csv"])
    assert {photo.split for photo in photos} == {"dev"}
    assert {photo.is_faulty for photo in photos} == {True, False}
    series = read_verdict_samples([tmp_path / "sets.csv"])
    assert all(photo.series and not photo.is_faulty for photo in series)
