"""Data of the report: recall curves, feature importance, disagreements, calibration bins."""

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
def trained() -> TrainedTaste:
    """Train a taste that depends on the first five features: eyes and faces."""
    return train_taste(examples(2000, 20), "Anna", origin(), fit_least_squares)


def test_curve_follows_the_ranking() -> None:
    """At each photo: recall, precision and the share of photos viewed."""
    curve = compute_curve(np.array([True, False, True, False]), np.array([0.9, 0.8, 0.7, 0.1]))
    assert curve.recall.tolist() == [0.5, 0.5, 1, 1]
    assert curve.precision.tolist() == pytest.approx([1, 0.5, 2 / 3, 0.5])
    assert curve.viewed_share.tolist() == [0.25, 0.5, 0.75, 1]
    assert (curve.viewed_share_at(0.5), curve.viewed_share_at(0.51), curve.viewed_share_at(1)) == (
        0.25,
        0.75,
        0.75,
    )


def test_equal_values_are_one_step() -> None:
    """The order among photos of equal value does not matter."""
    curve = compute_curve(np.array([True, False, True, False]), np.array([1.0, 1, 0, 0]))
    assert curve.recall.tolist() == [0.5, 1]
    assert curve.precision.tolist() == [0.5, 0.5]


def test_thinned_curve_keeps_its_ends(trained: TrainedTaste) -> None:
    """At most sixty points remain."""
    full = compute_curve(trained.examples.selected, trained.oof_probability)
    thin = thin_curve(full)
    assert len(thin.recall) <= 60
    assert (thin.recall[0], thin.recall[-1]) == (full.recall[0], 1)


def test_taste_reduces_photos_to_view(trained: TrainedTaste) -> None:
    """For 95 % of the selects, fewer photos have to be viewed than in the plain order."""
    selected = trained.examples.selected
    taste, plain = (
        compute_curve(selected, trained.oof_probability),
        compute_curve(selected, trained.examples.plain_score),
    )
    assert taste.viewed_share_at(0.95) < plain.viewed_share_at(0.95) - 0.1


def test_deciding_features_are_most_important(trained: TrainedTaste) -> None:
    """The five features that decide are in two groups: these come first, the others hardly matter."""
    deciding = {group for group, names in GROUPS.items() if set(names) & set(NAMES[:5])}
    importance = compute_importance(trained)
    assert {group for group, _ in importance[: len(deciding)]} == deciding
    assert importance[0][1] > 0.03
    assert all(abs(loss) < 0.02 for _, loss in importance[len(deciding) :])


def test_disagreements_are_the_extremes(trained: TrainedTaste) -> None:
    """Selects of the lowest probability and rejects of the highest, worst first."""
    low, high = find_disagreements(trained, 5)
    selected, probability = trained.examples.selected, trained.oof_probability
    assert selected[low].all()
    assert not selected[high].any()
    assert probability[low].tolist() == sorted(probability[selected])[:5]
    assert probability[high].tolist() == sorted(probability[~selected], reverse=True)[:5]


def test_bins_hold_every_photo(trained: TrainedTaste) -> None:
    """Each photo is in one tenth."""
    assert sum(count for *_, count in compute_bins(trained)) == len(trained.examples)
