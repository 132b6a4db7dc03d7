"""The decode buffer of one worker, reused for every photo."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


class DecodeBuffer:
    """A block of memory that grows to the largest picture decoded so far and is reused.

    A new block per photo would cost as much as the decoding itself (page faults), so each worker keeps one.
    It stores the pixels of a `Photo`: they are valid until the next photo is read into the same buffer.
    """

    def __init__(self) -> None:
        self._block: NDArray[np.uint8] = np.empty(0, np.uint8)

    @property
    def size(self) -> int:
        """Return the current size in bytes."""
        return self._block.size

    def allocate(self, size: int) -> NDArray[np.uint8]:
        """Return `size` bytes of the block, uint8, not cleared; raises MemoryError if memory is short."""
        if size > self._block.size:
            self._block = np.empty(0, np.uint8)  # free the old block before allocating the new one
            self._block = np.empty(size, np.uint8)
        return self._block[:size]
