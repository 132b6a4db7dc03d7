"""The comparison: every network gets the same, results are kept, and the table says what was measured."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest

from autocull.errors import ManifestError
from autocull.train.backbones import BACKBONES
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
from autocull.train.recipes import make_recipe
from autocull.train.recipes.base import Sample
from support.comparison_results import result
from support.tiny_networks import CLASSES, TinyPart, TinyRecipe, write_manifest

# Keras 3 saves its variables through numpy's old protocol; nothing here can change that.
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation doesn't accept a copy")


class CountedRecipe(TinyRecipe):
    """The tiny recipe; it counts how often it reads."""

    def __init__(self) -> None:
        self.reads = 0

    def part(self, rows: Sequence[Row], step: Callable[[], None]) -> TinyPart:
        """Count, and make the examples."""
        self.reads += 1
        return super().part(rows, step)


def small(name: str = "small", sight: InputSubset = InputSubset.PICTURE) -> Candidate:
    """Make a contender that trains within a second."""

    def build(shape: tuple[int, ...]) -> Any:
        picture = keras.Input(shape, name="picture")
        return keras.Model(picture, keras.layers.Dense(2)(keras.layers.Flatten()(picture)))

    return Candidate(name, sight, 0.5, "nobody 2000", build)


@pytest.fixture
def budget(tmp_path: Path) -> Budget:
    """Two epochs over sixty tiny pictures."""
    return Budget(data=write_manifest(tmp_path / "data"), epochs=2, size=4)


def test_a_network_is_trained_judged_and_measured(budget: Budget, tmp_path: Path) -> None:
    """Its result holds figures of dev, parameters, the size of what is served and a time; it is kept."""
    heard: list[str] = []
    tiny, out = CountedRecipe(), tmp_path / "results"

    def told(name: str) -> Callable[..., None]:
        heard.append(name)
        return lambda *_: None

    results = compare(tiny, budget, out, candidates=[small()], callback_for=told)
    assert heard == ["small"]
    assert [each["name"] for each in results] == ["small"]
    assert results[0]["parameters"] == 34
    assert results[0]["judge"] == "dev"
    assert results[0]["figures"]["n"] == 14
    assert results[0]["figures"]["accuracy"] > 0.6
    assert results[0]["bytes"] > 500
    assert 0 < results[0]["milliseconds"] < 1000
    assert [path.name for path in out.iterdir()] == ["small.json"]
    reads = tiny.reads
    again = compare(tiny, budget, out, candidates=[small()])
    assert again[0]["figures"]["accuracy"] == results[0]["figures"]["accuracy"]
    assert tiny.reads == reads


def test_a_stopped_comparison_keeps_what_it_has(
    budget: Budget, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The network that was done is not trained again, the missing one is."""
    made: list[str] = []

    def one(recipe: Any, budget: Any, contender: Candidate, *_: Any) -> dict[str, Any]:
        made.append(contender.name)
        if len(made) == 2:
            raise KeyboardInterrupt
        return {"name": contender.name}

    monkeypatch.setattr("autocull.train.experiments.backbone_comparison._evaluate_candidate", one)
    among = [small("a"), small("b")]
    with pytest.raises(KeyboardInterrupt):
        compare(TinyRecipe(), budget, tmp_path / "results", candidates=among)
    results = compare(TinyRecipe(), budget, tmp_path / "results", candidates=among)
    assert made == ["a", "b", "b"]
    assert results == [{"name": "a"}, {"name": "b"}]


@pytest.mark.parametrize("change", [{"epochs": 3}, {"size": 3}, {"seed": 1}])
def test_another_budget_is_not_mixed_in(
    budget: Budget, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, change: dict[str, int]
) -> None:
    """A table never holds rows of different budgets."""
    monkeypatch.setattr(
        "autocull.train.experiments.backbone_comparison._evaluate_candidate", lambda *_: {"name": "small"}
    )
    monkeypatch.setattr("autocull.train.experiments.backbone_comparison.MIN_SIZE", 2)
    compare(TinyRecipe(), budget, tmp_path / "results", candidates=[small()])
    with pytest.raises(ManifestError, match=r"belongs to another comparison.*another --out"):
        compare(TinyRecipe(), replace(budget, **change), tmp_path / "results", candidates=[small()])


