"""Metrics of grouping into series against a manifest's groups, with perceptual hashes as baselines.

The baselines are the two perceptual hashes that photographers' tools use most. They need the package
`imagehash` (in the extra "dev"); without it they are left out, which the printed tables mention.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from autocull.arrays import Flags
from autocull.measure.ensemble import Ensemble
from autocull.read.photo import Pixels
from autocull.series.grouping import group
from autocull.series.model import Series
from autocull.series.shot import Shot, shot_of
from autocull.stats.intervals import f1_interval, share_interval
from autocull.stats.metrics import Metrics
from autocull.train.data.manifest import Row
from autocull.train.evaluation.evaluator import Evaluation

PUBLISHED_BITS = 10
"""The largest distance of two 64-bit hashes at which two photos count as the same: the default of idealo's
imagededup for both hashes, as Krawetz advises ("Looks Like It", 2011; "Kind of Like That", 2013)."""

BASELINES = {"dhash": "dHash", "phash": "pHash"}


def evaluate_series(evaluation: Evaluation, rows: Sequence[Row]) -> Metrics:
    """Group the rows' photos as culling does, and compare with the manifest's column `group`.

    Returns n, `groupings` (Autocull's, and each baseline's at its published threshold and at the best one for
    these photos; see `pair_metrics`), kinds, unreadable, models and limits. Photos that cannot be read are
    recorded and left out.
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
    truth = _pair_matrix(groups)
    own_metrics = pair_metrics(
        groups, truth, _pair_matrix(_series_ids(detected_series, [shot.path for shot in shots]))
    )
    return {
        "member": "series",
        "n": len(shots),
        "groupings": {"Autocull": own_metrics, **_baseline_metrics(groups, truth, hashes)},
        "kinds": dict(Counter(series.kind for series in detected_series)),
        "models": ensemble.versions,
        "limits": {f"series_{name}": getattr(limits, name) for name in limits.__slots__},
        "unreadable": evaluation.unreadable,
    }


def pair_metrics(groups: Sequence[str], truth: Flags, predicted: Flags) -> Metrics:
    """Compute precision, recall and F1 of predicted pairs against true pairs, both `(n, n)`.

    `whole` counts the groups of several photos of which every pair was predicted, `swallowed` the single
    photos that were paired with any other.
    """
    upper = np.triu_indices(len(groups), 1)
    true_pairs, predicted_pairs = truth[upper], predicted[upper]
    hits, false_alarms, misses = (
        int((true_pairs & predicted_pairs).sum()),
        int((~true_pairs & predicted_pairs).sum()),
        int((true_pairs & ~predicted_pairs).sum()),
    )
    indices_by_group = {name: np.flatnonzero(np.array(groups) == name) for name in set(groups)}
    multiples = [indices for indices in indices_by_group.values() if len(indices) > 1]
    singles = [indices[0] for indices in indices_by_group.values() if len(indices) == 1]
    intact_count = sum(bool(predicted[np.ix_(indices, indices)].all()) for indices in multiples)
    swallowed_count = sum(int(predicted[index].sum()) > 1 for index in singles)
    return {
        "precision": _share(hits, hits + false_alarms),
        "recall": _share(hits, hits + misses),
        "f1": _share(2 * hits, 2 * hits + false_alarms + misses),
        "pairs": {"hits": hits, "alarms": false_alarms, "misses": misses},
        "intervals": {
            "precision": share_interval(hits, hits + false_alarms),
            "recall": share_interval(hits, hits + misses),
            "f1": f1_interval(hits, false_alarms, misses),
            "swallowed": share_interval(swallowed_count, len(singles)),
            "whole": share_interval(intact_count, len(multiples)),
        },
        "whole": {"n": intact_count, "of": len(multiples)},
        "swallowed": {"n": swallowed_count, "of": len(singles)},
    }


def _series_ids(detected_series: Sequence[Series], paths: Sequence[Path]) -> list[str]:
    id_by_path = {path: series.id for series in detected_series for path in series.paths}
    return [id_by_path[path] for path in paths]


def _pair_matrix(names: Sequence[str]) -> Flags:
    column = np.array(names, np.str_)
    return np.asarray(column[:, None] == column)


def _baseline_metrics(
    groups: Sequence[str], truth: Flags, hashes: Sequence[Sequence[int]]
) -> dict[str, Metrics]:
    """Compute the metrics of each hash at the published threshold and at the best one for these photos."""
    results: dict[str, Metrics] = {}
    for index, name in enumerate(BASELINES.values() if hashes and hashes[0] else ()):
        column = np.array([row[index] for row in hashes], np.uint64)
        bits = np.bitwise_count(column[:, None] ^ column)
        by_threshold = [pair_metrics(groups, truth, bits <= threshold) for threshold in range(33)]
        best = max(range(33), key=lambda threshold: by_threshold[threshold]["f1"] or 0)
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


def _share(count: int, total: int) -> float | None:
    return count / total if total else None
