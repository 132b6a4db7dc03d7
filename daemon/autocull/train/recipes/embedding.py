"""Recipe of the embedding network (`likeness`): contrastive learning of photos and patches."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, ClassVar, Literal

import keras
import numpy as np
from keras import layers, ops

from autocull.arrays import Floats, Rng
from autocull.measure import DESCRIPTOR_SIZE, EMBEDDING_PREPROCESSING, VECTOR_SIZE, prepare_embedding_picture
from autocull.read import Pixels
from autocull.train.data import Row, read_pictures
from autocull.train.recipes.base import Sample, TrainingPlan
from autocull.train.synthesis import ViewPair, sample_view_pair

SIZE, GRID = int(EMBEDDING_PREPROCESSING["size"]), int(EMBEDDING_PREPROCESSING["grid"])
MAX_SLOPE = float(EMBEDDING_PREPROCESSING["steepest"])

_MAX_SIDE = 224  # px: a view of half a photo still has more pixels than the network's input
_SAME_TARGET = np.array([1, 0], np.float32)
_MASKED_LOGIT = -1e9  # its softmax is zero
_EPSILON = 1e-6


class EmbeddingDataset:
    """Pictures of which every sample is two simulated views."""

    def __init__(self, pictures: Sequence[Pixels], sources: Sequence[str]) -> None:
        self._pictures = pictures
        self.sources = sources

    def __len__(self) -> int:
        return len(self._pictures)

    def sample_views(self, index: int, rng: Rng) -> ViewPair:
        """Sample two views of a picture; a piece of another picture may cover a part of the second."""
        other_picture = self._pictures[(index + int(rng.integers(1, max(2, len(self))))) % len(self)]
        return sample_view_pair(self._pictures[index], other_picture, rng, SIZE, GRID)

    def augmented(self, index: int, rng: Rng) -> Sample:
        """Return two views as `EmbeddingDetector` prepares them, and `ViewPair.locations`."""
        first, second, locations = self.sample_views(index, rng)
        return Sample(
            (
                prepare_embedding_picture(first, MAX_SLOPE),
                prepare_embedding_picture(second, MAX_SLOPE),
                locations,
            ),
            _SAME_TARGET,
        )

    def plain(self, index: int) -> Sample:
        """Return the same two views at every call."""
        return self.augmented(index, np.random.default_rng([7, index]))

    def prepare_batch(self, views: Sequence[Pixels]) -> Floats:
        """Return prepared views as one batch `(views, size, size, 3)`."""
        return np.stack([prepare_embedding_picture(view, MAX_SLOPE) for view in views])


_ARGUMENTS = {"heat": "temperature", "patch_heat": "patch_temperature"}
"""Arguments of `ContrastiveLogits` by the names in stored configurations."""


# Stored models and checkpoints hold the layer as "autocull>KnownAgain".
@keras.saving.register_keras_serializable("autocull", name="KnownAgain")
class ContrastiveLogits(layers.Layer):  # type: ignore[misc]  # Keras ships no types
    """Log probabilities of matching two views (NT-Xent) and their patches (InfoNCE).

    Takes the vectors `(batch, 64)` and patches `(batch, cells, depth)` of both views, and
    `ViewPair.locations` `(batch, cells, 3)`. The output `(batch, 2)` is log p and log (1 - p), so that the
    cross-entropy to (1, 0) is -log p. log p is a weighted mean of two: of matching a vector to that of the
    other view among all of the batch (NT-Xent: Chen et al., ICML 2020), and, with the weight `share`, of
    matching a patch among those of the other view and of a view of another photo (InfoNCE: van den Oord et
    al., "Representation Learning with Contrastive Predictive Coding", 2018).
    """

    def __init__(
        self, temperature: float = 0.1, patch_temperature: float = 0.1, share: float = 0.5, **options: Any
    ) -> None:
        super().__init__(**options)
        self.temperature, self.patch_temperature, self.share = temperature, patch_temperature, share

    def get_config(self) -> dict[str, Any]:
        """Return the arguments of the constructor, under their stored names."""
        config = {"heat": self.temperature, "patch_heat": self.patch_temperature, "share": self.share}
        return {**super().get_config(), **config}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Any:
        """Create the layer from a stored configuration."""
        arguments = {_ARGUMENTS.get(name, name): value for name, value in config.items()}
        return super().from_config(arguments)

    def call(self, inputs: list[Any]) -> Any:
        """Return log p and log (1 - p) of each pair: `(batch, 2)`."""
        first_vectors, second_vectors, first_patches, second_patches, locations = inputs
        photo_log_p = (
            self._photo_log_p(first_vectors, second_vectors)
            + self._photo_log_p(second_vectors, first_vectors)
        ) / 2
        log_p = (1 - self.share) * photo_log_p + self.share * self._patch_log_p(
            first_patches, second_patches, locations
        )
        log_p = ops.minimum(log_p, -_EPSILON)
        return ops.stack([log_p, ops.log(-ops.expm1(log_p))], axis=-1)

    def _photo_log_p(self, first: Any, second: Any) -> Any:
        cross_logits = ops.matmul(first, ops.transpose(second)) / self.temperature
        own_logits = ops.matmul(first, ops.transpose(first)) / self.temperature
        own_logits = own_logits + _MASKED_LOGIT * ops.eye(ops.shape(first)[0])
        candidates = ops.concatenate([cross_logits, own_logits], axis=1)
        return ops.diagonal(cross_logits) - ops.logsumexp(candidates, axis=1)

    def _patch_log_p(self, first: Any, second: Any, locations: Any) -> Any:
        candidates = ops.concatenate([second, ops.roll(second, 1, axis=0)], axis=1)
        logits = ops.matmul(first, ops.transpose(candidates, (0, 2, 1))) / self.patch_temperature
        log_p = logits - ops.logsumexp(logits, axis=-1, keepdims=True)
        cells = first.shape[1]
        matched = ops.sum(log_p[..., :cells] * _cell_weights(locations), axis=-1)
        return ops.sum(matched * locations[..., 2], axis=1) / ops.maximum(
            ops.sum(locations[..., 2], axis=1), 1.0
        )


def _cell_weights(locations: Any) -> Any:
    """Return the bilinear weights `(batch, cells, cells)` (0-1) of the grid's cells at each location."""
    centres = ops.arange(GRID, dtype="float32")
    x, y = (
        ops.maximum(
            1 - ops.abs(ops.clip(locations[..., axis] * GRID - 0.5, 0, GRID - 1)[..., None] - centres), 0
        )
        for axis in (0, 1)
    )
    return ops.reshape(y[..., :, None] * x[..., None, :], (-1, locations.shape[1], GRID * GRID))


