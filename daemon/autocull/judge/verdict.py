"""Verdict on a photo ("keep", "reject" or "cannot_tell"), its reasons, and the marks that follow."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from autocull.read import Box
from autocull.series import SeriesPosition
from autocull.taste import Selection

Answer = Literal["keep", "reject", "cannot_tell"]
EyeState = Literal["open", "closed", "cannot_tell"]
EyesAnswer = Literal["open", "closed", "cannot_tell", "no_faces"]
ColourLabel = Literal["none", "red", "yellow", "green", "blue", "purple"]


@dataclass(frozen=True, slots=True)
class BetterFrame:
    """The better photo of a series that a reason refers to, and by how much it is better.

    `eyes`, `sharp` and `light` are the differences (-1 to 1, negative where it is worse) of the
    probability of
    open eyes, of that of a sharp subject, and of how well the light fits the series. `blinking` are the faces
    of the worse photo, counted from the left from 1, whose eyes are closed there and open in this one;
    `faces` is the number of faces in the worse photo.
    """

    path: Path
    eyes: float = 0.0
    sharp: float = 0.0
    light: float = 0.0
    blinking: tuple[int, ...] = ()
    faces: int = 0


@dataclass(frozen=True, slots=True)
class BlurExtent:
    """How wide a missed focus smears a point.

    `pixels` is the diameter in px of a view whose long side has 2048 px; the photo's diagonal is
    `per_diagonal` times as long.
    """

    pixels: float
    per_diagonal: float


@dataclass(frozen=True, slots=True)
class Reason:
    """One reason of a verdict: measured value and limit (0-1, or pixels, by the code), and where it applies.

    `box` is the place in the picture, `better_frame` the photo of the series that is better, and `blur` the
    extent of a missed focus, None where it was not measured reliably.
    `autocull.judge.texts.reasons` has the texts.
    """

    code: str
    measured: float
    limit: float
    box: Box | None = None
    better_frame: BetterFrame | None = None
    blur: BlurExtent | None = None


@dataclass(frozen=True, slots=True)
class Verdict:
    """The answer for one photo.

    `score` (0-1) orders photos of the same answer; `faces` holds one state per face of the evidence, in its
    order; `eyes` is the photo's own answer and `eyes_open` the probability behind it, None without faces.
    `series` is the photo's position in its series, None where it was judged alone; `select` the prediction of
    the photographer's taste, None without one.
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
    """The marks of a verdict: stars (0-5), colour label, and flag (-1 rejected, 0 none, 1 picked)."""

    rating: int
    label: ColourLabel
    flag: int
