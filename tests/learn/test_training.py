"""Training a taste: folds by shoot, and a taste that acts only where there is something to learn."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from autocull.errors import LearningError
from autocull.learn.cross_validation import MAX_HEADS, assign_folds, predict_out_of_fold, train_heads
from autocull.learn.dataset import TasteExamples
from autocull.learn.training import train_taste
from support.taste_factories import FEATURE_COUNT, examples, fit_least_squares, origin


@given(st.lists(st.tuples(st.integers(0, 11), st.booleans()), min_size=1, max_size=80))
def test_each_shoot_is_in_one_fold(photos: list[tuple[int, bool]]) -> None:
    """All photos of a shoot are in the same fold, and every fold is used."""
    shoot = np.array([number for number, _ in photos])
    fold = assign_folds(np.array([selected for _, selected in photos]), shoot)
    for number in np.unique(shoot):
        assert len(set(fold[shoot == number])) == 1
    assert set(fold) == set(range(min(MAX_HEADS, len(np.unique(shoot)))))


def test_folds_are_balanced_by_selects() -> None:
    """The numbers of selects per fold differ by little."""
    data = examples(1000, 25)
    fold = assign_folds(data.selected, data.shoot)
    selects = np.bincount(fold, weights=data.selected)
    assert selects.max() - selects.min() <= 6


def test_classes_weigh_the_same_and_mirrored_copies_share_their_photos_fold() -> None:
    """Class weights include the mirrored copies, and a copy is held out with its original."""
    data = examples(300, 6, share=0.1)
    originals = np.flatnonzero(data.selected)
    data = TasteExamples(
        data.features, data.selected, data.shoot, data.plain_score, data.features[originals], originals
    )
    fold, arguments = assign_folds(data.selected, data.shoot), []

    def fit(*values: object) -> object:
        arguments.extend(values)
        return fit_least_squares(*values)  # type: ignore[arg-type]

    train_heads(data, fold, fit)  # type: ignore[arg-type]
    features, selected, weights, evidence = arguments
    assert features.shape == (330, FEATURE_COUNT)  # type: ignore[attr-defined]
    weight = weights.max(axis=1)  # type: ignore[attr-defined]
    assert weight[selected == 1].sum() == pytest.approx(weight[selected == 0].sum())
    assert weight.mean() == pytest.approx(1)
    assert np.array_equal(weights[300:] > 0, weights[originals] > 0)  # type: ignore[index]
    assert evidence == pytest.approx(4 * 30 * 270 / 300)


def test_out_of_fold_logits_ignore_the_photos_own_shoot() -> None:
    """A photo's out-of-fold logit does not change when the decisions of its own shoot are flipped."""
    data = examples(400, 8)
    fold = assign_folds(data.selected, data.shoot)
    flipped = data.selected.copy()
    flipped[fold == 0] = ~flipped[fold == 0]
    flipped_data = TasteExamples(
        data.features, flipped, data.shoot, data.plain_score, data.mirrored_features, data.mirrored_index
    )
    weights = np.ones((400, fold.max() + 1), np.float32) * (fold[:, None] != np.arange(fold.max() + 1))
    before, after = (
        predict_out_of_fold(
            fit_least_squares(each.features, each.selected.astype(np.float32), weights, 400), each, fold
        )
        for each in (data, flipped_data)
    )
    np.testing.assert_allclose(before[fold == 0], after[fold == 0], atol=1e-4)
    assert np.abs(before[fold != 0] - after[fold != 0]).max() > 0.1


def test_clear_taste_is_learned_and_acts() -> None:
    """It beats the plain order, is calibrated, and its harm bound holds on held-out shoots."""
    data = examples(3000, 40)
    trained = train_taste(data, "Anna", origin(), fit_least_squares)
    assert trained.profile.acts
    assert trained.profile.metrics["lead_low"] > 0.05
    assert trained.profile.metrics["calibration_error"] < 0.05
    assert sum(map(len, trained.profile.held_out)) == data.selected.sum()
    bound = trained.profile.harm_bound(0.02)
    assert bound.limit > 0
    assert (trained.oof_probability[data.selected] <= bound.limit).mean() <= 0.025
    assert (trained.oof_probability <= bound.limit).mean() > 0.1


def test_harm_bound_holds_on_new_shoots() -> None:
    """On thousands of further photos of the same taste, no more than the allowed share of selects is lost."""
    profiles = [
        train_taste(examples(2000, 30, seed=seed), "Anna", origin(), fit_least_squares).profile
        for seed in range(6)
    ]
    new_shoots = examples(20_000, 300, seed=99)
    lost = [
        (each.probabilities(new_shoots.features[new_shoots.selected]) <= each.harm_bound(0.02).limit).mean()
        for each in profiles
    ]
    assert np.mean(lost) <= 0.02


def test_taste_from_random_decisions_does_not_act() -> None:
    """At most two of twenty seeds give a taste that acts."""
    acts = [
        train_taste(examples(600, 15, clear=0.0, seed=seed), "Rita", origin(), fit_least_squares).profile.acts
        for seed in range(20)
    ]
    assert sum(acts) <= 2


@pytest.mark.parametrize(
    ("count", "shoots", "message"), [(150, 10, "150 decisions"), (600, 2, "come from 2 shoots")]
)
def test_too_few_decisions_or_shoots_are_refused(count: int, shoots: int, message: str) -> None:
    """The message gives the numbers."""
    with pytest.raises(LearningError, match=message):
        train_taste(examples(count, shoots), "Anna", origin(), fit_least_squares)
