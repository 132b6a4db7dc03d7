"""Artifact features: noise, motion blur and JPEG blocks raise their numbers; mirroring changes none."""

from __future__ import annotations

from io import BytesIO

import numpy as np
import pytest
from PIL import Image
from skimage import data

from autocull.measure.artifact_features import (
    GRAIN_COUNT,
    SMEAR_COUNT,
    block_features,
    grain_features,
    smear_features,
)
from autocull.read.photo import Pixels
from autocull.train.synthesis import blur_kernels, isp


def uniform(height: int, width: int, level: int = 120) -> Pixels:
    """Make a uniform picture."""
    return np.full((height, width, 3), level, np.uint8)


def tiles(picture: Pixels, side: int = 96) -> Pixels:
    """Return nine tiles from the middle of a picture."""
    corners = [(y, x) for y in (60, 160, 260) for x in (60, 160, 260)]
    return np.stack([picture[y : y + side, x : x + side] for y, x in corners])


def motion_blurred(length: float) -> Pixels:
    """Return the astronaut with motion blur of that many pixels along a straight line."""
    kernel = blur_kernels.motion_kernel(length, np.random.default_rng(3), bend=0.0)
    return isp.to_pixels(isp.to_encoded(blur_kernels.convolve(isp.to_linear(data.astronaut()), kernel)))


def with_noise(deviation: float) -> Pixels:
    """Return the astronaut with white noise of that many grey levels."""
    noise = np.random.default_rng(0).normal(0, deviation, data.astronaut().shape)
    return (data.astronaut() * 0.8 + 25 + noise).clip(0, 255).astype(np.uint8)


def compressed(picture: Pixels, quality: int) -> Pixels:
    """Return the picture after saving it as JPEG."""
    file = BytesIO()
    Image.fromarray(picture).save(file, "JPEG", quality=quality)
    return np.asarray(Image.open(file))


def test_uniform_steps_have_no_blocks() -> None:
    """A uniform picture and a ramp have no grid: all numbers are 0."""
    ramp = (np.arange(96, dtype=np.uint8) * 2)[None, :, None].repeat(96, 0).repeat(3, 2)
    for picture in (uniform(96, 96), ramp):
        assert block_features(picture[None], 8) == pytest.approx(0, abs=0.05)


@pytest.mark.parametrize("shift", [0, 3, 7])
def test_blocks_are_measured_at_any_offset(shift: int) -> None:
    """The lower the JPEG quality, the larger the first number of both directions, at any offset."""
    picture = data.astronaut()[100:300, 100:300]
    first = []
    for quality in (95, 30, 8):
        patch = compressed(picture, quality)[shift : shift + 96, shift : shift + 96]
        blocks = block_features(patch[None], 8)
        assert blocks.shape == (16,)
        assert (np.diff(blocks[:8]) <= 0).all()
        assert (np.diff(blocks[8:]) <= 0).all()
        first.append(blocks[[0, 8]])
    assert (first[0] < first[1]).all()
    assert (first[1] < first[2]).all()


def test_mirroring_does_not_change_the_features() -> None:
    """So training may mirror the pixels and keep the features."""
    original, mirrored = tiles(data.astronaut()), tiles(data.astronaut())[:, :, ::-1]
    assert np.allclose(smear_features(original), smear_features(mirrored), atol=1e-4)
    assert np.allclose(grain_features(original), grain_features(mirrored), atol=0.05), (
        "but for the squares at the rim"
    )


def test_features_have_their_count_and_are_finite() -> None:
    """Black and white tiles too."""
    for patches in (tiles(data.astronaut()), uniform(96, 96, 0)[None], uniform(96, 96, 255)[None]):
        assert smear_features(patches).shape == (SMEAR_COUNT,) == (20,)
        assert grain_features(patches).shape == (GRAIN_COUNT,) == (12,)
        assert np.isfinite(smear_features(patches)).all()
        assert np.isfinite(grain_features(patches)).all()
        assert smear_features(patches).dtype == grain_features(patches).dtype == np.float32


def test_noise_raises_every_grain_feature() -> None:
    """More noise, higher numbers, in luma and in colour, at both resolutions."""
    little, some, much = (grain_features(tiles(with_noise(deviation))) for deviation in (1, 6, 20))
    assert (little < some).all()
    assert (some < much).all()


@pytest.mark.parametrize("deviation", [2.0, 8.0])
def test_noise_of_a_uniform_picture_is_its_deviation(deviation: float) -> None:
    """The middle number is the noise's standard deviation in grey levels, as log2."""
    noise = np.random.default_rng(1).normal(0, deviation, (8, 96, 96, 1))
    wall = (120 + noise).round().clip(0, 255).astype(np.uint8).repeat(3, 3)
    measured = 2 ** (4 * grain_features(wall)[1] + 2) - 0.25
    assert measured == pytest.approx(deviation, rel=0.12)


def test_clipped_squares_are_ignored() -> None:
    """A noisy photo with a black border is as noisy as without it; an all black one has no noise."""
    noisy = tiles(with_noise(12))
    bordered = np.concatenate([noisy, np.zeros((20, 96, 96, 3), np.uint8)])
    assert grain_features(bordered) == pytest.approx(grain_features(noisy), abs=0.01)
    assert (grain_features(uniform(96, 96, 0)[None]) == -1).all()


def test_motion_blur_reduces_the_steps_along_it() -> None:
    """The longer, the fewer; and the picture stays similar further along the motion than across it."""
    still, short, long = (smear_features(tiles(motion_blurred(length))) for length in (0.1, 5, 20))
    least, steepest = 1, 3
    for number in (least, steepest):
        assert still[number] > short[number] > long[number]
    along, across = long[12:16], long[16:20]
    assert (across - along)[:3].min() > 0.05
    assert along[0] < short[12] < still[12]


def test_tiles_agree_on_the_direction_of_motion_only() -> None:
    """Defocus leaves the agreement unchanged, motion blur raises it."""
    picture = isp.to_linear(data.astronaut())
    soft = isp.to_pixels(isp.to_encoded(blur_kernels.convolve(picture, blur_kernels.disc_kernel(4.0))))
    agreement = 2
    assert smear_features(tiles(motion_blurred(15)))[agreement] > smear_features(tiles(soft))[agreement] + 0.1
    turned = np.stack([np.rot90(tile, turn % 2) for turn, tile in enumerate(tiles(motion_blurred(15)))])
    assert smear_features(turned)[agreement] < smear_features(tiles(motion_blurred(15)))[agreement] - 0.2
