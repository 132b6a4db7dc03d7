"""Tests of the blur kernels: they keep the light, have their spread, and lower the sharpness gradually."""

from __future__ import annotations

import numpy as np
import pytest

from autocull.train.synthesis import blur_kernels


def make_rng(seed: int = 3) -> np.random.Generator:
    """Make a seeded random generator."""
    return np.random.default_rng(seed)


@pytest.mark.parametrize("radius", [0.05, 0.3, 0.7, 1.0, 2.5, 9.0])
def test_spread_of_a_disc_is_half_its_radius(radius: float) -> None:
    """A disc sums to 1 and is symmetric, and its spread is half its radius; also at tiny radii."""
    kernel = blur_kernels.disc_kernel(radius)
    assert kernel.sum() == pytest.approx(1, abs=1e-5)
    assert np.allclose(kernel, kernel[::-1])
    assert np.allclose(kernel, kernel.T)
    assert blur_kernels.kernel_spread(kernel) == pytest.approx(radius / 2, abs=0.32)


def test_disc_is_flat_and_gaussian_is_not() -> None:
    """A disc has one value inside; a Gaussian of the same spread falls from its centre."""
    disc, bell = blur_kernels.disc_kernel(5.0), blur_kernels.gaussian_kernel(2.5)
    assert disc[5, 5] == pytest.approx(disc[5, 8])
    assert (
        bell[bell.shape[0] // 2, bell.shape[0] // 2] > 1.5 * bell[bell.shape[0] // 2, bell.shape[0] // 2 + 3]
    )


@pytest.mark.parametrize("spread", [0.7, 1.0, 3.0])
def test_gaussian_kernel_has_its_spread(spread: float) -> None:
    """The measured spread of a Gaussian kernel is the requested one."""
    assert blur_kernels.kernel_spread(blur_kernels.gaussian_kernel(spread)) == pytest.approx(spread, rel=0.08)


@pytest.mark.parametrize("length", [3.0, 10.0, 40.0])
def test_straight_motion_has_the_spread_of_its_length(length: float) -> None:
    """A straight movement of length L has the spread L / sqrt(12) along it."""
    kernel = blur_kernels.motion_kernel(length, make_rng(), bend=0.0)
    assert kernel.sum() == pytest.approx(1, abs=1e-5)
    assert blur_kernels.kernel_spread(kernel) == pytest.approx(length / 12**0.5, rel=0.25, abs=0.35)


def test_bend_curves_the_motion() -> None:
    """With `bend` the kernel also has a spread across its main direction."""

    def spread_across(kernel: np.ndarray) -> float:
        y, x = (np.arange(side) - (side - 1) / 2 for side in kernel.shape)
        cov = np.array(
            [[kernel.sum(0) @ x**2, y @ kernel @ x], [y @ kernel @ x, kernel.sum(1) @ y**2]], np.float64
        )
        return float(np.linalg.eigvalsh(cov)[0])

    straight = np.mean(
        [spread_across(blur_kernels.motion_kernel(30, make_rng(seed), bend=0.0)) for seed in range(8)]
    )
    bent = np.mean(
        [spread_across(blur_kernels.motion_kernel(30, make_rng(seed), bend=1.5)) for seed in range(8)]
    )
    assert bent > 3 * straight


def test_film_kernel_consists_of_its_frames() -> None:
    """It has one point per frame, each on four pixels at most, over the length of the movement."""
    film = blur_kernels.motion_kernel(80, make_rng(), bend=0.0, frames=5)
    assert film.sum() == pytest.approx(1, abs=1e-5)
    assert 5 <= (film > 1e-4).sum() <= 20
    assert blur_kernels.kernel_spread(film) == pytest.approx(80 / 8**0.5, rel=0.05)


def test_motion_has_random_directions() -> None:
    """The direction is sampled for each kernel, so that a network cannot learn one direction as motion."""
    kernels = [blur_kernels.motion_kernel(30, make_rng(seed), bend=0.0) for seed in range(12)]
    across = [float(k.sum(0) @ np.square(np.arange(k.shape[1]) - k.shape[1] // 2)) for k in kernels]
    assert max(across) > 4 * min(across)


def test_convolution_keeps_light_and_size() -> None:
    """Blur keeps the mean light, in the middle of the picture as at its border."""
    picture = make_rng().uniform(0, 1, (60, 90, 3)).astype(np.float32)
    blurred = blur_kernels.convolve(picture, blur_kernels.disc_kernel(3.0))
    assert blurred.shape == picture.shape
    assert blurred.dtype == np.float32
    assert blurred.mean() == pytest.approx(picture.mean(), rel=0.02)
    assert blurred.std() < 0.4 * picture.std()
    plain = np.full((40, 40, 3), 0.3, np.float32)
    assert np.allclose(
        blur_kernels.convolve(plain, blur_kernels.motion_kernel(15, make_rng())), 0.3, atol=1e-4
    )


def test_convolving_a_point_returns_the_kernel() -> None:
    """The convolution of a single point of light is the kernel, centred on the point."""
    point = np.zeros((41, 51, 3), np.float32)
    point[20, 25] = 1
    kernel = blur_kernels.motion_kernel(9, make_rng(5))
    blurred = blur_kernels.convolve(point, kernel)[..., 1]
    high, wide = kernel.shape
    top, left = 20 - high // 2, 25 - wide // 2
    assert np.allclose(blurred[top : top + high, left : left + wide], kernel, atol=1e-5)


def test_kernel_may_be_larger_than_the_picture() -> None:
    """A tiny picture can be blurred by a large kernel."""
    assert blur_kernels.convolve(np.ones((9, 12, 3), np.float32), blur_kernels.disc_kernel(20)).shape == (
        9,
        12,
        3,
    )


def test_sharpness_falls_gradually() -> None:
    """Up to 0.5 px of spread the sharpness is 1, from 1.3 px on it is 0, with values between in between."""
    assert blur_kernels.sharpness_after(0.0) == blur_kernels.sharpness_after(0.5) == 1.0
    assert blur_kernels.sharpness_after(1.3) == blur_kernels.sharpness_after(9.0) == 0.0
    assert 0.3 < blur_kernels.sharpness_after(0.9) < 0.7
