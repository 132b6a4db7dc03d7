"""Metrics by groups of photos, to find groups on which a detector fails more often."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import permutations
from typing import Any, Literal

from autocull.errors import ManifestError
from autocull.stats import Interval, Proportion, difference_interval
from autocull.train.data import Row
from autocull.train.evaluation.predictions import Prediction

MEASUREMENTS = {"lightness": "L*", "face_size": "px"}
"""The measurements by which photos can be split into thirds, with their units."""

GRAVE_GAP = 0.05
"""A larger gap between two groups is a defect of the detector, unless its interval contains 0."""

_MIN_PHOTOS = 5  # fewer photos in a group are not significant

_COLUMNS = ("source", "label", "group")
_THIRDS, _UNMEASURED = ("low", "middle", "high"), "not measured"

Severity = Literal["small", "maybe chance", "defect"]
_ORDER: tuple[Severity, ...] = ("small", "maybe chance", "defect")

Predicate = Callable[[Prediction], bool]


@dataclass(frozen=True, slots=True)
class ShareDefinition:
    """Which predictions count as hits of a share, among the relevant ones; more hits are better."""

    is_hit: Predicate
    is_relevant: Predicate = lambda _: True

    def count(self, predictions: Sequence[Prediction]) -> Proportion:
        """Count the hits among the relevant predictions."""
        relevant = [prediction for prediction in predictions if self.is_relevant(prediction)]
        return Proportion(sum(map(self.is_hit, relevant)), len(relevant))


@dataclass(frozen=True, slots=True)
class GroupMetrics:
    """The number of photos in a group, and its shares by title."""

    n: int
    shares: Mapping[str, Proportion]


@dataclass(frozen=True, slots=True)
class Gap:
    """The gap (0-1) of a share between two groups, with its interval.

    `called` is "small" up to `GRAVE_GAP`, "maybe chance" where the interval contains 0, else "defect".
    """

    best: str
    worst: str
    gap: float
    interval: Interval
    called: Severity

    @property
    def sort_key(self) -> tuple[int, float]:
        """Significant gaps are ordered by the lower bound of their interval, others by the gap."""
        return _ORDER.index(self.called), self.interval.low if self.called == "defect" else self.gap


@dataclass(frozen=True, slots=True)
class GroupComparison:
    """The groups by a column or measurement `by`, and the largest gap of each share, None for one group."""

    by: str
    groups: Mapping[str, GroupMetrics]
    gaps: Mapping[str, Gap | None]

    def to_json(self) -> dict[str, Any]:
        """Return the comparison as `autocull evaluate --json` writes it."""
        groups = {
            name: {"n": group.n, "shares": {title: share.to_json() for title, share in group.shares.items()}}
            for name, group in self.groups.items()
        }
        gaps = {title: gap and asdict(gap) for title, gap in self.gaps.items()}
        return {"by": self.by, "groups": groups, "gaps": gaps}


def _is_answered(prediction: Prediction) -> bool:
    return bool(prediction.predicted & {"open", "closed"})


SHARES: Mapping[str, Mapping[str, ShareDefinition]] = {
    "blink": {
        "face found": ShareDefinition(lambda answer: "no_faces" not in answer.predicted),
        "answered": ShareDefinition(_is_answered, lambda answer: "no_faces" not in answer.predicted),
        "right where answered": ShareDefinition(lambda answer: answer.correct, _is_answered),
        "closed found": ShareDefinition(
            lambda answer: answer.correct, lambda answer: "closed" in answer.truth
        ),
        "open not called closed": ShareDefinition(
            lambda answer: "closed" not in answer.predicted, lambda answer: "open" in answer.truth
        ),
    }
}
_RIGHT: Mapping[str, ShareDefinition] = {"right": ShareDefinition(lambda answer: answer.correct)}


def compare_groups(detector: str, predictions: Sequence[Prediction], by: str) -> GroupComparison:
    """Compute the shares of each group and the largest gap of each share between two groups.

    `by` is a column of the manifest, or one of `MEASUREMENTS`, by which the photos are split into thirds.
    `check_groups` checks beforehand that `by` exists.
    """
    groups = _split_thirds(predictions, by) if by in MEASUREMENTS else _group_by_column(predictions, by)
    definitions = SHARES.get(detector, _RIGHT)
    metrics = {
        name: GroupMetrics(
            len(group), {title: definition.count(group) for title, definition in definitions.items()}
        )
        for name, group in groups.items()
    }
    gaps = {
        title: _largest_gap({name: group.shares[title] for name, group in metrics.items()})
        for title in definitions
    }
    return GroupComparison(by, metrics, gaps)


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


def _largest_gap(shares: Mapping[str, Proportion]) -> Gap | None:
    """Return the most significant gap, or else the largest; None where fewer than two groups have the share.

    The group of unmeasured photos is left out: without a face there is no face size, so it has no faces at
    all.
    """
    comparable = {name: share for name, share in shares.items() if share.of and name != _UNMEASURED}
    gaps = [_compare(comparable, best, worst) for best, worst in permutations(comparable, 2)]
    return max(gaps, key=lambda gap: gap.sort_key, default=None)


def _compare(shares: Mapping[str, Proportion], best: str, worst: str) -> Gap:
    first, second = shares[best], shares[worst]
    gap = first.n / first.of - second.n / second.of
    interval = difference_interval(first, second)
    assert interval is not None, "both groups have relevant photos"
    significant = interval.low > 0 and min(first.of, second.of) >= _MIN_PHOTOS
    severity: Severity = "small" if gap <= GRAVE_GAP else "defect" if significant else "maybe chance"
    return Gap(best, worst, gap, interval, severity)
