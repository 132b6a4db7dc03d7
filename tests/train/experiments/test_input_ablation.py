"""Input ablation: the same samples for all networks, with all inputs or the picture alone."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from autocull.train.data.manifest import Row
from autocull.train.experiments.input_ablation import AblatedDataset, CachedDataset, InputSubset, resize
from autocull.train.recipes.base import Sample
from support.tiny_networks import TinyDataset


class CountingDataset(TinyDataset):
    """A tiny dataset that counts the augmented samples that it computes."""

    count = 0

    def augmented(self, index: int, rng: np.random.Generator) -> Sample:
        """Count, and return the sample."""
        self.count += 1
        return super().augmented(index, rng)


def make_dataset(count: int = 4) -> CountingDataset:
    """Make a dataset with alternating labels."""
    return CountingDataset(
        [Row(Path(), ("left", "right")[i % 2], "train", "", "s", i, {}) for i in range(count)]
    )


def make_rng(*seed: int) -> np.random.Generator:
    """Make a generator as the batches do."""
    return np.random.default_rng(list(seed))


def test_augmented_sample_is_computed_once() -> None:
    """For the same index and generator state; another state gives another sample."""
    dataset = make_dataset()
    cached = CachedDataset(dataset, 1, 4)
    first, again = cached.augmented(0, make_rng(0, 1, 0)), cached.augmented(0, make_rng(0, 1, 0))
    assert dataset.count == 1
    assert (first.inputs[1] == again.inputs[1]).all()
    assert (cached.augmented(0, make_rng(0, 2, 0)).inputs[1] != first.inputs[1]).any()
    assert (cached.plain(0).inputs[1] != first.inputs[1]).any()
    assert dataset.count == 2


def test_sample_beyond_the_limit_is_computed_again() -> None:
    """With the same result as from the cache."""
    dataset = make_dataset()
    uncached, cached = CachedDataset(dataset, 1, 4, limit=0), CachedDataset(make_dataset(), 1, 4)
    for _ in range(2):
        one, other = uncached.augmented(2, make_rng(5)), cached.augmented(2, make_rng(5))
        assert all((a == b).all() for a, b in zip(one.inputs, other.inputs, strict=True))
    assert dataset.count == 2


def test_cached_sample_keeps_target_weight_and_source() -> None:
    """Half precision changes the picture by at most 0.002, and nothing else."""
    dataset = make_dataset()
    cached, plain = CachedDataset(dataset, 1, 4).plain(1), dataset.plain(1)
    assert cached.inputs[1] == pytest.approx(plain.inputs[1], abs=2e-3)
    assert cached.inputs[1].dtype == np.float32
    assert cached.target.tolist() == plain.target.tolist()
    assert cached.weight == plain.weight
    assert CachedDataset(dataset, 1, 4).sources == ["s"] * 4


@pytest.mark.parametrize("kind", ["plain", "augmented"])
def test_each_subset_has_its_inputs(kind: str) -> None:
    """All inputs, the picture alone, or the others as zeros."""

    def inputs_of(subset: InputSubset) -> tuple[np.ndarray, ...]:
        ablated = AblatedDataset(CachedDataset(make_dataset(), 1, 2), subset)
        return (ablated.plain(0) if kind == "plain" else ablated.augmented(0, make_rng(1))).inputs

    everything, alone, zeroed = (
        inputs_of(subset)
        for subset in (InputSubset.EVERYTHING, InputSubset.PICTURE, InputSubset.PICTURE_OF_ALL)
    )
    assert [array.shape for array in everything] == [(1,), (2, 2, 1)]
    assert everything[0].tolist() == [1]
    assert len(alone) == 1
    assert (alone[0] == everything[1]).all()
    assert zeroed[0].tolist() == [0]
    assert (zeroed[1] == everything[1]).all()


def test_picture_is_resized_by_area() -> None:
    """Halving averages four pixels, for any value range; a picture of the right size is returned as it is."""
    picture = np.arange(-8, 8, dtype=np.float32).reshape(4, 4, 1).repeat(3, 2)
    small = resize(picture, 2)
    assert small.shape == (2, 2, 3)
    assert small[0, 0].tolist() == [-5.5] * 3
    assert resize(picture, 4) is picture
