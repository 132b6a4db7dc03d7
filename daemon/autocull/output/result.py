"""The result of one frame, as all outputs receive it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from autocull.errors import PhotoError
from autocull.measure import Evidence
from autocull.read import Frame

if TYPE_CHECKING:  # judging costs 0.2 s to import, and the run starts its workers before that
    from autocull.judge import Marks, Verdict


@dataclass(frozen=True, slots=True)
class Judged:
    """A frame that was measured and judged."""

    frame: Frame
    evidence: Evidence
    verdict: Verdict
    marks: Marks


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A frame that could not be read, with its error; it has no verdict and no marks."""

    frame: Frame
    error: PhotoError


Result = Judged | Unreadable
