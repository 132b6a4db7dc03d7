"""Sets of other sources: frames rejected within complete sets, and pairs of all photos grouped at once.

    python benchmarks/series_sets.py DATA

DATA holds `series/` and `more/series/*/`, each with a manifest. Each set is judged alone, with all facts of
its files and with some or all of them removed; then the photos of all sources are grouped at once, and the
pairs compared with the manifests' groups, without views around an object, which are no series. Intervals are
Wilson's, 95 %.
"""

from __future__ import annotations

import argparse
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import numpy as np

from autocull.judge import Settings
from autocull.measure import Ensemble, Evidence, models_root
from autocull.pipeline.two_pass import ShootJudge
from autocull.read import Capture, Frame, read_photo
from autocull.series import group, shot_of
from autocull.stats import Proportion
from autocull.train.data import read_manifest
from autocull.train.evaluation.series import PairMetrics, pair_metrics

SETTINGS = Settings()
SOURCES = ("series", "more/series/bracket", "more/series/focus_stack", "more/series/panorama")
VIEWS_AROUND_AN_OBJECT = "more/series/around_object"

FACTS: dict[str, Callable[[Capture], Capture]] = {
    "all facts": lambda capture: capture,
    "no exposure": lambda capture: replace(
        capture, shutter=None, aperture=None, iso=None, exposure_bias=None
    ),
    "manual lens": lambda capture: replace(capture, aperture=None, focal_length=None),
    "bias only": lambda capture: replace(capture, shutter=None, aperture=None, iso=None),
    "no time": lambda capture: replace(capture, taken=None),
    "no camera": lambda capture: replace(capture, camera=None, serial=None),
    "no facts": lambda _: Capture(),
}
"""What is left of the facts that a camera wrote."""


class Measured(NamedTuple):
    """A photo with the source and the group of its manifest."""

    path: Path
    source: str
    group: str
    evidence: Evidence


def main() -> None:
    """Print a table of the sets of each source, and one of all pairs."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("data", type=Path)
    photos = measure(parser.parse_args().data)
    print("| facts | source | sets | frames | rejected in their set | sets with a reject | rejected alone |")
    print("|---|---|---|---|---|---|---|")
    for facts in FACTS:
        print_sets(photos, facts)
    print("\n| facts | source | pairs found | F1 of pairs | precision | singles swallowed |")
    print("|---|---|---|---|---|---|")
    for facts in FACTS:
        print_pairs([photo for photo in photos if photo.source != VIEWS_AROUND_AN_OBJECT], facts)


def measure(data: Path) -> list[Measured]:
    """Measure the photos of all sources."""
    ensemble = Ensemble(models_root())
    return [
        Measured(row.path, source, row.group, ensemble.measure(read_photo(row.path)))
        for source in (*SOURCES, VIEWS_AROUND_AN_OBJECT)
        for row in read_manifest(data / source / "manifest.csv")
    ]


def print_sets(photos: Sequence[Measured], facts: str) -> None:
    """Print a row for each source."""
    sets: dict[tuple[str, str], list[Measured]] = defaultdict(list)
    for photo in photos:
        sets[_name_source(photo), photo.group].append(photo)
    for source in dict.fromkeys(source for source, _ in sets):
        own = [each for (name, _), each in sets.items() if name == source and len(each) > 1]
        rejected = [_count_rejected(each, facts) for each in own]
        frames = sum(map(len, own))
        if not frames:
            continue
        within, alone = (Proportion(sum(each), frames) for each in zip(*rejected, strict=True))
        print(
            f"| {facts} | {source} | {len(own)} | {frames} | {_format(within)} "
            f"| {sum(each[0] > 0 for each in rejected)} | {alone.n} |",
            flush=True,
        )


def _name_source(photo: Measured) -> str:
    """Return the source, and for `series/` also the kind of the set."""
    kind = photo.group.split("_")[0].rstrip("0123456789")
    return f"{photo.source}: {kind}" if photo.source == "series" else photo.source


def _count_rejected(photos: Sequence[Measured], facts: str) -> tuple[int, int]:
    """Return how many photos are rejected within their set, and alone."""
    judge = ShootJudge(SETTINGS)
    frames = [(Frame(photo.path), _with_facts(photo, facts)) for photo in photos]
    alone = [judge.add(frame, evidence)[0] for frame, evidence in frames]
    judge.finish()
    final = [judge.judge(frame, evidence)[0] for frame, evidence in frames]
    within, before = (sum(verdict.answer == "reject" for verdict in verdicts) for verdicts in (final, alone))
    return within, before


def _with_facts(photo: Measured, facts: str) -> Evidence:
    return replace(photo.evidence, capture=FACTS[facts](photo.evidence.capture))


def print_pairs(photos: Sequence[Measured], facts: str) -> None:
    """Group the photos of all sources at once; print a row for each source, and one for all."""
    shots = [shot_of(photo.path, _with_facts(photo, facts)) for photo in photos]
    series = group(shots, SETTINGS.grouping_settings())
    number_of = {path: number for number, each in enumerate(series) for path in each.paths}
    numbers = np.array([number_of[photo.path] for photo in photos])
    for source in (*SOURCES, "all"):
        chosen = np.array([source in (photo.source, "all") for photo in photos])
        groups = [photo.group for photo, taken in zip(photos, chosen, strict=True) if taken]
        names, own = np.array(groups), numbers[chosen]
        print_metrics(facts, source, pair_metrics(groups, names[:, None] == names, own[:, None] == own))


def print_metrics(facts: str, source: str, metrics: PairMetrics) -> None:
    """Print a row of the metrics of pairs."""
    low, high = metrics.f1_interval or (0.0, 0.0)
    f1 = "" if metrics.f1 is None else f"{metrics.f1:.3f} ({low:.3f}-{high:.3f})"
    print(
        f"| {facts} | {source} | {_format(metrics.recall)} | {f1} | {_format(metrics.precision)} "
        f"| {metrics.swallowed.n} of {metrics.swallowed.of} |",
        flush=True,
    )


def _format(share: Proportion) -> str:
    if share.interval is None:
        return f"{share.n} of {share.of}"
    low, high = share.interval
    return f"{share.n} of {share.of} ({low:.3f}-{high:.3f})"


if __name__ == "__main__":
    main()
