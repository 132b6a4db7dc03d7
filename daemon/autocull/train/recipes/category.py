"""Recipe of the category network: the kind of a photo, from the resized picture and numbers of its faces."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, ClassVar, Literal

import keras
import numpy as np
from keras import layers
from PIL import Image

from autocull.arrays import Floats, Rng
from autocull.measure import (
    CATEGORY_PREPROCESSING,
    FaceDetector,
    face_features,
    models_root,
    prepare_category_picture,
)
from autocull.read import Photo, Pixels
from autocull.train.backbones import load_efficientnet_lite0
from autocull.train.data import Row, read_pictures
from autocull.train.recipes.base import Sample, TrainingPlan, balance_weights
from autocull.train.synthesis import augment
from autocull.vocabulary import CATEGORIES

SIZE = int(CATEGORY_PREPROCESSING["size"])

_MAX_SIDE = 320
_GREY_SHARE = 0.3  # one source is grey and holds three of the classes: grey must not reveal the class
_NO_FACES_SHARE = 0.2  # the network must recognise people whose faces the detector missed
_FACES_WEIGHT = 6.0  # three numbers among 1,283: at 1 they hardly influence the output
_MAX_RESOLUTION, _MIN_RESOLUTION = (
    SIZE,
    56,
)  # px: sources differ in resolution, which must not reveal the class


class CategoryDataset:
    """Pictures with the numbers of their faces; augmentation changes crop, resolution, light and colour."""

    def __init__(
        self,
        pictures: Sequence[Pixels],
        faces: Sequence[Floats],
        rows: Sequence[Row],
        classes: tuple[str, ...],
    ) -> None:
        labels = [classes.index(row.label) for row in rows]
        self._pictures, self._faces = pictures, faces
        self._targets = np.eye(len(classes), dtype=np.float32)[labels]
        self._weights = balance_weights(labels, len(classes), power=1.0)
        self.sources = [row.source for row in rows]

    def __len__(self) -> int:
        return len(self._pictures)

    def plain(self, index: int) -> Sample:
        """Return faces and picture as `CategoryDetector` prepares them."""
        return Sample(
            (self._faces[index], prepare_category_picture(self._pictures[index], SIZE)), self._targets[index]
        )

    def augmented(self, index: int, rng: Rng) -> Sample:
        """Return a random crop in other light, in the share `_NO_FACES_SHARE` of cases without its faces."""
        picture = _perturb(_crop(self._pictures[index], rng), rng)
        faces = self._faces[index] * np.float32(rng.random() >= _NO_FACES_SHARE)
        return Sample((faces, picture), self._targets[index], float(self._weights[index]))


def _crop(picture: Pixels, rng: Rng) -> Pixels:
    """Return a crop of most of the picture, mirrored or not, of at least `_MIN_RESOLUTION` px."""
    height, width = picture.shape[:2]
    share, aspect = rng.uniform(0.6, 1.0), np.exp(rng.uniform(-0.3, 0.3))
    crop_width = min(1.0, (share * aspect) ** 0.5) * width
    crop_height = min(1.0, (share / aspect) ** 0.5) * height
    left, top = rng.uniform(0, width - crop_width), rng.uniform(0, height - crop_height)
    side = _MAX_RESOLUTION if rng.random() < 0.5 else int(rng.integers(_MIN_RESOLUTION, _MAX_RESOLUTION))
    image = Image.fromarray(picture).resize(
        (side, side), Image.Resampling.BILINEAR, (left, top, left + crop_width, top + crop_height)
    )
    return np.asarray(image)[:, :: rng.choice((1, -1))]


def _perturb(crop: Pixels, rng: Rng) -> Floats:
    """Change light, colour and compression, and prepare the network's input."""
    picture = augment.vary_light(crop.astype(np.float32), rng, gamma=0.25, contrast=0.2)
    picture = augment.shift_colour(picture, rng)
    if rng.random() < _GREY_SHARE:
        picture = np.broadcast_to(picture.mean(axis=2, keepdims=True), picture.shape)
    if rng.random() < 0.3:
        picture = augment.compress(picture, rng)
    return prepare_category_picture(augment.to_bytes(picture), SIZE)


class CategoryRecipe:
    """Recipe of the category network: one of seven kinds of photos."""

    name: ClassVar[str] = "category"
    version: ClassVar[str] = "2"
    classes: ClassVar[tuple[str, ...]] = CATEGORIES
    answer: ClassVar[Literal["one_of", "any_of"]] = "one_of"
    labels: ClassVar[tuple[str, ...] | None] = classes
    architecture: ClassVar[str] = (
        "EfficientNet-Lite0 as trained on ImageNet, frozen; one layer joins it with the faces' numbers"
    )
    plan: ClassVar[TrainingPlan] = TrainingPlan(epochs=10, batch=64, rate=3e-3, decay=5e-2, averaging=0.99)

    def preprocessing(self) -> dict[str, Any]:
        """Return the parameters that `CategoryDetector` reads from the configuration."""
        return dict(CATEGORY_PREPROCESSING)

    def load_dataset(self, rows: Sequence[Row], on_progress: Callable[[], None]) -> CategoryDataset:
        """Read the pictures and detect the faces in them."""
        pictures = read_pictures(rows, on_progress, max_side=_MAX_SIDE)
        detector = FaceDetector(models_root())
        faces = [face_features(detector.measure(Photo.from_pixels(picture))) for picture in pictures]
        return CategoryDataset(pictures, faces, rows, self.classes)

    def build_network(self) -> Any:
        """Build the network: faces `(3,)` and picture `(128, 128, 3)` in, logits `(7,)` out.

        Only its last layers are untrained; raises ModelError where the backbone's weights are not installed.
        """
        picture = keras.Input((SIZE, SIZE, 3), name="picture")
        faces = keras.Input((len(CATEGORY_PREPROCESSING["faces"]),), name="faces")
        picture_features = _normalise(load_efficientnet_lite0(picture))
        scaled_faces = layers.Rescaling(_FACES_WEIGHT)(_normalise(faces))
        features = layers.Concatenate()([layers.Dropout(0.3)(picture_features), scaled_faces])
        # Zeros: random weights of 1,280 inputs would take longer to unlearn than the classes to learn.
        logits = layers.Dense(len(self.classes), kernel_initializer="zeros")(features)
        return keras.Model([faces, picture], logits, name=self.name)


def _normalise(x: Any) -> Any:
    """Scale every number to mean 0 and standard deviation 1 over photos, so that none is learned faster."""
    return layers.BatchNormalization(momentum=0.95, center=False, scale=False)(x)
