"""The camera's steps: each does what its name says, and leaves the rest of the picture alone."""

from __future__ import annotations

import numpy as np
import pytest
from skimage import data

from autocull.arrays import Floats
from autocull.train.synthesis import isp


def dice(seed: int = 3) -> np.random.Generator:
    """Make dice that fall the same in every run."""
    return np.random.default_rng(seed)


@pytest.fixture(scope="module")
def portrait() -> Floats:
    """A sharp picture in linear light."""
    return isp.to_linear(data.astronaut()[60:260, 130:330])


def detail(picture: Floats) -> float:
    """How much happens from pixel to pixel."""
    return float(np.abs(np.diff(picture, axis=1)).mean())


def test_linear_light_and_back_is_the_same_picture() -> None:
    """Undoing the encoding and encoding again changes no level."""
    levels = np.arange(256, dtype=np.uint8).repeat(3).reshape(16, 16, 3)
    assert np.array_equal(isp.to_pixels(isp.to_encoded(isp.to_linear(levels))), levels)


def test_too_much_light_is_clipped() -> None:
    """Beyond the sensor's full there is only white."""
    assert (isp.to_pixels(isp.to_encoded(np.full((2, 2, 3), 7.0, np.float32))) == 255).all()


def test_resizing_keeps_the_light(portrait: Floats) -> None:
    """Smaller and larger pictures are as bright as before, and no light is negative."""
    for factor in (0.5, 0.83, 1.25):
        scaled = isp.resize(portrait, factor)
        assert scaled.shape[:2] == (round(200 * factor), round(200 * factor))
        assert scaled.mean() == pytest.approx(portrait.mean(), rel=0.02)
        assert scaled.min() >= 0


def test_noise_has_the_variance_of_its_model() -> None:
    """Variance is shot x light + read squared: more light, more noise."""
    for light in (0.02, 0.18, 0.7):
        plain = np.full((120, 120, 3), light, np.float32)
        noise = isp.add_sensor_noise(plain, 0.002, 0.01, dice()) - plain
        assert noise.var() == pytest.approx(0.002 * light + 0.01**2, rel=0.05)
        assert abs(noise.mean()) < 1e-3


def test_noise_levels_are_those_that_are_seen() -> None:
    """The stated levels are the deviation of the finished picture."""
    plain = np.full((150, 150, 3), 0.18, np.float32)
    seen = isp.to_encoded(isp.add_sensor_noise(plain, 0.001, 0.004, dice())) * 255
    assert seen.std() == pytest.approx(isp.noise_level(0.001, 0.004), rel=0.06)


@pytest.mark.parametrize("way", ["bilinear", "edges"])
def test_the_colour_filter_leaves_plain_colours_alone(way: isp.Demosaic) -> None:
    """A plain surface comes through the filter with its colour."""
    plain = np.broadcast_to(np.array([0.2, 0.5, 0.7], np.float32), (32, 48, 3))
    assert np.allclose(isp.apply_colour_filter(plain, way)[2:-2, 2:-2], plain[2:-2, 2:-2], atol=1e-4)


def test_the_colour_filter_softens_and_edges_soften_less(portrait: Floats) -> None:
    """What the filter hides is missed; following edges restores more of the picture than averaging."""
    grey = np.repeat(portrait.mean(2, keepdims=True), 3, 2)
    averaged = isp.apply_colour_filter(grey, "bilinear")
    along = isp.apply_colour_filter(grey, "edges")
    assert detail(averaged[..., 1]) < detail(grey[..., 1])
    assert np.abs(along - grey).mean() < np.abs(averaged - grey).mean()


def test_noise_reduction_takes_noise_and_keeps_edges() -> None:
    """Noise on a wall goes, the step between two walls stays."""
    wall = np.full((80, 80, 3), 0.3, np.float32)
    wall[:, 40:] = 0.7
    noisy = wall + dice().normal(0, 8 / 255, wall.shape).astype(np.float32)
    calm = isp.reduce_noise(noisy, 10.0)
    assert calm[:, 5:35].std() < 0.5 * noisy[:, 5:35].std()
    assert calm[:, 45:].mean() - calm[:, :35].mean() == pytest.approx(0.4, abs=0.02)


def test_sharpening_steepens(portrait: Floats) -> None:
    """An unsharp mask adds detail, more of it with its amount, and stays between black and white."""
    finished = isp.to_encoded(portrait)
    some, much = (isp.unsharp_mask(finished, 1.0, amount) for amount in (0.5, 1.5))
    assert detail(finished) < detail(some) < detail(much)
    assert much.min() >= 0
    assert much.max() <= 1


def test_the_tone_curve_bends_the_middle_and_holds_the_ends() -> None:
    """Black and white stay; contrast darkens the shadows; a gamma under 1 lifts the middle."""
    tones = np.linspace(0, 1, 9, dtype=np.float32)[:, None, None].repeat(3, 2)
    steep = isp.apply_tone_curve(tones, 0.4, 1.0)
    assert steep[0, 0, 0] == 0
    assert steep[-1, 0, 0] == pytest.approx(1)
    assert steep[2, 0, 0] < tones[2, 0, 0]
    assert steep[6, 0, 0] > tones[6, 0, 0]
    assert isp.apply_tone_curve(tones, 0.0, 0.8)[4, 0, 0] > tones[4, 0, 0]


def test_jpeg_loses_more_at_lower_quality() -> None:
    """A lower quality is farther from the picture; colour sampling loses colour."""
    picture = data.astronaut()[:128, :128]
    good, bad = (isp.recompress_jpeg(picture, quality).astype(int) - picture for quality in (95, 8))
    assert good.shape == bad.shape
    assert np.abs(bad).mean() > 3 * np.abs(good).mean()
    full, quarter = (isp.recompress_jpeg(picture, 90, subsampling=kind) for kind in (0, 2))
    assert not np.array_equal(full, quarter)


def test_grain_makes_neighbours_err_alike_and_no_more() -> None:
    """The noise stays as strong; without grain each pixel errs for itself."""
    light = np.full((120, 120, 3), 0.25, np.float32)
    fine, coarse = (
        isp.add_sensor_noise(light, 0.01, 0.0, np.random.default_rng(2), grain=px) - light
        for px in (0.0, 0.9)
    )
    assert coarse.std() == pytest.approx(fine.std(), rel=0.05)
    alike = [np.corrcoef(noise[:, 1:, 0].ravel(), noise[:, :-1, 0].ravel())[0, 1] for noise in (fine, coarse)]
    assert abs(alike[0]) < 0.05
    assert alike[1] > 0.5
