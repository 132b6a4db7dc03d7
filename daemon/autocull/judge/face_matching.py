"""The same people in two frames of one series: who has closed eyes here and open ones there."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from autocull.judge.eyes import judge_face
from autocull.judge.settings import Settings
from autocull.judge.verdict import EyeState
from autocull.measure.evidence import Evidence
from autocull.read.photo import Box

NEAR = 1.0
"""Two faces are of one person where their middles are at most so many of their widths apart."""


class FaceSeen(NamedTuple):
    """A face that has a say: where it is (fractions of the picture), and how open its eyes are (0-1)."""

    box: Box
    state: EyeState
    open: float


def faces_seen(evidence: Evidence, settings: Settings) -> tuple[FaceSeen, ...]:
    """Return the faces that have a say and eyes to be judged, from left to right."""
    judged = ((face.box, judge_face(face, settings)) for face in evidence.faces)
    seen = [FaceSeen(box, one.state, one.open) for box, one in judged if one.open is not None and one.say > 0]
    return tuple(sorted(seen, key=lambda face: _middle(face.box)))


def blinking(here: Sequence[FaceSeen], there: Sequence[FaceSeen]) -> tuple[int, ...]:
    """Return which faces, from the left from 1, have closed eyes here, and open ones in the other frame."""
    return tuple(
        place
        for place, face in enumerate(here, 1)
        if face.state == "closed" and (same := _same(face, there)) is not None and same.state == "open"
    )


def _same(face: FaceSeen, others: Sequence[FaceSeen]) -> FaceSeen | None:
    """Return the nearest face of the other frame, where it is near enough to be the same person."""
    nearest = min(others, key=lambda other: _apart(face.box, other.box), default=None)
    if nearest is None:
        return None
    width = face.box.x1 - face.box.x0
    return nearest if _apart(face.box, nearest.box) <= NEAR * width else None


def _apart(one: Box, other: Box) -> float:
    (x, y), (u, v) = _middle(one), _middle(other)
    return float(((x - u) ** 2 + (y - v) ** 2) ** 0.5)


def _middle(box: Box) -> tuple[float, float]:
    return (box.x0 + box.x1) / 2, (box.y0 + box.y1) / 2
