"""Series for tests: frames by name, judged alone, ranked and settled. Import `from series_of import ...`."""

from __future__ import annotations

from pathlib import Path

from autocull.judge import RankResult, Settings, adjust_for_series, judge, make_rank_input, rank
from autocull.judge.verdict import Verdict
from autocull.measure.evidence import Evidence
from autocull.series.model import Kind, Series


def series_of(*names: str, kind: Kind = "burst") -> Series:
    """Make a series of frames by their names, in the order of shooting."""
    return Series("0123456789ab", kind, tuple(Path(name) for name in names))


def rank_frames(
    frames: dict[str, Evidence], settings: Settings, kind: Kind = "burst"
) -> dict[str, RankResult]:
    """Judge frames alone and rank them as one series."""
    standings = {
        Path(name): make_rank_input(Path(name), seen, judge(seen, settings), settings)
        for name, seen in frames.items()
    }
    found = rank(series_of(*frames, kind=kind), standings, settings)
    return {path.name: placing for path, placing in found.items()}


def adjusted_verdicts(
    frames: dict[str, Evidence], settings: Settings, kind: Kind = "burst"
) -> dict[str, Verdict]:
    """Judge frames beside each other: each one's last verdict by its name."""
    placings = rank_frames(frames, settings, kind)
    return {
        name: adjust_for_series(judge(seen, settings), placings[name], None, settings)
        for name, seen in frames.items()
    }
