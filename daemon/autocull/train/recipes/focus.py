"""Recipe of the focus network: a tile is sharp, out of focus or moved; learned from simulated blur."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, ClassVar, Literal

import keras
import numpy as np
from keras import layers

from autocull.arrays import Floats, Rng
from autocull.measure import (
    FOCUS_PREPROCESSING,
    crop_tile,
    make_grid,
    measure_texture,
    prepare_focus_tiles,
    to_grey,
)
from autocull.read import Photo, Pixels
from autocull.train.data import Row, read_pictures
from autocull.train.recipes.base import Sample, TrainingPlan
from autocull.train.synthesis import simulate_blur

SIZE = int(FOCUS_PREPROCESSING["size"])

_MAX_SIDE = 640  # px: the photos used are about 500 px long; a larger one is reduced to be as sharp
_GRID_CELLS, _TILES_PER_CAPTURE = (
    24,
    12,
)  # cells of the grid over a take, and how many of their tiles are kept
_FLAT_TILE_WEIGHT = 0.05  # weight of a tile with nothing in it; a rich one weighs 1
_STEEPNESS_RANGE = (
    0.34,
    0.46,
)  # steepness of a good photo's own tile: below, it never was in focus; above, it was


class FocusDataset:
    """Grey tiles `(n, side, side)` uint8 with targets and weights; augmentation rotates and mirrors them."""

    def __init__(self, tiles: Pixels, targets: Floats, weights: Floats, sources: list[str]) -> None:
        self.tiles, self._targets, self._weights = tiles, targets, weights
        self.sources = sources

    def __len__(self) -> int:
        return len(self.tiles)

    def plain(self, index: int) -> Sample:
        """Return the tile as `FocusDetector` prepares it."""
        return self._make_sample(self.tiles[index], index)

    def augmented(self, index: int, rng: Rng) -> Sample:
        """Return the tile in one of its eight orientations."""
        rotated = np.rot90(self.tiles[index], int(rng.integers(4)))
        return self._make_sample(rotated[:, :: int(rng.choice((1, -1)))], index)

    def _make_sample(self, tile: Pixels, index: int) -> Sample:
        light = tile.astype(np.float32)[None]
        return Sample((prepare_focus_tiles(light)[0],), self._targets[index], float(self._weights[index]))


def sample_tiles(picture: Pixels, rng: Rng) -> tuple[Pixels, Floats, Floats]:
    """Simulate a capture of a sharp picture and return its tiles, their targets and their weights.

    Tiles are `(n, side, side)` uint8, targets `(n, 3)`, weights `(n,)`. A tile is weighted by its texture. A
    tile that was out of focus in the original photo (background) is no example of sharpness: the sharper its
    target, the lower its weight.
    """
    capture = simulate_blur(picture, rng)
    photo = Photo.from_pixels(capture.pixels)
    boxes = make_grid(photo, SIZE, _GRID_CELLS).boxes
    boxes = tuple(boxes[i] for i in rng.permutation(len(boxes))[:_TILES_PER_CAPTURE])
    light = to_grey(np.stack([crop_tile(photo, box, SIZE) for box in boxes]))
    original = Photo.from_pixels(picture)
    targets = np.stack([capture.target(box) for box in boxes])
    doubt = [1 - _original_sharpness(to_grey(original.crop(box))) for box in boxes]
    weights = np.maximum(measure_texture(light), _FLAT_TILE_WEIGHT) * (1 - targets[:, 0] * doubt)
    return np.rint(light).astype(np.uint8), targets, weights.astype(np.float32)


def _original_sharpness(light: Floats) -> float:
    """Return whether a tile of an original photo was in focus, from near 0 (no) to 1 (yes)."""
    low, high = _STEEPNESS_RANGE
    return float(np.clip((edge_steepness(light) - low) / (high - low), 0.02, 1.0))


def edge_steepness(light: Floats) -> float:
    """Return the steepness of the steepest edges: the step over one pixel as a share of that over four.

    0.25 is a ramp; near 1 is an edge as sharp as pixels allow.
    """
    best = 0.0
    for rotated in (light, light.T):
        near_step = np.abs(np.diff(rotated, axis=1))
        far_step = np.abs(rotated[:, 4:] - rotated[:, :-4])
        if far_step.size:
            best = max(
                best, float(np.quantile(near_step, 0.99) / max(float(np.quantile(far_step, 0.99)), 8.0))
            )
    return best


class FocusRecipe:
    """Recipe of the focus network: sharp, defocus or motion, for one tile.

    Each photo gives `captures_per_photo` simulated captures.
    """

    name: ClassVar[str] = "focus"
    version: ClassVar[str] = "4"
    classes: ClassVar[tuple[str, ...]] = ("sharp", "defocus", "motion")
    answer: ClassVar[Literal["one_of", "any_of"]] = "one_of"
    labels: ClassVar[tuple[str, ...] | None] = None
    architecture: ClassVar[str] = "5 convolutions (24, 32, 48, 64, 96), mean and max pooling, 3 logits"
    plan: ClassVar[TrainingPlan] = TrainingPlan(epochs=5, batch=64, rate=1.5e-3, averaging=0.998)

    def __init__(self, captures_per_photo: int = 6) -> None:
        self._captures_per_photo = captures_per_photo

    def preprocessing(self) -> dict[str, Any]:
        """Return the parameters that `FocusDetector` reads from the configuration."""
        return dict(FOCUS_PREPROCESSING)

    def load_dataset(self, rows: Sequence[Row], on_progress: Callable[[], None]) -> FocusDataset:
        """Read sharp photos and simulate several captures of each; the seed is the index of its row."""
        pictures = read_pictures(rows, lambda: None, max_side=_MAX_SIDE)
        tiles, targets, weights, sources = [], [], [], []
        for index, (row, picture) in enumerate(zip(rows, pictures, strict=True)):
            for repeat in range(self._captures_per_photo):
                capture_tiles, target, weight = sample_tiles(picture, np.random.default_rng([index, repeat]))
                tiles.append(capture_tiles)
                targets.append(target)
                weights.append(weight)
                sources += [row.source] * len(capture_tiles)
            on_progress()
        all_weights = np.concatenate(weights)
        return FocusDataset(
            np.concatenate(tiles), np.concatenate(targets), all_weights / all_weights.mean(), sources
        )

    def build_network(self) -> Any:
        """Build the network: a tile `(96, 96, 1)` in, logits `(3,)` of sharp, defocus and motion out."""
        tile = keras.Input((SIZE, SIZE, 1), name="tile")
        x = _convolve(tile, 24, size=5, stride=2)
        x = _convolve(x, 32, stride=2)
        for channels in (48, 64, 96):
            x = _convolve(x, channels)
            x = layers.MaxPooling2D()(x) if channels < 96 else x
        pooled = layers.Concatenate()([layers.GlobalAveragePooling2D()(x), layers.GlobalMaxPooling2D()(x)])
        return keras.Model(tile, layers.Dense(len(self.classes))(layers.Dropout(0.2)(pooled)), name=self.name)


def _convolve(x: Any, channels: int, *, size: int = 3, stride: int = 1) -> Any:
    x = layers.Conv2D(channels, size, strides=stride, padding="same", use_bias=False)(x)
    return layers.ReLU()(layers.BatchNormalization(momentum=0.95)(x))
