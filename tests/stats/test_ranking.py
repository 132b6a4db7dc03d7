"""Which of two orders is better, by whole shoots, and when nobody can tell."""

from __future__ import annotations

import numpy as np
import pytest

from autocull.stats.ranking import compare

RNG = np.random.default_rng(4)
SHOOT = np.repeat(np.arange(12), 40)
SELECTED = RNG.random(480) < 0.25
NOISE = RNG.random((2, 480))
GOOD = SELECTED + NOISE[0] * 1.5


def test_a_clear_order_wins_over_noise() -> None:
    """Its interval lies above chance, and its lead above nothing."""
    found = compare(SELECTED, SHOOT, GOOD, NOISE[1])
    assert found.wins
    assert found.taste.low < found.taste.value < found.taste.high
    assert found.lead.value == pytest.approx(found.taste.value - found.plain.value)
    assert found.shoots == 12


@pytest.mark.parametrize(
    ("taste", "plain"), [(NOISE[0], NOISE[1]), (GOOD, GOOD), (GOOD, GOOD**3), (-GOOD, NOISE[0])]
)
def test_no_better_than_chance_or_than_the_plain_order_does_not_win(
    taste: np.ndarray, plain: np.ndarray
) -> None:
    """Noise, the same order, the same order in other numbers, and the reverse."""
    assert not compare(SELECTED, SHOOT, taste, plain).wins


def test_only_photos_of_one_shoot_are_compared() -> None:
    """A shoot liked better as a whole is no merit of the order, for culling is done within shoots."""
    by_shoot = SELECTED * 0.0 + SHOOT
    assert compare(SELECTED, SHOOT, by_shoot, NOISE[0]).taste.value == 0.5


def test_four_shoots_are_too_few() -> None:
    """However clear it looks, so few shoots give no interval."""
    few = SHOOT < 4
    found = compare(SELECTED[few], SHOOT[few], GOOD[few], NOISE[0][few])
    assert found.taste.low > 0.5
    assert not found.wins


def test_shoots_of_one_kind_say_nothing() -> None:
    """Where all was selected, or nothing, no pair can be compared."""
    found = compare(SHOOT < 6, SHOOT, GOOD, NOISE[0])
    assert (found.shoots, found.taste.value, found.taste.low, found.taste.high) == (0, 0.5, 0, 1)
    assert not found.wins


def test_who_chooses_at_random_is_refused_nearly_always() -> None:
    """Of 300 histories without any taste at most 5 % get through (2.5 % are expected)."""
    rng, through = np.random.default_rng(8), 0
    for _ in range(300):
        selected = rng.random(300) < 0.3
        through += compare(selected, np.arange(300) % 10, rng.random(300), rng.random(300)).wins
    assert through <= 15
