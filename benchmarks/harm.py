"""How many good photos the default settings reject, set by set: the harm table of `docs/members.md`.

    python benchmarks/harm.py DATA [--profile NAME] [--names]

DATA holds `photos`, `scenes`, `portraits` and `series`, each with its manifest. Only photos that no network
was trained on are judged: the `dev` rows, and sets that have no other. They have no known fault; what is
rejected all the same is harm, if it is not a fault that nobody wrote down.
"""

from __future__ import annotations

import argparse
import csv
from collections import Counter
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

from autocull.judge import Settings, judge, load_settings
from autocull.measure.ensemble import Ensemble, standard_members
from autocull.measure.models import models_root
from autocull.read import Arena, Frame, read_frame
from autocull.train.metrics import wilson

Row = dict[str, str]
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
    judging = partial(_answer, Ensemble(standard_members(models_root())), Arena(),
                      load_settings(options.profile))  # fmt: skip
    print("| photos | n | rejected | cannot tell |\n|---|---|---|---|")
    total: Counter[str] = Counter()
    for name, wanted in SETS.items():
        found: Counter[str] = Counter()
        for path in _paths(options.data / name, wanted):
            answer, reasons = judging(path)
            found[answer] += 1
            if answer == "reject" and options.names:
                print(f"  {path.relative_to(options.data)}: {', '.join(reasons)}")
        print(_row(name, found), flush=True)
        total += found
    print(_row("all", total))


def _answer(ensemble: Ensemble, arena: Arena, settings: Settings, path: Path) -> tuple[str, list[str]]:
    verdict = judge(ensemble.measure(read_frame(Frame(path), arena=arena)), settings)
    return verdict.answer, [f"{reason.code} {reason.measured:.2f}" for reason in verdict.reasons]


def _paths(folder: Path, wanted: Callable[[Row], bool]) -> Iterator[Path]:
    with (folder / "manifest.csv").open(newline="", encoding="utf-8") as file:
        yield from (folder / row["path"] for row in csv.DictReader(file) if wanted(row))


def _row(name: str, found: Counter[str]) -> str:
    count, rejected = found.total(), found["reject"]
    low, high = wilson(rejected / count, count) or (0.0, 1.0)
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
