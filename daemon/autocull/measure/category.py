"""The category detector: classifies the whole picture (people, landscape, food ...), given its faces."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from autocull.measure.evidence import Face
from autocull.measure.models import Detector
from autocull.measure.network_io import scale_pixels
from autocull.read import Photo, Pixels

CATEGORY_PREPROCESSING: dict[str, Any] = {
    "size": 128,
    "colour": "rgb",
    "faces": ["count", "largest", "weighted"],
    "maps": [112, 320],
}
"""Preprocessing of a newly trained category network, stored in its `config.json`.

`size` is the side in pixels of the square to which the whole picture is resized; `faces` names the features
of the second input, see `face_features`; `maps` the numbers of channels of the backbone's maps that the
network returns after its probabilities, for other detectors.
"""

_MAX_COUNTED_FACES = 5


def prepare_category_picture(picture: Pixels, size: int) -> NDArray[np.float32]:
    """Convert a picture into the network's input, for training and inference: `(size, size, 3)`, -1 to 1.

    The whole picture is resized to the square without cropping, so that nothing at its border is lost.
    """
    image = Image.fromarray(picture).resize((size, size), Image.Resampling.BILINEAR, reducing_gap=2.0)
    return scale_pixels(image)


def face_features(faces: Sequence[Face]) -> NDArray[np.float32]:
    """Compute three features of a photo's faces, each 0 to 1, all 0 without faces: `(3,)` float32.

    Their count (5 or more is 1), the square root of the largest face's share of the picture, and that of the
    sum of all shares weighted by prominence.
    """
    shares = [(face.box.x1 - face.box.x0) * (face.box.y1 - face.box.y0) for face in faces]
    weighted = sum(share * face.prominence for share, face in zip(shares, faces, strict=True))
    count = min(len(faces), _MAX_COUNTED_FACES) / _MAX_COUNTED_FACES
    features = np.array([count, max(shares, default=0.0) ** 0.5, weighted**0.5], np.float32)
    return features.clip(0, 1)


class CategoryDetector(Detector):
    """Measures the probability of each category."""

    name: ClassVar[str] = "category"

    def measure(self, photo: Photo, faces: Sequence[Face]) -> dict[str, float]:
        """Return the probability of each category (sum 1); raises ModelError if the model is not usable."""
        return self.measure_with_maps(photo, faces)[0]

    def measure_with_maps(
        self, photo: Photo, faces: Sequence[Face]
    ) -> tuple[dict[str, float], tuple[NDArray[np.float32], ...]]:
        """Return what `measure` does, and the backbone's maps `(h, w, channels)` of the whole picture.

        The maps do not depend on the faces; `maps` of the preprocessing holds their numbers of channels.
        """
        picture = prepare_category_picture(photo.working, self._model.config["preprocessing"]["size"])
        outputs = self._network(face_features(faces)[None], picture[None])
        output = outputs[0][0]
        probabilities = output.astype(np.float64) / float(output.sum(dtype=np.float64))
        named = dict(zip(self._model.classes, probabilities.tolist(), strict=True))
        return named, tuple(each[0] for each in outputs[1:])
