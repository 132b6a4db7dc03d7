"""The defects recipe: photos as the product looks at them, with severities for targets."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from skimage import data

from autocull.measure.defects import PREPROCESSING, extract_inputs, prepare
from autocull.read.photo import Pixels
from autocull.train.data.image_io import photo_of
from autocull.train.data.manifest import Row
from autocull.train.recipes import RECIPES, make_recipe
from autocull.train.recipes import defects as defects_recipe
from autocull.train.recipes.defects import DefectsDataset, DefectsRecipe, recapture
from autocull.vocabulary import DEFECTS


def crop() -> Pixels:
    """A sharp piece of a photo."""
    return data.astronaut()[20:200, 120:340]


def make_part(folder: Path) -> DefectsDataset:
    """Read a part of one small photo."""
    Image.fromarray(crop()).save(folder / "0.png")
    return DefectsRecipe().load_dataset([Row(folder / "0.png", "", "train", "a", "web", 2, {})], lambda: None)


def test_a_photo_is_taken_again_in_another_size_or_left_alone() -> None:
    """Most takes are of another size; some are the photo itself, which has no defect."""
    takes = [recapture(crop(), np.random.default_rng(seed)) for seed in range(40)]
    alone = [
        take for take in takes if take.pixels.shape == crop().shape and np.array_equal(take.pixels, crop())
    ]
    assert 1 <= len(alone) <= 10
    assert all((take.target == 0).all() for take in alone)
    assert len({take.pixels.shape for take in takes}) > 10


def test_plain_is_what_the_product_looks_at(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Training and serving cannot disagree: both look and prepare with the same functions, repeatably."""
    monkeypatch.setattr(defects_recipe, "_CAPTURES_PER_PHOTO", 2)
    part, same = make_part(tmp_path), make_part(tmp_path)
    assert len(part) == len(part.sources) == 2
    for index in range(2):
        taken = recapture(crop(), np.random.default_rng([0, index]))
        expected = prepare(*extract_inputs(photo_of(taken.pixels)))
        for seen, again, wanted in zip(
            part.plain(index).inputs, same.plain(index).inputs, expected, strict=True
        ):
            assert np.array_equal(seen, wanted)
            assert np.array_equal(seen, again)
        assert np.array_equal(part.plain(index).target, taken.target)


def test_a_draw_is_mirrored_and_nothing_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Light and target stay, the view is itself or its mirror image, patches keep their values."""
    monkeypatch.setattr(defects_recipe, "_CAPTURES_PER_PHOTO", 1)
    part = make_part(tmp_path)
    light, strip, view = part.plain(0).inputs
    views = set()
    for seed in range(20):
        draw = part.augmented(0, np.random.default_rng(seed))
        assert np.array_equal(draw.inputs[0], light)
        assert np.array_equal(np.sort(draw.inputs[1], axis=None), np.sort(strip, axis=None))
        assert np.array_equal(draw.inputs[2], view) or np.array_equal(draw.inputs[2], view[:, ::-1])
        assert np.array_equal(draw.target, part.plain(0).target)
        views.add(draw.inputs[2].tobytes())
    assert len(views) == 2


def test_the_recipe_is_entered_and_its_network_fits() -> None:
    """Under its name; inputs in the order of their names, one logit per label, and small."""
    made = make_recipe("defects")
    assert RECIPES["defects"] == type(made).__name__
    assert made.classes == DEFECTS
    assert made.preprocessing() == PREPROCESSING
    network = made.build_network()
    names = [tensor.name for tensor in network.inputs]
    assert names == sorted(names) == ["numbers", "patches", "view"]
    assert network.output_shape == (None, 7)
    assert network.count_params() * 2 < 6 * 2**20
    numbers, strip, view = prepare(*extract_inputs(photo_of(crop())))
    answer = network.predict_on_batch([numbers[None], strip[None], view[None]])
    assert answer.shape == (1, 7)
    assert np.isfinite(answer).all()
