"""How well photos are put together: pairs, sets and singles against a manifest's groups, beside hashes.

The anchors are the two perceptual hashes that photographers' tools use most. They come from `imagehash`,
which is there where Autocull is developed; without it their columns are left out, and that is said.
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
from autocull.measure.ensemble import Ensemble, standard_members
from autocull.read.photo import Pixels
from autocull.series.grouping import group
from autocull.series.model import Series
from autocull.series.shot import Shot, shot_of
from autocull.stats.intervals import f1_interval, share_interval
from autocull.stats.metrics import Figures
from autocull.train.data.manifest import Row
from autocull.train.evaluation.evaluator import Evaluation

PUBLISHED_BITS = 10
"""The distance of two 64-bit hashes up to which two photos are called one: the default of idealo's imagededup
for both hashes, and Krawetz's advice for them ("Looks Like It", 2011; "Kind of Like That", 2013)."""

ANCHORS = {"dhash": "dHash", "phash": "pHash"}


def series_figures(evaluation: Evaluation, rows: Sequence[Row]) -> Figures:
    """Group the rows' photos as culling does, and count against the manifest's column `group`.

    Returns n, `groupings` (ours, and each anchor at its published threshold and at the best one for these
    very photos: pair precision, recall and F1 with intervals, groups kept whole, singles swallowed), kinds,
    unreadable, models and limits. Photos that cannot be read are named and left out.
    """
    ensemble = Ensemble(standard_members(evaluation.models))
    hashing = _hashing()
    shots, groups, hashes = list[Shot](), list[str](), list[list[int]]()
    for row, photo in evaluation.photos(rows):
        shots.append(shot_of(row.path, ensemble.measure(photo)))
        groups.append(row.group)
        hashes.append([_bits(hashing, name, photo.working) for name in ANCHORS] if hashing else [])
    limits = evaluation.settings.limits()
    found = group(shots, limits)
    truth = _same(groups)
    ours = figures_of(groups, truth, _same(_names(found, [shot.path for shot in shots])))
    return {
        "member": "series",
        "n": len(shots),
        "groupings": {"Autocull": ours, **_anchors(groups, truth, hashes)},
        "kinds": dict(Counter(series.kind for series in found)),
        "models": ensemble.versions,
        "limits": {f"series_{name}": getattr(limits, name) for name in limits.__slots__},
        "unreadable": evaluation.unreadable,
    }


def figures_of(groups: Sequence[str], truth: Flags, said: Flags) -> Figures:
    """Count the pairs that were put together against those that belong together, both `(n, n)`.

    `whole` are the groups of several photos of which every pair came together, `swallowed` the single photos
    that were put together with any other.
    """
    upper = np.triu_indices(len(groups), 1)
    true, told = truth[upper], said[upper]
    hits, alarms, misses = int((true & told).sum()), int((~true & told).sum()), int((true & ~told).sum())
    members = {name: np.flatnonzero(np.array(groups) == name) for name in set(groups)}
    several = [some for some in members.values() if len(some) > 1]
    single = [some[0] for some in members.values() if len(some) == 1]
    whole = sum(bool(said[np.ix_(some, some)].all()) for some in several)
    swallowed = sum(int(said[one].sum()) > 1 for one in single)
    return {
        "precision": _share(hits, hits + alarms),
        "recall": _share(hits, hits + misses),
        "f1": _share(2 * hits, 2 * hits + alarms + misses),
        "pairs": {"hits": hits, "alarms": alarms, "misses": misses},
        "intervals": {
            "precision": share_interval(hits, hits + alarms),
            "recall": share_interval(hits, hits + misses),
            "f1": f1_interval(hits, alarms, misses),
            "swallowed": share_interval(swallowed, len(single)),
            "whole": share_interval(whole, len(several)),
        },
        "whole": {"n": whole, "of": len(several)},
        "swallowed": {"n": swallowed, "of": len(single)},
    }


def _names(found: Sequence[Series], paths: Sequence[Path]) -> list[str]:
    name_of = {path: series.id for series in found for path in series.members}
    return [name_of[path] for path in paths]


def _same(names: Sequence[str]) -> Flags:
    column = np.array(names, np.str_)
    return np.asarray(column[:, None] == column)


def _anchors(groups: Sequence[str], truth: Flags, hashes: Sequence[Sequence[int]]) -> dict[str, Figures]:
    """Let each hash say which pairs are one: at the published threshold, and at the best for these photos."""
    found: dict[str, Figures] = {}
    for place, name in enumerate(ANCHORS.values() if hashes and hashes[0] else ()):
        column = np.array([each[place] for each in hashes], np.uint64)
        bits = np.bitwise_count(column[:, None] ^ column)
        at = [figures_of(groups, truth, bits <= most) for most in range(33)]
        best = max(range(33), key=lambda most: at[most]["f1"] or 0)
        found[f"{name}, {PUBLISHED_BITS} bits"] = at[PUBLISHED_BITS]
        found[f"{name}, best for these photos ({best} bits)"] = at[best]
    return found


def _hashing() -> Any:
    """Load `imagehash` where it is installed, else give None."""
    try:
        return import_module("imagehash")
    except ImportError:
        return None


def _bits(hashing: Any, name: str, picture: Pixels) -> int:
    return int(str(getattr(hashing, name)(Image.fromarray(picture))), 16)


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None
