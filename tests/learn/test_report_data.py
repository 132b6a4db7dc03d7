"""The figures of the page: curves, what is missed without a signal, where taste and photographer differ."""

from __future__ import annotations

import numpy as np
import pytest

from autocull.learn.report_data import (
    compute_bins,
    compute_curve,
    compute_importance,
    find_disagreements,
    thin_curve,
)
from autocull.learn.training import TrainedTaste, train_taste
from autocull.taste.features import GROUPS, NAMES
from support.taste_factories import examples, fit_least_squares, origin


@pytest.fixture(scope="module")
def lesson() -> TrainedTaste:
    """What was learned from somebody who looks at the first five measurements: eyes, and faces."""
    return train_taste(examples(2000, 20), "Anna", origin(), fit_least_squares)


def test_a_curve_goes_down_the_order() -> None:
    """At each photo: what is found, how many of those looked at are selects, and how many were looked at."""
    found = compute_curve(np.array([True, False, True, False]), np.array([0.9, 0.8, 0.7, 0.1]))
    assert found.recall.tolist() == [0.5, 0.5, 1, 1]
    assert found.precision.tolist() == pytest.approx([1, 0.5, 2 / 3, 0.5])
    assert found.viewed_share.tolist() == [0.25, 0.5, 0.75, 1]
    assert (found.viewed_share_at(0.5), found.viewed_share_at(0.51), found.viewed_share_at(1)) == (
        0.25,
        0.75,
        0.75,
    )


def test_equals_are_looked_at_together() -> None:
    """Nobody gains by the order in which equals happen to lie."""
    found = compute_curve(np.array([True, False, True, False]), np.array([1.0, 1, 0, 0]))
    assert found.recall.tolist() == [0.5, 1]
    assert found.precision.tolist() == [0.5, 0.5]


def test_a_thinned_curve_keeps_its_ends(lesson: TrainedTaste) -> None:
    """Sixty points draw it."""
    whole = compute_curve(lesson.examples.selected, lesson.oof_probability)
    few = thin_curve(whole)
    assert len(few.recall) <= 60
    assert (few.recall[0], few.recall[-1]) == (whole.recall[0], 1)


def test_a_taste_leaves_less_to_look_at(lesson: TrainedTaste) -> None:
    """Down to nearly all of her selects, its order is shorter than the plain one."""
    chosen = lesson.examples.selected
    own, plain = (
        compute_curve(chosen, lesson.oof_probability),
        compute_curve(chosen, lesson.examples.plain_score),
    )
    assert own.viewed_share_at(0.95) < plain.viewed_share_at(0.95) - 0.1


def test_what_she_looks_at_is_missed_most(lesson: TrainedTaste) -> None:
    """The five measurements that decide lie in two groups: those come first, the others hardly matter."""
    deciding = {group for group, names in GROUPS.items() if set(names) & set(NAMES[:5])}
    found = compute_importance(lesson)
    assert {group for group, _ in found[: len(deciding)]} == deciding
    assert found[0][1] > 0.03
    assert all(abs(lost) < 0.02 for _, lost in found[len(deciding) :])


def test_disagreements_are_the_extremes(lesson: TrainedTaste) -> None:
    """Selects of the lowest probability and rejects of the highest, worst first."""
    low, high = find_disagreements(lesson, 5)
    chosen, blind = lesson.examples.selected, lesson.oof_probability
    assert chosen[low].all()
    assert not chosen[high].any()
    assert blind[low].tolist() == sorted(blind[chosen])[:5]
    assert blind[high].tolist() == sorted(blind[~chosen], reverse=True)[:5]


def test_the_bins_hold_every_photo(lesson: TrainedTaste) -> None:
    """Each photo is in one tenth."""
    assert sum(count for *_, count in compute_bins(lesson)) == len(lesson.examples)
