"""Blur: kernels keep the light, smear as far as they say, and lose sharpness by measure."""

from __future__ import annotations

import numpy as np
import pytest

from autocull.train.synthesis import blur_kernels


def dice(seed: int = 3) -> np.random.Generator:
    """Make dice that fall the same in every run."""
    return np.random.default_rng(seed)


@pytest.mark.parametrize("radius", [0.05, 0.3, 0.7, 1.0, 2.5, 9.0])
def test_a_disc_keeps_the_light_and_smears_half_its_radius(radius: float) -> None:
    """A disc sums to 1, is symmetric, and its spread is half its radius, at tiny radii too."""
    kernel = blur_kernels.disc_kernel(radius)
    assert kernel.sum() == pytest.approx(1, abs=1e-5)
    assert np.allclose(kernel, kernel[::-1])
    assert np.allclose(kernel, kernel.T)
    assert blur_kernels.kernel_spread(kernel) == pytest.approx(radius / 2, abs=0.32)


def test_a_disc_is_flat_where_a_gaussian_is_not() -> None:
    """Missed focus lights its disc evenly."""
    disc, bell = blur_kernels.disc_kernel(5.0), blur_kernels.gaussian_kernel(2.5)
    assert disc[5, 5] == pytest.approx(disc[5, 8])
    assert (
        bell[bell.shape[0] // 2, bell.shape[0] // 2] > 1.5 * bell[bell.shape[0] // 2, bell.shape[0] // 2 + 3]
    )


@pytest.mark.parametrize("spread", [0.7, 1.0, 3.0])
def test_a_gaussian_smears_by_its_spread(spread: float) -> None:
    """The spread of a gaussian kernel is the one that was asked for."""
    assert blur_kernels.kernel_spread(blur_kernels.gaussian_kernel(spread)) == pytest.approx(spread, rel=0.08)


@pytest.mark.parametrize("length", [3.0, 10.0, 40.0])
def test_a_straight_movement_smears_along_its_whole_length(length: float) -> None:
    """An even movement of length L has the spread L / sqrt(12) along it, and next to none across."""
    kernel = blur_kernels.motion_kernel(length, dice(), bend=0.0)
    assert kernel.sum() == pytest.approx(1, abs=1e-5)
    assert blur_kernels.kernel_spread(kernel) == pytest.approx(length / 12**0.5, rel=0.25, abs=0.35)


def test_a_shaken_movement_is_bent() -> None:
    """With bend the path leaves the straight line: the kernel has a second dimension."""

    def across(kernel: np.ndarray) -> float:
        y, x = (np.arange(side) - (side - 1) / 2 for side in kernel.shape)
        cov = np.array(
            [[kernel.sum(0) @ x**2, y @ kernel @ x], [y @ kernel @ x, kernel.sum(1) @ y**2]], np.float64
        )
        return float(np.linalg.eigvalsh(cov)[0])

    straight = np.mean([across(blur_kernels.motion_kernel(30, dice(seed), bend=0.0)) for seed in range(8)])
    bent = np.mean([across(blur_kernels.motion_kernel(30, dice(seed), bend=1.5)) for seed in range(8)])
    assert bent > 3 * straight


def test_a_film_is_its_frames_and_nothing_between() -> None:
    """So many points, each shared out among four pixels at most, as far apart as the movement is long."""
    film = blur_kernels.motion_kernel(80, dice(), bend=0.0, frames=5)
    assert film.sum() == pytest.approx(1, abs=1e-5)
    assert 5 <= (film > 1e-4).sum() <= 20
    assert blur_kernels.kernel_spread(film) == pytest.approx(80 / 8**0.5, rel=0.05)


def test_movements_go_in_all_directions() -> None:
    """Directions are drawn anew each time: a learner cannot take one for motion."""
    kernels = [blur_kernels.motion_kernel(30, dice(seed), bend=0.0) for seed in range(12)]
    across = [float(k.sum(0) @ np.square(np.arange(k.shape[1]) - k.shape[1] // 2)) for k in kernels]
    assert max(across) > 4 * min(across)


def test_laying_a_kernel_keeps_light_and_size() -> None:
    """Blur moves light and neither adds nor takes any, in the middle of the picture as at its rim."""
    picture = dice().uniform(0, 1, (60, 90, 3)).astype(np.float32)
    smeared = blur_kernels.convolve(picture, blur_kernels.disc_kernel(3.0))
    assert smeared.shape == picture.shape
    assert smeared.dtype == np.float32
    assert smeared.mean() == pytest.approx(picture.mean(), rel=0.02)
    assert smeared.std() < 0.4 * picture.std()
    plain = np.full((40, 40, 3), 0.3, np.float32)
    assert np.allclose(blur_kernels.convolve(plain, blur_kernels.motion_kernel(15, dice())), 0.3, atol=1e-4)


def test_a_point_becomes_the_kernel() -> None:
    """What is laid over a single point of light is the kernel itself, where the point was."""
    point = np.zeros((41, 51, 3), np.float32)
    point[20, 25] = 1
    kernel = blur_kernels.motion_kernel(9, dice(5))
    seen = blur_kernels.convolve(point, kernel)[..., 1]
    high, wide = kernel.shape
    top, left = 20 - high // 2, 25 - wide // 2
    assert np.allclose(seen[top : top + high, left : left + wide], kernel, atol=1e-5)


def test_a_kernel_larger_than_the_picture_is_no_error() -> None:
    """A thumbnail can be blurred by a long movement."""
    assert blur_kernels.convolve(np.ones((9, 12, 3), np.float32), blur_kernels.disc_kernel(20)).shape == (
        9,
        12,
        3,
    )


def test_sharpness_is_lost_gradually() -> None:
    """Up to 0.5 px of spread a photo is sharp, from 1.3 on it is not, between it is a bit of both."""
    assert blur_kernels.sharpness_after(0.0) == blur_kernels.sharpness_after(0.5) == 1.0
    assert blur_kernels.sharpness_after(1.3) == blur_kernels.sharpness_after(9.0) == 0.0
    assert 0.3 < blur_kernels.sharpness_after(0.9) < 0.7
