"""Backbone comparison: the same budget for every network, saved results, and the table of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest

from autocull.errors import ManifestError
from autocull.train.backbones.registry import BACKBONES
from autocull.train.data.manifest import Row
from autocull.train.experiments.backbone_comparison import (
    Budget,
    Candidate,
    compare,
    list_candidates,
    measure_latency,
    picture_input,
)
from autocull.train.experiments.input_ablation import InputSubset
from autocull.train.experiments.pages import format_comparison_page, format_comparison_table
from autocull.train.fitting import export
from autocull.train.recipes.base import Sample
from autocull.train.recipes.registry import make_recipe
from support.comparison_results import make_result
from support.tiny_networks import CLASSES, TinyDataset, TinyRecipe, write_manifest

# Keras 3 saves its variables through numpy's old protocol.
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation doesn't accept a copy")


class CountingRecipe(TinyRecipe):
    """The tiny recipe; it counts how often a dataset is loaded."""

    def __init__(self) -> None:
        self.reads = 0

    def load_dataset(self, rows: Sequence[Row], on_progress: Callable[[], None]) -> TinyDataset:
        """Count, and return the dataset."""
        self.reads += 1
        return super().load_dataset(rows, on_progress)


def make_candidate(name: str = "small", subset: InputSubset = InputSubset.PICTURE) -> Candidate:
    """Make a candidate that trains within a second."""

    def build(shape: tuple[int, ...]) -> Any:
        picture = keras.Input(shape, name="picture")
        return keras.Model(picture, keras.layers.Dense(2)(keras.layers.Flatten()(picture)))

    return Candidate(name, subset, 0.5, "Author 2000", build)


@pytest.fixture
def budget(tmp_path: Path) -> Budget:
    """Return a budget of two epochs over sixty tiny pictures."""
    return Budget(data=write_manifest(tmp_path / "data"), epochs=2, size=4)


def test_candidate_is_trained_evaluated_and_timed(budget: Budget, tmp_path: Path) -> None:
    """Its result has metrics, parameters, file size and latency; it is saved and not computed again."""
    names: list[str] = []
    recipe, out = CountingRecipe(), tmp_path / "results"

    def callback_for(name: str) -> Callable[..., None]:
        names.append(name)
        return lambda *_: None

    results = compare(recipe, budget, out, candidates=[make_candidate()], callback_for=callback_for)
    assert names == ["small"]
    assert [each["name"] for each in results] == ["small"]
    assert results[0]["parameters"] == 34
    assert results[0]["judge"] == "dev"
    assert results[0]["figures"]["n"] == 14
    assert results[0]["figures"]["accuracy"] > 0.6
    assert results[0]["bytes"] > 500
    assert 0 < results[0]["milliseconds"] < 1000
    assert [path.name for path in out.iterdir()] == ["small.json"]
    reads = recipe.reads
    again = compare(recipe, budget, out, candidates=[make_candidate()])
    assert again[0]["figures"]["accuracy"] == results[0]["figures"]["accuracy"]
    assert recipe.reads == reads


def test_stopped_comparison_keeps_its_results(
    budget: Budget, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Only the missing network is trained when it is resumed."""
    names: list[str] = []

    def evaluate(recipe: Any, budget: Any, candidate: Candidate, *_: Any) -> dict[str, Any]:
        names.append(candidate.name)
        if len(names) == 2:
            raise KeyboardInterrupt
        return {"name": candidate.name}

    monkeypatch.setattr("autocull.train.experiments.backbone_comparison.evaluate_candidate", evaluate)
    candidates = [make_candidate("a"), make_candidate("b")]
    with pytest.raises(KeyboardInterrupt):
        compare(TinyRecipe(), budget, tmp_path / "results", candidates=candidates)
    results = compare(TinyRecipe(), budget, tmp_path / "results", candidates=candidates)
    assert names == ["a", "b", "b"]
    assert results == [{"name": "a"}, {"name": "b"}]


@pytest.mark.parametrize("change", [{"epochs": 3}, {"size": 3}, {"seed": 1}])
def test_results_of_another_budget_are_refused(
    budget: Budget, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, change: dict[str, int]
) -> None:
    """A table never has rows of different budgets."""
    monkeypatch.setattr(
        "autocull.train.experiments.backbone_comparison.evaluate_candidate", lambda *_: {"name": "small"}
    )
    monkeypatch.setattr("autocull.train.experiments.backbone_comparison.MIN_SIZE", 2)
    compare(TinyRecipe(), budget, tmp_path / "results", candidates=[make_candidate()])
    with pytest.raises(ManifestError, match=r"belongs to another comparison.*another --out"):
        compare(TinyRecipe(), replace(budget, **change), tmp_path / "results", candidates=[make_candidate()])


