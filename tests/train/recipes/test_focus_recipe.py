"""The focus recipe: tiles as the product cuts them, weighed by what can be judged in them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageFilter
from skimage import data

from autocull.measure.focus import PREPROCESSING, prepare
from autocull.read.photo import Pixels
from autocull.train.data.manifest import Row
from autocull.train.recipes import RECIPES, make_recipe
from autocull.train.recipes import focus as focus_recipe
from autocull.train.recipes.focus import FocusDataset, FocusRecipe, edge_steepness, sample_tiles

SIZE = int(PREPROCESSING["size"])


def crop() -> Pixels:
    """A sharp piece of a photo."""
    return data.astronaut()[20:240, 120:390]


def make_part(folder: Path) -> FocusDataset:
    """Read a part of two small photos."""
    rows = []
    for number in range(2):
        Image.fromarray(np.roll(crop(), 40 * number, axis=1)).save(folder / f"{number}.png")
        rows.append(
            Row(folder / f"{number}.png", "", "train", str(number), f"source {number}", number + 2, {})
        )
    return FocusRecipe().load_dataset(rows, lambda: None)


def test_tiles_targets_and_weights_belong_together() -> None:
    """Each tile has a target whose shares sum to 1, and a weight between next to nothing and 1."""
    tiles, targets, weights = sample_tiles(crop(), np.random.default_rng(0))
    assert tiles.shape[1:] == (SIZE, SIZE)
    assert tiles.dtype == np.uint8
    assert len(tiles) == len(targets) == len(weights) > 1
    assert np.allclose(targets.sum(1), 1)
    assert weights.min() > 0
    assert weights.max() <= 1


def test_a_plain_tile_weighs_next_to_nothing() -> None:
    """A wall cannot be sharp or soft."""
    _, _, weights = sample_tiles(np.full((200, 200, 3), 120, np.uint8), np.random.default_rng(0))
    assert weights.max() <= 0.1


def test_what_never_was_in_focus_cannot_stand_for_sharp() -> None:
    """A blurred background in a good photo is no example of sharpness, but a sharp one is."""
    seeds = [seed for seed in range(30) if sample_tiles(crop(), np.random.default_rng(seed))[1][0, 0] == 1][
        :3
    ]
    blurred = np.asarray(Image.fromarray(crop()).filter(ImageFilter.GaussianBlur(4)))
    for seed in seeds:
        sharp = sample_tiles(crop(), np.random.default_rng(seed))[2]
        soft = sample_tiles(blurred, np.random.default_rng(seed))[2]
        assert soft.mean() < 0.2 * sharp.mean()


def test_steepness_orders_edges() -> None:
    """A step is steeper than the same step blurred; a ramp is a quarter; a wall is nothing."""
    step = np.zeros((40, 40), np.float32)
    step[:, 20:] = 200
    soft = np.asarray(Image.fromarray(step.astype(np.uint8)).filter(ImageFilter.GaussianBlur(3)), np.float32)
    ramp = np.linspace(0, 200, 40, dtype=np.float32)[None].repeat(40, 0)
    assert edge_steepness(step) == pytest.approx(1)
    assert edge_steepness(soft) < 0.5
    assert edge_steepness(ramp) == pytest.approx(0.25, abs=0.01)
    assert edge_steepness(np.full((40, 40), 9.0, np.float32)) == 0


def test_a_part_is_the_same_every_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Making is seeded by the row's place: two readings give the same examples, in the same order."""
    monkeypatch.setattr(focus_recipe, "_CAPTURES_PER_PHOTO", 2)
    one, same = make_part(tmp_path), make_part(tmp_path)
    assert len(one) == len(same) == len(one.sources)
    assert set(one.sources) == {"source 0", "source 1"}
    for index in range(0, len(one), 5):
        assert np.array_equal(one.plain(index).inputs[0], same.plain(index).inputs[0])
        assert np.array_equal(one.plain(index).target, same.plain(index).target)


def test_plain_is_what_the_product_prepares(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Training and serving cannot disagree: both call the same function."""
    monkeypatch.setattr(focus_recipe, "_CAPTURES_PER_PHOTO", 1)
    part = make_part(tmp_path)
    tile = part._tiles[0]
    assert np.array_equal(part.plain(0).inputs[0], prepare(tile.astype(np.float32)[None])[0])


def test_a_draw_is_one_of_eight_positions(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Turned and mirrored, nothing else: the same values in another order, target and weight kept."""
    monkeypatch.setattr(focus_recipe, "_CAPTURES_PER_PHOTO", 1)
    part = make_part(tmp_path)
    plain = part.plain(1)
    draws = [part.augmented(1, np.random.default_rng(seed)) for seed in range(40)]
    assert len({draw.inputs[0].tobytes() for draw in draws}) == 8
    for draw in draws:
        assert np.allclose(np.sort(draw.inputs[0], axis=None), np.sort(plain.inputs[0], axis=None), atol=1e-4)
        assert np.array_equal(draw.target, plain.target)
        assert draw.weight == plain.weight


def test_the_recipe_is_entered_and_its_network_fits() -> None:
    """Under its name; the network takes one tile and gives a logit per class."""
    made = make_recipe("focus")
    assert RECIPES["focus"] == type(made).__name__
    assert made.preprocessing() == PREPROCESSING
    network = made.build_network()
    assert network.input_shape == (None, SIZE, SIZE, 1)
    assert network.output_shape == (None, 3)
    assert network.count_params() < 200_000
