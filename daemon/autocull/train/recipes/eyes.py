"""Recipe of the eyes network: open or closed, from a grey crop of one eye."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, ClassVar, Literal

import keras
import numpy as np
from keras import layers

from autocull.arrays import Floats, Rng
from autocull.measure import EYE_PREPROCESSING, OrientedCrop, crop_working, prepare_eye
from autocull.read import Pixels
from autocull.train.data import Row, read_pictures
from autocull.train.recipes.base import Sample, TrainingPlan, balance_weights
from autocull.train.synthesis import augment

SIZE = int(EYE_PREPROCESSING["size"])

# How far crops may be zoomed depends on the framing of their source: the detector crops squares of 0.7 of the
# distance between the eyes. CEW's are tighter (0.6), all others wider.
_TIGHT_SOURCES = ("cew",)
_ZOOM_TIGHT = (0.85, 1.1)
_ZOOM_WIDE = (0.6, 1.05)


class EyesDataset:
    """Eye crops; augmentation changes framing, resolution and light, and adds perturbations."""

    def __init__(self, crops: Sequence[Pixels], rows: Sequence[Row], classes: tuple[str, ...]) -> None:
        self._crops = crops
        self._labels = [classes.index(row.label) for row in rows]
        self.sources = [row.source for row in rows]
        self._targets = np.eye(len(classes), dtype=np.float32)
        self._weights = _compute_weights(self.sources, self._labels, len(classes))

    def __len__(self) -> int:
        return len(self._crops)

    def plain(self, index: int) -> Sample:
        """Return the complete crop: the first of the views that `EyeDetector.open_probability` averages."""
        return Sample((prepare_eye([self._crops[index]], SIZE)[0],), self._targets[self._labels[index]])

    def augmented(self, index: int, rng: Rng) -> Sample:
        """Return the crop as of another camera in other light."""
        zoom = _ZOOM_TIGHT if self.sources[index] in _TIGHT_SOURCES else _ZOOM_WIDE
        eye = _perturb(_reframe(self._crops[index], zoom, rng), rng)
        pixels = np.repeat(augment.to_bytes(eye)[..., None], 3, axis=2)
        target, weight = self._targets[self._labels[index]], float(self._weights[index])
        return Sample((prepare_eye([pixels], SIZE)[0],), target, weight)


def _compute_weights(sources: Sequence[str], labels: Sequence[int], classes: int) -> Floats:
    """Return weights that balance open and closed within each source, so that its style reveals no label."""
    weights = np.ones(len(labels), dtype=np.float32)
    for source in set(sources):
        indices = [i for i, item_source in enumerate(sources) if item_source == source]
        weights[indices] = balance_weights([labels[i] for i in indices], classes, power=0.7)
    return weights


def _reframe(crop: Pixels, zoom: tuple[float, float], rng: Rng) -> Floats:
    """Return a rotated, shifted, possibly mirrored grey square of the crop, of 14 to 64 px."""
    height, width = crop.shape[:2]
    side = min(height, width) * rng.uniform(*zoom)
    x, y = (length / 2 + rng.uniform(-0.09, 0.09) * side for length in (width, height))
    square = OrientedCrop(x, y, side, float(np.radians(rng.uniform(-15, 15))))
    pixels = int(np.exp(rng.uniform(np.log(14), np.log(64))))
    patch = crop_working(crop, square, pixels)[:, :: rng.choice((1, -1))]
    return np.asarray(patch @ np.array([0.299, 0.587, 0.114], dtype=np.float32), dtype=np.float32)


def _perturb(eye: Floats, rng: Rng) -> Floats:
    """Change the light and apply each perturbation with its own probability."""
    eye = augment.vary_light(eye, rng)
    for perturbation, share in (
        (augment.add_side_light, 0.5),
        (augment.add_glare, 0.2),
        (augment.cover, 0.2),
        (augment.soften, 0.3),
        (augment.add_grain, 0.5),
        (augment.compress, 0.3),
    ):
        if rng.random() < share:
            eye = perturbation(eye, rng)
    return eye


class EyesRecipe:
    """Recipe of the eyes network: closed or open, for one eye."""

    name: ClassVar[str] = "eyes"
    version: ClassVar[str] = "3"
    classes: ClassVar[tuple[str, ...]] = ("closed", "open")
    answer: ClassVar[Literal["one_of", "any_of"]] = "one_of"
    labels: ClassVar[tuple[str, ...] | None] = classes
    architecture: ClassVar[str] = "7 convolutions 3x3 in 4 stages (24, 32, 64, 96), mean pooling, 2 logits"
    plan: ClassVar[TrainingPlan] = TrainingPlan(
        epochs=30, batch=64, rate=4e-3, smoothing=0.05, averaging=0.99
    )

    def preprocessing(self) -> dict[str, Any]:
        """Return the parameters that `EyeDetector` reads from the configuration."""
        return dict(EYE_PREPROCESSING)

    def load_dataset(self, rows: Sequence[Row], on_progress: Callable[[], None]) -> EyesDataset:
        """Read the crops, at most 128 px."""
        return EyesDataset(read_pictures(rows, on_progress, max_side=128), rows, self.classes)

    def build_network(self) -> Any:
        """Build the network: a crop `(48, 48, 1)` in, logits `(2,)` of closed and open out."""
        eye = keras.Input((SIZE, SIZE, 1), name="eye")
        x = _convolve(eye, 24)
        for channels in (32, 64, 96):
            x = layers.MaxPooling2D()(x)
            x = _convolve(_convolve(x, channels), channels)
        x = layers.Dropout(0.3)(layers.GlobalAveragePooling2D()(x))
        return keras.Model(eye, layers.Dense(len(self.classes))(x), name=self.name)


def _convolve(x: Any, channels: int) -> Any:
    x = layers.Conv2D(channels, 3, padding="same", use_bias=False)(x)
    return layers.ReLU()(layers.BatchNormalization(momentum=0.95)(x))
