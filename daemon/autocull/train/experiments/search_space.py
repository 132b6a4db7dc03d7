"""Search spaces of `autocull tune` for each recipe, and how values change plan and dataset."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from autocull.arrays import Rng
from autocull.train.recipes import Dataset, Sample, TrainingPlan


@dataclass(frozen=True, slots=True)
class Range:
    """Any number from `low` to `high`; sampled on a logarithmic scale with `log`."""

    low: float
    high: float
    log: bool = False


Space = Mapping[str, Range | tuple[float, ...]]
"""Search space: for each name (of `MEANINGS`) a range, or the values to choose from."""

MEANINGS = {
    "rate": "largest learning rate",
    "width": "channels of every layer, as a share of the recipe's",
    "dropout": "rate of every dropout layer",
    "augmented": "share of the training samples that are augmented",
    "smoothing": "label smoothing",
    "decay": "weight decay",
    "averaging": "decay per step of the running average of the weights",
}
"""Every name that a space may hold, with its meaning."""

_RATE, _WIDTHS = Range(5e-4, 1e-2, log=True), (0.5, 0.75, 1.0, 1.5)

SPACES: dict[str, Space] = {
    "eyes": {
        "rate": _RATE,
        "width": _WIDTHS,
        "dropout": Range(0.0, 0.5),
        "augmented": (0.6, 0.8, 1.0),
        "smoothing": (0.0, 0.05, 0.1),
    },
    "focus": {
        "rate": _RATE,
        "width": _WIDTHS,
        "dropout": Range(0.0, 0.4),
        "averaging": (0.99, 0.995, 0.998),
    },
    "defects": {
        "rate": _RATE,
        "width": _WIDTHS,
        "dropout": Range(0.1, 0.5),
        "decay": Range(1e-3, 1e-1, log=True),
    },
    "category": {
        "rate": _RATE,
        "dropout": Range(0.1, 0.6),
        "augmented": (0.6, 0.8, 1.0),
        "smoothing": (0.0, 0.1, 0.2),
        "decay": Range(1e-3, 1e-1, log=True),
    },
}
"""The search space of each recipe: the few values that are likely to matter."""

_PLAN_KEYS = ("rate", "smoothing", "decay", "averaging")


def plan_from(plan: TrainingPlan, values: Mapping[str, float], epochs: int) -> TrainingPlan:
    """Return the plan with the values that belong to a plan, and with this number of epochs."""
    changes: dict[str, Any] = {name: values[name] for name in _PLAN_KEYS if name in values}
    return replace(plan, epochs=epochs, **changes)


class PartlyAugmentedDataset:
    """A dataset of which only a `share` (0-1) of the samples is augmented.

    A sample without augmentation keeps the weight of the augmented one, so that the classes stay balanced.
    """

    def __init__(self, dataset: Dataset, share: float) -> None:
        self._dataset, self._share = dataset, share
        self.sources: Sequence[str] = dataset.sources

    def __len__(self) -> int:
        return len(self._dataset)

    def augmented(self, index: int, rng: Rng) -> Sample:
        """Return the sample, augmented with probability `share`."""
        sample = self._dataset.augmented(index, rng)
        if rng.random() < self._share:
            return sample
        return self._dataset.plain(index)._replace(weight=sample.weight)

    def plain(self, index: int) -> Sample:
        """Return the sample without augmentation."""
        return self._dataset.plain(index)
