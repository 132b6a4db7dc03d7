"""Conversions of pixels and logits."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from autocull.measure.network_io import scale_pixels, sigmoid


def test_pixels_are_scaled_to_minus_one_and_one() -> None:
    """Black is -1, white is 1, and the type is float32, for arrays and for Pillow's images."""
    pixels = np.array([[[0, 51, 255]]], np.uint8)
    for source in (pixels, Image.fromarray(pixels), pixels.astype(np.float32)):
        scaled = scale_pixels(source)
        assert scaled.dtype == np.float32
        assert scaled.ravel() == pytest.approx([-1, -0.6, 1], abs=1e-6)


@given(st.floats(-1e30, 1e30))
def test_sigmoid_is_finite_and_symmetric(logit: float) -> None:
    """Any logit gives a probability; a logit and its negative sum to 1."""
    probability = float(sigmoid(logit))
    assert 0 <= probability <= 1
    assert probability + float(sigmoid(-logit)) == pytest.approx(1)


def test_sigmoid_of_arrays() -> None:
    """Arrays keep their shape; zero is one half, log(3) three quarters."""
    probabilities = sigmoid(np.array([[0.0, np.log(3)]], np.float32))
    assert probabilities.dtype == np.float64
    assert probabilities == pytest.approx(np.array([[0.5, 0.75]]))
