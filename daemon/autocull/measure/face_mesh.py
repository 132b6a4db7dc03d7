"""The face mesh: 468 points on a face, and the outline, eyes and pose derived from them.

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
from autocull.measure.network_io import sigmoid
from autocull.measure.oriented_crops import OrientedCrop
from autocull.read import Pixels

SIZE = 192
"""Side of the network's square input in pixels."""

_MARGIN = 1.5  # side of the mesh's square over that of the face detector's box, as in the network's training
_LEFT_EYE = (33, 133, 159, 145)  # outer and inner corner, middle of upper and lower lid; left in the picture
_RIGHT_EYE = (263, 362, 386, 374)
_HORIZONTAL_PAIRS = ((33, 263), (234, 454), (61, 291))  # left to right: outer eye corners, cheeks, mouth
_LIPS = (13, 14, 78, 308)  # inner edges of upper and lower lip, inner corners of the mouth
_VERTICAL_PAIR = (10, 152)  # middle of the forehead's edge, tip of the chin
_PITCH_OFFSET = -8.0  # degrees: pitch of that line in a frontal face (median of 278 people, see the card)


class Pose(NamedTuple):
    """The pose of a face in degrees: yaw to the picture's right, pitch up and roll clockwise are positive."""

    yaw: float
    pitch: float
    roll: float


@dataclass(frozen=True, slots=True)
class Mesh:
    """A mesh on a picture: `points` (468, 3) in its pixels, z in the same unit, and its confidence (0-1)."""

    points: NDArray[np.float64]
    score: float

    def outline(self) -> tuple[float, float, float, float]:
        """Return the upright rectangle around the face, brow to chin: x0, y0, x1, y1."""
        (x0, y0), (x1, y1) = self.points[:, :2].min(axis=0), self.points[:, :2].max(axis=0)
        return float(x0), float(y0), float(x1), float(y1)

    def side(self) -> float:
        """Return the longer side of the outline, at least 1; it hardly changes when the head turns."""
        x0, y0, x1, y1 = self.outline()
        return max(x1 - x0, y1 - y0, 1.0)

    def eyes(self) -> NDArray[np.float64]:
        """Return the eyes' points (2, 4, 2): left one first; outer and inner corner, upper and lower lid."""
        eyes: NDArray[np.float64] = self.points[[_LEFT_EYE, _RIGHT_EYE], :2]
        return eyes

    def mouth(self) -> float:
        """Return the distance of the lips' inner edges over the distance of the mouth's inner corners."""
        upper, lower, left, right = self.points[list(_LIPS)]
        return float(np.linalg.norm(lower - upper) / max(float(np.linalg.norm(right - left)), 1e-9))

    def pose(self) -> Pose:
        """Compute the pose from the directions across the face (eyes, cheeks, mouth) and down it."""
        left, right = (self.points[list(side)] for side in zip(*_HORIZONTAL_PAIRS, strict=True))
        across = _normalise((right - left).sum(axis=0))
        down = self.points[_VERTICAL_PAIR[1]] - self.points[_VERTICAL_PAIR[0]]
        down = _normalise(down - down @ across * across)
        forward = -np.cross(across, down)  # out of the face; (0, 0, -1) points at the camera
        yaw = degrees(atan2(forward[0], -forward[2]))
        pitch = degrees(asin(float(np.clip(-forward[1], -1, 1)))) - _PITCH_OFFSET
        return Pose(yaw, pitch, degrees(atan2(across[1], across[0])))


def _normalise(vector: NDArray[np.float64]) -> NDArray[np.float64]:
    unit: NDArray[np.float64] = vector / max(float(np.linalg.norm(vector)), 1e-9)
    return unit


def face_square(corners: NDArray[np.float64]) -> OrientedCrop:
    """Return the square that the mesh takes for a detected face (8, 2): 1.5 times as large, eyes level."""
    (x0, y0), (x1, y1) = corners[:2]
    across = corners[3] - corners[2]
    side = _MARGIN * max(x1 - x0, y1 - y0)
    return OrientedCrop(float(x0 + x1) / 2, float(y0 + y1) / 2, float(side), atan2(across[1], across[0]))


def predict_mesh(network: Network, crop: Pixels, square: OrientedCrop) -> Mesh:
    """Predict the mesh of a face; `crop` (192, 192, 3) is the content of `square`, turned upright."""
    raw_points, score_logit = network(crop[None].astype(np.float32) / 255.0)
    points = raw_points.reshape(-1, 3).astype(np.float64) / SIZE
    picture_points = square.to_picture(points[:, :2])
    score = float(sigmoid(score_logit.reshape(-1)[0]))
    return Mesh(np.column_stack([picture_points, points[:, 2] * square.side]), score)
