"""The figures of the page: curves, what is missed without a signal, where taste and photographer differ."""

from __future__ import annotations

import numpy as np
import pytest

from autocull.learn.report_data import bins, curve, disagreements, signals, thinned
from autocull.learn.training import Lesson, learn
from autocull.taste.features import GROUPS, NAMES
from support.taste_factories import examples, fit_closed, origin


@pytest.fixture(scope="module")
def lesson() -> Lesson:
    """What was learned from somebody who looks at the first five measurements: eyes, and faces."""
    return learn(examples(2000, 20), "Anna", origin(), fit_closed)


def test_a_curve_goes_down_the_order() -> None:
    """At each photo: what is found, how many of those looked at are selects, and how many were looked at."""
    found = curve(np.array([True, False, True, False]), np.array([0.9, 0.8, 0.7, 0.1]))
    assert found.recall.tolist() == [0.5, 0.5, 1, 1]
    assert found.precision.tolist() == pytest.approx([1, 0.5, 2 / 3, 0.5])
    assert found.looked.tolist() == [0.25, 0.5, 0.75, 1]
    assert (found.looked_at(0.5), found.looked_at(0.51), found.looked_at(1)) == (0.25, 0.75, 0.75)


def test_equals_are_looked_at_together() -> None:
    """Nobody gains by the order in which equals happen to lie."""
    found = curve(np.array([True, False, True, False]), np.array([1.0, 1, 0, 0]))
    assert found.recall.tolist() == [0.5, 1]
    assert found.precision.tolist() == [0.5, 0.5]


def test_a_thinned_curve_keeps_its_ends(lesson: Lesson) -> None:
    """Sixty points draw it."""
    whole = curve(lesson.examples.selected, lesson.blind)
    few = thinned(whole)
    assert len(few.recall) <= 60
    assert (few.recall[0], few.recall[-1]) == (whole.recall[0], 1)


def test_a_taste_leaves_less_to_look_at(lesson: Lesson) -> None:
    """Down to nearly all of her selects, its order is shorter than the plain one."""
    chosen = lesson.examples.selected
    own, plain = curve(chosen, lesson.blind), curve(chosen, lesson.examples.plain)
    assert own.looked_at(0.95) < plain.looked_at(0.95) - 0.1


def test_what_she_looks_at_is_missed_most(lesson: Lesson) -> None:
    """The five measurements that decide lie in two groups: those come first, the others hardly matter."""
    deciding = {group for group, names in GROUPS.items() if set(names) & set(NAMES[:5])}
    found = signals(lesson)
    assert {group for group, _ in found[: len(deciding)]} == deciding
    assert found[0][1] > 0.03
    assert all(abs(lost) < 0.02 for _, lost in found[len(deciding) :])


def test_disagreements_are_the_extremes(lesson: Lesson) -> None:
    """Selects of the lowest probability and rejects of the highest, worst first."""
    low, high = disagreements(lesson, 5)
    chosen, blind = lesson.examples.selected, lesson.blind
    assert chosen[low].all()
    assert not chosen[high].any()
    assert blind[low].tolist() == sorted(blind[chosen])[:5]
    assert blind[high].tolist() == sorted(blind[~chosen], reverse=True)[:5]


def test_the_bins_hold_every_photo(lesson: Lesson) -> None:
    """Each photo is in one tenth."""
    assert sum(count for *_, count in bins(lesson)) == len(lesson.examples)
