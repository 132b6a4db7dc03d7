"""Labels of the two networks of the whole picture; evidence, datasets and fixtures are keyed by them."""

from __future__ import annotations

DEFECTS = ("too_dark", "too_bright", "motion_blur", "defocus", "lens_flare", "low_quality", "noise")
"""The defects, in the order of the defects network's outputs; a photo may have several."""

CATEGORIES = ("people", "landscape", "architecture_city", "animals", "food", "macro_plants", "other")
"""The categories, in the order of the category network's outputs; a photo has one."""
