"""Face lightness: on the CIE scale, measured on the cheeks alone."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from autocull.measure.evidence import EyePoints, Face
from autocull.read.photo import Box, Photo
from autocull.train.evaluation.face_lightness import cheek_crops, lightness, measure_portrait
from support.evidence_builders import face


def eye_at(x: float, y: float) -> EyePoints:
    """Make an eye whose corners are 0.05 left and right of a point."""
    return EyePoints((x - 0.05, y), (x + 0.05, y), (x, y - 0.01), (x, y + 0.01))


def face_with(*eyes: EyePoints) -> Face:
    """Make a face with these eyes."""
    return replace(face(), box=Box(0.2, 0.1, 0.8, 0.9), eye_points=eyes)


FRONTAL = face_with(eye_at(0.4, 0.4), eye_at(0.6, 0.4))


@pytest.mark.parametrize(
    ("colour", "expected"),
    [((0, 0, 0), 0.0), ((255, 255, 255), 100.0), ((119, 119, 119), 50.0), ((255, 0, 0), 53.24)],
)
def test_lightness_is_on_the_cie_scale(colour: tuple[int, int, int], expected: float) -> None:
    """Black, white, middle grey and red have their published values."""
    assert lightness(np.full((4, 4, 3), colour, np.uint8)) == pytest.approx(expected, abs=0.1)


def test_dark_lightness_is_on_the_linear_part_of_the_curve() -> None:
    """Below 0.9 % of white L* is proportional to luminance."""
    assert lightness(np.full((1, 1, 3), 8, np.uint8)) == pytest.approx(903.3 * 8 / 255 / 12.92, rel=0.01)


def test_cheeks_are_below_the_eyes() -> None:
    """By 0.6 of the eyes' distance, in a picture that is not square."""
    photo = Photo.from_pixels(np.zeros((200, 400, 3), np.uint8))
    left, right = cheek_crops(FRONTAL, photo)
    assert (left.x, left.y) == pytest.approx((160, 80 + 0.6 * 80))
    assert (right.x, right.y) == pytest.approx((240, 80 + 0.6 * 80))
    assert left.side == pytest.approx(24)


def test_cheeks_follow_the_tilt_of_a_face() -> None:
    """From eye to cheek is a quarter turn clockwise from eye to eye."""
    photo = Photo.from_pixels(np.zeros((100, 100, 3), np.uint8))
    upper, lower = cheek_crops(face_with(eye_at(0.5, 0.4), eye_at(0.5, 0.6)), photo)
    assert (upper.x, upper.y) == pytest.approx((38, 40))
    assert (lower.x, lower.y) == pytest.approx((38, 60))


def test_lightness_is_that_of_the_cheeks() -> None:
    """A white wall and black hair around them have no effect."""
    pixels = np.full((300, 300, 3), 255, np.uint8)
    pixels[:100] = 0
    photo = Photo.from_pixels(pixels)
    for square in cheek_crops(FRONTAL, photo):
        x0, y0, x1, y1 = square.bounds(margin=2)
        pixels[y0:y1, x0:x1] = 119
    measured = measure_portrait(Photo.from_pixels(pixels), [FRONTAL, face_with()])
    assert measured["lightness"] == pytest.approx(50, abs=0.2)
    assert measured["face_size"] == pytest.approx(0.8 * 300)


def test_lightness_without_a_face_is_that_of_the_middle() -> None:
    """There is no face size then; a face whose eyes were not located is measured as a whole."""
    pixels = np.zeros((90, 90, 3), np.uint8)
    pixels[30:60, 30:60] = 119
    assert measure_portrait(Photo.from_pixels(pixels), []) == {"lightness": pytest.approx(50, abs=0.1)}
    pixels[:] = 0
    pixels[9:81, 18:72] = 119
    assert measure_portrait(Photo.from_pixels(pixels), [face_with()])["lightness"] == pytest.approx(
        50, abs=0.1
    )
