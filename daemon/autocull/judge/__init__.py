"""Judge: from `Evidence` and `Settings` to a `Verdict`; pure functions."""

from __future__ import annotations

from autocull.judge.deciding import judge, mark, sort_key
from autocull.judge.labels import top_labels
from autocull.judge.loading import load_settings
from autocull.judge.profiles import PROFILES
from autocull.judge.ranking import Placing, Standing, rank, standing
from autocull.judge.scores import scores
from autocull.judge.settings import MarkRow, Settings
from autocull.judge.settling import settle
from autocull.judge.telling import how_it_works, one_line, paragraph
from autocull.judge.words import WORDS, describe

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