@pytest.mark.parametrize("size", [1, 5])
def test_impossible_picture_size_is_refused(budget: Budget, tmp_path: Path, size: int) -> None:
    """Larger than the recipe's pictures, or smaller than the networks accept."""
    with pytest.raises(ManifestError, match=f"{size} px are not possible"):
        compare(TinyRecipe(), replace(budget, size=size), tmp_path / "results", candidates=[make_candidate()])


def test_unusable_data_are_refused(tmp_path: Path) -> None:
    """No manifest, or too few groups for a validation split."""
    budget = Budget(data=tmp_path, epochs=1, size=4)
    with pytest.raises(ManifestError, match="does not exist"):
        compare(TinyRecipe(), budget, tmp_path / "results", candidates=[make_candidate()])
    write_manifest(tmp_path, count=1)
    with pytest.raises(ManifestError, match="no rows are left"):
        compare(TinyRecipe(), budget, tmp_path / "results", candidates=[make_candidate()])


def test_without_dev_networks_are_evaluated_on_validation(
    budget: Budget, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The result names the split."""
    manifest = budget.data / "manifest.csv"
    manifest.write_text(manifest.read_text("utf-8").replace(",dev,", ",train,"), "utf-8")
    names: list[str] = []

    def evaluate(recipe: Any, budget: Any, candidate: Any, datasets: Any, *_: Any) -> dict[str, Any]:
        names.append(datasets.evaluation_name)
        return {"name": "small"}

    monkeypatch.setattr("autocull.train.experiments.backbone_comparison.evaluate_candidate", evaluate)
    compare(TinyRecipe(), budget, tmp_path / "results", candidates=[make_candidate()])
    assert names == ["validation"]


def test_candidates_are_the_documented_networks() -> None:
    """The published backbones, and the project's network with all inputs and with the picture alone."""
    candidates = list_candidates(make_recipe("category"))
    assert [each.name for each in candidates][:2] == ["ours", "ours, picture alone"]
    assert {each.name for each in candidates[2:]} == {backbone.name for backbone in BACKBONES}
    assert {each.input_subset for each in candidates[2:]} == {InputSubset.PICTURE}


@pytest.mark.parametrize(
    ("detector", "name", "side"), [("category", "picture", 128), ("defects", "view", 144)]
)
def test_own_network_takes_the_size_of_the_comparison(detector: str, name: str, side: int) -> None:
    """It is built for the given picture; its other inputs do not change."""
    recipe = make_recipe(detector)
    index, shape = picture_input(recipe)
    assert shape == (side, side, 3)
    model = list_candidates(recipe)[0].build((48, 48, 3))
    assert model.inputs[index].name == name
    assert tuple(model.inputs[index].shape) == (None, 48, 48, 3)
    assert model.count_params() == recipe.build_network().count_params()


def test_published_network_has_the_recipes_classes() -> None:
    """One logit per class, from the picture alone."""
    vgg = next(each for each in list_candidates(make_recipe("category")) if each.name == "VGG16")
    model = vgg.build((32, 32, 3))
    assert model.output_shape == (None, 7)
    assert len(model.inputs) == 1


def test_latency_is_that_of_one_call() -> None:
    """The fastest of several calls of the LiteRT network, in milliseconds."""
    weights = export.to_litert(make_candidate().build((4, 4, 1)))
    sample = Sample((np.zeros((4, 4, 1), np.float32),), np.zeros(2, np.float32))
    assert 0 < measure_latency(weights, sample, calls=3) < 1000


def test_table_has_accuracy_precision_size_and_time() -> None:
    """Accuracy has Wilson's interval; an undefined precision is a dash."""
    lines = format_comparison_table(CLASSES, [make_result()]).splitlines()
    assert "precision: left | precision: right" in lines[0]
    assert lines[2] == (
        "| VGG16 | 0.25 | 1,234,567 | 2.50 | 1.23 | 0.800 | 0.711-0.867 | 0.750 | 0.900 | - | 2.0 |"
    )


def test_page_has_command_budget_and_papers() -> None:
    """And the split of the evaluation."""
    page = format_comparison_page(
        "category", CLASSES, [make_result()], command="autocull compare", budget="Same for all."
    )
    for text in ("$ autocull compare", "Same for all. Evaluated on the 100 samples of `dev`", "S & Z 2015"):
        assert text in page
