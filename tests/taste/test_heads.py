"""The heads in NumPy: what Keras trained is what the product computes."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from autocull.taste.heads import compute_mean_and_scale, standardise
from support.taste_factories import FEATURE_COUNT, heads


def test_heads_answer_one_by_one_as_they_do_together() -> None:
    """A photo's logit depends on no other photo."""
    made, seen = heads(), np.random.default_rng(1).standard_normal((7, FEATURE_COUNT)).astype(np.float32)
    together = made.logits(seen)
    assert together.shape == (7, made.count)
    for row in range(7):
        np.testing.assert_allclose(made.logits(seen[row : row + 1])[0], together[row], atol=1e-5)


def test_arrays_that_do_not_fit_are_refused() -> None:
    """Half a file makes no heads."""
    with pytest.raises(ValueError, match="do not fit"):
        replace(heads(), bias=np.zeros(2, np.float32))


def test_far_values_count_as_far_and_constant_ones_as_nothing() -> None:
    """One outlier cannot outvote everything; a measurement that never changed is 0 and not infinite."""
    seen = np.ones((50, 2), np.float32)
    seen[0, 0] = 1e6
    mean, scale = compute_mean_and_scale(seen)
    inputs = standardise(seen, mean, scale)
    assert inputs.max() == 4
    assert not inputs[:, 1].any()
