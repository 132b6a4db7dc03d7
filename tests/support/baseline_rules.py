"""Settings whose limits tests of texts may quote: they stay when the defaults change with the networks."""

from __future__ import annotations

from pathlib import Path

from autocull.judge import Settings, judge, marks_for
from autocull.measure.evidence import Evidence
from autocull.output.result import Judged
from autocull.read.photo import Frame

LIMITS = Settings(
    eyes_reject=0.12,
    eyes_doubt=0.35,
    focus_reject=0.2,
    focus_doubt=0.4,
    focus_blur_min=8.0,
    focus_second="always",
    focus_second_min=0.5,
    dark_reject=0.85,
    dark_doubt=0.6,
    bright_reject=0.85,
    bright_doubt=0.6,
    flare_trust="doubt",
    flare_reject=0.95,
    flare_doubt=0.8,
    quality_reject=0.95,
    quality_doubt=0.8,
    noise_trust="doubt",
    noise_reject=0.97,
    noise_doubt=0.85,
    resolution_doubt=100,
    category_sure=0.5,
)
"""Every limit that a text contains, with the values in the tests."""


def judged_by_limits(path: Path, evidence: Evidence) -> Judged:
    """Make the result of a frame that was judged by `LIMITS`."""
    verdict = judge(evidence, LIMITS)
    return Judged(Frame(path), evidence, verdict, marks_for(verdict, LIMITS))
