"""What `autocull tune` may change of each recipe, and how chosen values make plan and examples."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from autocull.train.recipes.base import Dataset, Sample, TrainingPlan


@dataclass(frozen=True, slots=True)
class Between:
    """Any number from `low` to `high`; `log` where factors count and not differences."""

    low: float
    high: float
    log: bool = False


Space = Mapping[str, Between | tuple[float, ...]]
"""What is searched: each name of `MEANINGS` with its range, or with the values to choose from."""

MEANINGS = {
    "rate": "largest learning rate",
    "width": "channels of every layer, as a share of the recipe's",
    "dropout": "share of the features that every dropout layer hides",
    "augmented": "share of the drawn examples that are augmented; the others are drawn plain",
    "smoothing": "smoothing of the targets",
    "decay": "weight decay",
    "averaging": "decay per step of the running average of the weights",
}
"""Every name that a space may hold, with its meaning."""

_RATE, _WIDTHS = Between(5e-4, 1e-2, log=True), (0.5, 0.75, 1.0, 1.5)

SPACES: dict[str, Space] = {
    "eyes": {
        "rate": _RATE,
        "width": _WIDTHS,
        "dropout": Between(0.0, 0.5),
        "augmented": (0.6, 0.8, 1.0),
        "smoothing": (0.0, 0.05, 0.1),
    },
    "focus": {
        "rate": _RATE,
        "width": _WIDTHS,
        "dropout": Between(0.0, 0.4),
        "averaging": (0.99, 0.995, 0.998),
    },
    "defects": {
        "rate": _RATE,
        "width": _WIDTHS,
        "dropout": Between(0.1, 0.5),
        "decay": Between(1e-3, 1e-1, log=True),
    },
    "category": {
        "rate": _RATE,
        "dropout": Between(0.1, 0.6),
        "augmented": (0.6, 0.8, 1.0),
        "smoothing": (0.0, 0.1, 0.2),
        "decay": Between(1e-3, 1e-1, log=True),
    },
}
"""What is searched of each recipe: a few things that are likely to matter."""

_PLAN_KEYS = ("rate", "smoothing", "decay", "averaging")


def plan_from(plan: TrainingPlan, values: Mapping[str, float], epochs: int) -> TrainingPlan:
    """Put the values that belong to the plan into it, and its length."""
    changes: dict[str, Any] = {name: values[name] for name in _PLAN_KEYS if name in values}
    return replace(plan, epochs=epochs, **changes)


class PartlyAugmentedDataset:
    """A part of which only the share `augmented` (0-1) is drawn augmented, and the rest plain.

    A plain example keeps the weight of the drawn one, so that the balance of the classes stays.
    """

    def __init__(self, dataset: Dataset, share: float) -> None:
        self._dataset, self._share = dataset, share
        self.sources: Sequence[str] = dataset.sources

    def __len__(self) -> int:
        return len(self._dataset)

    def augmented(self, index: int, rng: np.random.Generator) -> Sample:
        """Give the drawn or the plain example; the generator decides."""
        sample = self._dataset.augmented(index, rng)
        if rng.random() < self._share:
            return sample
        return self._dataset.plain(index)._replace(weight=sample.weight)

    def plain(self, index: int) -> Sample:
        """Give the plain example."""
        return self._dataset.plain(index)
