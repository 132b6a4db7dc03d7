"""Read photos: from a path to a `Photo` with upright sRGB pixels and capture metadata."""

from __future__ import annotations

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
