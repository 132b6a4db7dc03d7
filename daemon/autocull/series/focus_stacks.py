"""Focus stacks: the same view while the sharp region moves through it, taken to become one picture."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from autocull.series.roll import Indices, Roll

_TEXTURE = 25
"""Of 255: tiles with less texture are neither sharp nor soft."""

_CLEARLY = 90
"""Of 255: by how much a tile is sharper in one frame than in the other, to be called sharper."""


def is_focus_stack(roll: Roll, members: Indices, moved: float) -> bool:
    """Say whether each frame of one view is, against some other, sharper in one place and softer elsewhere.

    `moved` is the share (0-1) of the textured tiles by which it must be both. A frame that is softer all
    over has only missed the focus, and one that is sharper all over has hit it.
    """
    shots = [roll.shots[number] for number in members]
    if len({shot.sharp.shape for shot in shots}) > 1:
        return False
    sharp = np.stack([shot.sharp.reshape(-1) for shot in shots]).astype(np.int16)
    textured = np.stack([shot.texture.reshape(-1) for shot in shots]).max(axis=0) > _TEXTURE
    if not textured.any():
        return False
    wins = sharper_share(sharp[:, textured])
    both = np.minimum(wins, wins.T)
    np.fill_diagonal(both, -1)
    return bool((both >= moved).any(axis=1).all())


def sharper_share(sharp: NDArray[np.int16]) -> NDArray[np.float64]:
    """Return for frames `(n, tiles)` the share of tiles in which each is clearly sharper than each other."""
    return np.asarray((sharp[:, None] - sharp[None] >= _CLEARLY).mean(axis=2), np.float64)
