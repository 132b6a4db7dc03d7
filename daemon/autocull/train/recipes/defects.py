"""The defects recipe: which defects does this photo have, and how bad, learned from good photos made bad."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, ClassVar, Literal

import keras
import numpy as np
from keras import layers

from autocull.arrays import Floats
from autocull.measure.defects import PREPROCESSING, count_features, extract_inputs, prepare
from autocull.read.photo import Pixels
from autocull.train.data.image_io import photo_of, read_pictures
from autocull.train.data.manifest import Row
from autocull.train.recipes.base import Sample, TrainingPlan
from autocull.train.synthesis import isp
from autocull.train.synthesis.defects import DefectiveImage, sample_defective_image
from autocull.vocabulary import DEFECTS

_MAX_SIDE = 640  # px: the photos at hand are about 500 px long; a larger one is made as crisp as they are
_CAPTURES_PER_PHOTO = 6  # how often each photo is taken again
_SCALES = (0.6, 1.15)  # the sizes in which it is taken, so that the size of things says nothing


class DefectsDataset:
    """What the network sees of photos taken again, in memory, with the severities; drawn mirrored."""

    def __init__(
        self, features: Sequence[tuple[Floats, Pixels, Pixels]], targets: Floats, sources: list[str]
    ) -> None:
        self._features, self._targets = features, targets
        self.sources = sources

    def __len__(self) -> int:
        return len(self._features)

    def plain(self, index: int) -> Sample:
        """Give the photo as `DefectDetector` would prepare it."""
        return Sample(prepare(*self._features[index]), self._targets[index])

    def augmented(self, index: int, rng: np.random.Generator) -> Sample:
        """Give the photo or its mirror image; its patches, all alike, in one of four positions."""
        numbers, patches, view = self._features[index]
        flipped_view = view[:, :: int(rng.choice((1, -1)))]
        flipped_patches = patches[:, :: int(rng.choice((1, -1))), :: int(rng.choice((1, -1)))]
        return Sample(prepare(numbers, flipped_patches, flipped_view), self._targets[index])


def recapture(picture: Pixels, rng: np.random.Generator) -> DefectiveImage:
    """Take a good photo again, in another size; now and then as it is, with no camera's doing at all."""
    if rng.random() < 0.08:
        return DefectiveImage(picture, np.zeros(len(DEFECTS), np.float32))
    return sample_defective_image(isp.resize(isp.to_linear(picture), float(rng.uniform(*_SCALES))), rng)


class DefectsRecipe:
    """The seven defects, each for itself; see `Recipe`."""

    name: ClassVar[str] = "defects"
    version: ClassVar[str] = "4"
    classes: ClassVar[tuple[str, ...]] = DEFECTS
    answer: ClassVar[Literal["one_of", "any_of"]] = "any_of"
    labels: ClassVar[tuple[str, ...] | None] = None
    architecture: ClassVar[str] = (
        "two layers on 87 numbers (light, smear, grain, blocks), 5 convolutions on the whole view (16-96), "
        "5 on each of five patches (16-64), joined in 96 units, 7 logits"
    )
    plan: ClassVar[TrainingPlan] = TrainingPlan(epochs=16, batch=32, rate=3e-3, averaging=0.99)

    def preprocessing(self) -> dict[str, Any]:
        """Give what `DefectDetector` reads from the configuration."""
        return dict(PREPROCESSING)

    def load_dataset(self, rows: Sequence[Row], on_progress: Callable[[], None]) -> DefectsDataset:
        """Read the good photos and take each again several times; seeded by its place among the rows."""
        pictures = read_pictures(rows, lambda: None, max_side=_MAX_SIDE)
        features, targets, sources = [], [], []
        for index, (row, picture) in enumerate(zip(rows, pictures, strict=True)):
            for repeat in range(_CAPTURES_PER_PHOTO):
                photo = recapture(picture, np.random.default_rng([index, repeat]))
                features.append(extract_inputs(photo_of(photo.pixels)))
                targets.append(photo.target)
                sources.append(row.source)
            on_progress()
        return DefectsDataset(features, np.stack(targets), sources)

    def build_network(self) -> Any:
        """Build the network: numbers, patches and view in (LiteRT keeps them by name), logits out."""
        sizes = PREPROCESSING
        view = keras.Input((sizes["view"], sizes["view"], 3), name="view")
        strip = (sizes["rich"] + sizes["plain"]) * sizes["patch"]
        patches = keras.Input((strip, sizes["patch"], 3), name="patches")
        numbers = keras.Input((count_features(sizes),), name="numbers")
        features = layers.Concatenate()(
            [
                _pool_mean_and_max(_convolve(view, (16, 32, 48, 64, 96))),
                _encode_patches(patches),
                _encode_numbers(numbers),
            ]
        )
        x = layers.Dense(96, activation="relu")(layers.Dropout(0.2)(features))
        return keras.Model([numbers, patches, view], layers.Dense(len(DEFECTS))(x), name=self.name)


def _encode_numbers(numbers: Any) -> Any:
    """Bring what was counted to one size, and see which of it goes together."""
    x = layers.Dense(96, activation="relu")(layers.BatchNormalization(momentum=0.95)(numbers))
    return layers.Dense(64, activation="relu")(x)


def _encode_patches(patches: Any) -> Any:
    """See every patch with the same eyes; keep the strongest and the mean impression of them all.

    The patches come as one strip: a batch of batches is more than LiteRT's kernels reshape.
    """
    x = _convolve(patches, (16, 24, 32, 48, 64))
    side = x.shape[2]
    pooled = layers.Concatenate()([layers.AveragePooling2D(side)(x), layers.MaxPooling2D(side)(x)])
    return _pool_mean_and_max(pooled)


def _pool_mean_and_max(x: Any) -> Any:
    return layers.Concatenate()([layers.GlobalAveragePooling2D()(x), layers.GlobalMaxPooling2D()(x)])


def _convolve(x: Any, channels: Sequence[int]) -> Any:
    """Two strided convolutions, then each one after a pooling but the first."""
    for depth, width in enumerate(channels):
        size, stride = (5 if depth == 0 else 3), (2 if depth < 2 else 1)
        if depth > 2:
            x = layers.MaxPooling2D()(x)
        x = layers.Conv2D(width, size, strides=stride, padding="same", use_bias=False)(x)
        x = layers.ReLU()(layers.BatchNormalization(momentum=0.95)(x))
    return x
