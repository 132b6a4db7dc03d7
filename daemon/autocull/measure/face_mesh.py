"""The face mesh: 468 points on a face, and what follows from them: where its eyes are and how it is turned.

The network is MediaPipe's face mesh (Kartynnik et al., "Real-time Facial Surface Geometry from Monocular
Video on Mobile GPUs", CVPR workshop 2019). Its points are three-dimensional under weak perspective: z has the
scale of x and grows away from the camera.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import asin, atan2, degrees
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from autocull.measure.models import Network
from autocull.measure.oriented_crops import OrientedCrop
from autocull.read.photo import Pixels

SIZE = 192
_MARGIN = 1.5  # side of the mesh's square over that of the detector's box, as the network was trained
_LEFT_EYE = (33, 133, 159, 145)  # outer and inner corner, middle of upper and lower lid; left in the picture
_RIGHT_EYE = (263, 362, 386, 374)
_HORIZONTAL_PAIRS = (
    (33, 263),
    (234, 454),
    (61, 291),
)  # left to right: outer eye corners, cheeks, mouth corners
_VERTICAL_PAIR = (10, 152)  # middle of the forehead's edge, tip of the chin
_PITCH_OFFSET = -8.0  # degrees: that line in a face that looks ahead (median of 278 people, see the card)


class Pose(NamedTuple):
    """How a face is turned, in degrees: yaw to the picture's right, pitch up, roll clockwise are positive."""

    yaw: float
    pitch: float
    roll: float


@dataclass(frozen=True, slots=True)
class Mesh:
    """A mesh on a picture: `points` (468, 3) in its pixels, z in the same unit, and how sure it is (0-1)."""

    points: NDArray[np.float64]
    score: float

    def outline(self) -> tuple[float, float, float, float]:
        """The upright rectangle around the face, brow to chin: x0, y0, x1, y1."""
        (x0, y0), (x1, y1) = self.points[:, :2].min(axis=0), self.points[:, :2].max(axis=0)
        return float(x0), float(y0), float(x1), float(y1)

    def side(self) -> float:
        """The longer side of the outline: a turned head is as tall as one that looks ahead."""
        x0, y0, x1, y1 = self.outline()
        return max(x1 - x0, y1 - y0, 1.0)

    def eyes(self) -> NDArray[np.float64]:
        """The eyes' points (2, 4, 2): left one first; outer and inner corner, upper and lower lid."""
        eyes: NDArray[np.float64] = self.points[[_LEFT_EYE, _RIGHT_EYE], :2]
        return eyes

    def pose(self) -> Pose:
        """How the face is turned, from the directions across it (eyes, cheeks, mouth) and down it."""
        left, right = (self.points[list(side)] for side in zip(*_HORIZONTAL_PAIRS, strict=True))
        across = _normalise((right - left).sum(axis=0))
        down = self.points[_VERTICAL_PAIR[1]] - self.points[_VERTICAL_PAIR[0]]
        down = _normalise(down - down @ across * across)
        forward = -np.cross(across, down)  # out of the face; (0, 0, -1) looks into the camera
        yaw = degrees(atan2(forward[0], -forward[2]))
        pitch = degrees(asin(float(np.clip(-forward[1], -1, 1)))) - _PITCH_OFFSET
        return Pose(yaw, pitch, degrees(atan2(across[1], across[0])))


def _normalise(vector: NDArray[np.float64]) -> NDArray[np.float64]:
    unit: NDArray[np.float64] = vector / max(float(np.linalg.norm(vector)), 1e-9)
    return unit


def face_square(corners: NDArray[np.float64]) -> OrientedCrop:
    """The square in which the mesh expects a detected face (8, 2): half as large again, eyes level."""
    (x0, y0), (x1, y1) = corners[:2]
    across = corners[3] - corners[2]
    side = _MARGIN * max(x1 - x0, y1 - y0)
    return OrientedCrop(float(x0 + x1) / 2, float(y0 + y1) / 2, float(side), atan2(across[1], across[0]))


def predict_mesh(network: Network, crop: Pixels, square: OrientedCrop) -> Mesh:
    """Lay the mesh on a face: `crop` (192, 192, 3) is what lies in `square`, stood upright."""
    raw_points, score_logit = network(crop[None].astype(np.float32) / 255.0)
    points = raw_points.reshape(-1, 3).astype(np.float64) / SIZE
    picture_points = square.to_picture(points[:, :2])
    score = 1.0 / (1.0 + np.exp(-np.clip(float(score_logit.reshape(-1)[0]), -80.0, 80.0)))
    return Mesh(np.column_stack([picture_points, points[:, 2] * square.side]), float(score))
