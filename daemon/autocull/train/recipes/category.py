"""The category's recipe: what kind of photo it is, from the whole picture, made small, and its faces."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, ClassVar, Literal

import keras
import numpy as np
from keras import layers
from numpy.typing import NDArray
from PIL import Image

from autocull.measure.category import PREPROCESSING, face_numbers, prepare
from autocull.measure.faces import FacesMember
from autocull.measure.models import models_root
from autocull.read.photo import Pixels
from autocull.train import augment
from autocull.train.manifest import Row
from autocull.train.photos import photo_of
from autocull.train.pictures import read_all
from autocull.train.recipe import Example, Floats, Plan, balance

SIZE = int(PREPROCESSING["size"])

_LONGEST = 320
_GREY_SHARE = 0.3  # one source is grey and holds three of the classes: grey must not tell the class
_NO_FACES_SHARE = 0.4  # the network must know people whose faces the detector missed
_MIXED_SHARE = 0.5
_SHARPEST, _SOFTEST = SIZE, 40  # px: sources differ in resolution, and that must not tell the class


class CategoryPart:
    """Pictures in memory with the numbers of their faces; every draw is another cut, resolution and light."""

    def __init__(
        self,
        pictures: Sequence[Pixels],
        faces: Sequence[NDArray[np.float32]],
        rows: Sequence[Row],
        classes: tuple[str, ...],
    ) -> None:
        labels = [classes.index(row.label) for row in rows]
        self._pictures, self._faces = pictures, faces
        self._targets = np.eye(len(classes), dtype=np.float32)[labels]
        self._weights = balance(labels, len(classes), power=0.5)
        self.sources = [row.source for row in rows]

    def __len__(self) -> int:
        return len(self._pictures)

    def plain(self, index: int) -> Example:
        """Give picture and faces as `CategoryMember` would."""
        return Example((self._faces[index], prepare(self._pictures[index], SIZE)), self._targets[index])

    def draw(self, index: int, rng: np.random.Generator) -> Example:
        """Give the picture cut and lit differently, at times blended with another one (mixup)."""
        example = self._one(index, rng)
        if rng.random() >= _MIXED_SHARE:
            return example
        other, share = self._one(int(rng.integers(len(self))), rng), np.float32(rng.beta(0.3, 0.3))
        inputs = tuple(share * a + (1 - share) * b for a, b in zip(example.inputs, other.inputs, strict=True))
        weight = float(share * example.weight + (1 - share) * other.weight)
        return Example(inputs, share * example.target + (1 - share) * other.target, weight)

    def _one(self, index: int, rng: np.random.Generator) -> Example:
        picture = _disturb(_cut(self._pictures[index], rng), rng)
        faces = self._faces[index] * np.float32(rng.random() >= _NO_FACES_SHARE)
        return Example((faces, picture), self._targets[index], float(self._weights[index]))


def _cut(picture: Pixels, rng: np.random.Generator) -> Pixels:
    """Cut out half of the picture or more, mirrored or not, at a resolution of `_SOFTEST` px or more."""
    height, width = picture.shape[:2]
    share, shape = rng.uniform(0.45, 1.0), np.exp(rng.uniform(-0.3, 0.3))
    wide = min(1.0, (share * shape) ** 0.5) * width
    high = min(1.0, (share / shape) ** 0.5) * height
    left, top = rng.uniform(0, width - wide), rng.uniform(0, height - high)
    side = _SHARPEST if rng.random() < 0.5 else int(rng.integers(_SOFTEST, _SHARPEST))
    image = Image.fromarray(picture).resize(
        (side, side), Image.Resampling.BILINEAR, (left, top, left + wide, top + high)
    )
    return np.asarray(image)[:, :: rng.choice((1, -1))]


def _disturb(cut: Pixels, rng: np.random.Generator) -> Floats:
    """Change light and colour, cover something, and squeeze into the network's input."""
    picture = augment.light(cut.astype(np.float32), rng, gamma=0.35, contrast=0.25)
    picture = augment.tint(picture, rng)
    if rng.random() < _GREY_SHARE:
        picture = np.broadcast_to(picture.mean(axis=2, keepdims=True), picture.shape)
    if rng.random() < 0.4:
        picture = augment.cover(picture, rng, most=0.4)
    if rng.random() < 0.3:
        picture = augment.compress(picture, rng)
    if rng.random() < 0.3:
        picture = augment.grain(picture, rng)
    return prepare(augment.to_bytes(picture), SIZE)


class CategoryRecipe:
    """What kind of photo it is; see `Recipe`."""

    name: ClassVar[str] = "category"
    version: ClassVar[str] = "1"
    classes: ClassVar[tuple[str, ...]] = (
        "people",
        "landscape",
        "architecture_city",
        "animals",
        "food",
        "macro_plants",
        "other",
    )
    answer: ClassVar[Literal["one_of", "any_of"]] = "one_of"
    labels: ClassVar[tuple[str, ...] | None] = classes
    architecture: ClassVar[str] = (
        "residual 3x3 convolutions in 4 stages (16, 32, 64, 128), mean pooling, joined by the faces' numbers"
    )
    plan: ClassVar[Plan] = Plan(epochs=45, batch=64, rate=3e-3, decay=5e-2, smoothing=0.1, averaging=0.99)

    def preprocessing(self) -> dict[str, Any]:
        """Give what `CategoryMember` reads from the configuration."""
        return dict(PREPROCESSING)

    def part(self, rows: Sequence[Row], step: Callable[[], None]) -> CategoryPart:
        """Read the pictures and find the faces in them."""
        pictures = read_all(rows, step, longest=_LONGEST)
        detector = FacesMember(models_root())
        faces = [face_numbers(detector.measure(photo_of(picture), {})) for picture in pictures]
        return CategoryPart(pictures, faces, rows, self.classes)

    def network(self) -> Any:
        """Build the network: faces `(3,)` and picture `(96, 96, 3)` in, logits of the categories out."""
        picture = keras.Input((SIZE, SIZE, 3), name="picture")
        faces = keras.Input((len(PREPROCESSING["faces"]),), name="faces")
        x = _convolution(picture, 16, size=5, stride=2)
        x = layers.MaxPooling2D()(x)
        for channels, stride in ((32, 1), (64, 2), (128, 2)):
            x = _residual(_convolution(x, channels, stride=stride), channels)
        x = layers.Dropout(0.3)(layers.GlobalAveragePooling2D()(x))
        known = layers.Dense(16, activation="relu")(faces)
        joined = layers.Dense(64, activation="relu")(layers.Concatenate()([x, known]))
        return keras.Model([faces, picture], layers.Dense(len(self.classes))(joined), name=self.name)


def _convolution(x: Any, channels: int, *, size: int = 3, stride: int = 1) -> Any:
    x = layers.Conv2D(channels, size, stride, padding="same", use_bias=False)(x)
    return layers.ReLU()(layers.BatchNormalization(momentum=0.95)(x))


def _residual(x: Any, channels: int) -> Any:
    y = layers.Conv2D(channels, 3, padding="same", use_bias=False)(x)
    return layers.ReLU()(layers.Add()([x, layers.BatchNormalization(momentum=0.95)(y)]))