class EmbeddingRecipe:
    """Recipe of the embedding network, which is trained on pairs of views; only its encoder is exported."""

    name: ClassVar[str] = "likeness"
    version: ClassVar[str] = "2"
    classes: ClassVar[tuple[str, ...]] = ("vector", "patches")
    answer: ClassVar[Literal["one_of", "any_of"]] = "one_of"
    labels: ClassVar[tuple[str, ...] | None] = None
    architecture: ClassVar[str] = (
        "3x3 convolutions to a 12 x 12 grid (24, 48, 96, one residual block); patches by 1x1, vector by a "
        "further convolution (128), mean and max pooling"
    )
    plan: ClassVar[TrainingPlan] = TrainingPlan(epochs=20, batch=64, rate=3e-3, decay=1e-2, averaging=0.99)

    def preprocessing(self) -> dict[str, Any]:
        """Return the parameters that `EmbeddingDetector` reads from the configuration."""
        return dict(EMBEDDING_PREPROCESSING)

    def load_dataset(self, rows: Sequence[Row], on_progress: Callable[[], None]) -> EmbeddingDataset:
        """Read the pictures."""
        return EmbeddingDataset(
            read_pictures(rows, on_progress, max_side=_MAX_SIDE), [row.source for row in rows]
        )

    def build_encoder(self) -> Any:
        """Build the exported part: a picture `(96, 96, 3)` in, vector and patches in one row out."""
        picture = keras.Input((SIZE, SIZE, 3), name="picture")
        x = _convolve(picture, 24, stride=2)
        x = _convolve(x, 48, stride=2)
        x = _convolve(x, 96, stride=2)
        x = _add_residual_block(x, 96)
        patches = layers.UnitNormalization()(layers.Conv2D(DESCRIPTOR_SIZE, 1)(x))
        x = _convolve(x, 128, stride=2)
        pooled = layers.Concatenate()([layers.GlobalAveragePooling2D()(x), layers.GlobalMaxPooling2D()(x)])
        vector = layers.UnitNormalization()(layers.Dense(VECTOR_SIZE)(pooled))
        return keras.Model(picture, layers.Concatenate()([vector, layers.Flatten()(patches)]), name="encoder")

    def build_network(self) -> Any:
        """Build the trained network: two views and their locations in, `ContrastiveLogits` out."""
        views = [keras.Input((SIZE, SIZE, 3), name=name) for name in ("first", "second")]
        locations = keras.Input((GRID * GRID, 3), name="where")
        encoder = self.build_encoder()
        encodings = [encoder(view) for view in views]
        vectors = [encoding[:, :VECTOR_SIZE] for encoding in encodings]
        patches = [
            layers.Reshape((GRID * GRID, DESCRIPTOR_SIZE))(encoding[:, VECTOR_SIZE:])
            for encoding in encodings
        ]
        outputs = ContrastiveLogits()([*vectors, *patches, locations])
        return keras.Model([*views, locations], outputs, name=self.name)


def _convolve(x: Any, channels: int, *, stride: int = 1) -> Any:
    x = layers.Conv2D(channels, 3, stride, padding="same", use_bias=False)(x)
    return layers.ReLU()(layers.BatchNormalization(momentum=0.95)(x))


def _add_residual_block(x: Any, channels: int) -> Any:
    y = _convolve(x, channels)
    y = layers.Conv2D(channels, 3, padding="same", use_bias=False)(y)
    return layers.ReLU()(layers.Add()([x, layers.BatchNormalization(momentum=0.95)(y)]))
