"""A lesson: shoots are never on both sides, a taste is learned where there is one, and refused where not."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from autocull.errors import LearningError
from autocull.learn.calibrating import fit_platt
from autocull.learn.cross_validation import MAX_HEADS, assign_folds, predict_out_of_fold, train_heads
from autocull.learn.dataset import TasteExamples
from autocull.learn.training import average_precision, train_taste
from autocull.stats.calibration import calibration_error, reliability
from support.taste_factories import FEATURE_COUNT, examples, fit_least_squares, origin


@given(st.lists(st.tuples(st.integers(0, 11), st.booleans()), min_size=1, max_size=80))
def test_no_shoot_is_on_both_sides(photos: list[tuple[int, bool]]) -> None:
    """All photos of a shoot are held out by the same head, and every head is used."""
    shoot = np.array([number for number, _ in photos])
    fold = assign_folds(np.array([chosen for _, chosen in photos]), shoot)
    for number in np.unique(shoot):
        assert len(set(fold[shoot == number])) == 1
    assert set(fold) == set(range(min(MAX_HEADS, len(np.unique(shoot)))))


def test_each_head_misses_about_as_many_selects() -> None:
    """Shoots are dealt out by their selects."""
    made = examples(1000, 25)
    fold = assign_folds(made.selected, made.shoot)
    missed = np.bincount(fold, weights=made.selected)
    assert missed.max() - missed.min() <= 6


def test_selects_and_rejects_weigh_the_same_and_copies_stay_with_their_photo() -> None:
    """Class weights hold with the mirrored copies, and a copy is held out with its original."""
    made = examples(300, 6, share=0.1)
    of = np.flatnonzero(made.selected)
    made = TasteExamples(made.features, made.selected, made.shoot, made.plain_score, made.features[of], of)
    fold, given_to = assign_folds(made.selected, made.shoot), []

    def fit(*given_: object) -> object:
        given_to.extend(given_)
        return fit_least_squares(*given_)  # type: ignore[arg-type]

    train_heads(made, fold, fit)  # type: ignore[arg-type]
    seen, selected, weights, evidence = given_to
    assert seen.shape == (330, FEATURE_COUNT)  # type: ignore[attr-defined]
    total = weights.max(axis=1)  # type: ignore[attr-defined]
    assert total[selected == 1].sum() == pytest.approx(total[selected == 0].sum())
    assert total.mean() == pytest.approx(1)
    assert np.array_equal(weights[300:] > 0, weights[of] > 0)  # type: ignore[index]
    assert evidence == pytest.approx(4 * 30 * 270 / 300)


def test_nobody_judges_what_she_learned() -> None:
    """A photo's blind logit does not change when its own shoot is decided the other way."""
    made = examples(400, 8)
    fold = assign_folds(made.selected, made.shoot)
    lied = made.selected.copy()
    lied[fold == 0] = ~lied[fold == 0]
    other = TasteExamples(
        made.features, lied, made.shoot, made.plain_score, made.mirrored_features, made.mirrored_index
    )
    weights = np.ones((400, fold.max() + 1), np.float32) * (fold[:, None] != np.arange(fold.max() + 1))
    before, after = (
        predict_out_of_fold(
            fit_least_squares(each.features, each.selected.astype(np.float32), weights, 400), each, fold
        )
        for each in (made, other)
    )
    np.testing.assert_allclose(before[fold == 0], after[fold == 0], atol=1e-4)
    assert np.abs(before[fold != 0] - after[fold != 0]).max() > 0.1


def test_a_taste_is_learned_and_acts() -> None:
    """It beats the plain order, its probabilities come true, and its promise stands on held-out shoots."""
    made = examples(3000, 40)
    lesson = train_taste(made, "Anna", origin(), fit_least_squares)
    assert lesson.profile.acts
    assert lesson.profile.metrics["lead_low"] > 0.05
    assert lesson.profile.metrics["calibration_error"] < 0.05
    assert sum(map(len, lesson.profile.held_out)) == made.selected.sum()
    promise = lesson.profile.harm_bound(0.02)
    assert promise.limit > 0
    assert (lesson.oof_probability[made.selected] <= promise.limit).mean() <= 0.025
    assert (lesson.oof_probability <= promise.limit).mean() > 0.1


def test_what_was_promised_holds_on_new_shoots() -> None:
    """The whole taste, on thousands of further photos of hers: no more than the share is lost."""
    rows = [
        train_taste(examples(2000, 30, seed=seed), "Anna", origin(), fit_least_squares).profile
        for seed in range(6)
    ]
    fresh = examples(20_000, 300, seed=99)
    lost = [
        (each.probabilities(fresh.features[fresh.selected]) <= each.harm_bound(0.02).limit).mean()
        for each in rows
    ]
    assert np.mean(lost) <= 0.02


def test_who_chooses_at_random_is_refused() -> None:
    """Nothing is learned from chance: it only shows, whatever the seed."""
    acts = [
        train_taste(examples(600, 15, clear=0.0, seed=seed), "Rita", origin(), fit_least_squares).profile.acts
        for seed in range(20)
    ]
    assert sum(acts) <= 2


@pytest.mark.parametrize(
    ("count", "shoots", "words"), [(150, 10, "150 decisions"), (600, 2, "come from 2 shoots")]
)
def test_too_little_teaches_nothing(count: int, shoots: int, words: str) -> None:
    """Few decisions, or few shoots: a clear message."""
    with pytest.raises(LearningError, match=words):
        train_taste(examples(count, shoots), "Anna", origin(), fit_least_squares)


def test_calibration_undoes_what_training_did() -> None:
    """Logits that are too steep and shifted come out as probabilities that come true."""
    rng = np.random.default_rng(3)
    true = rng.normal(-2, 1.5, 20_000)
    selected = rng.random(20_000) < 1 / (1 + np.exp(-true))
    found = fit_platt(3 * true + 5, selected)
    assert found.slope == pytest.approx(1 / 3, abs=0.02)
    assert found.offset == pytest.approx(-5 / 3, abs=0.1)
    chance = found.probability((3 * true + 5).astype(np.float32)).astype(np.float64)
    assert calibration_error(reliability(chance, selected.astype(np.float64))) < 0.01


def test_logits_that_say_the_contrary_are_not_turned_around() -> None:
    """A taste that is wrong on held-out shoots gets the share of selects for all, not its reverse."""
    rng = np.random.default_rng(3)
    logits = rng.standard_normal(2000)
    found = fit_platt(logits, logits < -0.5)
    assert 0 < found.slope < 0.01
    assert found.probability(np.zeros(1, np.float32))[0] == pytest.approx((logits < -0.5).mean(), abs=0.01)


def test_average_precision_is_the_mean_at_each_select() -> None:
    """1/1 and 2/3; and equals share their precision."""
    selected = np.array([True, False, True, False])
    assert average_precision(selected, np.array([4.0, 3, 2, 1])) == pytest.approx((1 + 2 / 3) / 2)
    assert average_precision(selected, np.zeros(4)) == 0.5
