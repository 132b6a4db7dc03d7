"""A recipe that trains within a second: whether a tiny grey picture is brighter on the left or the right."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, ClassVar, Literal

import keras
import numpy as np

from autocull.train.data.manifest import Row
from autocull.train.recipes.base import Sample, TrainingPlan

CLASSES = ("left", "right")


class TinyDataset:
    """Samples that are computed from the row's line number."""

    def __init__(self, rows: Sequence[Row]) -> None:
        self.sources = [row.source for row in rows]
        self._labels = [CLASSES.index(row.label) for row in rows]
        self._seeds = [row.line for row in rows]

    def __len__(self) -> int:
        return len(self._labels)

    def plain(self, index: int) -> Sample:
        """Return noise with one brighter half, and a second input without information."""
        rng = np.random.default_rng(self._seeds[index])
        picture = rng.normal(0, 0.3, (4, 4, 1)).astype(np.float32)
        picture[:, 2 * self._labels[index] : 2 * self._labels[index] + 2] += 1
        return Sample((np.ones(1, np.float32), picture), np.eye(2, dtype=np.float32)[self._labels[index]])

    def augmented(self, index: int, rng: np.random.Generator) -> Sample:
        """Return the sample with added noise, flipped vertically or not."""
        unused, picture = self.plain(index).inputs
        noise = rng.normal(0, 0.1, picture.shape).astype(np.float32)
        return Sample((unused, picture[:: rng.choice((1, -1))] + noise), self.plain(index).target, 1.0)


class TinyRecipe:
    """The recipe; a test may change `answer`."""

    name: ClassVar[str] = "tiny"
    version: ClassVar[str] = "9"
    classes: ClassVar[tuple[str, ...]] = CLASSES
    answer: Literal["one_of", "any_of"] = "one_of"
    labels: ClassVar[tuple[str, ...] | None] = CLASSES
    architecture: ClassVar[str] = "one convolution"
    plan: ClassVar[TrainingPlan] = TrainingPlan(epochs=4, batch=16, rate=0.05, averaging=0.8)

    def preprocessing(self) -> dict[str, Any]:
        """Return the picture size."""
        return {"size": 4}

    def load_dataset(self, rows: Sequence[Row], on_progress: Callable[[], None]) -> TinyDataset:
        """Make the samples."""
        for _ in rows:
            on_progress()
        return TinyDataset(rows)

    def build_network(self) -> Any:
        """Build a network with two inputs, one of which carries no information."""
        faces, picture = keras.Input((1,), name="faces"), keras.Input((4, 4, 1), name="picture")
        x = keras.layers.BatchNormalization()(keras.layers.Conv2D(4, 3, padding="same")(picture))
        x = keras.layers.Concatenate()([keras.layers.Flatten()(x), faces])
        return keras.Model([faces, picture], keras.layers.Dense(2)(x))


def write_manifest(folder: Path, count: int = 60) -> Path:
    """Write a manifest of `count` rows, both labels, two sources, a quarter dev; returns the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    lines = [
        f"{i}.png,{CLASSES[i % 2]},{'dev' if i % 8 > 5 else 'train'},g{i},{'web' if i % 3 else 'film'}"
        for i in range(count)
    ]
    (folder / "manifest.csv").write_text("\n".join(["path,label,split,group,source", *lines]) + "\n", "utf-8")
    return folder
