"""Orientation: eight orientations, and the conversion of boxes."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageOps

from autocull.read.orientation import apply_orientation, stored_box, upright_size
from autocull.read.photo import Box

ORIENTATIONS = range(1, 9)
fractions = st.floats(0, 1)


@st.composite
def boxes(draw: st.DrawFn) -> Box:
    """Draw a box inside the picture."""
    x0, x1 = sorted((draw(fractions), draw(fractions)))
    y0, y1 = sorted((draw(fractions), draw(fractions)))
    return Box(x0, y0, x1, y1)


def stored() -> Image.Image:
    """Make a picture in which every pixel is different."""
    return Image.fromarray(np.arange(6 * 4, dtype=np.uint8).reshape(4, 6) * 10)


@pytest.mark.parametrize("orientation", ORIENTATIONS)
def test_orientation_matches_pillow(orientation: int) -> None:
    """The result equals that of Pillow's exif_transpose, an independent implementation of the standard."""
    image = stored()
    exif = image.getexif()
    exif[0x0112] = orientation
    expected = ImageOps.exif_transpose(image)
    assert np.array_equal(np.asarray(apply_orientation(stored(), orientation)), np.asarray(expected))


@pytest.mark.parametrize("orientation", [0, 9, -1, 1])
def test_invalid_orientations_are_ignored(orientation: int) -> None:
    """A value outside 2-8 leaves the picture unchanged."""
    image = stored()
    assert apply_orientation(image, orientation) is image


@pytest.mark.parametrize("orientation", ORIENTATIONS)
def test_upright_size_matches_the_turned_picture(orientation: int) -> None:
    """The size is computed without turning any pixels."""
    assert upright_size((6, 4), orientation) == apply_orientation(stored(), orientation).size


@pytest.mark.parametrize("orientation", ORIENTATIONS)
@pytest.mark.parametrize(("x", "y"), [(0, 0), (1, 0), (0, 2), (2, 3), (3, 1)])
def test_box_of_a_pixel_is_converted_to_its_stored_position(orientation: int, x: int, y: int) -> None:
    """The box of one upright pixel is converted to that of the stored pixel of the same value."""
    upright = apply_orientation(stored(), orientation)
    width, height = upright.size
    box = stored_box(Box(x / width, y / height, (x + 1) / width, (y + 1) / height), orientation)
    at = (round(box.x0 * 6), round(box.y0 * 4))
    assert stored().getpixel(at) == upright.getpixel((x, y))


@given(boxes(), st.sampled_from(ORIENTATIONS))
def test_converted_boxes_keep_their_area(box: Box, orientation: int) -> None:
    """A box inside the picture is converted to a box inside the stored picture, of the same area."""
    result = stored_box(box, orientation)
    assert 0 <= result.x0 <= result.x1 <= 1
    assert 0 <= result.y0 <= result.y1 <= 1
    area = (box.x1 - box.x0) * (box.y1 - box.y0)
    assert (result.x1 - result.x0) * (result.y1 - result.y0) == pytest.approx(area, abs=1e-12)
