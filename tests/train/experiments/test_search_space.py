"""Search spaces: every name has a meaning and an effect."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from autocull.train.data.manifest import Row
from autocull.train.experiments.search_space import (
    MEANINGS,
    SPACES,
    PartlyAugmentedDataset,
    Range,
    plan_from,
)
from autocull.train.recipes.base import Sample, TrainingPlan
from autocull.train.recipes.registry import RECIPES
from support.tiny_networks import TinyDataset


def test_every_recipe_has_a_space_with_defined_names() -> None:
    """Every searched name has a meaning and every meaning is searched; likeness has a training of its own."""
    assert SPACES.keys() == RECIPES.keys() - {"likeness"}
    assert set().union(*SPACES.values()) == set(MEANINGS)


@pytest.mark.parametrize("detector", SPACES)
def test_ranges_are_valid(detector: str) -> None:
    """Each range increases, a logarithmic one starts above 0, and there are at least two choices."""
    for values in SPACES[detector].values():
        if isinstance(values, Range):
            assert values.low < values.high
            assert values.low > 0 or not values.log
        else:
            assert len(set(values)) == len(values) >= 2


def test_plan_takes_its_own_values_only() -> None:
    """Rate, smoothing, decay and averaging go into the plan; width and the like do not."""
    plan = TrainingPlan(epochs=30, batch=16, decay=0.3)
    changed = plan_from(plan, {"rate": 0.5, "smoothing": 0.2, "width": 2.0, "dropout": 0.1}, 3)
    assert changed == TrainingPlan(epochs=3, batch=16, rate=0.5, smoothing=0.2, decay=0.3)


def test_share_of_the_samples_is_augmented() -> None:
    """None with 0, all with 1, and for the same seeds the same ones."""
    rows = [Row(Path(), "left", "train", "", "s", 1, {})]
    dataset = TinyDataset(rows)
    plain = dataset.plain(0).inputs[1]

    def augmented_share(share: float) -> float:
        mixed = PartlyAugmentedDataset(dataset, share)
        pictures = [mixed.augmented(0, np.random.default_rng(seed)).inputs[1] for seed in range(200)]
        return float(np.mean([(picture != plain).any() for picture in pictures]))

    assert augmented_share(0.0) == 0
    assert augmented_share(1.0) == 1
    assert augmented_share(0.6) == pytest.approx(0.6, abs=0.1)
    assert augmented_share(0.6) == augmented_share(0.6)


def test_sample_without_augmentation_keeps_the_weight() -> None:
    """The weights of augmented samples balance the classes."""

    class WeightedDataset(TinyDataset):
        def augmented(self, index: int, rng: np.random.Generator) -> Sample:
            inputs, target, _ = super().augmented(index, rng)
            return Sample(inputs, target, 7.0)

    mixed = PartlyAugmentedDataset(WeightedDataset([Row(Path(), "left", "train", "", "s", 1, {})]), 0.0)
    assert mixed.augmented(0, np.random.default_rng(0)).weight == 7
    assert len(mixed) == 1
    assert mixed.sources == ["s"]
