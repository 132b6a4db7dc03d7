"""From evidence and settings to verdicts, marks and their texts; pure functions.

`rules` judges a photo alone by the `criteria`, `ranking` the frames of a series, and `series_context`
adjusts a verdict by series and taste. `settings` holds the limits, and `texts` renders everything in English.
"""

from __future__ import annotations

from autocull.judge.ranking import RankInput, RankResult, make_rank_input, rank
from autocull.judge.rules import judge, marks_for, sort_key
from autocull.judge.series_context import adjust_for_series
from autocull.judge.settings import MarkRow, Settings
from autocull.judge.settings_file import load_settings
from autocull.judge.shoot_profiles import PROFILES
from autocull.judge.texts.explanation import describe_detectors, explain_verdict, summarise_verdict
from autocull.judge.texts.labels import top_labels
from autocull.judge.texts.reasons import REASON_TEXTS, describe
from autocull.judge.texts.score_table import list_scores

__all__ = [
    "PROFILES",
    "REASON_TEXTS",
    "MarkRow",
    "RankInput",
    "RankResult",
    "Settings",
    "adjust_for_series",
    "describe",
    "describe_detectors",
    "explain_verdict",
    "judge",
    "list_scores",
    "load_settings",
    "make_rank_input",
    "marks_for",
    "rank",
    "sort_key",
    "summarise_verdict",
    "top_labels",
]
