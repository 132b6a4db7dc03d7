"""Focus stacks: frames of one view whose sharp region moves, taken to be merged into one picture."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from autocull.arrays import Indices
from autocull.series.shot import Shot
from autocull.series.timeline import ShotTable

_MIN_TEXTURE = 25
"""Least texture (0-255) of a tile that can be sharp or soft; in a flat one, sharpness is not defined."""

_MIN_DIFFERENCE = 90
"""Least difference of sharpness (0-255) of a tile that is clearly sharper in one frame than in the other."""


def is_focus_stack(table: ShotTable, frames: Indices, min_share: float) -> bool:
    """Return whether each frame is, against some other one, sharper in one part and softer in another.

    The frames show one view; `min_share` is the least share (0-1) of the textured tiles for both. A frame
    that is softer everywhere is merely out of focus, and one that is sharper everywhere merely in focus.
    """
    return bool(
        (_compute_mutual_shares([table.shots[number] for number in frames]) >= min_share).any(axis=1).all()
    )


def have_same_focus(table: ShotTable, first: Indices, second: Indices, min_share: float) -> NDArray[np.bool_]:
    """Return which pairs are sharp in the same tiles; true where their focus maps cannot be compared."""
    pairs = zip(first.tolist(), second.tolist(), strict=True)
    return np.array(
        [_compute_mutual_shares([table.shots[a], table.shots[b]])[0, 1] < min_share for a, b in pairs], bool
    )


def _compute_mutual_shares(shots: Sequence[Shot]) -> NDArray[np.float64]:
    """Return for each pair of frames the share of tiles that each has clearly sharper, the lesser of the two.

    It is -1 on the diagonal, and where the maps cannot be compared: other numbers of tiles, or no texture.
    """
    incomparable = np.full((len(shots), len(shots)), -1.0)
    if len({shot.sharp.shape for shot in shots}) > 1:
        return incomparable
    sharp = np.stack([shot.sharp.reshape(-1) for shot in shots]).astype(np.int16)
    textured = np.stack([shot.texture.reshape(-1) for shot in shots]).max(axis=0) > _MIN_TEXTURE
    if not textured.any():
        return incomparable
    tiles = sharp[:, textured]
    wins = (tiles[:, None] - tiles[None] >= _MIN_DIFFERENCE).mean(axis=2)
    mutual = np.minimum(wins, wins.T)
    np.fill_diagonal(mutual, -1)
    return np.asarray(mutual, np.float64)
