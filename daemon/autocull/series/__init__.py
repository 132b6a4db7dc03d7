"""Grouping of photos into series: shots, candidate pairs, alignment, clusters, and the kinds of series.

Pure functions over the evidence of many photos; they neither judge a photo nor read files.
"""

from __future__ import annotations

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
