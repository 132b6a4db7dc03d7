"""From evidence and settings to verdicts, marks and their texts; pure functions.

`rules` judges a photo alone by the `criteria`, `ranking` the frames of a series, and `series_context`
adjusts a verdict by series and taste. `settings` holds the limits, and `texts` renders everything in English.
"""

from __future__ import annotations

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
