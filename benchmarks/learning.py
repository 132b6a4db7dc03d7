"""What learning a photographer's taste brings, and how long it takes.

    python benchmarks/learning.py --times
    python benchmarks/learning.py --promise
    python benchmarks/learning.py --photos FOLDER... [--store FILE] [--photographers N] [--json FILE]

With --times: seconds for 500 and 20,000 made decisions, whole child process included. With --promise: how
often the promise holds for a thousand photographers whose shoots are more or less alike. With --photos: the
photos are measured as a culling run would, and simulated photographers (tests/photographers.py) choose among
them; each learns from two thirds of her shoots, and the promise is tried on the last third, which nothing of
it has seen. They are simulated: how it does on your own history says `autocull learn --catalog FILE.lrcat`.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import time
from pathlib import Path
from typing import Any

from autocull.arrays import Doubles, Floats

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))

import numpy as np
from numpy.typing import NDArray

from autocull.judge import Settings
from autocull.learn.dataset import TasteExamples, measure_decided, plain_score
from autocull.learn.decisions import PhotoDecision
from autocull.learn.fit_process import fit_in_subprocess
from autocull.learn.report_data import compute_curve
from autocull.learn.training import train_taste
from autocull.pipeline.cull_run import open_cull_run
from autocull.read import find_frames
from autocull.taste.features import extract_features
from support import taste_factories as tastes
from support.simulated_photographers import PHOTOGRAPHERS, Photographer, history, only, promised_to

SHARE = Settings().select_loss
PICKED = Settings().select_min
SIZE = 40
"""Photos of a simulated shoot, on average."""


def main() -> None:
    """Print what was asked for."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--times", action="store_true")
    parser.add_argument("--promise", action="store_true")
    parser.add_argument("--photos", type=Path, nargs="+")
    parser.add_argument("--store", type=Path)
    parser.add_argument("--photographers", type=int, default=10)
    parser.add_argument("--json", type=Path)
    asked = parser.parse_args()
    if asked.times:
        times()
    if asked.promise:
        promises()
    if asked.photos:
        photos = pool(asked.photos, asked.store)
        found = {name: figures(photos, each, asked.photographers) for name, each in PHOTOGRAPHERS.items()}
        if asked.json:
            asked.json.write_text(json.dumps(found, indent=1) + "\n", "utf-8")
        tell(len(photos[1]), asked.photographers, found)


def times() -> None:
    """Print how long learning takes: features at hand, from decisions to a profile."""
    for count, shoots in ((500, 15), (20_000, 100)):
        made, seconds = tastes.examples(count, shoots), []
        for _ in range(3):
            started = time.perf_counter()
            train_taste(made, "made", tastes.origin(), fit_in_subprocess)
            seconds.append(time.perf_counter() - started)
        span = f"{min(seconds):.1f} to {max(seconds):.1f} of 3"
        print(f"{count:,} decisions in {shoots} shoots: {statistics.median(seconds):.1f} s ({span})")


def promises() -> None:
    """Print how often the promise holds, for whom anything is promised, and what is lost on average."""
    print("| shoots | alike | between shoots | kept the promise | promised anything | lost on average |")
    print("|---|---|---|---|---|---|")
    for shoots in (12, 40, 100):
        for alike, heavy in ((0.0, False), (0.1, False), (0.35, False), (0.35, True)):
            kept = promised_to(1000, shoots, 25, alike, SHARE, heavy=heavy)
            kind = "heavy tails" if heavy else "normal"
            figures = f"{kept.held:.1%} | {kept.promised:.1%} | {kept.lost:.2%}"
            print(f"| {shoots} | {alike} | {kind} | {figures} |")


