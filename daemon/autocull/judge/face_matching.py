"""Matching of faces between two frames of a series, to find who blinks in one of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from autocull.judge.eyes import judge_face
from autocull.judge.settings import Settings
from autocull.judge.verdict import EyeState
from autocull.measure import Evidence
from autocull.read import Box

MAX_DISTANCE = 1.0
"""Faces of one person have centres at most this many face widths apart."""


class ConsideredFace(NamedTuple):
    """A face that counts: its box (fractions of the picture), and the open probability (0-1) of its eyes."""

    box: Box
    state: EyeState
    open: float


def considered_faces(evidence: Evidence, settings: Settings) -> tuple[ConsideredFace, ...]:
    """Return the faces that have weight and eyes, from left to right."""
    faces = ((face.box, judge_face(face, settings)) for face in evidence.faces)
    considered = [
        ConsideredFace(box, eyes.state, eyes.open)
        for box, eyes in faces
        if eyes.open is not None and eyes.weight > 0
    ]
    return tuple(sorted(considered, key=lambda face: _centre(face.box)))


def find_blinks(faces: Sequence[ConsideredFace], other_faces: Sequence[ConsideredFace]) -> tuple[int, ...]:
    """Return the numbers of `faces` (from the left, from 1) that are closed, and open in `other_faces`."""
    return tuple(
        index
        for index, face in enumerate(faces, 1)
        if face.state == "closed"
        and (matched := _match_face(face, other_faces)) is not None
        and matched.state == "open"
    )


def _match_face(face: ConsideredFace, candidates: Sequence[ConsideredFace]) -> ConsideredFace | None:
    """Return the nearest of the candidates, None where it is too far to be the same person."""
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
