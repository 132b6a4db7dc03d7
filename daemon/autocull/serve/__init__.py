"""The daemon: an HTTP server for this machine only, stored jobs, and the thread that works on them."""

from __future__ import annotations

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
