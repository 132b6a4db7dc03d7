"""The focus recipe: is this tile sharp, out of focus or moved, learned from sharp photos taken again."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, ClassVar, Literal

import keras
import numpy as np
from keras import layers
from numpy.typing import NDArray

from autocull.arrays import Floats
from autocull.measure.focus import PREPROCESSING, prepare
from autocull.measure.tiles import cut_tile, grey, lay_grid, texture
from autocull.read.photo import Pixels
from autocull.train.data.image_io import photo_of, read_all
from autocull.train.data.manifest import Row
from autocull.train.recipes.base import Example, Plan
from autocull.train.synthesis.local_blur import blurred

SIZE = int(PREPROCESSING["size"])

_LONGEST = 640  # px: the photos at hand are about 500 px long; a larger one is made as crisp as they are
_TAKES = 6  # how often each photo is taken again
_CELLS, _TILES = 24, 12  # cells of the grid over a take, and how many of their tiles are kept
_PLAIN_WEIGHT = 0.05  # weight of a tile with nothing in it; a rich one weighs 1
_CRISP = (0.34, 0.46)  # steepness of a good photo's own tile: below, it never was in focus; above, it was


class FocusPart:
    """Grey tiles in memory with what they show; drawn turned and mirrored."""

    def __init__(
        self, tiles: NDArray[np.uint8], targets: Floats, weights: Floats, sources: list[str]
    ) -> None:
        self._tiles, self._targets, self._weights = tiles, targets, weights
        self.sources = sources

    def __len__(self) -> int:
        return len(self._tiles)

    def plain(self, index: int) -> Example:
        """Give the tile as `FocusMember` would prepare it."""
        return self._example(self._tiles[index], index)

    def draw(self, index: int, rng: np.random.Generator) -> Example:
        """Give the tile in one of its eight positions."""
        turned = np.rot90(self._tiles[index], int(rng.integers(4)))
        return self._example(turned[:, :: int(rng.choice((1, -1)))], index)

    def _example(self, tile: NDArray[np.uint8], index: int) -> Example:
        light = tile.astype(np.float32)[None]
        return Example((prepare(light)[0],), self._targets[index], float(self._weights[index]))


def takes_of(picture: Pixels, rng: np.random.Generator) -> tuple[NDArray[np.uint8], Floats, Floats]:
    """Take a sharp picture again; returns its tiles `(n, side, side)`, their targets `(n, 3)` and weights.

    A tile counts by its texture. One that was not in focus in the good photo itself (a background) cannot
    stand for sharp: the sharper it is called, the less it weighs.
    """
    taken = blurred(picture, rng)
    photo = photo_of(taken.pixels)
    boxes = lay_grid(photo, SIZE, _CELLS).boxes
    boxes = tuple(boxes[i] for i in rng.permutation(len(boxes))[:_TILES])
    light = grey(np.stack([cut_tile(photo, box, SIZE) for box in boxes]))
    before = photo_of(picture)
    targets = np.stack([taken.target(box) for box in boxes])
    doubt = [1 - _was_sharp(grey(before.crop(box))) for box in boxes]
    weights = np.maximum(texture(light), _PLAIN_WEIGHT) * (1 - targets[:, 0] * doubt)
    return np.rint(light).astype(np.uint8), targets, weights.astype(np.float32)


def _was_sharp(light: Floats) -> float:
    """Whether a tile of a good photo was itself in focus: 0 no, 1 yes."""
    low, high = _CRISP
    return float(np.clip((steepness(light) - low) / (high - low), 0.02, 1.0))


def steepness(light: Floats) -> float:
    """How steep the steepest edges are: the step over one pixel as a share of that over four pixels.

    0.25 is a ramp, near 1 an edge as crisp as pixels allow.
    """
    best = 0.0
    for turned in (light, light.T):
        near = np.abs(np.diff(turned, axis=1))
        far = np.abs(turned[:, 4:] - turned[:, :-4])
        if far.size:
            best = max(best, float(np.quantile(near, 0.99) / max(float(np.quantile(far, 0.99)), 8.0)))
    return best


class FocusRecipe:
    """Sharp, defocus or motion, for one tile; see `Recipe`."""

    name: ClassVar[str] = "focus"
    version: ClassVar[str] = "3"
    classes: ClassVar[tuple[str, ...]] = ("sharp", "defocus", "motion")
    answer: ClassVar[Literal["one_of", "any_of"]] = "one_of"
    labels: ClassVar[tuple[str, ...] | None] = None
    architecture: ClassVar[str] = "5 convolutions (24, 32, 48, 64, 96), mean and max pooling, 3 logits"
    plan: ClassVar[Plan] = Plan(epochs=5, batch=64, rate=1.5e-3, averaging=0.998)

    def preprocessing(self) -> dict[str, Any]:
        """Give what `FocusMember` reads from the configuration."""
        return dict(PREPROCESSING)

    def part(self, rows: Sequence[Row], step: Callable[[], None]) -> FocusPart:
        """Read the sharp photos and take each again several times; seeded by its place among the rows."""
        pictures = read_all(rows, lambda: None, longest=_LONGEST)
        tiles, targets, weights, sources = [], [], [], []
        for index, (row, picture) in enumerate(zip(rows, pictures, strict=True)):
            for take in range(_TAKES):
                seen, target, weight = takes_of(picture, np.random.default_rng([index, take]))
                tiles.append(seen)
                targets.append(target)
                weights.append(weight)
                sources += [row.source] * len(seen)
            step()
        every = np.concatenate(weights)
        return FocusPart(np.concatenate(tiles), np.concatenate(targets), every / every.mean(), sources)

    def network(self) -> Any:
        """Build the network: `(96, 96, 1)` in, logits of sharp, defocus and motion out."""
        tile = keras.Input((SIZE, SIZE, 1), name="tile")
        x = _convolution(tile, 24, size=5, stride=2)
        x = _convolution(x, 32, stride=2)
        for channels in (48, 64, 96):
            x = _convolution(x, channels)
            x = layers.MaxPooling2D()(x) if channels < 96 else x
        pooled = layers.Concatenate()([layers.GlobalAveragePooling2D()(x), layers.GlobalMaxPooling2D()(x)])
        return keras.Model(tile, layers.Dense(len(self.classes))(layers.Dropout(0.2)(pooled)), name=self.name)


def _convolution(x: Any, channels: int, *, size: int = 3, stride: int = 1) -> Any:
    x = layers.Conv2D(channels, size, strides=stride, padding="same", use_bias=False)(x)
    return layers.ReLU()(layers.BatchNormalization(momentum=0.95)(x))
