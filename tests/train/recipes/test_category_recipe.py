"""Tests of the category recipe: augmentation hides what must not reveal the class; inputs fit the network."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from skimage import data

from autocull.measure.category import CATEGORY_PREPROCESSING, face_features, prepare_category_picture
from autocull.train.data.manifest import Row
from autocull.train.recipes.category import CategoryDataset, CategoryRecipe

SIZE = CATEGORY_PREPROCESSING["size"]
CLASSES = CategoryRecipe.classes
PICTURES = [data.astronaut()[:300:2, :400:2], data.coffee()[::4, ::4]]
FACES = [np.array([0.2, 0.4, 0.4], np.float32), np.zeros(3, np.float32)]


def make_row(label: str, path: Path = Path("a.jpg")) -> Row:
    """Make a row of which only label and path matter."""
    return Row(path, label, "train", "a", "web", 2, {})


@pytest.fixture
def dataset() -> CategoryDataset:
    """Provide a dataset of a portrait and a cup of coffee."""
    return CategoryDataset(PICTURES, FACES, [make_row("people"), make_row("food")], CLASSES)


def test_plain_sample_is_prepared_as_in_use(dataset: CategoryDataset) -> None:
    """The inputs are faces and picture, in the alphabetical order of the network's input names."""
    faces, picture = dataset.plain(0).inputs
    assert (faces == FACES[0]).all()
    assert (picture == prepare_category_picture(PICTURES[0], SIZE)).all()
    assert dataset.plain(1).target.argmax() == CLASSES.index("food")


def test_augmentation_varies_what_must_not_reveal_the_class(dataset: CategoryDataset) -> None:
    """Some samples are grey, some have no faces; all have the range and size of the input."""
    samples = [dataset.augmented(0, np.random.default_rng(seed)) for seed in range(120)]
    for sample in samples:
        assert sample.inputs[1].shape == (SIZE, SIZE, 3)
        assert sample.inputs[1].dtype == sample.target.dtype == np.float32
        assert np.abs(sample.inputs[1]).max() <= 1
        assert sample.target.argmax() == CLASSES.index("people")
    grey = [np.ptp(sample.inputs[1], axis=2).max() < 0.02 for sample in samples]
    assert 8 < sum(grey) < 60
    faceless = [not sample.inputs[0].any() for sample in samples]
    assert 8 < sum(faceless) < 45


def test_augmentation_depends_on_the_generator_alone(dataset: CategoryDataset) -> None:
    """The same seed gives the same sample, another seed a different one."""
    first, repeated, other = (dataset.augmented(0, np.random.default_rng(seed)) for seed in (5, 5, 6))
    assert (first.inputs[1] == repeated.inputs[1]).all()
    assert (first.inputs[1] != other.inputs[1]).any()


def test_recipe_detects_the_faces(tmp_path: Path) -> None:
    """The portrait's face is in the inputs; the cup of coffee has none."""
    for name, picture in (("a", data.astronaut()[::2, ::2]), ("b", PICTURES[1])):
        Image.fromarray(np.ascontiguousarray(picture)).save(tmp_path / f"{name}.png")
    rows = [make_row("people", tmp_path / "a.png"), make_row("food", tmp_path / "b.png")]
    dataset = CategoryRecipe().load_dataset(rows, lambda: None)
    with_face, without_face = dataset.plain(0).inputs[0], dataset.plain(1).inputs[0]
    assert with_face.min() > 0
    assert not without_face.any()
    assert (without_face == face_features([])).all()


def test_network_fits_the_preprocessing() -> None:
    """It has two inputs in the order of their names, one logit per class, and less than 8 MB in fp16."""
    network = CategoryRecipe().build_network()
    assert [tensor.name for tensor in network.inputs] == ["faces", "picture"]
    assert network.inputs[0].shape == (None, 3)
    assert network.inputs[1].shape == (None, SIZE, SIZE, 3)
    assert network.output_shape == (None, len(CLASSES))
    assert network.count_params() * 2 < 8 * 2**20


def test_only_the_last_layer_is_trained() -> None:
    """The backbone is frozen; the trained layer starts at zero, so that all classes have equal logits."""
    network = CategoryRecipe().build_network()
    assert sum(int(np.prod(weights.shape)) for weights in network.trainable_weights) == 1283 * 7 + 7
    picture = np.random.default_rng(1).uniform(-1, 1, (1, SIZE, SIZE, 3)).astype(np.float32)
    assert not np.asarray(network([np.ones((1, 3), np.float32), picture])).any()
