"""The eyes' recipe: training sees what the product will cut, and no source gives its label away."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from skimage import data

from autocull.measure.eyes import PREPROCESSING, prepare
from autocull.train.data.manifest import Row
from autocull.train.recipes import RECIPES, make_recipe
from autocull.train.recipes.eyes import EyesDataset, EyesRecipe

SIZE = PREPROCESSING["size"]
CROP = data.astronaut()[95:135, 200:240]


def make_row(label: str, source: str = "web") -> Row:
    """Make a row of which only label and source matter."""
    return Row(Path("a.jpg"), label, "train", "a", source, 2, {})


def make_part(labels: Sequence[tuple[str, str]]) -> EyesDataset:
    """Make a part of one crop under several labels and sources."""
    return EyesDataset([CROP] * len(labels), [make_row(*label) for label in labels], ("closed", "open"))


def test_plain_is_what_the_product_prepares() -> None:
    """Training and serving cannot disagree: both call the same function on the same crop."""
    example = make_part([("open", "web")]).plain(0)
    assert (example.inputs[0] == prepare([CROP], SIZE)[0]).all()
    assert example.target.tolist() == [0, 1]


@pytest.mark.parametrize("source", ["cew", "web"])
def test_a_draw_is_a_view_of_the_same_eye(source: str) -> None:
    """It has the input's shape and range, differs each time, and still looks like the crop on average."""
    part = make_part([("closed", source)])
    plain = part.plain(0).inputs[0]
    views = [part.augmented(0, np.random.default_rng(seed)) for seed in range(60)]
    for view in views:
        assert view.inputs[0].shape == (SIZE, SIZE, 1)
        assert view.inputs[0].dtype == np.float32
        assert np.abs(view.inputs[0]).max() <= 3
        assert view.target.tolist() == [1, 0]
    assert len({view.inputs[0].tobytes() for view in views}) == 60
    mean = np.mean([(view.inputs[0] + view.inputs[0][:, ::-1]) / 2 for view in views], axis=0)
    assert np.corrcoef(mean.ravel(), (plain + plain[:, ::-1]).ravel())[0, 1] > 0.6


def test_the_generator_alone_decides() -> None:
    """The same generator gives the same view."""
    part = make_part([("open", "web")])
    one, again = (part.augmented(0, np.random.default_rng(5)).inputs[0] for _ in range(2))
    assert (one == again).all()


def test_a_source_of_open_eyes_only_teaches_no_label() -> None:
    """Within each source the rarer label weighs more per example, and a source's mean weight is 1."""
    part = make_part([("open", "film")] * 6 + [("closed", "film")] * 2 + [("closed", "cew")] * 3)
    weights = [part.augmented(index, np.random.default_rng(0)).weight for index in range(len(part))]
    assert weights[6] > 1.8 * weights[0]
    assert np.mean(weights[:8]) == pytest.approx(1, abs=1e-5)
    assert weights[8:] == [1, 1, 1]


def test_the_recipe_reads_a_folder(tmp_path: Path) -> None:
    """One example per row, each told once, with its source."""
    from PIL import Image

    Image.fromarray(CROP).save(tmp_path / "a.png")
    told: list[int] = []
    row = Row(tmp_path / "a.png", "open", "train", "a", "web", 2, {})
    part = EyesRecipe().load_dataset([row, row], lambda: told.append(1))
    assert (len(part), len(told), part.sources) == (2, 2, ["web", "web"])


def test_the_network_fits_the_preprocessing() -> None:
    """One input of the prepared shape, one logit per class, and weights that ship in less than a megabyte."""
    made = make_recipe("eyes")
    network = made.build_network()
    assert network.input_shape == (None, SIZE, SIZE, 1)
    assert network.output_shape == (None, 2)
    assert network.count_params() * 2 < 2**20
    assert made.preprocessing() == PREPROCESSING


def test_every_member_that_is_trained_has_a_recipe() -> None:
    """The recipe's name is the one it is asked for by; labels, where there are any, hold its classes."""
    for name in RECIPES:
        made = make_recipe(name)
        assert made.name == name
        assert made.labels is None or set(made.classes) <= set(made.labels)
        assert len(set(made.classes)) == len(made.classes) >= 2
