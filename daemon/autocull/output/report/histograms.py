"""Histograms of the report: the distribution of each score, with its limits."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, field

from autocull.judge import BY_LABEL, EYES, Criterion, Settings, sharpness_limits
from autocull.output.result import Judged
from autocull.vocabulary import DEFECTS

BINS = 20
ANSWERS = ("keep", "cannot_tell", "reject")
"""The order in which a column is stacked, from below."""

_HEIGHT = 100.0


@dataclass(frozen=True, slots=True)
class Column:
    """One rectangle of a histogram, in units of its drawing (100 high, one wide per bin)."""

    x: int
    y: float
    height: float
    answer: str
    words: str


@dataclass(frozen=True, slots=True)
class LimitLine:
    """A limit at `x` bins from the left; `kind` is "reject" or "doubt"."""

    x: float
    kind: str
    words: str


@dataclass(slots=True)
class Histogram:
    """The counts of a score (0-1) in 20 bins, by the photos' answers."""

    name: str
    limits: tuple[LimitLine, ...]
    counts: dict[str, list[int]] = field(default_factory=lambda: {each: [0] * BINS for each in ANSWERS})

    def add(self, value: float, answer: str) -> None:
        """Count the score of one photo."""
        self.counts[answer][max(0, min(BINS - 1, int(value * BINS)))] += 1

    @property
    def total(self) -> int:
        """The number of photos that were counted."""
        return sum(map(sum, self.counts.values()))

    def columns(self) -> Iterator[Column]:
        """Yield the rectangles to draw; heights are square roots, so that single photos are visible."""
        sums = [sum(column) for column in zip(*self.counts.values(), strict=True)]
        largest = math.sqrt(max(sums)) or 1.0
        for x, total in enumerate(sums):
            base = 0.0
            for answer in ANSWERS:
                share = self.counts[answer][x] / total if total else 0.0
                height = share * math.sqrt(total) / largest * _HEIGHT
                base += height
                if height:
                    words = f"{100 * x // BINS}-{100 * (x + 1) // BINS} %: {self.counts[answer][x]}"
                    yield Column(x, _HEIGHT - base, height, answer, words)


class Histograms:
    """All histograms of a report."""

    def __init__(self, settings: Settings) -> None:
        self._score = Histogram("Overall score", ())
        self._sharp = Histogram("Sharpness", _limit_lines(*sharpness_limits(settings)))
        self._eyes = Histogram(EYES.title, _limit_lines(*EYES.limits(settings)))
        criteria = {label: BY_LABEL[label] for label in DEFECTS}
        self._defects = {
            label: Histogram(criterion.title, _defect_limit_lines(criterion, settings))
            for label, criterion in criteria.items()
        }

    def add(self, result: Judged) -> None:
        """Count one photo."""
        verdict = result.verdict
        self._score.add(verdict.score, verdict.answer)
        self._sharp.add(result.evidence.focus.sharp, verdict.answer)
        if verdict.eyes_open is not None:
            self._eyes.add(verdict.eyes_open, verdict.answer)
        for name, value in result.evidence.defects.items():
            self._defects[name].add(value, verdict.answer)

    def list_non_empty(self) -> list[Histogram]:
        """Return the histograms with at least one photo, in a fixed order."""
        histograms = (self._score, self._sharp, self._eyes, *self._defects.values())
        return [histogram for histogram in histograms if histogram.total]


def _defect_limit_lines(criterion: Criterion, settings: Settings) -> tuple[LimitLine, ...]:
    """Return the limits of a defect; blur has none, since the subject's sharpness decides there."""
    return _limit_lines(*criterion.limits(settings)) if criterion.source == "defects" else ()


def _limit_lines(trust: str, reject: float, doubt: float) -> tuple[LimitLine, ...]:
    """Return the limits that apply with this trust."""
    reject_line = LimitLine(reject * BINS, "reject", f"rejects at {100 * reject:.0f} %")
    doubt_line = LimitLine(doubt * BINS, "doubt", f"in doubt at {100 * doubt:.0f} %")
    return {"reject": (reject_line, doubt_line), "doubt": (doubt_line,), "ignore": ()}[trust]
