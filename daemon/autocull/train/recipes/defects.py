"""Recipe of the defects network: the severities of seven defects, learned from simulated defects."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, ClassVar, Literal

import keras
import numpy as np
from keras import layers

from autocull.arrays import Floats, Rng
from autocull.measure import DEFECT_PREPROCESSING, count_features, extract_inputs, prepare_defect_inputs
from autocull.read import Photo, Pixels
from autocull.train.data import Row, read_pictures
from autocull.train.recipes.base import Sample, TrainingPlan
from autocull.train.synthesis import DefectiveImage, isp, sample_defective_image
from autocull.vocabulary import DEFECTS

_MAX_SIDE = 640  # px: the photos used are about 500 px long; a larger one is reduced to be as sharp
_SCALES = (0.6, 1.15)  # range of their scales, so that the size of things reveals nothing


class DefectsDataset:
    """Inputs of simulated captures with their severities; augmentation mirrors them."""

    def __init__(
        self, features: Sequence[tuple[Floats, Pixels, Pixels]], targets: Floats, sources: list[str]
    ) -> None:
        self._features, self._targets = features, targets
        self.sources = sources

    def __len__(self) -> int:
        return len(self._features)

    def plain(self, index: int) -> Sample:
        """Return the photo as `DefectDetector` prepares it."""
        return Sample(prepare_defect_inputs(*self._features[index]), self._targets[index])

    def augmented(self, index: int, rng: Rng) -> Sample:
        """Return the photo or its mirror image, and its patches mirrored along 0 to 2 axes, all alike."""
        numbers, patches, view = self._features[index]
        flipped_view = view[:, :: int(rng.choice((1, -1)))]
        flipped_patches = patches[:, :: int(rng.choice((1, -1))), :: int(rng.choice((1, -1)))]
        return Sample(prepare_defect_inputs(numbers, flipped_patches, flipped_view), self._targets[index])


def recapture(picture: Pixels, rng: Rng) -> DefectiveImage:
    """Simulate a capture of a good photo at another scale; in 8 % of the cases return the photo itself."""
    if rng.random() < 0.08:
        return DefectiveImage(picture, np.zeros(len(DEFECTS), np.float32))
    return sample_defective_image(isp.resize(isp.to_linear(picture), float(rng.uniform(*_SCALES))), rng)


class DefectsRecipe:
    """Recipe of the defects network: seven independent severities.

    Each photo gives `captures_per_photo` simulated captures.
    """

    name: ClassVar[str] = "defects"
    version: ClassVar[str] = "6"
    classes: ClassVar[tuple[str, ...]] = DEFECTS
    answer: ClassVar[Literal["one_of", "any_of"]] = "any_of"
    labels: ClassVar[tuple[str, ...] | None] = None
    architecture: ClassVar[str] = (
        "two layers on 87 numbers (light, smear, grain, blocks), 5 convolutions on the whole view (16-96), "
        "5 on each of five patches (16-64), joined in 96 units, 7 logits on these and all features"
    )
    plan: ClassVar[TrainingPlan] = TrainingPlan(epochs=16, batch=32, rate=3e-3, averaging=0.99)

    def __init__(self, captures_per_photo: int = 6) -> None:
        self._captures_per_photo = captures_per_photo

    def preprocessing(self) -> dict[str, Any]:
        """Return the parameters that `DefectDetector` reads from the configuration."""
        return dict(DEFECT_PREPROCESSING)

    def load_dataset(self, rows: Sequence[Row], on_progress: Callable[[], None]) -> DefectsDataset:
        """Read good photos and simulate several captures of each; the seed is the index of its row."""
        pictures = read_pictures(rows, lambda: None, max_side=_MAX_SIDE)
        features, targets, sources = [], [], []
        for index, (row, picture) in enumerate(zip(rows, pictures, strict=True)):
            for repeat in range(self._captures_per_photo):
                photo = recapture(picture, np.random.default_rng([index, repeat]))
                features.append(extract_inputs(Photo.from_pixels(photo.pixels)))
                targets.append(photo.target)
                sources.append(row.source)
            on_progress()
        return DefectsDataset(features, np.stack(targets), sources)

    def build_network(self) -> Any:
        """Build the network: numbers, patches and view in (LiteRT orders them by name), logits `(7,)` out."""
        sizes = DEFECT_PREPROCESSING
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
        logits = layers.Dense(len(DEFECTS))(layers.Concatenate()([x, features]))
        return keras.Model([numbers, patches, view], logits, name=self.name)


def _encode_numbers(numbers: Any) -> Any:
    """Normalise the numbers `(batch, n)` and combine them in two dense layers."""
    x = layers.Dense(96, activation="relu")(layers.BatchNormalization(momentum=0.95)(numbers))
    return layers.Dense(64, activation="relu")(x)


def _encode_patches(patches: Any) -> Any:
    """Apply the same convolutions to every patch, and pool mean and maximum per patch and over all.

    The patches come as one strip `(batch, patches * side, side, 3)`: LiteRT's kernels cannot reshape a batch
    of batches.
    """
    x = _convolve(patches, (16, 24, 32, 48, 64))
    side = x.shape[2]
    pooled = layers.Concatenate()([layers.AveragePooling2D(side)(x), layers.MaxPooling2D(side)(x)])
    return _pool_mean_and_max(pooled)


def _pool_mean_and_max(x: Any) -> Any:
    return layers.Concatenate()([layers.GlobalAveragePooling2D()(x), layers.GlobalMaxPooling2D()(x)])


def _convolve(x: Any, channels: Sequence[int]) -> Any:
    """Add two strided convolutions, then one without stride, then further ones each after a pooling."""
    for depth, width in enumerate(channels):
        size, stride = (5 if depth == 0 else 3), (2 if depth < 2 else 1)
        if depth > 2:
            x = layers.MaxPooling2D()(x)
        x = layers.Conv2D(width, size, strides=stride, padding="same", use_bias=False)(x)
        x = layers.ReLU()(layers.BatchNormalization(momentum=0.95)(x))
    return x
