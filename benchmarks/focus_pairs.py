"""Share of real pairs of one scene, each with another part in focus, in which the right one is sharper.

    python benchmarks/focus_pairs.py DATA [--models FOLDER]

The 24 pairs are the two-focus pairs of DATA/series (`mf_*`). `focus_pairs.csv` names for each the frame in
which the likely subject is in focus, decided by eye and by the sharpness in the subject; pairs in which
either part could be meant are marked as not clear. A pair is right where that frame is the sharper one. The
labels were made for development: rules may be chosen on them.
"""

from __future__ import annotations

import argparse
import csv
from pathlib import Path

from autocull.measure.ensemble import Ensemble
from autocull.measure.models import models_root
from autocull.read import DecodeBuffer, Frame, read_frame
from autocull.stats.intervals import wilson_interval

LABELS = Path(__file__).with_name("focus_pairs.csv")
"""The label file: pair, focused (A or B), clear (yes or no)."""


def main() -> None:
    """Print each pair that is wrong, and the share of right ones among all and among the clear ones."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("data", type=Path)
    parser.add_argument("--models", type=Path, default=models_root())
    options = parser.parse_args()
    ensemble, buffer = Ensemble(options.models), DecodeBuffer()
    right: dict[str, list[bool]] = {"all": [], "clear": []}
    for row in read_labels():
        sharp = {
            name: ensemble.measure(
                read_frame(Frame(options.data / "series" / f"{row['pair']}_{name}.jpg"), buffer=buffer)
            ).focus.sharp
            for name in ("A", "B")
        }
        is_right = max(sharp, key=lambda name: sharp[name]) == row["focused"]
        right["all"].append(is_right)
        if row["clear"] == "yes":
            right["clear"].append(is_right)
        if not is_right:
            print(f"{row['pair']}: A {sharp['A']:.2f}, B {sharp['B']:.2f}, focused {row['focused']}")
    for name, results in right.items():
        low, high = wilson_interval(sum(results) / len(results), len(results)) or (0.0, 1.0)
        print(f"{name}: {sum(results)} of {len(results)} right (95 %: {low:.1%}-{high:.1%})")


def read_labels() -> list[dict[str, str]]:
    """Return the rows of the label file."""
    with LABELS.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


if __name__ == "__main__":
    main()
