"""Exposure: percentiles and clipped shares of the luma."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from autocull.measure.evidence import Face, SubjectLight
from autocull.measure.exposure import count_small_lights, measure_exposure, measure_white
from autocull.read.photo import Box, Photo, Pixels


def test_uniform_grey_photo_has_one_tone() -> None:
    """All percentiles are that tone and nothing is clipped."""
    exposure = measure_exposure(Photo.from_pixels(np.full((40, 60, 3), 128, np.uint8)))
    assert exposure.low == exposure.median == exposure.high == pytest.approx(128 / 255)
    assert exposure.clipped_dark == exposure.clipped_bright == 0


def test_percentiles_of_a_ramp() -> None:
    """The 5th, 50th and 95th percentile of a ramp are at these shares of the range."""
    ramp = np.linspace(0, 255, 256, dtype=np.uint8)[None, :, None].repeat(50, 0).repeat(3, 2)
    exposure = measure_exposure(Photo.from_pixels(ramp))
    assert exposure.low == pytest.approx(0.05, abs=0.01)
    assert exposure.median == pytest.approx(0.5, abs=0.01)
    assert exposure.high == pytest.approx(0.95, abs=0.01)


@pytest.mark.parametrize("share", [0.1, 0.5])
def test_clipped_areas_are_shares_of_the_photo(share: float) -> None:
    """Black and white areas are counted separately, as shares of the whole."""
    picture = np.full((100, 100, 3), 120, np.uint8)
    picture[: round(100 * share)] = 0
    picture[-20:] = 255
    exposure = measure_exposure(Photo.from_pixels(picture))
    assert exposure.clipped_dark == pytest.approx(share)
    assert exposure.clipped_bright == pytest.approx(0.2)


def test_nearly_black_is_clipped_and_deep_shadow_is_not() -> None:
    """JPEG leaves black uneven by a few levels; a shadow with detail in it is not clipped."""
    black, shadow = (np.full((20, 20, 3), level, np.uint8) for level in (3, 14))
    assert measure_exposure(Photo.from_pixels(black)).clipped_dark == 1
    assert measure_exposure(Photo.from_pixels(shadow)).clipped_dark == 0


def test_green_weighs_more_than_blue() -> None:
    """Luma follows the eye's sensitivity: pure green is brighter than pure blue."""
    green, blue = np.zeros((10, 10, 3), np.uint8), np.zeros((10, 10, 3), np.uint8)
    green[..., 1] = blue[..., 2] = 255
    assert (
        measure_exposure(Photo.from_pixels(green)).median
        > 3 * measure_exposure(Photo.from_pixels(blue)).median
    )


def starry_sky(stars: int, level: int = 25, seed: int = 0) -> Pixels:
    """Make a dark, slightly noisy sky with this many stars of a few pixels."""
    rng = np.random.default_rng(seed)
    sky = rng.normal(level, 2, (400, 600, 1)).repeat(3, 2)
    for _ in range(stars):
        y, x = rng.integers(2, 396), rng.integers(2, 596)
        sky[y : y + 2, x : x + 2] += rng.uniform(60, 200)
    return np.clip(sky, 0, 255).astype(np.uint8)


def test_stars_are_small_lights_in_the_dark() -> None:
    """More stars fill more blocks; an even sky, its noise included, has none."""
    shares = [count_small_lights(starry_sky(stars)) for stars in (0, 100, 400)]
    assert shares[0] == 0
    assert 0.03 < shares[1] < shares[2] < 0.6


def test_edges_noise_and_large_lights_are_no_small_lights() -> None:
    """A lit window, a bright half and strong noise stand out of no block."""
    window, half = np.full((400, 600, 3), 20, np.uint8), np.full((400, 600, 3), 20, np.uint8)
    window[104:200, 104:200] = 220
    half[:, 296:] = 180
    noise = np.random.default_rng(0).normal(30, 9, (400, 600, 1)).repeat(3, 2).clip(0, 255).astype(np.uint8)
    for picture in (window, half, noise):
        assert count_small_lights(picture) < 0.02


def test_small_lights_are_counted_in_dark_pictures_only() -> None:
    """By day, small bright points are leaves and gravel; a picture smaller than a block is no error."""
    dark, day = (measure_exposure(Photo.from_pixels(starry_sky(300, level))) for level in (25, 130))
    assert dark.lights > 0.1
    assert day.lights == 0
    assert count_small_lights(np.zeros((5, 40, 3), np.uint8)) == 0


def make_face(box: Box, prominence: float = 1.0, mesh_score: float = 1.0) -> Face:
    """Make a face at `box`."""
    return Face(box, 0.9, prominence, mesh_score)


def subject_of(picture: Pixels, faces: list[Face], region: Box | None = None) -> SubjectLight | None:
    """Measure the light of the subject."""
    return measure_exposure(Photo.from_pixels(picture), faces, region).subject


def test_the_subjects_light_is_that_of_the_most_prominent_face() -> None:
    """Neither the window behind it nor a smaller face counts; the hair around the face does not either."""
    window = np.full((200, 300, 3), 255, np.uint8)
    window[50:150, 100:180] = 10
    window[70:140, 112:168] = 140
    main, small = make_face(Box(100 / 300, 0.25, 180 / 300, 0.75)), make_face(Box(0, 0, 0.3, 0.3), 0.4)
    light = subject_of(window, [small, main])
    assert light == SubjectLight(140 / 255, 140 / 255, 0.0, is_face=True)
    assert subject_of(window, [small]) == SubjectLight(1.0, 1.0, 1.0, is_face=True)


def test_small_and_doubtful_faces_leave_the_region() -> None:
    """A face of less than 2 % of the picture, or one that the mesh does not confirm, is not the subject."""
    picture = np.full((200, 200, 3), 60, np.uint8)
    picture[100:] = 200
    region = Box(0, 0.5, 1, 1)
    for face in (make_face(Box(0, 0, 0.14, 0.14)), make_face(Box(0, 0, 0.5, 0.5), mesh_score=0.3)):
        assert subject_of(picture, [face], region) == SubjectLight(200 / 255, 200 / 255, 0.0, is_face=False)
    assert subject_of(picture, []) is None
    assert subject_of(picture, [], Box(1.2, 0, 1.4, 1)) is None


def test_a_face_that_leaves_the_picture_is_measured_inside() -> None:
    """Boxes of faces may reach beyond the border."""
    light = subject_of(np.full((100, 100, 3), 80, np.uint8), [make_face(Box(-0.3, -0.2, 0.5, 0.6))])
    assert light is not None
    assert light.median == pytest.approx(80 / 255)


def test_one_burnt_channel_is_white() -> None:
    """A red dress burns out in one channel while its luma is moderate."""
    picture = np.full((10, 10, 3), 90, np.uint8)
    picture[:3, :, 0] = 255
    assert measure_white(picture) == pytest.approx(0.3)


def test_the_sensors_white_is_that_of_the_reader() -> None:
    """It is counted where the RAW file is open."""
    photo = replace(Photo.from_pixels(np.full((20, 20, 3), 255, np.uint8)), sensor_white=0.25)
    assert measure_exposure(photo).sensor_white == 0.25
