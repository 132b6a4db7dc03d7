"""Focus stacks: the same view while the sharp region moves through it, taken to become one picture."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from autocull.arrays import Indices
from autocull.series.shot import Shot
from autocull.series.timeline import ShotTable

_MIN_TEXTURE = 25
"""Of 255: tiles with less texture are neither sharp nor soft."""

_MIN_DIFFERENCE = 90
"""Of 255: by how much a tile is sharper in one frame than in the other, to be called sharper."""


def is_focus_stack(table: ShotTable, frames: Indices, min_share: float) -> bool:
    """Say whether each frame of one view is, against some other, sharper in one place and softer elsewhere.

    `min_share` is the share (0-1) of the textured tiles by which it must be both. A frame that is softer all
    over has only missed the focus, and one that is sharper all over has hit it.
    """
    return bool(
        (_compute_mutual_shares([table.shots[number] for number in frames]) >= min_share).any(axis=1).all()
    )


def have_same_focus(table: ShotTable, first: Indices, second: Indices, min_share: float) -> NDArray[np.bool_]:
    """Say which pairs are sharp in the same places, as far as their focus maps can be compared."""
    pairs = zip(first.tolist(), second.tolist(), strict=True)
    return np.array(
        [_compute_mutual_shares([table.shots[a], table.shots[b]])[0, 1] < min_share for a, b in pairs], bool
    )


def _compute_mutual_shares(shots: Sequence[Shot]) -> NDArray[np.float64]:
    """Return for each two frames the share of tiles in which each is at least clearly the sharper one.

    It is -1 where the maps cannot be compared: another number of tiles, or none with texture.
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
