"""Metrics by groups of photos, to find groups on which a detector fails more often."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import permutations
from typing import Any

from autocull.errors import ManifestError
from autocull.stats.intervals import difference_interval, share_interval
from autocull.train.data.manifest import Row
from autocull.train.evaluation.predictions import Prediction

MEASUREMENTS = {"lightness": "L*", "face_size": "px"}
"""The measurements by which photos can be split into thirds, with their units."""

GRAVE_GAP = 0.05
"""A larger gap between two groups is a defect of the detector, unless its interval contains 0."""

_MIN_PHOTOS = 5  # fewer photos in a group are not significant

_RANK = {"small": 0, "maybe chance": 1, "defect": 2}
_COLUMNS = ("source", "label", "group")
_THIRDS, _UNMEASURED = ("low", "middle", "high"), "not measured"

Predicate = Callable[[Prediction], bool]
Share = tuple[Predicate, Predicate]
"""Which predictions count as hits of a share, and among which; more is better."""


def _is_answered(prediction: Prediction) -> bool:
    return bool(prediction.predicted & {"open", "closed"})


SHARES: Mapping[str, Mapping[str, Share]] = {
    "blink": {
        "face found": (lambda answer: "no_faces" not in answer.predicted, lambda _: True),
        "answered": (_is_answered, lambda answer: "no_faces" not in answer.predicted),
        "right where answered": (lambda answer: answer.correct, _is_answered),
        "closed found": (lambda answer: answer.correct, lambda answer: "closed" in answer.truth),
        "open not called closed": (
            lambda answer: "closed" not in answer.predicted,
            lambda answer: "open" in answer.truth,
        ),
    }
}
_RIGHT: Mapping[str, Share] = {"right": (lambda answer: answer.correct, lambda _: True)}


def compare_groups(detector: str, predictions: Sequence[Prediction], by: str) -> dict[str, Any]:
    """Compute the shares of each group and the largest gap of each share between two groups.

    `by` is a column of the manifest, or one of `MEASUREMENTS`, by which the photos are split into thirds.
    Returns `by`, `groups` (by name: `n` and `shares`, each with `n`, `of`, `share`, `interval`) and `gaps`,
    by share: the `best` and the `worst` of two groups, their `gap` (0-1), its 95 % `interval`, and its class
    `called`: "small" up to `GRAVE_GAP`, "maybe chance" where the interval contains 0, else "defect".
    `check_groups` checks beforehand that `by` exists.
    """
    groups = _split_thirds(predictions, by) if by in MEASUREMENTS else _group_by_column(predictions, by)
    shares = SHARES.get(detector, _RIGHT)
    counts = {
        name: {title: _count(group, *share) for title, share in shares.items()}
        for name, group in groups.items()
    }
    return {
        "by": by,
        "groups": {name: {"n": len(groups[name]), "shares": counts[name]} for name in groups},
        "gaps": {
            title: _largest_gap({name: group_shares[title] for name, group_shares in counts.items()})
            for title in shares
        },
    }


def check_groups(detector: str, rows: Sequence[Row], by: str) -> None:
    """Raise ManifestError where the rows cannot be grouped by `by`; the message lists what is available."""
    columns = {*_COLUMNS, *(name for row in rows for name in row.extra)}
    groupings = sorted(columns) + (list(MEASUREMENTS) if detector == "blink" else [])
    if by not in groupings:
        raise ManifestError(f"{detector} cannot be grouped by {by!r}; choose one of {', '.join(groupings)}.")


def _split_thirds(predictions: Sequence[Prediction], by: str) -> dict[str, list[Prediction]]:
    """Split predictions into thirds by value; equal values share a third, unmeasured ones form a group."""
    ordered = sorted(
        (prediction for prediction in predictions if by in prediction.measurements),
        key=lambda prediction: prediction.measurements[by],
    )
    cuts = [ordered[len(ordered) * k // 3].measurements[by] for k in (1, 2)] if ordered else [0.0, 0.0]
    thirds: list[list[Prediction]] = [[], [], []]
    for prediction in ordered:
        thirds[sum(prediction.measurements[by] >= cut for cut in cuts)].append(prediction)
    by_span = {
        _format_span(name, third, by): third for name, third in zip(_THIRDS, thirds, strict=True) if third
    }
    unmeasured = [prediction for prediction in predictions if by not in prediction.measurements]
    return by_span | ({_UNMEASURED: unmeasured} if unmeasured else {})


def _format_span(name: str, predictions: Sequence[Prediction], by: str) -> str:
    values = [prediction.measurements[by] for prediction in predictions]
    return f"{name} ({min(values):.0f}-{max(values):.0f} {MEASUREMENTS[by]})"


def _group_by_column(predictions: Sequence[Prediction], by: str) -> dict[str, list[Prediction]]:
    groups: dict[str, list[Prediction]] = {}
    for prediction in predictions:
        cell = getattr(prediction.row, by) if by in _COLUMNS else prediction.row.extra[by]
        groups.setdefault(cell or "(not stated)", []).append(prediction)
    return dict(sorted(groups.items()))


def _count(predictions: Sequence[Prediction], is_hit: Predicate, is_relevant: Predicate) -> dict[str, Any]:
    relevant = [prediction for prediction in predictions if is_relevant(prediction)]
    hits = sum(is_hit(prediction) for prediction in relevant)
    share = hits / len(relevant) if relevant else None
    return {"n": hits, "of": len(relevant), "share": share, "interval": share_interval(hits, len(relevant))}


def _largest_gap(counts: Mapping[str, Mapping[str, Any]]) -> dict[str, Any] | None:
    """Return the most significant gap, or else the largest; None where fewer than two groups have the share.

    The group of unmeasured photos is left out: without a face there is no face size, so it has no faces at
    all.
    """
    comparable = {name: count for name, count in counts.items() if count["of"] and name != _UNMEASURED}
    pairs = [_compare(comparable, best, worst) for best, worst in permutations(comparable, 2)]
    return max(pairs, key=_sort_key, default=None)


def _sort_key(pair: Mapping[str, Any]) -> tuple[int, float]:
    """Return the sort key of a pair: defects by the lower bound of their gap, others by their gap."""
    defect = pair["called"] == "defect"
    return _RANK[pair["called"]], pair["interval"][0] if defect else pair["gap"]


def _compare(counts: Mapping[str, Mapping[str, Any]], best: str, worst: str) -> dict[str, Any]:
    best_count, worst_count = counts[best], counts[worst]
    gap = best_count["share"] - worst_count["share"]
    interval = difference_interval((best_count["n"], best_count["of"]), (worst_count["n"], worst_count["of"]))
    significant = (
        interval is not None and interval[0] > 0 and min(best_count["of"], worst_count["of"]) >= _MIN_PHOTOS
    )
    severity = "small" if gap <= GRAVE_GAP else "defect" if significant else "maybe chance"
    return {"best": best, "worst": worst, "gap": gap, "interval": interval, "called": severity}
