"""Squares: what is cut out of a photo lies where the square says, stands upright and keeps its scale."""

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


def red_and_green(pixels: Pixels, row: int, column: int) -> tuple[float, float]:
    """Read where in the ramp a pixel comes from (x, y)."""
    red, green = pixels[row, column, :2].astype(float) * 2
    return red, green


@pytest.mark.parametrize("size", [20, 50, 100, 160])
def test_an_upright_square_is_cut_where_it_lies(size: int) -> None:
    """Middle and corners of the cut come from the square's, whatever the size of the cut."""
    square = OrientedCrop(200.0, 150.0, 100.0)
    for cut in (crop_native(Photo.from_pixels(ramp()), square, size), crop_working(ramp(), square, size)):
        assert cut.shape == (size, size, 3)
        assert red_and_green(cut, size // 2, size // 2) == pytest.approx((200, 150), abs=6)
        assert red_and_green(cut, 0, 0) == pytest.approx((150, 100), abs=6)
        assert red_and_green(cut, size - 1, 0) == pytest.approx((150, 200), abs=6)


def test_a_turned_square_stands_upright_afterwards() -> None:
    """A square turned clockwise by 90 degrees has its top at the picture's right."""
    cut = crop_working(ramp(), OrientedCrop(200.0, 150.0, 100.0, pi / 2), 100)
    assert red_and_green(cut, 0, 50) == pytest.approx((250, 150), abs=6)
    assert red_and_green(cut, 50, 0) == pytest.approx((200, 100), abs=6)


@pytest.mark.parametrize("angle", [-40, -10, 0, 25, 80])
def test_points_go_back_to_where_their_pixels_came_from(angle: float) -> None:
    """`to_picture` is the inverse of the cut: a place in the cut names the ramp's place that it shows."""
    square = OrientedCrop(210.0, 140.0, 120.0, radians(angle))
    cut = crop_working(ramp(), square, 120)
    for x, y in ((30, 30), (90, 20), (60, 100)):
        (place,) = square.to_picture(np.array([[(x + 0.5) / 120, (y + 0.5) / 120]]))
        assert red_and_green(cut, y, x) == pytest.approx(tuple(place), abs=5)


def test_outside_the_picture_its_edge_repeats() -> None:
    """A square that reaches beyond a corner sees neither black nor another place."""
    square = OrientedCrop(5.0, 5.0, 80.0)
    for cut in (crop_native(Photo.from_pixels(ramp()), square, 80), crop_working(ramp(), square, 80)):
        assert red_and_green(cut, 0, 0) == (0, 0)
        assert red_and_green(cut, 79, 79) == pytest.approx((45, 45), abs=5)
        assert (cut[..., 2] == 90).all()


@pytest.mark.parametrize("orientation", [1, 3, 6, 8])
@pytest.mark.parametrize("side", [60.0, 333.0])
def test_a_turned_photo_is_cut_as_an_upright_one(orientation: int, side: float) -> None:
    """The pixels that the camera stored turned give the same cut, also where they are averaged."""
    upright = np.asarray(Image.fromarray(ramp()).resize((1000, 750)))
    turns = {1: 0, 3: 2, 6: 1, 8: 3}[orientation]
    stored = Photo.from_pixels(np.rot90(upright, turns), orientation)
    square = OrientedCrop(611.0, 402.0, side, 0.2)
    difference = crop_native(stored, square, 40).astype(int) - crop_native(
        Photo.from_pixels(upright), square, 40
    )
    assert np.abs(difference).max() <= 2


def test_a_large_square_is_averaged_and_not_sampled() -> None:
    """Fine stripes become an even grey when they are made smaller."""
    stripes = np.zeros((800, 800, 3), np.uint8)
    stripes[:, ::2] = 200
    square = OrientedCrop(400.0, 400.0, 600.0)
    for cut in (crop_native(Photo.from_pixels(stripes), square, 50), crop_working(stripes, square, 50)):
        assert np.abs(cut.astype(int) - 100).max() < 12


def test_the_box_is_the_square_unturned_and_clipped() -> None:
    """Fractions of the picture, inside 0-1."""
    square = OrientedCrop(20.0, 100.0, 80.0, 0.7)
    assert square.box(400, 200) == pytest.approx((0.0, 0.3, 0.15, 0.7))


@pytest.mark.parametrize("angle", [0.0, 0.5, 1.2, 3.0, -0.8])
def test_the_bounds_hold_every_corner(angle: float) -> None:
    """No corner of the turned square lies outside its bounds, and a larger margin only adds to them."""
    square = OrientedCrop(150.3, 99.9, 61.0, angle)
    x0, y0, x1, y1 = square.bounds()
    corners = square.to_picture(np.array([[0, 0], [0, 1], [1, 0], [1, 1]], np.float64))
    assert (corners >= (x0, y0)).all()
    assert (corners <= (x1, y1)).all()
    wider = square.bounds(margin=5)
    assert wider[0] < x0
    assert wider[3] > y1


def test_scaling_keeps_the_turn() -> None:
    """Place and side scale, the angle does not."""
    square = OrientedCrop(10.0, 20.0, 30.0, 0.4)
    assert square.scaled(2.0) == replace(square, x=20.0, y=40.0, side=60.0)


def test_a_square_larger_than_the_picture_is_cut_too() -> None:
    """A face that fills a tiny photo has a square that reaches beyond all its edges."""
    tiny = ramp(30, 20)
    square = OrientedCrop(15.0, 10.0, 90.0, 0.3)
    for cut in (crop_native(Photo.from_pixels(tiny), square, 16), crop_working(tiny, square, 16)):
        assert cut.shape == (16, 16, 3)
        assert (cut[..., 2] == 90).all()
