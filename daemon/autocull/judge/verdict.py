"""What Autocull says of a photo: keep, reject or cannot tell, and why."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from autocull.read.photo import Box
from autocull.series.model import SeriesPosition
from autocull.taste.profile import Selection

Answer = Literal["keep", "reject", "cannot_tell"]
EyeState = Literal["open", "closed", "cannot_tell"]
EyesAnswer = Literal["open", "closed", "cannot_tell", "no_faces"]
ColourLabel = Literal["none", "red", "yellow", "green", "blue", "purple"]


@dataclass(frozen=True, slots=True)
class BetterFrame:
    """The other photo of a series that a reason speaks of, and in what it is ahead.

    `eyes`, `sharp` and `light` are its lead in the probability of open eyes, in that of a sharp subject, and
    in how well its light fits the series (-1 to 1, negative where it is behind). `blinking` are the faces,
    counted from the left from 1, whose eyes are closed here and open there; `faces` is how many there are.
    """

    path: Path
    eyes: float = 0.0
    sharp: float = 0.0
    light: float = 0.0
    blinking: tuple[int, ...] = ()
    faces: int = 0


@dataclass(frozen=True, slots=True)
class Reason:
    """One ground for a verdict: what was measured (0-1 unless the code says otherwise), against which limit,
    where in the picture, and beside which other photo. Its words come from `autocull.judge.texts.reasons`.
    """

    code: str
    measured: float
    limit: float
    box: Box | None = None
    better_frame: BetterFrame | None = None


@dataclass(frozen=True, slots=True)
class Verdict:
    """The answer for one photo.

    `score` (0-1) orders photos of the same answer; `faces` holds one state per face of the evidence, in its
    order; `eyes` is the photo's own answer and `eyes_open` the probability behind it, None without faces.
    `series` is the photo's place among those it belongs to, and `select` what the photographer's own taste
    says; None where the photo was judged alone, and where no taste was asked.
    """

    answer: Answer
    score: float
    reasons: tuple[Reason, ...]
    faces: tuple[EyeState, ...]
    eyes: EyesAnswer
    eyes_open: float | None
    series: SeriesPosition | None = None
    select: Selection | None = None


@dataclass(frozen=True, slots=True)
class Marks:
    """What is written for a verdict: stars 0-5, a colour label, and the flag (-1 reject, 0 none, 1 pick)."""

    rating: int
    label: ColourLabel
    flag: int
