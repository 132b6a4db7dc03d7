"""Judge: from `Evidence` and `Settings` to a `Verdict`; pure functions."""

from __future__ import annotations

from autocull.judge.deciding import judge, mark, sort_key
from autocull.judge.loading import load_settings
from autocull.judge.profiles import PROFILES
from autocull.judge.settings import MarkRow, Settings
from autocull.judge.words import WORDS, describe

__all__ = [
    "PROFILES",
    "WORDS",
    "MarkRow",
    "Settings",
    "describe",
    "judge",
    "load_settings",
    "mark",
    "sort_key",
]
