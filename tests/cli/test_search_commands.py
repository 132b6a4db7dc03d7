"""`autocull tune` and `autocull compare-backbones`: words in, a page out."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import click
import pytest
from click.testing import CliRunner

from autocull.cli.compare_backbones import compare_backbones
from autocull.cli.tune import tune
from autocull.train import recipes
from autocull.train.experiments.hyperband import Trial
from support.comparison_results import result
from support.tiny_networks import CLASSES, TinyRecipe


@pytest.fixture(autouse=True)
def tiny(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the tiny recipe stand for every member, and let the environment be."""
    monkeypatch.setattr(recipes, "make_recipe", lambda name: TinyRecipe())
    for name in ("TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS", "TF_CPP_MIN_LOG_LEVEL"):
        monkeypatch.setenv(name, os.environ.get(name, "1"))


def invoke(command: click.Command, *words: str | Path) -> Any:
    """Run the command with these words."""
    return CliRunner().invoke(command, [str(word) for word in words], catch_exceptions=False)


@pytest.fixture
def searched(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """Put a search that knows its answer in the place of the real one; gives what it was asked."""
    heard: dict[str, Any] = {}

    def search(recipe: Any, space: Any, order: Any, **listeners: Any) -> list[Trial]:
        order.out.mkdir(parents=True)
        trial = Trial("07", {"rate": 0.002}, 3, 0.25, 0.9)
        listeners["on_total"](3)
        listeners["on_progress"]()
        listeners["callback_for"]("07")(1, 2, (3, 2), {"loss": 0.5})
        listeners["on_result"](trial)
        heard.update(space=space, order=order)
        return [trial]

    monkeypatch.setattr("autocull.train.experiments.hyperband.tune", search)
    return heard


def test_a_search_prints_the_best_and_keeps_the_table(tmp_path: Path, searched: dict[str, Any]) -> None:
    """The best values and all trials on the output and in trials.md, each trial's end on the other stream."""
    out = tmp_path / "out"
    answer = invoke(tune, "eyes", "--data", tmp_path, "--out", out, "--epochs", 9, "--seed", 4)
    assert answer.exit_code == 0
    assert "| rate | 0.002 | largest learning rate |" in answer.stdout
    assert "Trial 07, epoch 1 of 3: loss 0.500" in answer.stderr
    assert "Trial 07: surprise 0.250, right 0.900" in answer.stderr
    assert (out / "trials.md").read_text("utf-8") in answer.stdout
    order = searched["order"]
    assert (order.data, order.out, order.epochs, order.seed) == (tmp_path, out, 9, 4)
    assert "smoothing" in searched["space"]


def test_a_search_takes_the_recipes_epochs(tmp_path: Path, searched: dict[str, Any]) -> None:
    """Where none are given."""
    assert invoke(tune, "focus", "--data", tmp_path, "--out", tmp_path / "out").exit_code == 0
    assert searched["order"].epochs == TinyRecipe.plan.epochs


def test_a_comparison_becomes_a_page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One command makes the page; results lie beside it, and the budget is told in words."""
    heard: dict[str, Any] = {}

    def compare(recipe: Any, budget: Any, folder: Path, **listeners: Any) -> list[dict[str, Any]]:
        heard.update(budget=budget, folder=folder)
        listeners["callback_for"]("VGG16")(2, 2, (2, 2), {"loss": 1.0})
        return [result()]

    monkeypatch.setattr("autocull.train.experiments.backbone_comparison.compare", compare)
    page = tmp_path / "new" / "page.md"
    words = ("--data", tmp_path, "--epochs", 2, "--size", 48, "--threads", 1, "--out", page)
    answer = invoke(compare_backbones, *words, "--member", "defects")
    assert answer.exit_code == 0
    assert "VGG16, epoch 2 of 2: loss 1.000" in answer.stderr
    written = page.read_text("utf-8")
    assert written in answer.stdout
    assert "2 epochs, pictures of 48 px, seed 0, 1 thread." in written
    assert all(f"precision: {label}" in written for label in CLASSES)
    assert heard["folder"] == page.with_name("page.md.results")
    assert (heard["budget"].epochs, heard["budget"].size) == (2, 48)


@pytest.mark.parametrize(
    ("command", "words"),
    [
        (tune, ("nose", "--data", ".", "--out", "x")),
        (tune, ("eyes", "--data", ".")),
        (compare_backbones, ("--data", "nowhere")),
        (compare_backbones, ("--data", ".", "--member", "eyes")),
        (compare_backbones, ("--data", ".", "--epochs", "0")),
    ],
)
def test_wrong_words_are_refused(command: click.Command, words: tuple[str, ...]) -> None:
    """An unknown member, no folder, one that is not there, no epochs: exit code 2, and nothing happens."""
    assert invoke(command, *words).exit_code == 2
