"""Returns memory to the system that a long job has freed, but that the C library keeps for later."""

from __future__ import annotations

import ctypes
import gc
import sys
from contextlib import suppress


def release_memory(platform: str = sys.platform) -> None:
    """Collect garbage and return free memory to the system, as far as its C library can; takes some 10 ms."""
    gc.collect()
    with suppress(OSError, AttributeError):  # another C library, as musl's
        if platform == "win32":
            ctypes.CDLL("ucrtbase")._heapmin()
        elif platform == "darwin":
            ctypes.CDLL(None).malloc_zone_pressure_relief(None, ctypes.c_size_t(0))
        else:
            ctypes.CDLL(None).malloc_trim(ctypes.c_size_t(0))
