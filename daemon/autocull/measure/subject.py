"""Where the subject of a photo is, when no face says so: among sharp tiles, in the middle, unlike the border.

Photographers put in focus what they mean. So the subject is the best supported rectangle of sharp tiles,
provided that it holds enough of the picture's attention; where no such region exists, the subject is what the
eye falls on anyway, the textured middle, and then it is soft.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from autocull.read.photo import Box, Pixels

Map = NDArray[np.float64]
"""One number per cell of the grid: `(rows, columns)`."""

_REACH = (0.30, 0.34)  # standard deviations of the middle's pull, across and down, in widths and heights
_FLOOR = 0.12  # the pull that is left in the corners: subjects stand there too, if seldom
_ODDITY = 0.6  # how much of a cell's attention comes from its being unlike the picture's border
_COLOUR = 28.0  # levels (0-255): colours nearer than this look alike
_SHARE = 0.30  # the share of the attention from which a sharp region is believed to be the subject
_SOFTNESS = 0.06  # how gradual that belief is
_THUMB = 48  # px: the long side at which colours are compared


@dataclass(frozen=True, slots=True)
class Subject:
    """The subject's place, and the weight of each tile in the answer about it (they sum to 1)."""

    box: Box
    weights: Map


def attention(working: Pixels, texture: Map) -> Map:
    """Share out the eye's attention over the cells (sums to 1): the middle, texture, and what is unlike
    the picture's border."""
    rows, columns = texture.shape
    x, y = (np.arange(columns) + 0.5) / columns - 0.5, (np.arange(rows) + 0.5) / rows - 0.5
    pull = np.exp(-np.square(x / _REACH[0])[None, :] / 2 - np.square(y / _REACH[1])[:, None] / 2)
    middle = _FLOOR + (1 - _FLOOR) * pull
    weights = middle * (texture + 0.02) * (1 - _ODDITY + _ODDITY * oddity(working, rows, columns))
    return np.asarray(weights / weights.sum(), np.float64)


def oddity(working: Pixels, rows: int, columns: int) -> Map:
    """How unlike the picture's border each cell is in colour: 0 the same, 1 found nowhere on the border."""
    step = max(1, max(working.shape[:2]) // _THUMB)
    thumb = working[step // 2 :: step, step // 2 :: step].astype(np.float32)
    border = np.concatenate([thumb[0], thumb[-1], thumb[1:-1, 0], thumb[1:-1, -1]])[::2]
    apart = np.square(thumb[:, :, None] - border).sum(-1) / (2 * _COLOUR**2)
    odd = 1 - np.exp(-apart).mean(2)
    down = np.linspace(0, odd.shape[0], rows, endpoint=False).astype(int)
    across = np.linspace(0, odd.shape[1], columns, endpoint=False).astype(int)
    sums = np.add.reduceat(np.add.reduceat(odd, down, 0), across, 1)
    counts = np.add.reduceat(np.add.reduceat(np.ones_like(odd), down, 0), across, 1)
    return np.asarray(sums / counts, np.float64)


def find_subject(sharp: Map, weights: Map) -> Subject:
    """Find the subject from P(sharp) per cell and the attention on each cell.

    Between a sharp region that clearly is the subject and one that clearly is not, both readings are mixed.
    """
    top, left, bottom, right = best_rectangle(weights * (sharp - 0.5))
    inside = np.zeros_like(weights)
    inside[top:bottom, left:right] = weights[top:bottom, left:right]
    held = float((inside * sharp).sum())
    belief = 1 / (1 + np.exp(-(held - _SHARE) / _SOFTNESS))
    rows, columns = weights.shape
    if belief >= 0.5:
        box = Box(left / columns, top / rows, right / columns, bottom / rows)
    else:
        box = _middle_of(weights)
    mixed = belief * inside / max(float(inside.sum()), 1e-9) + (1 - belief) * weights
    return Subject(box, mixed / mixed.sum())


def best_rectangle(worth: Map) -> tuple[int, int, int, int]:
    """The rectangle (top, left, bottom, right) of cells whose sum of `worth` is greatest; at least one."""
    rows, columns = worth.shape
    table = np.zeros((rows + 1, columns + 1))
    table[1:, 1:] = worth.cumsum(0).cumsum(1)
    tops, bottoms = np.triu_indices(rows + 1, 1)
    lefts, rights = np.triu_indices(columns + 1, 1)
    sums = (
        table[np.ix_(bottoms, rights)]
        - table[np.ix_(tops, rights)]
        - table[np.ix_(bottoms, lefts)]
        + table[np.ix_(tops, lefts)]
    )
    y, x = divmod(int(sums.argmax()), sums.shape[1])
    return int(tops[y]), int(lefts[x]), int(bottoms[y]), int(rights[x])


def _middle_of(weights: Map) -> Box:
    """The rectangle of cells that stands out from the mean attention."""
    rows, columns = weights.shape
    top, left, bottom, right = best_rectangle(weights - weights.mean())
    return Box(left / columns, top / rows, right / columns, bottom / rows)
