"""Tests of the steps of image signal processing, each by itself."""

from __future__ import annotations

import numpy as np
import pytest
from skimage import data

from autocull.arrays import Floats
from autocull.train.synthesis import isp


def make_rng(seed: int = 3) -> np.random.Generator:
    """Make a seeded random generator."""
    return np.random.default_rng(seed)


@pytest.fixture(scope="module")
def portrait() -> Floats:
    """A sharp picture in linear light."""
    return isp.to_linear(data.astronaut()[60:260, 130:330])


def mean_detail(picture: Floats) -> float:
    """Return the mean difference between neighbour pixels."""
    return float(np.abs(np.diff(picture, axis=1)).mean())


def test_encoding_inverts_decoding() -> None:
    """Decoding to linear light and encoding again changes no level."""
    levels = np.arange(256, dtype=np.uint8).repeat(3).reshape(16, 16, 3)
    assert np.array_equal(isp.to_pixels(isp.to_encoded(isp.to_linear(levels))), levels)


def test_light_above_saturation_is_clipped() -> None:
    """Light above 1 becomes white."""
    assert (isp.to_pixels(isp.to_encoded(np.full((2, 2, 3), 7.0, np.float32))) == 255).all()


def test_resizing_keeps_the_mean_light(portrait: Floats) -> None:
    """Reduced and enlarged pictures have the same mean, and no negative light."""
    for factor in (0.5, 0.83, 1.25):
        scaled = isp.resize(portrait, factor)
        assert scaled.shape[:2] == (round(200 * factor), round(200 * factor))
        assert scaled.mean() == pytest.approx(portrait.mean(), rel=0.02)
        assert scaled.min() >= 0


def test_noise_has_the_variance_of_its_model() -> None:
    """The variance is shot x light + read squared, and the mean is 0."""
    for light in (0.02, 0.18, 0.7):
        plain = np.full((120, 120, 3), light, np.float32)
        noise = isp.add_sensor_noise(plain, 0.002, 0.01, make_rng()) - plain
        assert noise.var() == pytest.approx(0.002 * light + 0.01**2, rel=0.05)
        assert abs(noise.mean()) < 1e-3


def test_noise_level_matches_the_encoded_picture() -> None:
    """`noise_level` returns the standard deviation of the encoded picture."""
    plain = np.full((150, 150, 3), 0.18, np.float32)
    encoded = isp.to_encoded(isp.add_sensor_noise(plain, 0.001, 0.004, make_rng())) * 255
    assert encoded.std() == pytest.approx(isp.noise_level(0.001, 0.004), rel=0.06)


@pytest.mark.parametrize("method", ["bilinear", "edges"])
def test_colour_filter_keeps_plain_colours(method: isp.Demosaic) -> None:
    """A plain surface keeps its colour."""
    plain = np.broadcast_to(np.array([0.2, 0.5, 0.7], np.float32), (32, 48, 3))
    assert np.allclose(isp.apply_colour_filter(plain, method)[2:-2, 2:-2], plain[2:-2, 2:-2], atol=1e-4)


def test_edge_demosaicing_is_sharper_than_bilinear(portrait: Floats) -> None:
    """Demosaicing loses detail; "edges" is closer to the original than "bilinear"."""
    grey = np.repeat(portrait.mean(2, keepdims=True), 3, 2)
    bilinear = isp.apply_colour_filter(grey, "bilinear")
    edges = isp.apply_colour_filter(grey, "edges")
    assert mean_detail(bilinear[..., 1]) < mean_detail(grey[..., 1])
    assert np.abs(edges - grey).mean() < np.abs(bilinear - grey).mean()


def test_noise_reduction_keeps_edges() -> None:
    """Noise on plain surfaces is reduced, and the step between them stays."""
    wall = np.full((80, 80, 3), 0.3, np.float32)
    wall[:, 40:] = 0.7
    noisy = wall + make_rng().normal(0, 8 / 255, wall.shape).astype(np.float32)
    reduced = isp.reduce_noise(noisy, 10.0)
    assert reduced[:, 5:35].std() < 0.5 * noisy[:, 5:35].std()
    assert reduced[:, 45:].mean() - reduced[:, :35].mean() == pytest.approx(0.4, abs=0.02)


def test_sharpening_adds_detail(portrait: Floats) -> None:
    """An unsharp mask adds detail in proportion to its amount, and its result stays in 0-1."""
    finished = isp.to_encoded(portrait)
    some, much = (isp.unsharp_mask(finished, 1.0, amount) for amount in (0.5, 1.5))
    assert mean_detail(finished) < mean_detail(some) < mean_detail(much)
    assert much.min() >= 0
    assert much.max() <= 1


def test_tone_curve_keeps_black_and_white() -> None:
    """Contrast darkens the shadows and lifts the highlights; a gamma below 1 lifts the middle."""
    tones = np.linspace(0, 1, 9, dtype=np.float32)[:, None, None].repeat(3, 2)
    steep = isp.apply_tone_curve(tones, 0.4, 1.0)
    assert steep[0, 0, 0] == 0
    assert steep[-1, 0, 0] == pytest.approx(1)
    assert steep[2, 0, 0] < tones[2, 0, 0]
    assert steep[6, 0, 0] > tones[6, 0, 0]
    assert isp.apply_tone_curve(tones, 0.0, 0.8)[4, 0, 0] > tones[4, 0, 0]


def test_lower_jpeg_quality_loses_more() -> None:
    """A lower quality is farther from the original; colour subsampling changes the picture."""
    picture = data.astronaut()[:128, :128]
    good, bad = (isp.recompress_jpeg(picture, quality).astype(int) - picture for quality in (95, 8))
    assert good.shape == bad.shape
    assert np.abs(bad).mean() > 3 * np.abs(good).mean()
    full, quarter = (isp.recompress_jpeg(picture, 90, subsampling=kind) for kind in (0, 2))
    assert not np.array_equal(full, quarter)


def test_grain_correlates_neighbours() -> None:
    """The noise is as strong with grain as without, where the noise of neighbours is independent."""
    light = np.full((120, 120, 3), 0.25, np.float32)
    fine, coarse = (
        isp.add_sensor_noise(light, 0.01, 0.0, np.random.default_rng(2), grain=px) - light
        for px in (0.0, 0.9)
    )
    assert coarse.std() == pytest.approx(fine.std(), rel=0.05)
    correlation = [
        np.corrcoef(noise[:, 1:, 0].ravel(), noise[:, :-1, 0].ravel())[0, 1] for noise in (fine, coarse)
    ]
    assert abs(correlation[0]) < 0.05
    assert correlation[1] > 0.5
