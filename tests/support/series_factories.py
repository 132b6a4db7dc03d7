"""Builders of series from frames by name: judged alone, ranked, and judged within their series."""

from __future__ import annotations

from pathlib import Path

from autocull.judge import RankResult, Settings, adjust_for_series, judge, make_rank_input, rank
from autocull.judge.verdict import Verdict
from autocull.measure.evidence import Evidence
from autocull.series.model import Kind, Series


def series_of(*names: str, kind: Kind = "burst") -> Series:
    """Make a series of frames by their names, in the order of shooting; all of a duplicate are copies."""
    paths = tuple(Path(name) for name in names)
    return Series("0123456789ab", kind, paths, (paths,) if kind == "duplicate" else ())


def rank_frames(
    frames: dict[str, Evidence], settings: Settings, kind: Kind = "burst"
) -> dict[str, RankResult]:
    """Judge frames alone and rank them as one series; returns the results by name."""
    inputs = {
        Path(name): make_rank_input(Path(name), evidence, judge(evidence, settings), settings)
        for name, evidence in frames.items()
    }
    results = rank(series_of(*frames, kind=kind), inputs, settings)
    return {path.name: result for path, result in results.items()}


def adjusted_verdicts(
    frames: dict[str, Evidence], settings: Settings, kind: Kind = "burst"
) -> dict[str, Verdict]:
    """Judge frames within one series; returns the final verdicts by name."""
    results = rank_frames(frames, settings, kind)
    return {
        name: adjust_for_series(judge(evidence, settings), results[name], None, settings)
        for name, evidence in frames.items()
    }
