"""Tiles: squares of a photo at a reference scale, which makes photos of different resolutions comparable.

A 45 MP photo is no softer than a 6 MP photo, only larger: tiles are cropped from the photo at its viewing
sizes (`make_views`), or at a reference scale, where the long side has about 3000 pixels. In each cell of a
grid, the tile is where there is most structure.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from autocull.read import Box, Photo, Pixels

REFERENCE_LONG_SIDE = 3000
"""Approximate long side of a photo at the reference scale, in pixels."""

_TILE_ACROSS = 16  # px: side of a tile in the reduced working picture in which its position is searched
_BLOCK = 2  # px of it: the spacing of the compared positions
_MAX_STEP = 12.0  # grey levels: steeper steps are clipped, or tiles would avoid soft subjects
_LOWPASS = 4  # px: averages out noise and fine detail, so that texture is independent of sharpness
_PLAIN_SPREAD, _RICH_SPREAD = 2.0, 20.0  # standard deviation of grey levels (0-255) with texture 0 and 1


_VIEWING_SIDE = 500
"""px: long side of the smaller viewing size; that of the larger is the working picture's."""


def reference_scale(width: int, height: int) -> int:
    """Return the integer factor by which native pixels are reduced, so that the long side is near 3000 px."""
    return max(1, round(max(width, height) / REFERENCE_LONG_SIDE))


def make_views(photo: Photo) -> list[Photo]:
    """Make the photo at its viewing sizes, largest first: its working picture, and that reduced to 500 px.

    In each, the pixels are those of that size. Nothing is enlarged: a small photo has one viewing size.
    """
    height, width = photo.working.shape[:2]
    views = [Photo.from_pixels(photo.working)]
    if max(width, height) > _VIEWING_SIDE:
        factor = _VIEWING_SIDE / max(width, height)
        size = (max(1, round(width * factor)), max(1, round(height * factor)))
        image = Image.fromarray(photo.working)
        reduced = image.resize(size, Image.Resampling.BILINEAR, reducing_gap=1.0)  # half the time
        views.append(Photo.from_pixels(np.asarray(reduced)))
    return views


@dataclass(frozen=True, slots=True)
class Grid:
    """A grid of `rows` x `columns` cells over a picture, and the box of the tile in each, row by row."""

    rows: int
    columns: int
    boxes: tuple[Box, ...]


def make_grid(photo: Photo, tile: int, max_cells: int) -> Grid:
    """Make a grid of at most `max_cells` cells, each with a tile of `tile` px at the reference scale.

    The tile is placed where the working picture has most structure in both directions: blur along an edge is
    invisible. A picture smaller than the grid gets fewer cells, at least one.
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
    """Return rows and columns of at most `max_cells` nearly square cells, none smaller than about a tile.

    `tiles_across` and `tiles_down` are the numbers of tiles that fit into the picture.
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
    """Compute the summed-area table `(h + 1, w + 1, 2)` of the squared steps across and down, in blocks."""
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
    """Find the tile (fractions `width` x `height`) with the most structure whose centre is in `cell`."""
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
    """Return weights that are 1 in the middle of a cell and lower towards its border."""
    offsets = np.linspace(-1, 1, count, dtype=np.float32) if count > 1 else np.zeros(1, np.float32)
    return 1 - np.float32(0.4) * np.square(offsets)


def _start_range(low: float, high: float, length: int, total: int) -> tuple[int, int]:
    """Return the range of first blocks of a tile of `length` blocks whose centre is between two fractions."""
    last = total - length
    first = min(max(round(low * total - length / 2), 0), last)
    return first, max(first, min(round(high * total - length / 2), last)) + 1


def _box_around(x: float, y: float, width: float, height: float) -> Box:
    """Return a box of that size around a centre, moved into the picture."""
    x0 = min(max(x - width / 2, 0.0), 1.0 - width)
    y0 = min(max(y - height / 2, 0.0), 1.0 - height)
    return Box(x0, y0, x0 + width, y0 + height)


def tile_around(photo: Photo, x: float, y: float, side: float) -> Box:
    """Return a square of `side` px at reference scale around a point (fractions), moved into the picture."""
    scale = reference_scale(photo.width, photo.height)
    width, height = min(1.0, side * scale / photo.width), min(1.0, side * scale / photo.height)
    return _box_around(x, y, width, height)


def crop_tile(photo: Photo, box: Box, tile: int) -> Pixels:
    """Crop `box` at reference scale to `(tile, tile, 3)`: a larger crop is trimmed, a smaller one mirrored.

    Mirroring adds no edges, so a small face can be judged without its background.
    """
    return fit_tile(photo.crop(box, reference_scale(photo.width, photo.height)), tile)


def fit_tile(pixels: Pixels, tile: int) -> Pixels:
    """Trim or mirror `(h, w, c)` around its centre to `(tile, tile, c)`, without scaling."""
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
    """Return the luma (0-255) of `(..., 3)` sRGB pixels, ITU-R BT.601."""
    light: NDArray[np.float32] = tiles.astype(np.float32) @ np.array([0.299, 0.587, 0.114], np.float32)
    return light


def measure_texture(light: NDArray[np.float32]) -> NDArray[np.float32]:
    """Measure the texture of `(n, side, side)` grey tiles (0-255): 0 for a plain wall, 1 for plenty.

    Only coarse structure counts, which blur does not remove: a soft tile has texture too.
    """
    count, side = len(light), light.shape[1] // _LOWPASS
    cropped = light[:, : side * _LOWPASS, : side * _LOWPASS]
    # In two steps, which is three times as fast as one mean over both axes.
    rows = cropped.reshape(count, side, _LOWPASS, side * _LOWPASS).mean(2)
    coarse = rows.reshape(count, side, side, _LOWPASS).mean(3)
    spread = coarse.std((1, 2))
    richness: NDArray[np.float32] = np.clip(
        (spread - _PLAIN_SPREAD) / (_RICH_SPREAD - _PLAIN_SPREAD), 0.0, 1.0
    )
    return richness
