"""The decode buffer of one worker, used again for every photo."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


class DecodeBuffer:
    """A block of memory that grows to the largest picture seen and is then reused.

    A fresh block per photo costs as much as the decoding itself (page faults), so each worker keeps one. The
    pixels of a `Photo` live in it: they are valid until the next photo is read into the same arena.
    """

    def __init__(self) -> None:
        self._block: NDArray[np.uint8] = np.empty(0, np.uint8)

    @property
    def size(self) -> int:
        """Return the bytes held at the moment."""
        return self._block.size

    def allocate(self, size: int) -> NDArray[np.uint8]:
        """Return `size` bytes of the block, uint8, not cleared; MemoryError where they cannot be had."""
        if size > self._block.size:
            self._block = np.empty(0, np.uint8)  # the old block goes before the new one comes
            self._block = np.empty(size, np.uint8)
        return self._block[:size]
