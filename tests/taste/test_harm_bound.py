"""The promise about harm: it is as strict as its sources say, and it holds at the rate that it states."""

from __future__ import annotations

from math import comb

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from autocull.taste.harm_bound import (
    CONFIDENCE,
    REJECT_NOTHING,
    allowed_losses,
    compute_harm_bound,
    effective_sample_size,
)
from support.simulated_photographers import chances, promised_to

ALONE = [[chance] for chance in np.linspace(0.01, 1, 300)]


@pytest.mark.parametrize(("selects", "share", "lost"), [
    (113, 0.02, -1), (114, 0.02, 0), (193, 0.02, 0), (194, 0.02, 1), (21, 0.1, -1), (22, 0.1, 0),
])  # fmt: skip
def test_the_bound_is_clopper_and_pearsons(selects: int, share: float, lost: int) -> None:
    """So many may be lost as the exact binomial test at 90 % allows; the textbook's 114 for 2 %."""
    assert allowed_losses(selects, share, CONFIDENCE) == lost
    if lost >= 0:
        tail = sum(comb(selects, k) * share**k * (1 - share) ** (selects - k) for k in range(lost + 1))
        assert tail <= 1 - CONFIDENCE


@given(
    st.lists(st.lists(st.floats(0.001, 1), min_size=1, max_size=40), max_size=30),
    st.sampled_from([0.01, 0.02, 0.05, 0.2]),
)
def test_what_is_promised_was_kept_on_the_held_out_shoots(held_out: list[list[float]], share: float) -> None:
    """No limit loses more than the share of the selects that it was chosen on, ties included."""
    made = compute_harm_bound(held_out, share)
    lost = sum(chance <= made.limit for shoot in held_out for chance in shoot)
    assert lost == made.lost <= share * made.selects
    assert made.effective <= made.selects == sum(map(len, held_out))
    assert made.expected <= share  # conformal risk control's own condition is met as well


@given(st.lists(st.lists(st.floats(0.001, 1), min_size=1, max_size=20), min_size=1, max_size=20))
def test_who_allows_more_never_gets_a_lower_limit(held_out: list[list[float]]) -> None:
    """The limit grows with the share; a share of nothing rejects nothing, and all of it may reject all."""
    limits = [compute_harm_bound(held_out, share).limit for share in (0.0, 0.01, 0.02, 0.1, 0.5, 0.9, 1.0)]
    assert limits == sorted(limits)
    assert limits[0] == REJECT_NOTHING


def test_selects_that_come_in_shoots_count_less() -> None:
    """Where shoots decide, the shoots count; where they do not, the selects do; one shoot alone is one."""
    rng = np.random.default_rng(1)
    alike = [np.full(50, level) for level in rng.random(20)]
    mixed = [rng.random(50) for _ in range(20)]
    assert effective_sample_size(alike) == pytest.approx(20)
    assert effective_sample_size(mixed) > 500
    assert effective_sample_size([rng.random(500)]) == pytest.approx(1)
    assert effective_sample_size([]) == 0


def test_too_few_selects_reject_nothing() -> None:
    """113 independent selects cannot carry 2 %, 114 can; the probabilities do not matter."""
    assert compute_harm_bound(ALONE[:113], 0.02).limit == REJECT_NOTHING
    assert compute_harm_bound(ALONE[:114], 0.02).limit > REJECT_NOTHING


@pytest.mark.parametrize("alike", [0.0, 0.1, 0.35])
@pytest.mark.parametrize(("shoots", "size"), [(12, 25), (40, 25)])
def test_the_promise_holds_for_a_thousand_photographers(shoots: int, size: int, alike: float) -> None:
    """At most 2 % of the selects are lost for nine of ten photographers at least, shoots alike or not.

    0.88: a thousand draws of exactly 0.9 have a standard error of 0.0095.
    """
    kept = promised_to(1000, shoots, size, alike, 0.02)
    assert kept.held >= 0.88
    assert kept.lost <= 0.02


def test_rare_shoots_unlike_all_others_do_not_break_it() -> None:
    """Heavy tails between shoots: over all who ask it holds as stated, for most are promised nothing."""
    kept = promised_to(1000, 12, 25, 0.35, 0.02, heavy=True)
    assert kept.held >= 0.88
    assert kept.promised < 0.2


def test_the_simulation_would_notice_a_broken_promise() -> None:
    """Where selects of shoots that are alike are taken as independent, it breaks for more than a tenth."""
    rng = np.random.default_rng(3)
    further = np.sort(
        chances(0.6 * rng.standard_normal((500, 1)) + 0.8 * rng.standard_normal((500, 40))).ravel()
    )
    broken = 0
    for _ in range(200):
        shoots = [chances(0.6 * rng.standard_normal() + 0.8 * rng.standard_normal(30)) for _ in range(12)]
        alone = [[chance] for shoot in shoots for chance in shoot.tolist()]
        limit = compute_harm_bound(alone, 0.02).limit
        broken += np.searchsorted(further, limit, side="right") / len(further) > 0.02
    assert broken > 30
