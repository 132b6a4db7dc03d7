"""Inference of the heads in NumPy: it treats photos independently and standardises the features."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from autocull.taste.heads import compute_mean_and_scale, standardise
from support.taste_factories import FEATURE_COUNT, heads


def test_batch_of_one_equals_batch_of_n() -> None:
    """The logits of a photo do not depend on other photos."""
    model = heads()
    features = np.random.default_rng(1).standard_normal((7, FEATURE_COUNT)).astype(np.float32)
    logits = model.logits(features)
    assert logits.shape == (7, model.count)
    for row in range(7):
        np.testing.assert_allclose(model.logits(features[row : row + 1])[0], logits[row], atol=1e-5)


def test_arrays_of_different_shapes_are_refused() -> None:
    """Arrays of another number of heads raise an error."""
    with pytest.raises(ValueError, match="do not fit"):
        replace(heads(), bias=np.zeros(2, np.float32))


def test_outliers_are_clipped_and_constant_features_are_zero() -> None:
    """One outlier cannot decide alone; a feature that never changes is 0, not infinite."""
    features = np.ones((50, 2), np.float32)
    features[0, 0] = 1e6
    mean, scale = compute_mean_and_scale(features)
    inputs = standardise(features, mean, scale)
    assert inputs.max() == 4
    assert not inputs[:, 1].any()
