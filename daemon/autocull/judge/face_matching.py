"""The same people in two frames of one series: who has closed eyes here and open ones there."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from autocull.judge.eyes import judge_face
from autocull.judge.settings import Settings
from autocull.judge.verdict import EyeState
from autocull.measure.evidence import Evidence
from autocull.read.photo import Box

MAX_DISTANCE = 1.0
"""Two faces are of one person where their middles are at most so many of their widths apart."""


class ConsideredFace(NamedTuple):
    """A face that has a say: where it is (fractions of the picture), and how open its eyes are (0-1)."""

    box: Box
    state: EyeState
    open: float


def considered_faces(evidence: Evidence, settings: Settings) -> tuple[ConsideredFace, ...]:
    """Return the faces that have a say and eyes to be judged, from left to right."""
    faces = ((face.box, judge_face(face, settings)) for face in evidence.faces)
    considered = [
        ConsideredFace(box, eyes.state, eyes.open)
        for box, eyes in faces
        if eyes.open is not None and eyes.weight > 0
    ]
    return tuple(sorted(considered, key=lambda face: _centre(face.box)))


def find_blinks(faces: Sequence[ConsideredFace], other_faces: Sequence[ConsideredFace]) -> tuple[int, ...]:
    """Return which faces, from the left from 1, have closed eyes here, and open ones in the other frame."""
    return tuple(
        index
        for index, face in enumerate(faces, 1)
        if face.state == "closed"
        and (matched := _match_face(face, other_faces)) is not None
        and matched.state == "open"
    )


def _match_face(face: ConsideredFace, candidates: Sequence[ConsideredFace]) -> ConsideredFace | None:
    """Return the nearest face of the other frame, where it is near enough to be the same person."""
    nearest = min(candidates, key=lambda candidate: _distance(face.box, candidate.box), default=None)
    if nearest is None:
        return None
    width = face.box.x1 - face.box.x0
    return nearest if _distance(face.box, nearest.box) <= MAX_DISTANCE * width else None


def _distance(first: Box, second: Box) -> float:
    (x, y), (u, v) = _centre(first), _centre(second)
    return float(((x - u) ** 2 + (y - v) ** 2) ** 0.5)


def _centre(box: Box) -> tuple[float, float]:
    return (box.x0 + box.x1) / 2, (box.y0 + box.y1) / 2
