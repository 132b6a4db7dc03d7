"""One frame's outcome, as every kind of mark receives it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from autocull.errors import PhotoError
from autocull.measure.evidence import Evidence
from autocull.read.photo import Frame

if TYPE_CHECKING:  # judging costs 0.2 s to import, and the run starts its workers before that
    from autocull.judge.verdict import Marks, Verdict


@dataclass(frozen=True, slots=True)
class Judged:
    """A frame that was measured and judged."""

    frame: Frame
    evidence: Evidence
    verdict: Verdict
    marks: Marks


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A frame that could not be read: no verdict, no marks, and the error that says why."""

    frame: Frame
    error: PhotoError


Result = Judged | Unreadable
