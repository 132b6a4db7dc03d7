"""Whether closed eyes are a blink, or perhaps on purpose.

A blink is a passing accident in a face that looks into the camera. Closed or lowered lids in a face that is
turned to somebody, bent over something, kissing, laughing or asleep belong to the picture.
"""

from __future__ import annotations

from math import hypot
from typing import Literal

from autocull.judge.settings import Settings
from autocull.measure import Evidence, Face

Purpose = Literal["turned", "bowed", "tilted", "laughing", "embracing", "unposed", "small"]
"""Why closed eyes are perhaps on purpose: what the face does, or that it is not posed for the camera."""


def closed_on_purpose(evidence: Evidence, index: int, settings: Settings) -> Purpose | None:
    """Return why closed eyes of the face `index` are perhaps on purpose, None where they are a blink.

    It does not depend on how open the eyes are.
    """
    face = evidence.faces[index]
    purpose = _pose_purpose(face, settings)
    if purpose is not None:
        return purpose
    if any(_is_embracing(face, other, evidence, settings) for other in evidence.faces if other is not face):
        return "embracing"
    others = [
        other for other in evidence.faces if other is not face and other.prominence > settings.eyes_gate
    ]
    facing = 1 + sum(_faces_camera(other, settings) for other in others)
    if facing < settings.eyes_posed * (1 + len(others)):
        return "unposed"
    return "small" if facing < settings.eyes_posed_faces and _area(face) < settings.eyes_face_min else None


def _pose_purpose(face: Face, settings: Settings) -> Purpose | None:
    """Return what a face does instead of facing the camera, None where it faces it."""
    if abs(face.yaw) > settings.eyes_front_yaw:
        return "turned"
    if abs(face.pitch) > settings.eyes_front_pitch:
        return "bowed"
    if abs(face.roll) > settings.eyes_front_roll:
        return "tilted"
    return "laughing" if face.mouth >= settings.eyes_laugh else None


def _faces_camera(face: Face, settings: Settings) -> bool:
    """Whether a face, and the gaze of its eyes, are turned to the camera."""
    gaze = sum(eye.gaze for eye in face.eyes) / max(len(face.eyes), 1)
    return _pose_purpose(face, settings) is None and abs(gaze) <= settings.eyes_gaze


def _is_embracing(face: Face, other: Face, evidence: Evidence, settings: Settings) -> bool:
    """Whether the face touches another one and one of them is turned to the other: a kiss or an embrace."""
    (x, y), (other_x, other_y) = (_centre(each, evidence) for each in (face, other))
    width = max((each.box.x1 - each.box.x0) * evidence.width for each in (face, other))
    if hypot(other_x - x, other_y - y) > settings.eyes_close * width:
        return False
    towards = 1 if other_x >= x else -1
    return max(towards * face.yaw, -towards * other.yaw) > settings.eyes_close_yaw


def _centre(face: Face, evidence: Evidence) -> tuple[float, float]:
    box = face.box
    return (box.x0 + box.x1) / 2 * evidence.width, (box.y0 + box.y1) / 2 * evidence.height


def _area(face: Face) -> float:
    return (face.box.x1 - face.box.x0) * (face.box.y1 - face.box.y0)
