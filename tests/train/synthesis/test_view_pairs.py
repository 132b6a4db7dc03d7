"""Views: two looks at one photo show the same things at the places that are said, and differ in all else."""

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
CUP, CAT = (np.ascontiguousarray(picture[::2, ::2]) for picture in (data.coffee(), data.chelsea()))


def places() -> Pixels:
    """A picture whose red says where one is from left to right, and whose green from top to bottom."""
    y, x = np.mgrid[0:200, 0:300]
    return np.stack([255 * x / 299, 255 * y / 199, np.zeros_like(x)], -1).astype(np.uint8)


def shifted(left: float, top: float, side: float) -> np.ndarray:
    """The homography of a window."""
    return np.array([(side, 0, left), (0, side, top), (0, 0, 1)])


@pytest.fixture(params=range(4))
def rng(request: pytest.FixtureRequest) -> np.random.Generator:
    """Some generators."""
    return np.random.default_rng(request.param)


def test_a_homography_takes_its_points_where_they_belong(rng: np.random.Generator) -> None:
    """Each of the four corners lands on its image, and the inverse takes it back."""
    corners = np.array([(0, 0), (1, 0), (1, 1), (0, 1)], float)
    images = corners + rng.uniform(-0.2, 0.2, (4, 2))
    matrix = solve_homography(corners, images)
    assert apply_homography(matrix, corners) == pytest.approx(images)
    assert apply_homography(np.linalg.inv(matrix), images) == pytest.approx(corners)


def test_a_window_shows_its_part_of_the_picture() -> None:
    """Red and green of the view's corners are those of the window's."""
    view = warp_picture(places(), shifted(0.25, 0.5, 0.5), SIZE).astype(float) / 255
    assert view.shape == (SIZE, SIZE, 3)
    assert view[1, 1, :2] == pytest.approx([0.25, 0.5], abs=0.02)
    assert view[-2, -2, :2] == pytest.approx([0.75, 1.0], abs=0.02)


def test_beyond_the_rim_the_picture_is_mirrored() -> None:
    """A view that looks over the rim has no black border."""
    view = warp_picture(places(), shifted(-0.1, 0.1, 0.8), SIZE)
    assert view[:, 1, 0] / 255 == pytest.approx(np.full(SIZE, 0.09), abs=0.02)


def test_the_same_thing_lies_where_it_is_said(rng: np.random.Generator) -> None:
    """What a cell shows in one view is at its place in the other one, as the picture's own colours tell."""
    corners = np.array([(0, 0), (1, 0), (1, 1), (0, 1)], float)
    here, there = (
        solve_homography(
            corners, (corners + rng.uniform(-0.05, 0.05, (4, 2))) * 0.6 + rng.uniform(0.05, 0.3, 2)
        )
        for _ in range(2)
    )
    first, second = warp_picture(places(), here, SIZE), warp_picture(places(), there, SIZE)
    where = compute_correspondence(here, there, GRID)
    step = SIZE // GRID
    middles = first[step // 2 :: step, step // 2 :: step].reshape(-1, 3).astype(float)
    seen = where[:, 2] > 0
    assert 20 < seen.sum() <= GRID**2
    x, y = (np.clip(where[seen, axis] * SIZE, 0, SIZE - 1).astype(int) for axis in (0, 1))
    assert second[y, x].astype(float) == pytest.approx(middles[seen], abs=5)


def test_what_lies_outside_is_said() -> None:
    """Two windows side by side share nothing; half of one shifted by half is in the other."""
    assert not compute_correspondence(shifted(0, 0, 0.5), shifted(0.5, 0.5, 0.5), GRID)[:, 2].any()
    half = compute_correspondence(shifted(0, 0, 0.5), shifted(0.25, 0, 0.5), GRID)
    assert half[:, 2].mean() == pytest.approx(0.5)


def test_two_views_share_enough_and_the_generator_alone_decides() -> None:
    """Of forty pairs nearly all have a sixth of the cells in common; a pair can be taken again."""
    pairs = [sample_view_pair(CUP, CAT, np.random.default_rng(seed), SIZE, GRID) for seed in range(40)]
    shares = np.array([pair.locations[:, 2].mean() for pair in pairs])
    assert np.quantile(shares, 0.05) > 0.16
    assert shares.std() > 0.1
    again = sample_view_pair(CUP, CAT, np.random.default_rng(3), SIZE, GRID)
    assert all(np.array_equal(one, other) for one, other in zip(pairs[3], again, strict=True))
    for pair in pairs:
        assert pair.first.shape == pair.second.shape == (SIZE, SIZE, 3)
        assert pair.first.dtype == pair.second.dtype == np.uint8
        assert pair.locations.shape == (GRID**2, 3)


def test_a_visitor_covers_what_cannot_be_found_again() -> None:
    """With another picture at hand, some pairs lose places that they have where nobody comes in."""
    plain = [sample_view_pair(CUP, CUP, np.random.default_rng(seed), SIZE, GRID) for seed in range(30)]
    red = np.broadcast_to(np.array([255, 0, 0], np.uint8), CAT.shape)
    other = [sample_view_pair(CUP, red, np.random.default_rng(seed), SIZE, GRID) for seed in range(30)]
    changed = [np.abs(a.second.astype(int) - b.second).max() > 40 for a, b in zip(plain, other, strict=True)]
    inside = [
        (
            ((pair.locations[:, :2] >= 0) & (pair.locations[:, :2] <= 1)).all(1) & (pair.locations[:, 2] == 0)
        ).any()
        for pair in other
    ]
    assert changed == inside
    assert 3 < sum(inside) < 18


def test_a_disturbed_view_differs_in_light_colour_and_detail() -> None:
    """Darker and brighter by up to three steps, at times grey: but always the same scene."""
    view = warp_picture(CUP, shifted(0, 0, 1), SIZE)
    taken = [add_photometric_noise(view, np.random.default_rng(seed)) for seed in range(60)]
    light = np.array([each.mean() for each in taken]) / view.mean()
    assert light.min() < 0.5
    assert light.max() > 1.5
    grey = [int(np.ptp(each.astype(int), axis=2).max()) < 3 for each in taken]
    assert 2 < sum(grey) < 25
    alike = [np.corrcoef(each.mean(2).reshape(-1), view.mean(2).reshape(-1))[0, 1] for each in taken]
    assert np.median(alike) > 0.8
