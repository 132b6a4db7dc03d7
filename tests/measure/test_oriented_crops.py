"""Oriented crops: they show the content of their square, upright and at the right scale."""

from __future__ import annotations

from dataclasses import replace
from math import pi, radians

import numpy as np
import pytest
from PIL import Image

from autocull.measure.oriented_crops import OrientedCrop, crop_native, crop_working
from autocull.read.photo import Photo, Pixels


def ramp(width: int = 400, height: int = 300) -> Pixels:
    """Make a picture whose red is its x and whose green its y, in steps of two pixels."""
    x, y = np.meshgrid(np.arange(width) // 2, np.arange(height) // 2)
    return np.stack([x, y, np.full_like(x, 90)], axis=-1).astype(np.uint8)


def source_position(pixels: Pixels, row: int, column: int) -> tuple[float, float]:
    """Return the position (x, y) in the ramp that a pixel comes from."""
    red, green = pixels[row, column, :2].astype(float) * 2
    return red, green


@pytest.mark.parametrize("size", [20, 50, 100, 160])
def test_upright_square_is_cropped_at_its_position(size: int) -> None:
    """Middle and corners of the crop are those of the square, for any size of the crop."""
    square = OrientedCrop(200.0, 150.0, 100.0)
    for crop in (crop_native(Photo.from_pixels(ramp()), square, size), crop_working(ramp(), square, size)):
        assert crop.shape == (size, size, 3)
        assert source_position(crop, size // 2, size // 2) == pytest.approx((200, 150), abs=6)
        assert source_position(crop, 0, 0) == pytest.approx((150, 100), abs=6)
        assert source_position(crop, size - 1, 0) == pytest.approx((150, 200), abs=6)


def test_turned_square_is_turned_upright() -> None:
    """A square turned clockwise by 90 degrees has its top at the picture's right."""
    crop = crop_working(ramp(), OrientedCrop(200.0, 150.0, 100.0, pi / 2), 100)
    assert source_position(crop, 0, 50) == pytest.approx((250, 150), abs=6)
    assert source_position(crop, 50, 0) == pytest.approx((200, 100), abs=6)


@pytest.mark.parametrize("angle", [-40, -10, 0, 25, 80])
def test_to_picture_inverts_the_crop(angle: float) -> None:
    """A position in the crop is converted to the position in the ramp that it shows."""
    square = OrientedCrop(210.0, 140.0, 120.0, radians(angle))
    crop = crop_working(ramp(), square, 120)
    for x, y in ((30, 30), (90, 20), (60, 100)):
        (position,) = square.to_picture(np.array([[(x + 0.5) / 120, (y + 0.5) / 120]]))
        assert source_position(crop, y, x) == pytest.approx(tuple(position), abs=5)


def test_edge_is_repeated_outside_the_picture() -> None:
    """A square that reaches beyond a corner shows neither black nor another position."""
    square = OrientedCrop(5.0, 5.0, 80.0)
    for crop in (crop_native(Photo.from_pixels(ramp()), square, 80), crop_working(ramp(), square, 80)):
        assert source_position(crop, 0, 0) == (0, 0)
        assert source_position(crop, 79, 79) == pytest.approx((45, 45), abs=5)
        assert (crop[..., 2] == 90).all()


@pytest.mark.parametrize("orientation", [1, 3, 6, 8])
@pytest.mark.parametrize("side", [60.0, 333.0])
def test_orientation_of_the_photo_does_not_matter(orientation: int, side: float) -> None:
    """A photo that is stored turned gives the same crop, also where pixels are averaged."""
    upright = np.asarray(Image.fromarray(ramp()).resize((1000, 750)))
    turns = {1: 0, 3: 2, 6: 1, 8: 3}[orientation]
    stored = Photo.from_pixels(np.rot90(upright, turns), orientation)
    square = OrientedCrop(611.0, 402.0, side, 0.2)
    difference = crop_native(stored, square, 40).astype(int) - crop_native(
        Photo.from_pixels(upright), square, 40
    )
    assert np.abs(difference).max() <= 2


def test_large_square_is_averaged() -> None:
    """Fine stripes become a uniform grey when they are reduced."""
    stripes = np.zeros((800, 800, 3), np.uint8)
    stripes[:, ::2] = 200
    square = OrientedCrop(400.0, 400.0, 600.0)
    for crop in (crop_native(Photo.from_pixels(stripes), square, 50), crop_working(stripes, square, 50)):
        assert np.abs(crop.astype(int) - 100).max() < 12


def test_box_is_the_unturned_square_clipped() -> None:
    """Fractions of the picture, inside 0-1."""
    square = OrientedCrop(20.0, 100.0, 80.0, 0.7)
    assert square.box(400, 200) == pytest.approx((0.0, 0.3, 0.15, 0.7))


@pytest.mark.parametrize("angle", [0.0, 0.5, 1.2, 3.0, -0.8])
def test_bounds_contain_every_corner(angle: float) -> None:
    """No corner of the turned square is outside its bounds, and a larger margin extends them."""
    square = OrientedCrop(150.3, 99.9, 61.0, angle)
    x0, y0, x1, y1 = square.bounds()
    corners = square.to_picture(np.array([[0, 0], [0, 1], [1, 0], [1, 1]], np.float64))
    assert (corners >= (x0, y0)).all()
    assert (corners <= (x1, y1)).all()
    wider = square.bounds(margin=5)
    assert wider[0] < x0
    assert wider[3] > y1


def test_scaling_keeps_the_angle() -> None:
    """Position and side are scaled, the angle is not."""
    square = OrientedCrop(10.0, 20.0, 30.0, 0.4)
    assert square.scaled(2.0) == replace(square, x=20.0, y=40.0, side=60.0)


def test_square_may_be_larger_than_the_picture() -> None:
    """A face that fills a tiny photo has a square that reaches beyond all its edges."""
    tiny = ramp(30, 20)
    square = OrientedCrop(15.0, 10.0, 90.0, 0.3)
    for crop in (crop_native(Photo.from_pixels(tiny), square, 16), crop_working(tiny, square, 16)):
        assert crop.shape == (16, 16, 3)
        assert (crop[..., 2] == 90).all()
