"""The daemon process: server, start and stop, command-line client, instance lock, runtime files, logging."""

from __future__ import annotations

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
