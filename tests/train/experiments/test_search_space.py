"""The spaces of the search: every name has a meaning and an effect."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from autocull.train.data.manifest import Row
from autocull.train.experiments.search_space import (
    MEANINGS,
    SPACES,
    Between,
    PartlyAugmentedDataset,
    plan_from,
)
from autocull.train.recipes import RECIPES
from autocull.train.recipes.base import TrainingPlan
from support.tiny_networks import TinyPart


def test_every_member_has_a_space_of_known_names() -> None:
    """Nothing is searched that has no meaning, and every meaning is searched somewhere."""
    assert SPACES.keys() == RECIPES.keys()
    assert set().union(*SPACES.values()) == set(MEANINGS)


@pytest.mark.parametrize("member", SPACES)
def test_ranges_are_ranges(member: str) -> None:
    """Each range goes up, a logarithmic one starts above 0, and there is always something to choose."""
    for values in SPACES[member].values():
        if isinstance(values, Between):
            assert values.low < values.high
            assert values.low > 0 or not values.log
        else:
            assert len(set(values)) == len(values) >= 2


def test_a_plan_takes_its_own_values_and_leaves_the_rest() -> None:
    """Rate, smoothing, decay and averaging go into the plan; width and the like do not."""
    plan = TrainingPlan(epochs=30, batch=16, decay=0.3)
    made = plan_from(plan, {"rate": 0.5, "smoothing": 0.2, "width": 2.0, "dropout": 0.1}, 3)
    assert made == TrainingPlan(epochs=3, batch=16, rate=0.5, smoothing=0.2, decay=0.3)


def test_so_many_examples_are_augmented() -> None:
    """The share is drawn, the others are plain; with 1 all are drawn, and the generator alone decides."""
    rows = [Row(Path(), "left", "train", "", "s", 1, {})]
    part = TinyPart(rows)
    plain = part.plain(0).inputs[1]

    def augmented(share: float) -> float:
        mixed = PartlyAugmentedDataset(part, share)
        draws = [mixed.augmented(0, np.random.default_rng(seed)).inputs[1] for seed in range(200)]
        return float(np.mean([(draw != plain).any() for draw in draws]))

    assert augmented(0.0) == 0
    assert augmented(1.0) == 1
    assert augmented(0.6) == pytest.approx(0.6, abs=0.1)
    assert augmented(0.6) == augmented(0.6)


def test_a_plain_draw_keeps_the_weight() -> None:
    """The balance of the classes lies in the weights of the drawn examples."""

    class Heavy(TinyPart):
        def augmented(self, index: int, rng: np.random.Generator) -> object:
            return super().augmented(index, rng)._replace(weight=7.0)

    mixed = PartlyAugmentedDataset(Heavy([Row(Path(), "left", "train", "", "s", 1, {})]), 0.0)
    assert mixed.augmented(0, np.random.default_rng(0)).weight == 7
    assert len(mixed) == 1
    assert mixed.sources == ["s"]
