"""Tiles: cropped at one scale for all cameras, where there is most structure."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from skimage import data

from autocull.measure import tiles
from autocull.measure.tiles import (
    crop_tile,
    fit_tile,
    make_grid,
    measure_texture,
    reference_scale,
    tile_around,
    to_grey,
)
from autocull.read.photo import Box, Photo, Pixels


def uniform(height: int, width: int, level: int = 120) -> Pixels:
    """Make a uniform picture."""
    return np.full((height, width, 3), level, np.uint8)


@pytest.mark.parametrize(
    ("width", "height", "scale"),
    [
        (500, 375, 1),
        (3008, 2000, 1),
        (4000, 6000, 2),
        (6000, 4000, 2),
        (8256, 5504, 3),
        (11648, 8736, 4),
        (1, 1, 1),
    ],
)
def test_reference_scale(width: int, height: int, scale: int) -> None:
    """The long side is reduced to about 3000 px by an integer; small photos are not enlarged."""
    assert reference_scale(width, height) == scale


@given(st.integers(1, 900), st.integers(1, 900), st.integers(1, 30))
def test_grids_fit_every_picture(width: int, height: int, max_cells: int) -> None:
    """Any shape has between one and `max_cells` tiles, all inside the picture."""
    grid = make_grid(Photo.from_pixels(uniform(height, width)), 96, max_cells)
    assert 1 <= grid.rows * grid.columns <= max_cells
    assert len(grid.boxes) == grid.rows * grid.columns
    for box in grid.boxes:
        assert 0 <= box.x0 < box.x1 <= 1 + 1e-9
        assert 0 <= box.y0 < box.y1 <= 1 + 1e-9


def test_cells_are_nearly_square() -> None:
    """A landscape photo has more columns than rows, a portrait more rows, a square as many."""
    shapes = [
        make_grid(Photo.from_pixels(uniform(h, w)), 96, 20) for h, w in ((600, 900), (900, 600), (800, 800))
    ]
    assert [(grid.rows, grid.columns) for grid in shapes] == [(4, 5), (5, 4), (4, 4)]


def test_tiles_are_where_the_structure_is() -> None:
    """A small pattern in an otherwise uniform cell attracts that cell's tile; tiles stay in their cells."""
    picture = uniform(600, 900)
    rng = np.random.default_rng(0)
    picture[20:70, 830:880] = rng.integers(0, 255, (50, 50, 3))
    grid = make_grid(Photo.from_pixels(picture), 96, 20)
    corner = grid.boxes[grid.columns - 1]
    assert corner.x0 <= 835 / 900
    assert corner.x1 >= 875 / 900
    assert corner.y0 <= 25 / 600
    assert corner.y1 >= 65 / 600
    for index, box in enumerate(grid.boxes):
        row, column = divmod(index, grid.columns)
        assert column / grid.columns - 0.06 <= (box.x0 + box.x1) / 2 <= (column + 1) / grid.columns + 0.06
        assert row / grid.rows - 0.09 <= (box.y0 + box.y1) / 2 <= (row + 1) / grid.rows + 0.09


def test_structure_in_both_directions_is_preferred() -> None:
    """Blur along an edge is invisible: corners are preferred to a stronger straight edge."""
    picture = uniform(200, 400, 40)
    picture[:, 60:] = 255  # one strong edge, upright
    picture[40:160, 250:340] = 255
    picture[60:140:16, 260:330] = 140
    picture[60:140, 260:330:16] = 140
    (box,) = make_grid(Photo.from_pixels(picture), 96, 1).boxes
    assert box.x0 > 0.4


def test_tile_is_the_same_at_every_resolution() -> None:
    """One picture as a 3, 6 and 9 thousand pixel photo gives the same tile: 45 MP are not softer than 6."""
    base = Image.fromarray(data.astronaut()[:400, :400])
    crops = []
    for side in (3000, 6000, 9000):
        large = np.asarray(base.resize((side, side // 25), Image.Resampling.NEAREST, box=(0, 100, 400, 116)))
        photo = Photo.from_pixels(large)
        crops.append(crop_tile(photo, tile_around(photo, 0.5, 0.5, 96), 96).astype(int))
    for other in crops[1:]:
        assert np.abs(other - crops[0]).mean() < 6


def test_tile_around_a_point_stays_inside() -> None:
    """At the corner of a picture the tile is moved in, not cut off."""
    photo = Photo.from_pixels(uniform(300, 400))
    box = tile_around(photo, 0.99, 0.01, 96)
    assert box == pytest.approx((1 - 96 / 400, 0, 1, 96 / 300))


@given(st.integers(1, 40), st.integers(1, 40), st.integers(1, 32))
def test_fitted_tile_has_its_size_and_the_pixels_of_the_crop(height: int, width: int, side: int) -> None:
    """Any crop becomes a square of the requested side, made of its own pixels only."""
    pixels = np.random.default_rng(height * 41 + width).integers(0, 255, (height, width, 3)).astype(np.uint8)
    fitted = fit_tile(pixels, side)
    assert fitted.shape == (side, side, 3)
    assert {tuple(p) for p in fitted.reshape(-1, 3)} <= {tuple(p) for p in pixels.reshape(-1, 3)}


def test_mirroring_adds_no_edge() -> None:
    """A crop that is too small is mirrored at its border, which adds no larger steps."""
    ramp = np.linspace(0, 200, 30).astype(np.uint8)[None, :, None].repeat(30, 0).repeat(3, 2)
    steps = np.abs(np.diff(fit_tile(ramp, 96).astype(int), axis=1))
    assert steps.max() <= np.abs(np.diff(ramp.astype(int), axis=1)).max()


def test_texture_measures_structure_only() -> None:
    """A wall has no texture with or without noise; a pattern has much, sharp or soft."""
    rng = np.random.default_rng(1)
    wall = np.full((96, 96), 120.0)
    noisy = wall + rng.normal(0, 6, wall.shape)
    pattern = 120 + 60 * np.sign(np.sin(np.arange(96) / 5))[None, :] * np.ones((96, 1))
    soft = np.stack([np.convolve(row, np.ones(7) / 7, "same") for row in pattern])
    values = measure_texture(np.stack([wall, noisy, pattern, soft]).astype(np.float32))
    assert values[0] == 0
    assert values[1] < 0.1
    assert values[2] == values[3] == 1


def test_texture_rises_with_contrast() -> None:
    """Between the limits it grows with the contrast."""
    pattern = np.kron(np.random.default_rng(2).choice((-1.0, 1.0), (12, 12)), np.ones((8, 8)))
    values = measure_texture(
        np.stack([120 + contrast * pattern for contrast in (2, 8, 15, 40)]).astype(np.float32)
    )
    assert list(values) == sorted(values)
    assert 0 <= values[0] < values[1] < values[2] < values[3] == 1


def test_grey_is_luma() -> None:
    """White is 255, and green has the largest weight."""
    assert to_grey(uniform(1, 1, 255))[0, 0] == pytest.approx(255, abs=0.01)
    red, green, blue = to_grey(np.eye(3, dtype=np.uint8)[None] * 200)[0]
    assert green > red > blue


def test_tile_of_a_smaller_picture_is_mirrored() -> None:
    """A tile of a picture smaller than itself is the whole picture, mirrored."""
    photo = Photo.from_pixels(data.astronaut()[:50, :70])
    tile = crop_tile(photo, Box(0, 0, 1, 1), 96)
    assert tile.shape == (96, 96, 3)
    assert np.array_equal(tile[23:73, 13:83], data.astronaut()[:50, :70])
    assert tiles.REFERENCE_LONG_SIDE == 3000
