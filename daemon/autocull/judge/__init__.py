"""Judge: from `Evidence` and `Settings` to a `Verdict`; pure functions."""

from __future__ import annotations

from autocull.judge.category_presets import PROFILES
from autocull.judge.ranking import Placing, Standing, rank, standing
from autocull.judge.rules import judge, mark, sort_key
from autocull.judge.series_context import settle
from autocull.judge.settings import MarkRow, Settings
from autocull.judge.settings_file import load_settings
from autocull.judge.texts.explanation import how_it_works, one_line, paragraph
from autocull.judge.texts.labels import top_labels
from autocull.judge.texts.reasons import WORDS, describe
from autocull.judge.texts.score_table import scores

__all__ = [
    "PROFILES",
    "WORDS",
    "MarkRow",
    "Placing",
    "Settings",
    "Standing",
    "describe",
    "how_it_works",
    "judge",
    "load_settings",
    "mark",
    "one_line",
    "paragraph",
    "rank",
    "scores",
    "settle",
    "sort_key",
    "standing",
    "top_labels",
]
