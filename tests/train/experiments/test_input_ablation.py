"""What a network of a comparison sees: the same draws for all, the picture alone or everything."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from autocull.train.data.manifest import Row
from autocull.train.experiments.input_ablation import AblatedDataset, CachedDataset, InputSubset, resize
from autocull.train.recipes.base import Sample
from support.tiny_networks import TinyPart


class CountedPart(TinyPart):
    """A tiny part that counts what is asked of it."""

    asked = 0

    def draw(self, index: int, rng: np.random.Generator) -> Sample:
        """Draw and count."""
        self.asked += 1
        return super().draw(index, rng)


def part(count: int = 4) -> CountedPart:
    """Make examples with labels in turn."""
    return CountedPart([Row(Path(), ("left", "right")[i % 2], "train", "", "s", i, {}) for i in range(count)])


def dice(*seed: int) -> np.random.Generator:
    """Make dice as the batches do."""
    return np.random.default_rng(list(seed))


def test_a_draw_is_made_once() -> None:
    """The same index and generator give the same example without drawing; others are other draws."""
    source = part()
    kept = CachedDataset(source, 1, 4)
    first, again = kept.augmented(0, dice(0, 1, 0)), kept.augmented(0, dice(0, 1, 0))
    assert source.asked == 1
    assert (first.inputs[1] == again.inputs[1]).all()
    assert (kept.augmented(0, dice(0, 2, 0)).inputs[1] != first.inputs[1]).any()
    assert (kept.plain(0).inputs[1] != first.inputs[1]).any()
    assert source.asked == 2


def test_what_does_not_fit_is_drawn_anew_and_the_same() -> None:
    """Without memory the examples are those of a part that keeps them."""
    source = part()
    poor, rich = CachedDataset(source, 1, 4, limit=0), CachedDataset(part(), 1, 4)
    for _ in range(2):
        one, other = poor.augmented(2, dice(5)), rich.augmented(2, dice(5))
        assert all((a == b).all() for a, b in zip(one.inputs, other.inputs, strict=True))
    assert source.asked == 2


def test_examples_keep_target_weight_and_source() -> None:
    """Half precision costs the picture next to nothing, and everything else nothing."""
    source = part()
    kept, plain = CachedDataset(source, 1, 4).plain(1), source.plain(1)
    assert kept.inputs[1] == pytest.approx(plain.inputs[1], abs=2e-3)
    assert kept.inputs[1].dtype == np.float32
    assert kept.target.tolist() == plain.target.tolist()
    assert kept.weight == plain.weight
    assert CachedDataset(source, 1, 4).sources == ["s"] * 4


@pytest.mark.parametrize("way", ["plain", "draw"])
def test_each_sight_gets_its_inputs(way: str) -> None:
    """Everything is everything, the picture comes alone, or the others are there and zero."""

    def see(sight: InputSubset) -> tuple[np.ndarray, ...]:
        seen = AblatedDataset(CachedDataset(part(), 1, 2), sight)
        return (seen.plain(0) if way == "plain" else seen.augmented(0, dice(1))).inputs

    everything, alone, blind = (
        see(sight) for sight in (InputSubset.EVERYTHING, InputSubset.PICTURE, InputSubset.PICTURE_OF_ALL)
    )
    assert [array.shape for array in everything] == [(1,), (2, 2, 1)]
    assert everything[0].tolist() == [1]
    assert len(alone) == 1
    assert (alone[0] == everything[1]).all()
    assert blind[0].tolist() == [0]
    assert (blind[1] == everything[1]).all()


def test_a_picture_is_squeezed_by_area() -> None:
    """Halving averages four pixels, values outside 0-255 included; the right size stays as it is."""
    picture = np.arange(-8, 8, dtype=np.float32).reshape(4, 4, 1).repeat(3, 2)
    small = resize(picture, 2)
    assert small.shape == (2, 2, 3)
    assert small[0, 0].tolist() == [-5.5] * 3
    assert resize(picture, 4) is picture
