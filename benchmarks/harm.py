"""How many good photos the default settings reject, set by set: the harm table of `docs/members.md`.

    python benchmarks/harm.py DATA [--profile NAME] [--names]

DATA holds `photos`, `scenes`, `portraits`, `series` and `eyes`, each with its manifest. The `dev` rows are
judged, and sets that have no other. They have no known fault; what is rejected all the same is harm, if it is
not a fault that nobody wrote down. Sets share sources: a photo that is `dev` in one may have trained the
network of another. Rows named "new" hold only photos whose origin, file name and subject are in no training
row.
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
from autocull.stats.metrics import wilson_interval

Row = dict[str, str]
TRAINED = ("photos", "scenes", "eyes")
"""The sets that networks are trained on."""

LEFT_OUT = ("intel_100px", "maskweb")
"""Sources of `scenes`: one of 100 px, too small for a photo, and one that `portraits` has in full."""


def main() -> None:
    """Print a row per set, and one for all."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("data", type=Path)
    parser.add_argument("--profile", default="balanced")
    parser.add_argument("--names", action="store_true", help="name the rejected photos and their reasons")
    options = parser.parse_args()
    judging = partial(_answer, Ensemble(models_root()), DecodeBuffer(),
                      load_settings(options.profile))  # fmt: skip
    print("| photos | n | rejected | cannot tell |\n|---|---|---|---|")
    trained, total, all_new = _trained(options.data), Counter[str](), Counter[str]()
    for name, wanted in SETS.items():
        found, new = Counter[str](), Counter[str]()
        for path, names in _paths(options.data / name, wanted):
            answer, reasons = judging(path)
            found[answer] += 1
            new[answer] += not names & trained
            if answer == "reject" and options.names:
                print(f"  {path.relative_to(options.data)}: {', '.join(reasons)}")
        print(_row(name, found), _row(f"{name}, new", new), sep="\n", flush=True)
        total, all_new = total + found, all_new + new
    print(_row("all", total), _row("all, new", all_new), sep="\n")


def _answer(ensemble: Ensemble, arena: DecodeBuffer, settings: Settings, path: Path) -> tuple[str, list[str]]:
    verdict = judge(ensemble.measure(read_frame(Frame(path), buffer=arena)), settings)
    return verdict.answer, [f"{reason.code} {reason.measured:.2f}" for reason in verdict.reasons]


def _paths(folder: Path, wanted: Callable[[Row], bool]) -> Iterator[tuple[Path, set[str]]]:
    """Yield each wanted photo with its names."""
    yield from ((folder / row["path"], _names(row)) for row in _rows(folder) if wanted(row))


def _trained(data: Path) -> set[str]:
    """Collect the names of everything that a network was trained on."""
    rows = (row for name in TRAINED for row in _rows(data / name) if row["split"] == "train")
    return {name for row in rows for name in _names(row)}


def _names(row: Row) -> set[str]:
    """Give what a photo is known by: its origin, its subject, and its file's name without the source's."""
    name = Path(row["path"]).stem
    for source in ("imagenet_", "bsds_", "single_"):
        name = name.removeprefix(source)
    return {row.get("origin", ""), row.get("subject", ""), name} - {""}


def _rows(folder: Path) -> list[Row]:
    with (folder / "manifest.csv").open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def _row(name: str, found: Counter[str]) -> str:
    count, rejected = found.total(), found["reject"]
    low, high = wilson_interval(rejected / count, count) or (0.0, 1.0)
    return (f"| {name} | {count:,} | {rejected} ({rejected / count:.1%}, 95 %: {low:.1%}-{high:.1%}) "
            f"| {found['cannot_tell'] / count:.1%} |")  # fmt: skip


SETS: dict[str, Callable[[Row], bool]] = {
    "photos": lambda row: row["split"] == "dev",
    "scenes": lambda row: row["split"] == "dev" and row["source"] not in LEFT_OUT,
    "portraits": lambda row: row["label"] == "open",
    "series": lambda row: row["path"].startswith(("warp", "single")),
}
"""Which rows of each set's manifest are good photos."""


if __name__ == "__main__":
    main()
