"""What kind of photo it is: people, landscape, food and so on, from the whole picture and the faces in it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from autocull.measure.evidence import Face
from autocull.measure.member import ModelBacked
from autocull.read.photo import Photo, Pixels

PREPROCESSING: dict[str, Any] = {"size": 128, "colour": "rgb", "faces": ["count", "largest", "weighted"]}
"""What a newly trained category network writes into its `config.json`, and what `CategoryDetector` reads
there.

`size` is the side in pixels of the square into which the whole picture is squeezed; `faces` names the second
input's numbers, see `face_features`.
"""

_MAX_COUNTED_FACES = 5


def prepare(picture: Pixels, size: int) -> NDArray[np.float32]:
    """Turn a picture into the network's input, in training as in use: `(size, size, 3)` float32 in -1 to 1.

    The whole picture is squeezed into the square, so that nothing at its rim is lost.
    """
    image = Image.fromarray(picture).resize((size, size), Image.Resampling.BILINEAR, reducing_gap=2.0)
    return np.asarray(image, np.float32) / np.float32(127.5) - 1


def face_features(faces: Sequence[Face]) -> NDArray[np.float32]:
    """Tell the faces of a photo in three numbers from 0 to 1, all 0 where there are none: `(3,)` float32.

    Their count (5 or more is 1), the square root of the largest one's share of the picture, and that of all
    shares weighted by prominence.
    """
    shares = [(face.box.x1 - face.box.x0) * (face.box.y1 - face.box.y0) for face in faces]
    weighted = sum(share * face.prominence for share, face in zip(shares, faces, strict=True))
    count = min(len(faces), _MAX_COUNTED_FACES) / _MAX_COUNTED_FACES
    features = np.array([count, max(shares, default=0.0) ** 0.5, weighted**0.5], np.float32)
    return features.clip(0, 1)


class CategoryDetector(ModelBacked):
    """The kind of photo: one probability per category."""

    name: ClassVar[str] = "category"
    needs: ClassVar[tuple[str, ...]] = ("faces",)

    def measure(self, photo: Photo, results: Mapping[str, Any]) -> dict[str, float]:
        """Give the probability of each category (they sum to 1); ModelError where the model is not usable."""
        picture = prepare(photo.working, self._model.config["preprocessing"]["size"])
        output = self._network(face_features(results["faces"])[None], picture[None])[0][0]
        probabilities = output.astype(np.float64) / float(output.sum(dtype=np.float64))
        return dict(zip(self._model.classes, probabilities.tolist(), strict=True))
