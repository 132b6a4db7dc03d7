"""Tests of view pairs: geometry and correspondence of two views, and the differences between them."""

from __future__ import annotations

import numpy as np
import pytest
from skimage import data

from autocull.read.photo import Pixels
from autocull.train.synthesis.view_pairs import (
    add_photometric_noise,
    apply_homography,
    compute_correspondence,
    sample_view_pair,
    solve_homography,
    warp_picture,
)

SIZE, GRID = 96, 12
COFFEE, CAT = (np.ascontiguousarray(picture[::2, ::2]) for picture in (data.coffee(), data.chelsea()))


def make_gradient() -> Pixels:
    """Make a picture whose red is the position from left to right, and green that from top to bottom."""
    y, x = np.mgrid[0:200, 0:300]
    return np.stack([255 * x / 299, 255 * y / 199, np.zeros_like(x)], -1).astype(np.uint8)


def window_matrix(left: float, top: float, side: float) -> np.ndarray:
    """Return the homography of a square window."""
    return np.array([(side, 0, left), (0, side, top), (0, 0, 1)])


@pytest.fixture(params=range(4))
def rng(request: pytest.FixtureRequest) -> np.random.Generator:
    """Provide four seeded random generators."""
    return np.random.default_rng(request.param)


def test_homography_maps_points_to_targets(rng: np.random.Generator) -> None:
    """Each of the four corners is mapped to its target, and the inverse maps it back."""
    corners = np.array([(0, 0), (1, 0), (1, 1), (0, 1)], float)
    targets = corners + rng.uniform(-0.2, 0.2, (4, 2))
    matrix = solve_homography(corners, targets)
    assert apply_homography(matrix, corners) == pytest.approx(targets)
    assert apply_homography(np.linalg.inv(matrix), targets) == pytest.approx(corners)


def test_view_shows_its_window() -> None:
    """Red and green of the view's corners are those of the window's corners."""
    view = warp_picture(make_gradient(), window_matrix(0.25, 0.5, 0.5), SIZE).astype(float) / 255
    assert view.shape == (SIZE, SIZE, 3)
    assert view[1, 1, :2] == pytest.approx([0.25, 0.5], abs=0.02)
    assert view[-2, -2, :2] == pytest.approx([0.75, 1.0], abs=0.02)


def test_picture_is_mirrored_beyond_its_border() -> None:
    """A view beyond the border of the picture has no black margin."""
    view = warp_picture(make_gradient(), window_matrix(-0.1, 0.1, 0.8), SIZE)
    assert view[:, 1, 0] / 255 == pytest.approx(np.full(SIZE, 0.09), abs=0.02)


def test_correspondence_matches_the_content(rng: np.random.Generator) -> None:
    """The colour of a cell in one view is at its location in the other view."""
    corners = np.array([(0, 0), (1, 0), (1, 1), (0, 1)], float)
    first_matrix, second_matrix = (
        solve_homography(
            corners, (corners + rng.uniform(-0.05, 0.05, (4, 2))) * 0.6 + rng.uniform(0.05, 0.3, 2)
        )
        for _ in range(2)
    )
    first, second = (
        warp_picture(make_gradient(), first_matrix, SIZE),
        warp_picture(make_gradient(), second_matrix, SIZE),
    )
    locations = compute_correspondence(first_matrix, second_matrix, GRID)
    step = SIZE // GRID
    centres = first[step // 2 :: step, step // 2 :: step].reshape(-1, 3).astype(float)
    visible = locations[:, 2] > 0
    assert 20 < visible.sum() <= GRID**2
    x, y = (np.clip(locations[visible, axis] * SIZE, 0, SIZE - 1).astype(int) for axis in (0, 1))
    assert second[y, x].astype(float) == pytest.approx(centres[visible], abs=5)


def test_cells_outside_the_other_view_are_marked() -> None:
    """Adjacent windows share nothing; of a window shifted by half its width, half is in the other."""
    assert not compute_correspondence(window_matrix(0, 0, 0.5), window_matrix(0.5, 0.5, 0.5), GRID)[
        :, 2
    ].any()
    half = compute_correspondence(window_matrix(0, 0, 0.5), window_matrix(0.25, 0, 0.5), GRID)
    assert half[:, 2].mean() == pytest.approx(0.5)


def test_view_pairs_overlap_and_are_reproducible() -> None:
    """Of forty pairs nearly all share a sixth of the cells; a pair can be reproduced by its seed."""
    pairs = [sample_view_pair(COFFEE, CAT, np.random.default_rng(seed), SIZE, GRID) for seed in range(40)]
    shares = np.array([pair.locations[:, 2].mean() for pair in pairs])
    assert np.quantile(shares, 0.05) > 0.16
    assert shares.std() > 0.1
    repeated = sample_view_pair(COFFEE, CAT, np.random.default_rng(3), SIZE, GRID)
    assert all(np.array_equal(expected, actual) for expected, actual in zip(pairs[3], repeated, strict=True))
    for pair in pairs:
        assert pair.first.shape == pair.second.shape == (SIZE, SIZE, 3)
        assert pair.first.dtype == pair.second.dtype == np.uint8
        assert pair.locations.shape == (GRID**2, 3)


def test_occluder_removes_the_cells_that_it_covers() -> None:
    """The pairs that the other picture changes are those with cells that are marked as covered."""
    unoccluded = [
        sample_view_pair(COFFEE, COFFEE, np.random.default_rng(seed), SIZE, GRID) for seed in range(30)
    ]
    red = np.broadcast_to(np.array([255, 0, 0], np.uint8), CAT.shape)
    occluded = [sample_view_pair(COFFEE, red, np.random.default_rng(seed), SIZE, GRID) for seed in range(30)]
    changed = [
        np.abs(a.second.astype(int) - b.second).max() > 40 for a, b in zip(unoccluded, occluded, strict=True)
    ]
    covered = [
        (
            ((pair.locations[:, :2] >= 0) & (pair.locations[:, :2] <= 1)).all(1) & (pair.locations[:, 2] == 0)
        ).any()
        for pair in occluded
    ]
    assert changed == covered
    assert 3 < sum(covered) < 18


def test_photometric_noise_changes_light_colour_and_detail() -> None:
    """Views get darker, brighter and in part grey, and stay correlated with the original."""
    view = warp_picture(COFFEE, window_matrix(0, 0, 1), SIZE)
    noisy_views = [add_photometric_noise(view, np.random.default_rng(seed)) for seed in range(60)]
    light = np.array([each.mean() for each in noisy_views]) / view.mean()
    assert light.min() < 0.5
    assert light.max() > 1.5
    grey = [int(np.ptp(each.astype(int), axis=2).max()) < 3 for each in noisy_views]
    assert 2 < sum(grey) < 25
    correlation = [
        np.corrcoef(each.mean(2).reshape(-1), view.mean(2).reshape(-1))[0, 1] for each in noisy_views
    ]
    assert np.median(correlation) > 0.8
