"""`autocull tune` and `autocull compare-backbones`: arguments and the written page."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import click
import pytest
from click.testing import CliRunner

from autocull.cli.compare_backbones import compare_backbones
from autocull.cli.tune import tune
from autocull.train.experiments.hyperband import Trial
from support.comparison_results import make_result
from support.tiny_networks import CLASSES, TinyRecipe


@pytest.fixture(autouse=True)
def tiny(monkeypatch: pytest.MonkeyPatch) -> None:
    """Replace every recipe by the tiny one, and restore the environment."""
    monkeypatch.setattr("autocull.train.make_recipe", lambda name: TinyRecipe())
    for name in ("TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS", "TF_CPP_MIN_LOG_LEVEL"):
        monkeypatch.setenv(name, os.environ.get(name, "1"))


def invoke(command: click.Command, *arguments: str | Path) -> Any:
    """Run the command with these arguments."""
    return CliRunner().invoke(command, [str(argument) for argument in arguments], catch_exceptions=False)


@pytest.fixture
def received(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """Replace the search by one with a fixed result; returns what it receives."""
    arguments: dict[str, Any] = {}

    def fake_tune(recipe: Any, space: Any, options: Any, **callbacks: Any) -> list[Trial]:
        options.out.mkdir(parents=True)
        trial = Trial("07", {"rate": 0.002}, 3, 0.25, 0.9)
        callbacks["on_total"](3)
        callbacks["on_progress"]()
        callbacks["callback_for"]("07")(1, 2, (3, 2), {"loss": 0.5})
        callbacks["on_result"](trial)
        arguments.update(space=space, options=options)
        return [trial]

    monkeypatch.setattr("autocull.train.tune", fake_tune)
    return arguments


def test_search_prints_and_saves_its_table(tmp_path: Path, received: dict[str, Any]) -> None:
    """The best values and all trials on stdout and in trials.md, each finished trial on stderr."""
    out = tmp_path / "out"
    result = invoke(tune, "eyes", "--data", tmp_path, "--out", out, "--epochs", 9, "--seed", 4)
    assert result.exit_code == 0
    assert "| rate | 0.002 | largest learning rate |" in result.stdout
    assert "Trial 07, epoch 1 of 3: loss 0.500" in result.stderr
    assert "Trial 07: log loss 0.250, accuracy 0.900" in result.stderr
    assert (out / "trials.md").read_text("utf-8") in result.stdout
    options = received["options"]
    assert (options.data, options.out, options.epochs, options.seed) == (tmp_path, out, 9, 4)
    assert "smoothing" in received["space"]


def test_search_has_the_recipes_epochs_by_default(tmp_path: Path, received: dict[str, Any]) -> None:
    """`--epochs` may be left out."""
    assert invoke(tune, "focus", "--data", tmp_path, "--out", tmp_path / "out").exit_code == 0
    assert received["options"].epochs == TinyRecipe.plan.epochs


def test_comparison_writes_a_page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The results are saved next to the page, which states the budget."""
    received: dict[str, Any] = {}

    def fake_compare(recipe: Any, budget: Any, folder: Path, **callbacks: Any) -> list[dict[str, Any]]:
        received.update(budget=budget, folder=folder)
        callbacks["callback_for"]("VGG16")(2, 2, (2, 2), {"loss": 1.0})
        return [make_result()]

    monkeypatch.setattr("autocull.train.compare", fake_compare)
    page = tmp_path / "new" / "page.md"
    arguments = ("--data", tmp_path, "--epochs", 2, "--size", 48, "--threads", 1, "--out", page)
    result = invoke(compare_backbones, *arguments, "--member", "defects")
    assert result.exit_code == 0
    assert "VGG16, epoch 2 of 2: loss 1.000" in result.stderr
    text = page.read_text("utf-8")
    assert text in result.stdout
    assert "2 epochs, pictures of 48 px, seed 0, 1 thread." in text
    assert all(f"precision: {label}" in text for label in CLASSES)
    assert received["folder"] == page.with_name("page.md.results")
    assert (received["budget"].epochs, received["budget"].size) == (2, 48)


@pytest.mark.parametrize(
    ("command", "arguments"),
    [
        (tune, ("nose", "--data", ".", "--out", "x")),
        (tune, ("eyes", "--data", ".")),
        (compare_backbones, ("--data", "nowhere")),
        (compare_backbones, ("--data", ".", "--member", "eyes")),
        (compare_backbones, ("--data", ".", "--epochs", "0")),
    ],
)
def test_invalid_arguments_are_refused(command: click.Command, arguments: tuple[str, ...]) -> None:
    """An unknown member, no folder, a missing folder, zero epochs: exit code 2."""
    assert invoke(command, *arguments).exit_code == 2
