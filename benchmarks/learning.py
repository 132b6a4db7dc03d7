"""Benefit and time of learning a photographer's taste.

    python benchmarks/learning.py --times
    python benchmarks/learning.py --promise
    python benchmarks/learning.py --photos FOLDER... [--store FILE] [--photographers N] [--json FILE]

With --times: seconds for 500 and 20,000 simulated decisions, including the child process. With --promise: how
often the harm bound holds for a thousand photographers whose shoots are more or less similar. With --photos:
the photos are measured as in a culling run, and simulated photographers (support/simulated_photographers.py
in the tests) choose among them; each taste is trained on two thirds of the shoots and evaluated on the last
third. For your own history, run `autocull learn --catalog FILE.lrcat`.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import time
from pathlib import Path

from autocull.arrays import Doubles, Floats

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))

import numpy as np
from numpy.typing import NDArray

from autocull.judge import Settings
from autocull.learn.dataset import TasteExamples, measure_decided, plain_score
from autocull.learn.decisions import PhotoDecision
from autocull.learn.head_fitting import fit_heads
from autocull.learn.report_data import compute_curve
from autocull.learn.training import train_taste
from autocull.pipeline.cull_run import open_cull_run
from autocull.read import find_frames
from autocull.taste.features import extract_features
from autocull.taste.profile import Profile
from support import taste_factories as tastes
from support.simulated_photographers import (
    PHOTOGRAPHERS,
    Photographer,
    simulate_bounds,
    simulate_history,
    take_shoots,
)

ALLOWED_SHARE = Settings().select_loss
PICK_LIMIT = Settings().select_min
SHOOT_SIZE = 40
"""Photos of a simulated shoot, on average."""


def main() -> None:
    """Print the requested tables."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--times", action="store_true")
    parser.add_argument("--promise", action="store_true")
    parser.add_argument("--photos", type=Path, nargs="+")
    parser.add_argument("--store", type=Path)
    parser.add_argument("--photographers", type=int, default=10)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    if options.times:
        print_times()
    if options.promise:
        print_harm_bounds()
    if options.photos:
        photos = measure_photos(options.photos, options.store)
        results = {
            name: evaluate_photographer(photos, each, options.photographers)
            for name, each in PHOTOGRAPHERS.items()
        }
        if options.json:
            options.json.write_text(json.dumps(results, indent=1) + "\n", "utf-8")
        print_results(len(photos[1]), options.photographers, results)


def print_times() -> None:
    """Print the time of learning, from decisions with features to a profile."""
    for count, shoots in ((500, 15), (20_000, 100)):
        decisions, seconds = tastes.examples(count, shoots), []
        for _ in range(3):
            started = time.perf_counter()
            train_taste(decisions, "simulated", tastes.origin(), fit_heads)
            seconds.append(time.perf_counter() - started)
        span = f"{min(seconds):.1f} to {max(seconds):.1f} of 3"
        print(f"{count:,} decisions in {shoots} shoots: {statistics.median(seconds):.1f} s ({span})")


def print_harm_bounds() -> None:
    """Print how often the harm bound holds and there is a limit, with the mean share of lost selects."""
    print("| shoots | between shoots | distribution | bound held | bound given | lost on average |")
    print("|---|---|---|---|---|---|")
    for shoots in (12, 40, 100):
        for alike, heavy in ((0.0, False), (0.1, False), (0.35, False), (0.35, True)):
            kept = simulate_bounds(1000, shoots, 25, alike, ALLOWED_SHARE, heavy_tails=heavy)
            kind = "heavy tails" if heavy else "normal"
            cells = f"{kept.held:.1%} | {kept.bounded:.1%} | {kept.lost:.2%}"
            print(f"| {shoots} | {alike} | {kind} | {cells} |")


def measure_photos(folders: list[Path], store: Path | None) -> tuple[Floats, Doubles, NDArray[np.int64]]:
    """Measure the photos; returns features, the plain ensemble's scores, and the numbers of their folders."""
    decided = [PhotoDecision(frame.path, True) for frame in find_frames(folders).frames]
    with open_cull_run(folders, store, workers=2, time_limit=60, on_warning=print) as cull_run:
        results = [each.result for each in measure_decided(cull_run, Settings(), decided, lambda _: None)[0]]
    features = np.stack([extract_features(result.evidence, result.verdict.series) for result in results])
    _, source = np.unique([str(result.frame.path.parent) for result in results], return_inverse=True)
    return features, np.array([plain_score(result.verdict) for result in results]), source


def evaluate_photographer(
    photos: tuple[Floats, Doubles, NDArray[np.int64]], photographer: Photographer, count: int
) -> list[dict[str, float]]:
    """Train the tastes of `count` photographers of one kind, and evaluate each on held-out shoots."""
    results = []
    for seed in range(count):
        decisions = simulate_history(*photos, photographer, size=SHOOT_SIZE, seed=seed)
        shoots = np.unique(decisions.shoot)
        past, later = (
            take_shoots(decisions, shoots[shoots % 3 > 0].tolist()),
            take_shoots(decisions, shoots[shoots % 3 == 0].tolist()),
        )
        trained = train_taste(past, "simulated", tastes.origin(), fit_heads)
        results.append(dict(trained.profile.metrics) | evaluate_profile(trained.profile, later) | {
            "acts": float(trained.profile.acts), "decisions": float(len(past)),
            "selects": float(past.selected.sum()), "limit": trained.profile.harm_bound(ALLOWED_SHARE).limit,
        })  # fmt: skip
    return results


def evaluate_profile(profile: Profile, later: TasteExamples) -> dict[str, float]:
    """Evaluate a taste on held-out shoots: the shares that it rejects, loses and picks at its limits."""
    probabilities, selected = profile.probabilities(later.features), later.selected
    limit = profile.harm_bound(ALLOWED_SHARE).limit if profile.acts else 0.0
    rejected, picked = probabilities <= limit, probabilities >= PICK_LIMIT
    return {
        "rejected": float(rejected.mean()),
        "lost": float(rejected[selected].mean()),
        "picked": float(picked.mean()) if profile.acts else 0.0,
        "picked_rightly": float(selected[picked].mean()) if picked.any() else float("nan"),
        "looked_at_95": compute_curve(selected, probabilities.astype(np.float64)).viewed_share_at(0.95),
        "looked_at_95_plain": compute_curve(selected, later.plain_score).viewed_share_at(0.95),
    }


def print_results(photos: int, count: int, results: dict[str, list[dict[str, float]]]) -> None:
    """Print a row for each kind of photographer: means, and how often the taste acts and the bound holds."""
    print(f"{photos:,} photos, {count} simulated photographers of each kind, "
          f"shoots of about {SHOOT_SIZE} photos")  # fmt: skip
    print("| photographer | selects | accuracy with the taste | without | acts | photos rejected | "
          "selects lost | bound held | picked, correct | to view for 95 % | without |")  # fmt: skip
    print("|---|---|---|---|---|---|---|---|---|---|---|")
    for name, rows in results.items():

        def mean(key: str, rows: list[dict[str, float]] = rows) -> float:
            return float(np.nanmean([row[key] for row in rows]))

        kept = sum(row["lost"] <= ALLOWED_SHARE for row in rows)
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
