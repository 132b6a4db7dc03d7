"""The likeness recipe: know a photo again, and each place in it, among others; learned without labels."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, ClassVar, Literal

import keras
import numpy as np
from keras import layers, ops

from autocull.arrays import Floats
from autocull.measure.embedding import DEPTH, PREPROCESSING, VECTOR, prepare
from autocull.read.photo import Pixels
from autocull.train.data.image_io import read_all
from autocull.train.data.manifest import Row
from autocull.train.recipes.base import Example, Plan
from autocull.train.synthesis.view_pairs import Views, take_views

SIZE, GRID = int(PREPROCESSING["size"]), int(PREPROCESSING["grid"])
STEEPEST = float(PREPROCESSING["steepest"])

_LONGEST = 224  # px: a view of half a photo still has more pixels than the network sees
_SAME = np.array([1, 0], np.float32)
_FAR = -1e9  # a logit that weighs nothing
_SURE = 1e-6


class LikenessPart:
    """Pictures in memory; every example is two views of one of them."""

    def __init__(self, pictures: Sequence[Pixels], sources: Sequence[str]) -> None:
        self._pictures = pictures
        self.sources = sources

    def __len__(self) -> int:
        return len(self._pictures)

    def views(self, index: int, rng: np.random.Generator) -> Views:
        """Take two views of a picture, with a visitor from another one."""
        other = self._pictures[(index + int(rng.integers(1, max(2, len(self))))) % len(self)]
        return take_views(self._pictures[index], other, rng, SIZE, GRID)

    def draw(self, index: int, rng: np.random.Generator) -> Example:
        """Give two views as `LikenessMember` would prepare them, and what lies where."""
        first, second, where = self.views(index, rng)
        return Example((prepare(first, STEEPEST), prepare(second, STEEPEST), where), _SAME)

    def plain(self, index: int) -> Example:
        """Give the same two views at every call."""
        return self.draw(index, np.random.default_rng([7, index]))

    def prepared(self, views: Sequence[Pixels]) -> Floats:
        """Prepare views as one batch."""
        return np.stack([prepare(view, STEEPEST) for view in views])


@keras.saving.register_keras_serializable("autocull")
class KnownAgain(layers.Layer):  # type: ignore[misc]  # Keras ships no types
    """How likely two views know each other among the other photos of the batch, and their places each other.

    Takes the vectors `(batch, 64)` and patches `(batch, cells, depth)` of both views, and `Views.where`.
    The answer `(batch, 2)` is log p and log (1 - p), so that the cross-entropy to (1, 0) is -log p. log p is
    the mean of two: of finding the other view among all of the batch (NT-Xent: Chen et al., ICML 2020), and
    of finding a patch among those of the other view and of a strange one (InfoNCE: van den Oord et al.,
    "Representation Learning with Contrastive Predictive Coding", 2018).
    """

    def __init__(self, heat: float = 0.1, patch_heat: float = 0.1, share: float = 0.5, **names: Any) -> None:
        super().__init__(**names)
        self.heat, self.patch_heat, self.share = heat, patch_heat, share

    def get_config(self) -> dict[str, Any]:
        """Give what the layer is made of."""
        own = {"heat": self.heat, "patch_heat": self.patch_heat, "share": self.share}
        return {**super().get_config(), **own}

    def call(self, inputs: list[Any]) -> Any:
        """Give log p and log (1 - p) of each pair."""
        one, other, patches, others, where = inputs
        photos = (self._photos(one, other) + self._photos(other, one)) / 2
        log_p = (1 - self.share) * photos + self.share * self._places(patches, others, where)
        log_p = ops.minimum(log_p, -_SURE)
        return ops.stack([log_p, ops.log(-ops.expm1(log_p))], axis=-1)

    def _photos(self, one: Any, other: Any) -> Any:
        across = ops.matmul(one, ops.transpose(other)) / self.heat
        among = ops.matmul(one, ops.transpose(one)) / self.heat
        among = among + _FAR * ops.eye(ops.shape(one)[0])
        rivals = ops.concatenate([across, among], axis=1)
        return ops.diagonal(across) - ops.logsumexp(rivals, axis=1)

    def _places(self, patches: Any, others: Any, where: Any) -> Any:
        rivals = ops.concatenate([others, ops.roll(others, 1, axis=0)], axis=1)
        logits = ops.matmul(patches, ops.transpose(rivals, (0, 2, 1))) / self.patch_heat
        said = logits - ops.logsumexp(logits, axis=-1, keepdims=True)
        cells = patches.shape[1]
        found = ops.sum(said[..., :cells] * _shares(where), axis=-1)
        return ops.sum(found * where[..., 2], axis=1) / ops.maximum(ops.sum(where[..., 2], axis=1), 1.0)


def _shares(where: Any) -> Any:
    """Divide each place among the cells around it, the nearer the more: `(batch, cells, cells)` in 0-1."""
    middles = ops.arange(GRID, dtype="float32")
    x, y = (
        ops.maximum(1 - ops.abs(ops.clip(where[..., axis] * GRID - 0.5, 0, GRID - 1)[..., None] - middles), 0)
        for axis in (0, 1)
    )
    return ops.reshape(y[..., :, None] * x[..., None, :], (-1, where.shape[1], GRID * GRID))


class LikenessRecipe:
    """Which photo, and which place in it; the network is trained as a pair, and one half of it is served."""

    name: ClassVar[str] = "likeness"
    version: ClassVar[str] = "2"
    classes: ClassVar[tuple[str, ...]] = ("vector", "patches")
    answer: ClassVar[Literal["one_of", "any_of"]] = "one_of"
    labels: ClassVar[tuple[str, ...] | None] = None
    architecture: ClassVar[str] = (
        "3x3 convolutions to a 12 x 12 grid (24, 48, 96, one residual block); patches by 1x1, vector by a "
        "further convolution (128), mean and max pooling"
    )
    plan: ClassVar[Plan] = Plan(epochs=20, batch=64, rate=3e-3, decay=1e-2, averaging=0.99)

    def preprocessing(self) -> dict[str, Any]:
        """Give what `LikenessMember` reads from the configuration."""
        return dict(PREPROCESSING)

    def part(self, rows: Sequence[Row], step: Callable[[], None]) -> LikenessPart:
        """Read the pictures."""
        return LikenessPart(read_all(rows, step, longest=_LONGEST), [row.source for row in rows])

    def encoder(self) -> Any:
        """Build what is served: a picture `(96, 96, 3)` in, vector and patches in one row out."""
        picture = keras.Input((SIZE, SIZE, 3), name="picture")
        x = _convolution(picture, 24, stride=2)
        x = _convolution(x, 48, stride=2)
        x = _convolution(x, 96, stride=2)
        x = _residual(x, 96)
        patches = layers.UnitNormalization()(layers.Conv2D(DEPTH, 1)(x))
        x = _convolution(x, 128, stride=2)
        pooled = layers.Concatenate()([layers.GlobalAveragePooling2D()(x), layers.GlobalMaxPooling2D()(x)])
        vector = layers.UnitNormalization()(layers.Dense(VECTOR)(pooled))
        return keras.Model(picture, layers.Concatenate()([vector, layers.Flatten()(patches)]), name="encoder")

    def network(self) -> Any:
        """Build what is trained: two views and their places in, see `KnownAgain` for what comes out."""
        views = [keras.Input((SIZE, SIZE, 3), name=name) for name in ("first", "second")]
        where = keras.Input((GRID * GRID, 3), name="where")
        encoder = self.encoder()
        answers = [encoder(view) for view in views]
        vectors = [answer[:, :VECTOR] for answer in answers]
        patches = [layers.Reshape((GRID * GRID, DEPTH))(answer[:, VECTOR:]) for answer in answers]
        known = KnownAgain()([*vectors, *patches, where])
        return keras.Model([*views, where], known, name=self.name)


def _convolution(x: Any, channels: int, *, stride: int = 1) -> Any:
    x = layers.Conv2D(channels, 3, stride, padding="same", use_bias=False)(x)
    return layers.ReLU()(layers.BatchNormalization(momentum=0.95)(x))


def _residual(x: Any, channels: int) -> Any:
    y = _convolution(x, channels)
    y = layers.Conv2D(channels, 3, padding="same", use_bias=False)(y)
    return layers.ReLU()(layers.Add()([x, layers.BatchNormalization(momentum=0.95)(y)]))
