"""Tests of the eyes recipe: inputs as the detector prepares them, and labels balanced within sources."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from skimage import data

from autocull.measure.eyes import EYE_PREPROCESSING, prepare_eye
from autocull.train.data.manifest import Row
from autocull.train.recipes.eyes import EyesDataset, EyesRecipe
from autocull.train.recipes.registry import RECIPES, make_recipe

SIZE = EYE_PREPROCESSING["size"]
CROP = data.astronaut()[95:135, 200:240]


def make_row(label: str, source: str = "web") -> Row:
    """Make a row of which only label and source matter."""
    return Row(Path("a.jpg"), label, "train", "a", source, 2, {})


def make_dataset(labels: Sequence[tuple[str, str]]) -> EyesDataset:
    """Make a dataset of one crop with several labels and sources."""
    return EyesDataset([CROP] * len(labels), [make_row(*label) for label in labels], ("closed", "open"))


def test_plain_sample_is_prepared_as_in_use() -> None:
    """Training and inference prepare a crop by the same function."""
    sample = make_dataset([("open", "web")]).plain(0)
    assert (sample.inputs[0] == prepare_eye([CROP], SIZE)[0]).all()
    assert sample.target.tolist() == [0, 1]


@pytest.mark.parametrize("source", ["cew", "web"])
def test_augmented_sample_resembles_the_crop(source: str) -> None:
    """It has the input's shape and range, differs for each seed, and resembles the crop on average."""
    dataset = make_dataset([("closed", source)])
    plain = dataset.plain(0).inputs[0]
    samples = [dataset.augmented(0, np.random.default_rng(seed)) for seed in range(60)]
    for sample in samples:
        assert sample.inputs[0].shape == (SIZE, SIZE, 1)
        assert sample.inputs[0].dtype == np.float32
        assert np.abs(sample.inputs[0]).max() <= 3
        assert sample.target.tolist() == [1, 0]
    assert len({sample.inputs[0].tobytes() for sample in samples}) == 60
    mean = np.mean([(sample.inputs[0] + sample.inputs[0][:, ::-1]) / 2 for sample in samples], axis=0)
    assert np.corrcoef(mean.ravel(), (plain + plain[:, ::-1]).ravel())[0, 1] > 0.6


def test_augmentation_depends_on_the_generator_alone() -> None:
    """The same seed gives the same sample."""
    dataset = make_dataset([("open", "web")])
    first, repeated = (dataset.augmented(0, np.random.default_rng(5)).inputs[0] for _ in range(2))
    assert (first == repeated).all()


def test_labels_are_balanced_within_each_source() -> None:
    """Within each source the rarer label has larger weights, and the mean weight is 1."""
    dataset = make_dataset([("open", "film")] * 6 + [("closed", "film")] * 2 + [("closed", "cew")] * 3)
    weights = [dataset.augmented(index, np.random.default_rng(0)).weight for index in range(len(dataset))]
    assert weights[6] > 1.8 * weights[0]
    assert np.mean(weights[:8]) == pytest.approx(1, abs=1e-5)
    assert weights[8:] == [1, 1, 1]


def test_recipe_reads_every_row(tmp_path: Path) -> None:
    """There is one sample per row with its source, and progress is reported once per row."""
    from PIL import Image

    Image.fromarray(CROP).save(tmp_path / "a.png")
    progress: list[int] = []
    row = Row(tmp_path / "a.png", "open", "train", "a", "web", 2, {})
    dataset = EyesRecipe().load_dataset([row, row], lambda: progress.append(1))
    assert (len(dataset), len(progress), dataset.sources) == (2, 2, ["web", "web"])


def test_network_fits_the_preprocessing() -> None:
    """It has one input of the prepared shape, one logit per class, and weights below 1 MB in fp16."""
    recipe = make_recipe("eyes")
    network = recipe.build_network()
    assert network.input_shape == (None, SIZE, SIZE, 1)
    assert network.output_shape == (None, 2)
    assert network.count_params() * 2 < 2**20
    assert recipe.preprocessing() == EYE_PREPROCESSING


def test_every_registered_recipe_is_consistent() -> None:
    """A recipe has the name under which it is registered; its labels, if any, include its classes."""
    for name in RECIPES:
        recipe = make_recipe(name)
        assert recipe.name == name
        assert recipe.labels is None or set(recipe.classes) <= set(recipe.labels)
        assert len(set(recipe.classes)) == len(recipe.classes) >= 2
