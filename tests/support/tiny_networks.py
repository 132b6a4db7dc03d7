"""A recipe that learns within a second: is a tiny grey picture brighter on its left or on its right."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, ClassVar, Literal

import keras
import numpy as np

from autocull.train.data.manifest import Row
from autocull.train.recipes.base import Sample, TrainingPlan

CLASSES = ("left", "right")


class TinyPart:
    """Examples that are made of the row's own line number."""

    def __init__(self, rows: Sequence[Row]) -> None:
        self.sources = [row.source for row in rows]
        self._labels = [CLASSES.index(row.label) for row in rows]
        self._seeds = [row.line for row in rows]

    def __len__(self) -> int:
        return len(self._labels)

    def plain(self, index: int) -> Sample:
        """Give noise whose one half is brighter, and a second input that says nothing."""
        rng = np.random.default_rng(self._seeds[index])
        picture = rng.normal(0, 0.3, (4, 4, 1)).astype(np.float32)
        picture[:, 2 * self._labels[index] : 2 * self._labels[index] + 2] += 1
        return Sample((np.ones(1, np.float32), picture), np.eye(2, dtype=np.float32)[self._labels[index]])

    def draw(self, index: int, rng: np.random.Generator) -> Sample:
        """Give the example with noise from the generator, upside down or not."""
        unused, picture = self.plain(index).inputs
        noise = rng.normal(0, 0.1, picture.shape).astype(np.float32)
        return Sample((unused, picture[:: rng.choice((1, -1))] + noise), self.plain(index).target, 1.0)


class TinyRecipe:
    """The recipe; `fails_at` stops the reading, `answer` may be changed by a test."""

    name: ClassVar[str] = "tiny"
    version: ClassVar[str] = "9"
    classes: ClassVar[tuple[str, ...]] = CLASSES
    answer: Literal["one_of", "any_of"] = "one_of"
    labels: ClassVar[tuple[str, ...] | None] = CLASSES
    architecture: ClassVar[str] = "one convolution"
    plan: ClassVar[TrainingPlan] = TrainingPlan(epochs=4, batch=16, rate=0.05, averaging=0.8)

    def preprocessing(self) -> dict[str, Any]:
        """Give the size."""
        return {"size": 4}

    def part(self, rows: Sequence[Row], step: Callable[[], None]) -> TinyPart:
        """Make the examples."""
        for _ in rows:
            step()
        return TinyPart(rows)

    def network(self) -> Any:
        """Build a network with two inputs, one of which it hardly needs."""
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
