"""Installation of the plug-in and of the daemon's login entry on each system, and the checks of `doctor`."""

from __future__ import annotations

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
