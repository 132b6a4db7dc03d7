"""Tiles: the places of a photo that are looked at closely, cut so that every camera's pixels mean the same.

A 45 MP photo is no softer than a 6 MP photo, only larger: tiles are cut at a reference scale, where the
long side has about 3000 pixels. In each cell of a grid the tile lies where there is most to judge.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from autocull.read.photo import Box, Photo, Pixels

REFERENCE_LONG_SIDE = 3000
_TILE_ACROSS = 16  # px of the reduced working picture that a tile takes while its place is looked for
_BLOCK = 2  # px of it: the raster in which places are compared
_MAX_STEP = 12.0  # grey levels: a steeper step counts no more, or tiles would flee from soft subjects
_LOWPASS = 4  # px: averages away noise and fine detail, so that texture does not mean sharpness
_PLAIN_SPREAD, _RICH_SPREAD = (
    2.0,
    20.0,
)  # standard deviation of grey levels (0-255) that gives texture 0, and texture 1


def reference_scale(width: int, height: int) -> int:
    """Return by which whole number the native pixels are reduced, so that the long side is near 3000 px."""
    return max(1, round(max(width, height) / REFERENCE_LONG_SIDE))


@dataclass(frozen=True, slots=True)
class Grid:
    """The cells over a picture: `rows` x `columns`, and the place of the tile in each, row by row."""

    rows: int
    columns: int
    boxes: tuple[Box, ...]


def make_grid(photo: Photo, tile: int, max_cells: int) -> Grid:
    """Lay a grid of at most `max_cells` cells over `photo`, and in each a tile of `tile` px at reference
    scale.

    The tile goes where the working picture has most structure in both directions: blur along an edge does
    not show. A picture smaller than the grid gets fewer cells, at least one.
    """
    scale = reference_scale(photo.width, photo.height)
    rows, columns = _grid_shape(photo.width / scale / tile, photo.height / scale / tile, max_cells)
    width, height = min(1.0, tile * scale / photo.width), min(1.0, tile * scale / photo.height)
    structure = _structure_table(photo.working, max(1, round(width * photo.working.shape[1] / _TILE_ACROSS)))
    boxes = tuple(
        _find_best_tile(
            structure, Box(x / columns, y / rows, (x + 1) / columns, (y + 1) / rows), width, height
        )
        for y in range(rows)
        for x in range(columns)
    )
    return Grid(rows, columns, boxes)


def _grid_shape(tiles_across: float, tiles_down: float, max_cells: int) -> tuple[int, int]:
    """Rows and columns of many, nearly square cells: at most `max_cells`, none smaller than about a tile.

    `tiles_across` and `tiles_down` say how many tiles fit in.
    """

    def score(shape: tuple[int, int]) -> float:
        stretch = tiles_across * shape[0] / (tiles_down * shape[1])
        return shape[0] * shape[1] * min(stretch, 1 / stretch)

    shapes = [
        (rows, columns)
        for rows in range(1, max(1, round(tiles_down)) + 1)
        for columns in range(1, min(max_cells // rows, max(1, round(tiles_across))) + 1)
    ]
    return max(shapes, key=score)


def _structure_table(working: Pixels, reduce: int) -> NDArray[np.float32]:
    """Summed-area table `(h + 1, w + 1, 2)` of the squared steps across and down, in blocks."""
    light = np.asarray(Image.fromarray(working).reduce(reduce).convert("L"), np.float32)
    steps = np.zeros((2, *light.shape), np.float32)
    np.subtract(light[:, 1:], light[:, :-1], out=steps[0, :, 1:])
    np.subtract(light[1:], light[:-1], out=steps[1, 1:])
    np.square(steps.clip(-_MAX_STEP, _MAX_STEP, out=steps), out=steps)
    block = min(_BLOCK, *light.shape)
    # Pillow averages blocks ten times faster than NumPy adds them up.
    blocks = np.stack([np.asarray(Image.fromarray(each).reduce(block)) for each in steps], axis=-1)
    block_rows, block_columns = blocks.shape[:2]
    table = np.zeros((block_rows + 1, block_columns + 1, 2), np.float32)
    table[1:, 1:] = blocks.cumsum(0).cumsum(1)
    return table


def _find_best_tile(table: NDArray[np.float32], cell: Box, width: float, height: float) -> Box:
    """Find the tile (fractions `width` x `height`) with the most structure whose centre lies in `cell`."""
    table_height, table_width = table.shape[0] - 1, table.shape[1] - 1
    tile_width, tile_height = max(1, round(width * table_width)), max(1, round(height * table_height))
    left, right = _start_range(cell.x0, cell.x1, tile_width, table_width)
    top, bottom = _start_range(cell.y0, cell.y1, tile_height, table_height)
    sums = (
        table[top + tile_height : bottom + tile_height, left + tile_width : right + tile_width]
        - table[top:bottom, left + tile_width : right + tile_width]
        - table[top + tile_height : bottom + tile_height, left:right]
        + table[top:bottom, left:right]
    )
    scores = np.sqrt(np.maximum(sums[..., 0] * sums[..., 1], 0)) + 0.1 * sums.sum(-1)
    scores *= np.outer(_centre_weights(scores.shape[0]), _centre_weights(scores.shape[1]))
    y, x = divmod(int(scores.argmax()), scores.shape[1])
    return _box_around(
        (left + x + tile_width / 2) / table_width, (top + y + tile_height / 2) / table_height, width, height
    )


@lru_cache(maxsize=64)
def _centre_weights(count: int) -> NDArray[np.float32]:
    """1 in the middle of a cell, less towards its rim: a tile is to speak for its own cell."""
    offsets = np.linspace(-1, 1, count, dtype=np.float32) if count > 1 else np.zeros(1, np.float32)
    return 1 - np.float32(0.4) * np.square(offsets)


def _start_range(low: float, high: float, length: int, total: int) -> tuple[int, int]:
    """The range of first blocks of a tile of `length` blocks whose centre lies between two fractions."""
    last = total - length
    first = min(max(round(low * total - length / 2), 0), last)
    return first, max(first, min(round(high * total - length / 2), last)) + 1


def _box_around(x: float, y: float, width: float, height: float) -> Box:
    """A box of that size around the centre, moved into the picture."""
    x0 = min(max(x - width / 2, 0.0), 1.0 - width)
    y0 = min(max(y - height / 2, 0.0), 1.0 - height)
    return Box(x0, y0, x0 + width, y0 + height)


def tile_around(photo: Photo, x: float, y: float, side: float) -> Box:
    """A square of `side` px at reference scale around a point (fractions), moved into the picture."""
    scale = reference_scale(photo.width, photo.height)
    width, height = min(1.0, side * scale / photo.width), min(1.0, side * scale / photo.height)
    return _box_around(x, y, width, height)


def crop_tile(photo: Photo, box: Box, tile: int) -> Pixels:
    """Cut `box` at reference scale as `(tile, tile, 3)`: larger loses its rim, smaller is mirrored.

    Mirroring adds no edges of its own, so a small face can be judged without its background.
    """
    return fit_tile(photo.crop(box, reference_scale(photo.width, photo.height)), tile)


def fit_tile(pixels: Pixels, tile: int) -> Pixels:
    """Bring `(h, w, c)` to `(tile, tile, c)` around its centre, without scaling: cut off, or mirror."""
    for axis in (0, 1):
        excess = pixels.shape[axis] - tile
        if excess > 0:
            start = excess // 2
            pixels = pixels[start : start + tile] if axis == 0 else pixels[:, start : start + tile]
        elif excess < 0:
            before = -excess // 2
            widths = [(0, 0)] * pixels.ndim
            widths[axis] = (before, -excess - before)
            pixels = np.pad(pixels, widths, mode="symmetric")
    return pixels


def to_grey(tiles: Pixels | NDArray[np.float32]) -> NDArray[np.float32]:
    """The luma (0-255) of `(..., 3)` sRGB pixels, ITU-R BT.601."""
    light: NDArray[np.float32] = tiles.astype(np.float32) @ np.array([0.299, 0.587, 0.114], np.float32)
    return light


def measure_texture(light: NDArray[np.float32]) -> NDArray[np.float32]:
    """How much there is to judge in each of `(n, side, side)` grey tiles (0-255): 0 a plain wall, 1 plenty.

    Measured on coarse structure, which blur leaves standing: a soft tile has texture too.
    """
    count, side = len(light), light.shape[1] // _LOWPASS
    cropped = light[:, : side * _LOWPASS, : side * _LOWPASS]
    rows = cropped.reshape(count, side, _LOWPASS, side * _LOWPASS).mean(
        2
    )  # in two steps: three times as fast
    coarse = rows.reshape(count, side, side, _LOWPASS).mean(3)
    spread = coarse.std((1, 2))
    richness: NDArray[np.float32] = np.clip(
        (spread - _PLAIN_SPREAD) / (_RICH_SPREAD - _PLAIN_SPREAD), 0.0, 1.0
    )
    return richness
