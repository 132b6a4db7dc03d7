"""Tests of the focus recipe: tiles as the detector prepares them, weighted by their texture."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageFilter
from skimage import data

from autocull.measure.focus import FOCUS_PREPROCESSING, prepare_focus_tiles
from autocull.read.photo import Pixels
from autocull.train.data.manifest import Row
from autocull.train.recipes.focus import FocusDataset, FocusRecipe, edge_steepness, sample_tiles
from autocull.train.recipes.registry import RECIPES, make_recipe

SIZE = int(FOCUS_PREPROCESSING["size"])


def crop() -> Pixels:
    """Return a sharp part of a photo."""
    return data.astronaut()[20:240, 120:390]


def make_dataset(folder: Path, captures: int) -> FocusDataset:
    """Load a dataset of two small photos with some captures of each."""
    rows = []
    for number in range(2):
        Image.fromarray(np.roll(crop(), 40 * number, axis=1)).save(folder / f"{number}.png")
        rows.append(
            Row(folder / f"{number}.png", "", "train", str(number), f"source {number}", number + 2, {})
        )
    return FocusRecipe(captures).load_dataset(rows, lambda: None)


def test_every_tile_has_target_and_weight() -> None:
    """Each tile has a target that sums to 1, and a weight above 0 and at most 1."""
    tiles, targets, weights = sample_tiles(crop(), np.random.default_rng(0))
    assert tiles.shape[1:] == (SIZE, SIZE)
    assert tiles.dtype == np.uint8
    assert len(tiles) == len(targets) == len(weights) > 1
    assert np.allclose(targets.sum(1), 1)
    assert weights.min() > 0
    assert weights.max() <= 1


def test_plain_tile_has_a_small_weight() -> None:
    """A plain surface is neither sharp nor soft."""
    _, _, weights = sample_tiles(np.full((200, 200, 3), 120, np.uint8), np.random.default_rng(0))
    assert weights.max() <= 0.1


def test_blurred_original_has_a_small_weight_as_sharp() -> None:
    """A sharp target on a blurred original weighs less than on a sharp original."""
    seeds = [seed for seed in range(30) if sample_tiles(crop(), np.random.default_rng(seed))[1][0, 0] == 1][
        :3
    ]
    blurred = np.asarray(Image.fromarray(crop()).filter(ImageFilter.GaussianBlur(4)))
    for seed in seeds:
        sharp = sample_tiles(crop(), np.random.default_rng(seed))[2]
        soft = sample_tiles(blurred, np.random.default_rng(seed))[2]
        assert soft.mean() < 0.2 * sharp.mean()


def test_edge_steepness_orders_edges() -> None:
    """A step has 1, the same step blurred less than 0.5, a ramp 0.25 and a plain surface 0."""
    step = np.zeros((40, 40), np.float32)
    step[:, 20:] = 200
    soft = np.asarray(Image.fromarray(step.astype(np.uint8)).filter(ImageFilter.GaussianBlur(3)), np.float32)
    ramp = np.linspace(0, 200, 40, dtype=np.float32)[None].repeat(40, 0)
    assert edge_steepness(step) == pytest.approx(1)
    assert edge_steepness(soft) < 0.5
    assert edge_steepness(ramp) == pytest.approx(0.25, abs=0.01)
    assert edge_steepness(np.full((40, 40), 9.0, np.float32)) == 0


def test_dataset_is_reproducible(tmp_path: Path) -> None:
    """The seed is the index of the row: loading twice gives the same samples in the same order."""
    dataset, repeated = make_dataset(tmp_path, 2), make_dataset(tmp_path, 2)
    assert len(dataset) == len(repeated) == len(dataset.sources)
    assert set(dataset.sources) == {"source 0", "source 1"}
    for index in range(0, len(dataset), 5):
        assert np.array_equal(dataset.plain(index).inputs[0], repeated.plain(index).inputs[0])
        assert np.array_equal(dataset.plain(index).target, repeated.plain(index).target)


def test_plain_sample_is_prepared_as_in_use(tmp_path: Path) -> None:
    """Training and inference prepare a tile by the same function."""
    dataset = make_dataset(tmp_path, 1)
    tile = dataset.tiles[0]
    assert np.array_equal(dataset.plain(0).inputs[0], prepare_focus_tiles(tile.astype(np.float32)[None])[0])


def test_augmentation_is_one_of_eight_orientations(tmp_path: Path) -> None:
    """Samples have the same values in another order, and the same target and weight."""
    dataset = make_dataset(tmp_path, 1)
    plain = dataset.plain(1)
    samples = [dataset.augmented(1, np.random.default_rng(seed)) for seed in range(40)]
    assert len({sample.inputs[0].tobytes() for sample in samples}) == 8
    for sample in samples:
        assert np.allclose(
            np.sort(sample.inputs[0], axis=None), np.sort(plain.inputs[0], axis=None), atol=1e-4
        )
        assert np.array_equal(sample.target, plain.target)
        assert sample.weight == plain.weight


def test_recipe_is_registered_and_its_network_fits() -> None:
    """It is registered under its name; the network takes one tile and returns one logit per class."""
    recipe = make_recipe("focus")
    assert RECIPES["focus"].class_name == type(recipe).__name__
    assert recipe.preprocessing() == FOCUS_PREPROCESSING
    network = recipe.build_network()
    assert network.input_shape == (None, SIZE, SIZE, 1)
    assert network.output_shape == (None, 3)
    assert network.count_params() < 200_000
