"""Share of good photos that the default settings reject, by set: the harm table of `docs/members.md`.

    python benchmarks/harm.py DATA [--profile NAME] [--names]

DATA holds `photos`, `scenes`, `portraits`, `series` and `eyes`, each with its manifest. The `dev` rows are
judged, and all rows of sets without splits. They have no labelled fault, so each rejected photo is harm, or
has a fault that is not labelled. Sets share sources: a photo that is `dev` in one may be a training photo of
another. Rows named "new" hold only photos whose origin, file name and subject are in no training row.
"""

from __future__ import annotations

import argparse
import csv
from collections import Counter
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

from autocull.judge import Settings, judge, load_settings
from autocull.measure.ensemble import Ensemble
from autocull.measure.models import models_root
from autocull.read import DecodeBuffer, Frame, read_frame
from autocull.stats.intervals import wilson_interval

Row = dict[str, str]
TRAINING_SETS = ("photos", "scenes", "eyes")
"""Sets that networks are trained on."""

EXCLUDED_SOURCES = ("intel_100px", "maskweb")
"""Sources of `scenes`: one of 100 px, too small for a photo, and one that `portraits` has in full."""


def main() -> None:
    """Print a row for each set, and one for all."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("data", type=Path)
    parser.add_argument("--profile", default="balanced")
    parser.add_argument("--names", action="store_true", help="name the rejected photos and their reasons")
    options = parser.parse_args()
    judge_photo = partial(_judge_photo, Ensemble(models_root()), DecodeBuffer(),
                      load_settings(options.profile))  # fmt: skip
    print("| photos | n | rejected | cannot tell |\n|---|---|---|---|")
    training_names, total, total_new = _training_names(options.data), Counter[str](), Counter[str]()
    for name, is_good in SETS.items():
        counts, new_counts = Counter[str](), Counter[str]()
        for path, names in _photos_with_names(options.data / name, is_good):
            answer, reasons = judge_photo(path)
            counts[answer] += 1
            new_counts[answer] += not names & training_names
            if answer == "reject" and options.names:
                print(f"  {path.relative_to(options.data)}: {', '.join(reasons)}")
        print(_row(name, counts), _row(f"{name}, new", new_counts), sep="\n", flush=True)
        total, total_new = total + counts, total_new + new_counts
    print(_row("all", total), _row("all, new", total_new), sep="\n")


def _judge_photo(
    ensemble: Ensemble, buffer: DecodeBuffer, settings: Settings, path: Path
) -> tuple[str, list[str]]:
    verdict = judge(ensemble.measure(read_frame(Frame(path), buffer=buffer)), settings)
    return verdict.answer, [f"{reason.code} {reason.measured:.2f}" for reason in verdict.reasons]


def _photos_with_names(folder: Path, is_good: Callable[[Row], bool]) -> Iterator[tuple[Path, set[str]]]:
    """Yield each good photo with its names."""
    yield from ((folder / row["path"], _names(row)) for row in _rows(folder) if is_good(row))


def _training_names(data: Path) -> set[str]:
    """Return the names of all photos that a network was trained on."""
    rows = (row for name in TRAINING_SETS for row in _rows(data / name) if row["split"] == "train")
    return {name for row in rows for name in _names(row)}


def _names(row: Row) -> set[str]:
    """Return the names of a photo: its origin, its subject, and its file name without the source's prefix."""
    name = Path(row["path"]).stem
    for source in ("imagenet_", "bsds_", "single_"):
        name = name.removeprefix(source)
    return {row.get("origin", ""), row.get("subject", ""), name} - {""}


def _rows(folder: Path) -> list[Row]:
    with (folder / "manifest.csv").open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def _row(name: str, counts: Counter[str]) -> str:
    count, rejected = counts.total(), counts["reject"]
    low, high = wilson_interval(rejected / count, count) or (0.0, 1.0)
    return (f"| {name} | {count:,} | {rejected} ({rejected / count:.1%}, 95 %: {low:.1%}-{high:.1%}) "
            f"| {counts['cannot_tell'] / count:.1%} |")  # fmt: skip


SETS: dict[str, Callable[[Row], bool]] = {
    "photos": lambda row: row["split"] == "dev",
    "scenes": lambda row: row["split"] == "dev" and row["source"] not in EXCLUDED_SOURCES,
    "portraits": lambda row: row["label"] == "open",
    "series": lambda row: row["path"].startswith(("warp", "single")),
}
"""Conditions for good photos among the rows of each set's manifest."""


if __name__ == "__main__":
    main()
