"""The extent of missed focus: the spread of a blur that was made is measured, and little of a sharp photo."""

from __future__ import annotations

import numpy as np
import pytest
from skimage import data

from autocull.measure.blur_extent import measure_blur_width, measure_spread
from autocull.measure.tiles import to_grey
from autocull.read.photo import Box, Pixels
from autocull.train.synthesis import blur_kernels, isp

PICTURES = ("astronaut", "chelsea", "coffee")


def blurred(name: str, spread: float) -> Pixels:
    """Return a picture after a missed focus of `spread` px in linear light."""
    linear = isp.to_linear(getattr(data, name)())
    return isp.to_pixels(isp.to_encoded(blur_kernels.convolve(linear, blur_kernels.disc_kernel(2 * spread))))


@pytest.mark.parametrize("name", PICTURES)
@pytest.mark.parametrize("spread", [2.0, 4.0, 8.0])
def test_spread_of_a_missed_focus(name: str, spread: float) -> None:
    """Within 40 %, in pictures as they are, over a wide range."""
    assert measure_spread(to_grey(blurred(name, spread))) == pytest.approx(spread, rel=0.4)


def test_sharp_pictures_have_hardly_any_blur() -> None:
    """What lens and development leave is not counted."""
    assert measure_spread(to_grey(data.astronaut())) < 0.8


def test_wider_blur_measures_wider() -> None:
    """The order holds for each picture."""
    for name in PICTURES:
        widths = [measure_spread(to_grey(blurred(name, spread))) for spread in (1.0, 2.0, 4.0, 8.0)]
        assert widths == sorted(widths)


def test_width_is_a_share_of_the_long_side() -> None:
    """The diameter of the disc is four spreads; only the box is measured."""
    picture = blurred("coffee", 4.0)
    width = measure_blur_width(picture, Box(0, 0, 1, 1))
    assert width == pytest.approx(16 / 600, rel=0.34)
    half = np.concatenate([data.coffee()[:, :300], picture[:, 300:]], axis=1)
    left, right = (measure_blur_width(half, Box(x, 0.1, x + 0.4, 0.9)) for x in (0.05, 0.55))
    assert left < right / 3


@pytest.mark.parametrize("shape", [(1, 1), (1, 40), (3, 3), (2, 2)])
def test_pictures_without_edges_have_no_blur(shape: tuple[int, int]) -> None:
    """An even picture, and one too small for a gradient, measure 0."""
    assert measure_spread(np.full(shape, 90, np.float32)) == 0
    assert measure_spread(np.full((60, 60), 90, np.float32)) == 0


def test_a_box_at_the_border_is_not_empty() -> None:
    """The smallest box has a pixel; it measures 0."""
    assert measure_blur_width(data.astronaut(), Box(0.999, 0.999, 1, 1)) == 0
