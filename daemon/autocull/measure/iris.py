"""The iris network: how far apart the lids of an eye are, and where its iris is between its corners.

The network is MediaPipe's iris (Ablavatski et al., "Real-time Pupil Tracking from Monocular Video for Digital
Puppetry", CVPR workshop 2020). It was trained on eyes on the picture's left; others are mirrored.
"""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

import numpy as np

from autocull.measure.models import Network
from autocull.measure.oriented_crops import OrientedCrop
from autocull.read import Pixels

SIZE = 64
"""Side of the network's square input in pixels."""

_FRAMING = 2.3  # side of the network's square over the distance between the eye's corners, as in its training
_OUTER, _INNER = 0, 8  # corners of the eye in the network's contour
_LOWER, _UPPER = slice(2, 7), slice(10, 15)  # five opposite points of each lid, from outside to inside
_IRIS_CENTRE = 0


class EyeShape(NamedTuple):
    """The shape of one eye, in distances between its corners.

    `lids` is the mean distance of the lids (about 0.3 for an open eye, 0.1 for a closed one); `gaze` the
    iris's distance from the middle of the corners, positive towards the picture's right.
    """

    lids: float
    gaze: float


def iris_square(square: OrientedCrop, size: float) -> OrientedCrop:
    """Return the square that the network takes for an eye with `size` between its corners."""
    return replace(square, side=max(1.0, _FRAMING * size))


def predict_shape(network: Network, crop: Pixels, *, mirrored: bool) -> EyeShape:
    """Predict the shape of an eye; `crop` (64, 64, 3) is the content of `iris_square`, turned upright.

    `mirrored` is true for the eye on the picture's right.
    """
    pixels = crop[:, ::-1] if mirrored else crop
    raw_contour, raw_iris = sorted(
        network(pixels[None].astype(np.float32) / 255.0), key=np.size, reverse=True
    )
    contour = raw_contour.reshape(-1, 3)[:, :2].astype(np.float64)
    iris = raw_iris.reshape(-1, 3)[_IRIS_CENTRE, :2]
    across = contour[_INNER] - contour[_OUTER]
    size = max(float(np.hypot(*across)), 1e-9)
    lids = np.linalg.norm(contour[_UPPER] - contour[_LOWER], axis=1).mean() / size
    gaze = float((iris - (contour[_INNER] + contour[_OUTER]) / 2) @ across) / size**2
    return EyeShape(float(lids), -gaze if mirrored else gaze)
