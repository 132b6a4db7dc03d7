"""Taste: the probability that one photographer selects a photo, learned from earlier selects and rejects.

Profiles and their files, the features and heads that they use, and the harm bound, up to which one rejects.
"""

from __future__ import annotations

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
