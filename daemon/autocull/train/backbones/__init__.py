"""Backbones: published image networks, built anew at a stated width, and the pretrained one."""

from __future__ import annotations

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
