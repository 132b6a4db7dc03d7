"""Tests of the defects recipe: inputs as the detector prepares them, severities as targets."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image
from skimage import data

from autocull.measure.defects import DEFECT_PREPROCESSING, extract_inputs, prepare_defect_inputs
from autocull.read.photo import Photo, Pixels
from autocull.train.data.manifest import Row
from autocull.train.recipes.defects import DefectsDataset, DefectsRecipe, recapture
from autocull.train.recipes.registry import RECIPES, make_recipe
from autocull.vocabulary import DEFECTS


def crop() -> Pixels:
    """Return a sharp part of a photo."""
    return data.astronaut()[20:200, 120:340]


def make_dataset(folder: Path, captures: int) -> DefectsDataset:
    """Load a dataset of one small photo with some captures."""
    Image.fromarray(crop()).save(folder / "0.png")
    return DefectsRecipe(captures).load_dataset(
        [Row(folder / "0.png", "", "train", "a", "web", 2, {})], lambda: None
    )


def test_recapture_changes_the_size_or_nothing() -> None:
    """Most captures have another size; some are the photo itself, which has no defect."""
    captures = [recapture(crop(), np.random.default_rng(seed)) for seed in range(40)]
    unchanged = [
        capture
        for capture in captures
        if capture.pixels.shape == crop().shape and np.array_equal(capture.pixels, crop())
    ]
    assert 1 <= len(unchanged) <= 10
    assert all((capture.target == 0).all() for capture in unchanged)
    assert len({capture.pixels.shape for capture in captures}) > 10


def test_plain_sample_is_prepared_as_in_use(tmp_path: Path) -> None:
    """Training and inference use the same functions, and the dataset is reproducible."""
    dataset, repeated = make_dataset(tmp_path, 2), make_dataset(tmp_path, 2)
    assert len(dataset) == len(dataset.sources) == 2
    for index in range(2):
        capture = recapture(crop(), np.random.default_rng([0, index]))
        expected = prepare_defect_inputs(*extract_inputs(Photo.from_pixels(capture.pixels)))
        for actual, repeated_input, prepared in zip(
            dataset.plain(index).inputs, repeated.plain(index).inputs, expected, strict=True
        ):
            assert np.array_equal(actual, prepared)
            assert np.array_equal(actual, repeated_input)
        assert np.array_equal(dataset.plain(index).target, capture.target)


def test_augmentation_only_mirrors(tmp_path: Path) -> None:
    """Numbers and target stay, the view is unchanged or mirrored, and patches keep their values."""
    dataset = make_dataset(tmp_path, 1)
    light, strip, view = dataset.plain(0).inputs
    views = set()
    for seed in range(20):
        sample = dataset.augmented(0, np.random.default_rng(seed))
        assert np.array_equal(sample.inputs[0], light)
        assert np.array_equal(np.sort(sample.inputs[1], axis=None), np.sort(strip, axis=None))
        assert np.array_equal(sample.inputs[2], view) or np.array_equal(sample.inputs[2], view[:, ::-1])
        assert np.array_equal(sample.target, dataset.plain(0).target)
        views.add(sample.inputs[2].tobytes())
    assert len(views) == 2


def test_recipe_is_registered_and_its_network_fits() -> None:
    """It is registered under its name; inputs are in the order of their names, with one logit per label."""
    recipe = make_recipe("defects")
    assert RECIPES["defects"].class_name == type(recipe).__name__
    assert recipe.classes == DEFECTS
    assert recipe.preprocessing() == DEFECT_PREPROCESSING
    network = recipe.build_network()
    names = [tensor.name for tensor in network.inputs]
    assert names == sorted(names) == ["numbers", "patches", "view"]
    assert network.output_shape == (None, 7)
    assert network.count_params() * 2 < 6 * 2**20
    numbers, strip, view = prepare_defect_inputs(*extract_inputs(Photo.from_pixels(crop())))
    output = network.predict_on_batch([numbers[None], strip[None], view[None]])
    assert output.shape == (1, 7)
    assert np.isfinite(output).all()
