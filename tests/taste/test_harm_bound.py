"""Harm bound: it is as strict as its sources, and it holds with the confidence that it states."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from autocull.taste.harm_bound import REJECT_NOTHING, compute_harm_bound, effective_sample_size
from support.simulated_photographers import simulate_bounds, to_probabilities

SINGLE_SELECTS = [[probability] for probability in np.linspace(0.01, 1, 300)]
"""Shoots of one select each."""


@pytest.mark.parametrize(("selects", "share", "lost"), [
    (113, 0.02, -1), (114, 0.02, 0), (193, 0.02, 0), (194, 0.02, 1), (21, 0.1, -1), (22, 0.1, 0),
])  # fmt: skip
def test_bound_is_clopper_and_pearsons(selects: int, share: float, lost: int) -> None:
    """As many may be lost as the exact binomial test at 90 % allows; the textbook has 114 for 2 %."""
    bound = compute_harm_bound(SINGLE_SELECTS[:selects], share)
    assert (bound.limit > REJECT_NOTHING) == (lost >= 0)
    assert bound.lost == max(lost, 0)


@given(
    st.lists(st.lists(st.floats(0.001, 1), min_size=1, max_size=40), max_size=30),
    st.sampled_from([0.01, 0.02, 0.05, 0.2]),
)
def test_bound_holds_on_the_held_out_shoots(held_out: list[list[float]], share: float) -> None:
    """No limit loses more than the share of the selects that it was chosen on, equal values included."""
    bound = compute_harm_bound(held_out, share)
    lost = sum(probability <= bound.limit for shoot in held_out for probability in shoot)
    assert lost == bound.lost <= share * bound.selects
    assert bound.effective <= bound.selects == sum(map(len, held_out))
    assert bound.expected <= share  # the condition of conformal risk control


@given(st.lists(st.lists(st.floats(0.001, 1), min_size=1, max_size=20), min_size=1, max_size=20))
def test_limit_grows_with_the_allowed_share(held_out: list[list[float]]) -> None:
    """A larger share never gives a lower limit, and a share of 0 rejects nothing."""
    limits = [compute_harm_bound(held_out, share).limit for share in (0.0, 0.01, 0.02, 0.1, 0.5, 0.9, 1.0)]
    assert limits == sorted(limits)
    assert limits[0] == REJECT_NOTHING


def test_similar_selects_of_one_shoot_count_less() -> None:
    """If selects of a shoot are equal, shoots count; if they are unrelated, selects do; one shoot is one."""
    rng = np.random.default_rng(1)
    equal = [np.full(50, level) for level in rng.random(20)]
    unrelated = [rng.random(50) for _ in range(20)]
    assert effective_sample_size(equal) == pytest.approx(20)
    assert effective_sample_size(unrelated) > 500
    assert effective_sample_size([rng.random(500)]) == pytest.approx(1)
    assert effective_sample_size([]) == 0


def test_too_few_selects_reject_nothing() -> None:
    """For 2 %, 113 independent selects are too few and 114 are enough, whatever their probabilities."""
    assert compute_harm_bound(SINGLE_SELECTS[:113], 0.02).limit == REJECT_NOTHING
    assert compute_harm_bound(SINGLE_SELECTS[:114], 0.02).limit > REJECT_NOTHING


@pytest.mark.parametrize("alike", [0.0, 0.1, 0.35])
@pytest.mark.parametrize(("shoots", "size"), [(12, 25), (40, 25)])
def test_bound_holds_for_nine_of_ten_photographers(shoots: int, size: int, alike: float) -> None:
    """At most 2 % of the selects are lost for 90 % of a thousand photographers, shoots similar or not.

    0.88: a thousand samples of exactly 0.9 have a standard error of 0.0095.
    """
    kept = simulate_bounds(1000, shoots, size, alike, 0.02)
    assert kept.held >= 0.88
    assert kept.lost <= 0.02


def test_bound_holds_with_rare_unusual_shoots() -> None:
    """With heavy tails between shoots it holds as stated, since most photographers get no limit."""
    kept = simulate_bounds(1000, 12, 25, 0.35, 0.02, heavy_tails=True)
    assert kept.held >= 0.88
    assert kept.bounded < 0.2


def test_simulation_detects_a_wrong_bound() -> None:
    """If similar selects of one shoot were counted as independent, it would fail for more than a tenth."""
    rng = np.random.default_rng(3)
    further = np.sort(
        to_probabilities(0.6 * rng.standard_normal((500, 1)) + 0.8 * rng.standard_normal((500, 40))).ravel()
    )
    failures = 0
    for _ in range(200):
        shoots = [
            to_probabilities(0.6 * rng.standard_normal() + 0.8 * rng.standard_normal(30)) for _ in range(12)
        ]
        singles = [[probability] for shoot in shoots for probability in shoot.tolist()]
        limit = compute_harm_bound(singles, 0.02).limit
        failures += np.searchsorted(further, limit, side="right") / len(further) > 0.02
    assert failures > 30
