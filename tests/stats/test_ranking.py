"""Bootstrap comparison of two orders by whole shoots."""

from __future__ import annotations

import numpy as np
import pytest

from autocull.stats.ranking import compare

RNG = np.random.default_rng(4)
SHOOT = np.repeat(np.arange(12), 40)
SELECTED = RNG.random(480) < 0.25
NOISE = RNG.random((2, 480))
GOOD = SELECTED + NOISE[0] * 1.5


def test_informative_order_wins_over_noise() -> None:
    """Its interval is above 0.5 and that of its lead above 0."""
    result = compare(SELECTED, SHOOT, GOOD, NOISE[1])
    assert result.wins
    assert result.taste.low < result.taste.value < result.taste.high
    assert result.lead.value == pytest.approx(result.taste.value - result.plain.value)
    assert result.shoots == 12


@pytest.mark.parametrize(
    ("taste", "plain"), [(NOISE[0], NOISE[1]), (GOOD, GOOD), (GOOD, GOOD**3), (-GOOD, NOISE[0])]
)
def test_order_without_lead_does_not_win(taste: np.ndarray, plain: np.ndarray) -> None:
    """Noise, the same scores, a monotonic function of them, and the reverse order."""
    assert not compare(SELECTED, SHOOT, taste, plain).wins


def test_only_photos_of_one_shoot_are_compared() -> None:
    """Scores that differ only between shoots count as chance, since culling is done within shoots."""
    by_shoot = SELECTED * 0.0 + SHOOT
    assert compare(SELECTED, SHOOT, by_shoot, NOISE[0]).taste.value == 0.5


def test_four_shoots_are_too_few_to_win() -> None:
    """Even with a lower bound above chance."""
    few = SHOOT < 4
    result = compare(SELECTED[few], SHOOT[few], GOOD[few], NOISE[0][few])
    assert result.taste.low > 0.5
    assert not result.wins


def test_shoots_of_one_kind_are_left_out() -> None:
    """Where all or no photos are selected there is no pair to compare."""
    result = compare(SHOOT < 6, SHOOT, GOOD, NOISE[0])
    assert (result.shoots, result.taste.value, result.taste.low, result.taste.high) == (0, 0.5, 0, 1)
    assert not result.wins


def test_random_decisions_rarely_win() -> None:
    """At most 5 % of 300 simulated histories without a taste win (2.5 % are expected)."""
    rng, wins = np.random.default_rng(8), 0
    for _ in range(300):
        selected = rng.random(300) < 0.3
        wins += compare(selected, np.arange(300) % 10, rng.random(300), rng.random(300)).wins
    assert wins <= 15