@pytest.mark.parametrize("size", [1, 5])
def test_a_size_that_does_not_suit_is_refused(budget: Budget, tmp_path: Path, size: int) -> None:
    """Pictures larger than the member's hold nothing more; smaller ones than a network takes fail later."""
    with pytest.raises(ManifestError, match=f"{size} px does not suit"):
        compare(TinyRecipe(), replace(budget, size=size), tmp_path / "results", candidates=[small()])


def test_data_that_cannot_be_used_are_refused(tmp_path: Path) -> None:
    """No manifest, or nothing to hold out: an error that says so."""
    budget = Budget(data=tmp_path, epochs=1, size=4)
    with pytest.raises(ManifestError, match="is not there"):
        compare(TinyRecipe(), budget, tmp_path / "results", candidates=[small()])
    write_manifest(tmp_path, count=1)
    with pytest.raises(ManifestError, match="no rows are left"):
        compare(TinyRecipe(), budget, tmp_path / "results", candidates=[small()])


def test_without_dev_the_validation_judges(
    budget: Budget, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And the result says that it did."""
    manifest = budget.data / "manifest.csv"
    manifest.write_text(manifest.read_text("utf-8").replace(",dev,", ",train,"), "utf-8")
    judges: list[str] = []

    def one(recipe: Any, budget: Any, contender: Any, photos: Any, *_: Any) -> dict[str, Any]:
        judges.append(photos.judge)
        return {"name": "small"}

    monkeypatch.setattr("autocull.train.experiments.backbone_comparison._evaluate_candidate", one)
    compare(TinyRecipe(), budget, tmp_path / "results", candidates=[small()])
    assert judges == ["validation"]


def test_the_promised_networks_take_part() -> None:
    """Five classic ones, MobileNetV3-Small and ours, which runs with and without what it sees besides."""
    made = list_candidates(make_recipe("category"))
    assert [each.name for each in made][:2] == ["ours", "ours, picture alone"]
    assert {each.name for each in made[2:]} == {backbone.name for backbone in BACKBONES}
    assert {each.input_subset for each in made[2:]} == {InputSubset.PICTURE}


@pytest.mark.parametrize(("member", "name", "side"), [("category", "picture", 128), ("defects", "view", 144)])
def test_ours_takes_the_size_of_the_comparison(member: str, name: str, side: int) -> None:
    """The member's own network is built for the given picture, its other inputs as they are."""
    own = make_recipe(member)
    place, shape = picture_input(own)
    assert shape == (side, side, 3)
    model = list_candidates(own)[0].build((48, 48, 3))
    assert model.inputs[place].name == name
    assert tuple(model.inputs[place].shape) == (None, 48, 48, 3)
    assert model.count_params() == own.build_network().count_params()


def test_a_published_network_answers_the_members_classes() -> None:
    """One logit per class, from the picture alone."""
    vgg = next(each for each in list_candidates(make_recipe("category")) if each.name == "VGG16")
    model = vgg.build((32, 32, 3))
    assert model.output_shape == (None, 7)
    assert len(model.inputs) == 1


def test_the_time_is_that_of_one_call() -> None:
    """The best of several calls of the served network, in milliseconds."""
    weights = export.to_litert(small().build((4, 4, 1)))
    example = Sample((np.zeros((4, 4, 1), np.float32),), np.zeros(2, np.float32))
    assert 0 < measure_latency(weights, example, calls=3) < 1000


def test_the_table_says_what_was_measured() -> None:
    """Accuracy with Wilson's interval, precision per class (a dash where undefined), size and time."""
    lines = format_comparison_table(CLASSES, [result()]).splitlines()
    assert "precision: left | precision: right" in lines[0]
    assert lines[2] == (
        "| VGG16 | 0.25 | 1,234,567 | 2.50 | 1.23 | 0.800 | 0.711-0.867 | 0.750 | 0.900 | - | 2.0 |"
    )


def test_the_page_says_how_it_was_made() -> None:
    """Command, budget, judge and papers stand beside the table."""
    page = format_comparison_page(
        "category", CLASSES, [result()], command="autocull compare", budget="Same for all."
    )
    for words in ("$ autocull compare", "Same for all. Judged on the 100 examples of `dev`", "S & Z 2015"):
        assert words in page
