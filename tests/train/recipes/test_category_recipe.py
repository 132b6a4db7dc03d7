"""The category's recipe: neither resolution nor grey nor missing faces tell the class."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from skimage import data

from autocull.measure.category import PREPROCESSING, face_features, prepare
from autocull.train.data.manifest import Row
from autocull.train.recipes.category import CategoryDataset, CategoryRecipe

SIZE = PREPROCESSING["size"]
CLASSES = CategoryRecipe.classes
PICTURES = [data.astronaut()[:300:2, :400:2], data.coffee()[::4, ::4]]
FACES = [np.array([0.2, 0.4, 0.4], np.float32), np.zeros(3, np.float32)]


def make_row(label: str, path: Path = Path("a.jpg")) -> Row:
    """Make a row of which only label and path matter."""
    return Row(path, label, "train", "a", "web", 2, {})


@pytest.fixture
def part() -> CategoryDataset:
    """A portrait and a cup of coffee."""
    return CategoryDataset(PICTURES, FACES, [make_row("people"), make_row("food")], CLASSES)


def test_plain_is_what_the_product_prepares(part: CategoryDataset) -> None:
    """Faces first, then the picture, in the order of the network's input names."""
    faces, picture = part.plain(0).inputs
    assert (faces == FACES[0]).all()
    assert (picture == prepare(PICTURES[0], SIZE)).all()
    assert part.plain(1).target.argmax() == CLASSES.index("food")


def test_draws_vary_in_all_that_must_not_tell_the_class(part: CategoryDataset) -> None:
    """Some are grey, some lack their faces, all are in range and of the same size."""
    draws = [part.augmented(0, np.random.default_rng(seed)) for seed in range(120)]
    for draw in draws:
        assert draw.inputs[1].shape == (SIZE, SIZE, 3)
        assert draw.inputs[1].dtype == draw.target.dtype == np.float32
        assert np.abs(draw.inputs[1]).max() <= 1
        assert draw.target.argmax() == CLASSES.index("people")
    grey = [np.ptp(draw.inputs[1], axis=2).max() < 0.02 for draw in draws]
    assert 8 < sum(grey) < 60
    faceless = [not draw.inputs[0].any() for draw in draws]
    assert 8 < sum(faceless) < 45


def test_the_generator_alone_decides(part: CategoryDataset) -> None:
    """The same generator gives the same example, another one another."""
    one, again, other = (part.augmented(0, np.random.default_rng(seed)) for seed in (5, 5, 6))
    assert (one.inputs[1] == again.inputs[1]).all()
    assert (one.inputs[1] != other.inputs[1]).any()


def test_the_recipe_finds_the_faces(tmp_path: Path) -> None:
    """The portrait's face is among the inputs, the cup of coffee has none."""
    for name, picture in (("a", data.astronaut()[::2, ::2]), ("b", PICTURES[1])):
        Image.fromarray(np.ascontiguousarray(picture)).save(tmp_path / f"{name}.png")
    rows = [make_row("people", tmp_path / "a.png"), make_row("food", tmp_path / "b.png")]
    part = CategoryRecipe().load_dataset(rows, lambda: None)
    with_face, without = part.plain(0).inputs[0], part.plain(1).inputs[0]
    assert with_face.min() > 0
    assert not without.any()
    assert (without == face_features([])).all()


def test_the_network_fits_the_preprocessing() -> None:
    """Two inputs in the order of their names, one logit per class, and less than 8 MB in half precision."""
    network = CategoryRecipe().build_network()
    assert [tensor.name for tensor in network.inputs] == ["faces", "picture"]
    assert network.inputs[0].shape == (None, 3)
    assert network.inputs[1].shape == (None, SIZE, SIZE, 3)
    assert network.output_shape == (None, len(CLASSES))
    assert network.count_params() * 2 < 8 * 2**20


def test_only_what_joins_backbone_and_faces_is_trained() -> None:
    """The backbone stays as it came; what is trained starts from zero, so that all classes begin alike."""
    network = CategoryRecipe().build_network()
    assert sum(int(np.prod(weights.shape)) for weights in network.trainable_weights) == 1283 * 7 + 7
    picture = np.random.default_rng(1).uniform(-1, 1, (1, SIZE, SIZE, 3)).astype(np.float32)
    assert not np.asarray(network([np.ones((1, 3), np.float32), picture])).any()
