"""Metrics of grouping into series against a manifest's groups, with perceptual hashes as baselines.

The baselines are the two perceptual hashes that photographers' tools use most. They need the package
`imagehash` (in the extra "dev"); without it they are left out, which the printed tables mention.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from autocull.arrays import Flags
from autocull.measure import Ensemble
from autocull.read import Pixels
from autocull.series import Series, Shot, group, shot_of
from autocull.stats import Interval, Proportion, f1_interval, ratio
from autocull.train.data import Row
from autocull.train.evaluation.evaluator import Evaluation, UnreadableRow

PUBLISHED_BITS = 10
"""The largest distance of two 64-bit hashes at which two photos count as the same: the default of idealo's
imagededup for both hashes, as Krawetz advises ("Looks Like It", 2011; "Kind of Like That", 2013)."""

BASELINES = {"dhash": "dHash", "phash": "pHash"}


@dataclass(frozen=True, slots=True, kw_only=True)
class PairMetrics:
    """Metrics of grouping, by pairs of photos.

    `whole` counts the groups of several photos of which every pair was predicted, `swallowed` the single
    photos that were paired with any other.
    """

    hits: int
    false_alarms: int
    misses: int
    whole: Proportion
    swallowed: Proportion

    @property
    def precision(self) -> Proportion:
        """The share of correct pairs among the predicted ones."""
        return Proportion(self.hits, self.hits + self.false_alarms)

    @property
    def recall(self) -> Proportion:
        """The share of predicted pairs among the true ones."""
        return Proportion(self.hits, self.hits + self.misses)

    @property
    def f1(self) -> float | None:
        """The F1 of pairs; None without any pair."""
        return ratio(2 * self.hits, 2 * self.hits + self.false_alarms + self.misses)

    @property
    def f1_interval(self) -> Interval | None:
        """The interval of F1."""
        return f1_interval(self.hits, self.false_alarms, self.misses)

    def to_json(self) -> dict[str, Any]:
        """Return the metrics as `autocull evaluate --json` writes them."""
        return {
            "precision": self.precision.share,
            "recall": self.recall.share,
            "f1": self.f1,
            "pairs": {"hits": self.hits, "alarms": self.false_alarms, "misses": self.misses},
            "intervals": {
                "precision": self.precision.interval,
                "recall": self.recall.interval,
                "f1": self.f1_interval,
                "swallowed": self.swallowed.interval,
                "whole": self.whole.interval,
            },
            "whole": asdict(self.whole),
            "swallowed": asdict(self.swallowed),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class SeriesReport:
    """Result of an evaluation of grouping.

    `groupings` are the metrics of Autocull, and of each baseline at its published threshold and at the best
    one for these photos; `kinds` counts the series by kind; `models` are the versions of the networks,
    `limits` the settings that decided.
    """

    n: int
    groupings: Mapping[str, PairMetrics]
    kinds: Mapping[str, int]
    models: Mapping[str, str]
    limits: Mapping[str, float]
    unreadable: Sequence[UnreadableRow]

    def to_json(self) -> dict[str, Any]:
        """Return the report as `autocull evaluate --json` writes it."""
        groupings = {name: metrics.to_json() for name, metrics in self.groupings.items()}
        return {"member": "series", **asdict(self), "groupings": groupings}


def evaluate_series(evaluation: Evaluation, rows: Sequence[Row]) -> SeriesReport:
    """Group the rows' photos as culling does, and compare with the manifest's column `group`.

    Photos that cannot be read are recorded and left out.
    """
    ensemble = Ensemble(evaluation.models)
    imagehash = _load_imagehash()
    shots, groups, hashes = list[Shot](), list[str](), list[list[int]]()
    for row, photo in evaluation.read_photos(rows):
        shots.append(shot_of(row.path, ensemble.measure(photo)))
        groups.append(row.group)
        hashes.append([_hash_bits(imagehash, name, photo.working) for name in BASELINES] if imagehash else [])
    limits = evaluation.settings.grouping_settings()
    detected_series = group(shots, limits)
    predicted = _pair_matrix(_series_ids(detected_series, [shot.path for shot in shots]))
    truth = _pair_matrix(groups)
    own_metrics = pair_metrics(groups, truth, predicted)
    return SeriesReport(
        n=len(shots),
        groupings={"Autocull": own_metrics, **_baseline_metrics(groups, truth, hashes)},
        kinds=dict(Counter(series.kind for series in detected_series)),
        models=ensemble.versions,
        limits={f"series_{name}": getattr(limits, name) for name in limits.__slots__},
        unreadable=evaluation.unreadable,
    )


def pair_metrics(groups: Sequence[str], truth: Flags, predicted: Flags) -> PairMetrics:
    """Compute the metrics of predicted pairs against true pairs, both `(n, n)`."""
    upper = np.triu_indices(len(groups), 1)
    true_pairs, predicted_pairs = truth[upper], predicted[upper]
    indices_by_group = {name: np.flatnonzero(np.array(groups) == name) for name in set(groups)}
    multiples = [indices for indices in indices_by_group.values() if len(indices) > 1]
    singles = [indices[0] for indices in indices_by_group.values() if len(indices) == 1]
    intact = sum(bool(predicted[np.ix_(indices, indices)].all()) for indices in multiples)
    swallowed = sum(int(predicted[index].sum()) > 1 for index in singles)
    return PairMetrics(
        hits=int((true_pairs & predicted_pairs).sum()),
        false_alarms=int((~true_pairs & predicted_pairs).sum()),
        misses=int((true_pairs & ~predicted_pairs).sum()),
        whole=Proportion(intact, len(multiples)),
        swallowed=Proportion(swallowed, len(singles)),
    )


def _series_ids(detected_series: Sequence[Series], paths: Sequence[Path]) -> list[str]:
    id_by_path = {path: series.id for series in detected_series for path in series.paths}
    return [id_by_path[path] for path in paths]


def _pair_matrix(names: Sequence[str]) -> Flags:
    column = np.array(names, np.str_)
    return np.asarray(column[:, None] == column)


def _baseline_metrics(
    groups: Sequence[str], truth: Flags, hashes: Sequence[Sequence[int]]
) -> dict[str, PairMetrics]:
    """Compute the metrics of each hash at the published threshold and at the best one for these photos."""
    results: dict[str, PairMetrics] = {}
    for index, name in enumerate(BASELINES.values() if hashes and hashes[0] else ()):
        column = np.array([row[index] for row in hashes], np.uint64)
        bits = np.bitwise_count(column[:, None] ^ column)
        by_threshold = [pair_metrics(groups, truth, bits <= threshold) for threshold in range(33)]
        best = max(range(33), key=lambda threshold: by_threshold[threshold].f1 or 0)
        results[f"{name}, {PUBLISHED_BITS} bits"] = by_threshold[PUBLISHED_BITS]
        results[f"{name}, best for these photos ({best} bits)"] = by_threshold[best]
    return results


def _load_imagehash() -> Any:
    """Import `imagehash`; None where it is not installed."""
    try:
        return import_module("imagehash")
    except ImportError:
        return None


def _hash_bits(imagehash: Any, name: str, picture: Pixels) -> int:
    return int(str(getattr(imagehash, name)(Image.fromarray(picture))), 16)
