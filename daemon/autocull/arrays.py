"""Type aliases of the NumPy arrays and the random generator that several packages share."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Doubles = NDArray[np.float64]
Integers = NDArray[np.int64]
Indices = NDArray[np.intp]
Flags = NDArray[np.bool_]
Rng = np.random.Generator

__all__ = ["Doubles", "Flags", "Floats", "Indices", "Integers", "Rng"]