def pool(folders: list[Path], store: Path | None) -> tuple[Floats, Doubles, NDArray[np.int64]]:
    """Measure the photos; returns their features, the plain ensemble's order, and each one's folder."""
    decided = [PhotoDecision(frame.path, True) for frame in find_frames(folders).frames]
    with open_cull_run(folders, store, workers=2, time_limit=60, on_warning=print) as culling:
        results = [each.result for each in measure_decided(culling, Settings(), decided, lambda _: None)[0]]
    seen = np.stack([extract_features(result.evidence, result.verdict.series) for result in results])
    places = [result.frame.path.parent for result in results]
    _, source = np.unique([str(place) for place in places], return_inverse=True)
    return seen, np.array([plain_score(result.verdict) for result in results]), source


def figures(
    photos: tuple[Floats, Doubles, NDArray[np.int64]], photographer: Photographer, count: int
) -> list[dict[str, float]]:
    """Let so many photographers of one kind learn, and try each taste on shoots that it has not seen."""
    from autocull.train.fitting.taste_heads import fit_heads

    found = []
    for seed in range(count):
        whole = history(*photos, photographer, size=SIZE, seed=seed)
        shoots = np.unique(whole.shoot)
        past, next_ = (
            only(whole, shoots[shoots % 3 > 0].tolist()),
            only(whole, shoots[shoots % 3 == 0].tolist()),
        )
        lesson = train_taste(
            past, "made", tastes.origin(),
            lambda rows, chosen, weights, evidence: fit_heads(rows, chosen, weights, evidence=evidence),
        )  # fmt: skip
        found.append(dict(lesson.profile.metrics) | tried(lesson.profile, next_) | {
            "acts": float(lesson.profile.acts), "decisions": float(len(past)),
            "selects": float(past.selected.sum()), "limit": lesson.profile.harm_bound(SHARE).limit,
        })  # fmt: skip
    return found


def tried(profile: Any, later: TasteExamples) -> dict[str, float]:
    """Try a taste on later shoots: what it rejects and loses at its limit, and its picks."""
    chance, chosen = profile.probabilities(later.features), later.selected
    limit = profile.promise(SHARE).limit if profile.acts else 0.0
    rejected, picked = chance <= limit, chance >= PICKED
    return {
        "rejected": float(rejected.mean()),
        "lost": float(rejected[chosen].mean()),
        "picked": float(picked.mean()) if profile.acts else 0.0,
        "picked_rightly": float(chosen[picked].mean()) if picked.any() else float("nan"),
        "looked_at_95": compute_curve(chosen, chance.astype(np.float64)).viewed_share_at(0.95),
        "looked_at_95_plain": compute_curve(chosen, later.plain_score).viewed_share_at(0.95),
    }


def tell(photos: int, count: int, found: dict[str, list[dict[str, float]]]) -> None:
    """Print one line per kind of photographer: means over them, and how many acted and kept the promise."""
    print(f"{photos:,} photos, {count} simulated photographers of each kind, shoots of about {SIZE} photos")
    print("| photographer | selects | order: taste | plain | acts | rejected | of selects lost | "
          "kept promise | picked, rightly | looked at for 95 % | plain |")  # fmt: skip
    print("|---|---|---|---|---|---|---|---|---|---|---|")
    for name, rows in found.items():

        def mean(key: str, rows: list[dict[str, float]] = rows) -> float:
            return float(np.nanmean([row[key] for row in rows]))

        kept = sum(row["lost"] <= SHARE for row in rows)
        print(
            f"| {name} | {mean('selects'):.0f} of {mean('decisions'):.0f} | {mean('taste'):.3f} | "
            f"{mean('plain'):.3f} | {sum(row['acts'] for row in rows):.0f} of {count} | "
            f"{mean('rejected'):.1%} | "
            f"{mean('lost'):.2%} | {kept} of {count} | {mean('picked'):.1%}, "
            f"{mean('picked_rightly'):.0%} | {mean('looked_at_95'):.1%} | "
            f"{mean('looked_at_95_plain'):.1%} |"
        )


if __name__ == "__main__":
    main()
