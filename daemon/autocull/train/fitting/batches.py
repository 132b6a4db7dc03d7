"""Batches of samples for Keras, computed in a background thread and reproducible from a seed."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import keras
import numpy as np

from autocull.arrays import Floats, Rng
from autocull.train.recipes import Dataset, Sample

Inputs = Floats | tuple[Floats, ...]
"""A network's inputs with the batch axis: the bare array where there is one input."""


class TrainingBatches(keras.utils.PyDataset):  # type: ignore[misc]  # Keras ships no types
    """Shuffled batches of augmented samples, determined by seed, epoch and index alone."""

    def __init__(self, dataset: Dataset, batch: int, seed: int, epoch: int) -> None:
        super().__init__(workers=1, use_multiprocessing=False, max_queue_size=8)
        self._dataset, self._batch, self._seed, self._epoch = dataset, batch, seed, epoch

    def __len__(self) -> int:
        return step_count(len(self._dataset), self._batch)

    def __getitem__(self, step: int) -> tuple[Inputs, Floats, Floats]:
        order = np.random.default_rng([self._seed, self._epoch]).permutation(len(self._dataset))
        indices = order[step * self._batch : (step + 1) * self._batch]
        return stack([self._dataset.augmented(int(index), self._sample_rng(int(index))) for index in indices])

    def _sample_rng(self, index: int) -> Rng:
        return np.random.default_rng([self._seed, self._epoch, index])

    def on_epoch_end(self) -> None:
        """Advance to the next epoch, which has another order and other augmentations."""
        self._epoch += 1


class EvaluationBatches(keras.utils.PyDataset):  # type: ignore[misc]  # Keras ships no types
    """Batches of samples without augmentation, in the dataset's order, each with weight 1."""

    def __init__(self, dataset: Dataset, batch: int) -> None:
        super().__init__(workers=1, use_multiprocessing=False, max_queue_size=4)
        self._dataset, self._batch = dataset, batch

    def __len__(self) -> int:
        return step_count(len(self._dataset), self._batch)

    def __getitem__(self, step: int) -> tuple[Inputs, Floats, Floats]:
        first = step * self._batch
        last = min(first + self._batch, len(self._dataset))
        return stack([self._dataset.plain(index)._replace(weight=1.0) for index in range(first, last)])


def step_count(samples: int, batch: int) -> int:
    """Count the batches of one epoch; the last one may be short."""
    return math.ceil(samples / batch)


def stack(samples: Sequence[Sample]) -> tuple[Inputs, Floats, Floats]:
    """Stack samples into one batch: inputs, targets, weights."""
    arrays: list[Any] = [
        np.stack(columns) for columns in zip(*(sample.inputs for sample in samples), strict=True)
    ]
    inputs = arrays[0] if len(arrays) == 1 else tuple(arrays)
    targets = np.stack([sample.target for sample in samples])
    return inputs, targets, np.array([sample.weight for sample in samples], dtype=np.float32)
