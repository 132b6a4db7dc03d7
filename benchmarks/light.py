"""What becomes of photos that are too dark or too bright, and of good ones, by source.

    python benchmarks/light.py DATA [--profile NAME]

DATA holds `defects`, `photos`, `portraits`, `scenes` and `more`, each with its manifest. Dev rows are judged,
and all rows of sets without splits; each photo alone. Prints for each set and label how many are rejected,
and rejected or doubted, as too dark and as too bright, and how many look like a page; then the areas under
the curve of all faulty photos against the good ones of `GOOD`.
"""

from __future__ import annotations

import argparse
import csv
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np

from autocull.judge import judge, load_settings
from autocull.measure.ensemble import Ensemble
from autocull.measure.models import models_root
from autocull.read import DecodeBuffer, Frame, read_frame
from autocull.stats.intervals import share_interval
from autocull.stats.metrics import binary_metrics

SETS: dict[str, tuple[str, ...]] = {
    "more/series/bracket": ("too_dark", "too_bright", "good"),
    "defects": ("dark", "bright", "clean"),
    "more/good/lowkey_fuji": (),
    "more/good/camera_size": (),
    "more/blur/realblur": ("sharp",),
    "more/blur/cuhk_partial": (),
    "portraits": ("open",),
    "photos": (),
    "scenes": (),
}
"""The labels that are judged of each set; () for all."""

GOOD = ("portraits", "photos", "scenes", "more/blur/cuhk_partial")
EXCLUDED_SOURCES = ("intel_100px", "maskweb", "scene15_grey")
WHOLE_SETS = ("portraits", "defects", "more/good/camera_size")
"""Sets of which all rows are judged."""

ALIASES = {"dark": "too_dark", "bright": "too_bright"}
CODES = {"too_dark": "dark_doubtful", "too_bright": "bright_doubtful"}


class Judged(NamedTuple):
    """The reason codes of a photo, and its probabilities of too dark and too bright."""

    codes: frozenset[str]
    chances: dict[str, float]


def main() -> None:
    """Print a row for each set, source and label, then the areas under the curve."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("data", type=Path)
    parser.add_argument("--profile", default="balanced")
    options = parser.parse_args()
    ensemble, buffer, settings = Ensemble(models_root()), DecodeBuffer(), load_settings(options.profile)
    groups: dict[tuple[str, str], list[Judged]] = defaultdict(list)
    for name, label, path in _iter_photos(options.data):
        evidence = ensemble.measure(read_frame(Frame(path), buffer=buffer))
        codes = frozenset(reason.code for reason in judge(evidence, settings).reasons)
        groups[name, label].append(Judged(codes, {code: evidence.defects[code] for code in CODES}))
    print("| photos | label | n | fault | rejected | rejected or doubted |\n|---|---|---|---|---|---|")
    for (name, label), photos in sorted(groups.items()):
        for fault, doubt in CODES.items():
            shares = (_share(photos, {fault}), _share(photos, {fault, doubt}))
            print(f"| {name} | {label} | {len(photos)} | {fault} | {shares[0]} | {shares[1]} |")
        print(
            f"| {name} | {label} | {len(photos)} | page | - | {_share(photos, {'document', 'screenshot'})} |"
        )
    good = [photo for (name, _), photos in groups.items() if name in GOOD for photo in photos]
    for fault in CODES:
        bad = [photo for (_, label), photos in groups.items() if label == fault for photo in photos]
        scores = np.array([photo.chances[fault] for photo in (*bad, *good)])
        truth = np.repeat([True, False], [len(bad), len(good)])
        print(
            f"{fault}: AUC {binary_metrics(truth, scores, scores >= 0.5).auc:.3f}, {len(bad)} and {len(good)}"
        )


def _iter_photos(data: Path) -> Iterator[tuple[str, str, Path]]:
    """Yield the set, the label and the path of each photo."""
    for name, labels in SETS.items():
        with (data / name / "manifest.csv").open(newline="", encoding="utf-8") as file:
            for row in csv.DictReader(file):
                is_dev = name in WHOLE_SETS or row.get("split") == "dev"
                label = row.get("label", "good")
                if (
                    is_dev
                    and (not labels or label in labels)
                    and (name != "scenes" or row["source"] not in EXCLUDED_SOURCES)
                ):
                    yield name, ALIASES.get(label, label), data / name / row["path"]


def _share(photos: list[Judged], codes: set[str]) -> str:
    count = sum(bool(codes & photo.codes) for photo in photos)
    low, high = share_interval(count, len(photos)) or (0.0, 1.0)
    return f"{count} ({count / len(photos):.1%}, 95 %: {low:.1%}-{high:.1%})"


if __name__ == "__main__":
    main()
