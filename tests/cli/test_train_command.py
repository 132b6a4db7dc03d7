"""`autocull train`: words in, a training out, and what it tells on the way."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from autocull.cli.train import DETECTORS, train
from autocull.train import recipes
from support.tiny_networks import TinyRecipe, write_manifest

# Keras 3 saves its variables through numpy's old protocol; nothing here can change that.
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation doesn't accept a copy")


@pytest.fixture(autouse=True)
def tiny(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let every member be trained by the tiny recipe without a conversion, and let the environment be."""
    monkeypatch.setattr(recipes, "make_recipe", lambda name: TinyRecipe())
    monkeypatch.setattr("autocull.train.fitting.export.write_model", lambda *_: 0.0)
    for name in ("TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS", "TF_CPP_MIN_LOG_LEVEL"):
        monkeypatch.setenv(name, os.environ.get(name, "1"))


def invoke(*words: str | Path) -> Any:
    """Run the command with these words."""
    return CliRunner().invoke(train, [str(word) for word in words], catch_exceptions=False)


def test_a_member_is_trained_into_a_folder(tmp_path: Path) -> None:
    """Figures come on the standard output, each epoch's on the other; the folder holds the report."""
    out = tmp_path / "out"
    result = invoke("eyes", "--data", write_manifest(tmp_path / "data"), "--out", out, "--epochs", 2)
    assert result.exit_code == 0
    assert "| dev |" in result.stdout
    assert str(out) in result.stdout.replace("\n", "")
    assert "Epoch 1 of 2" in result.stderr
    assert "val_loss" in result.stderr
    report = json.loads((out / "report" / "report.json").read_text("utf-8"))
    assert report["plan"]["epochs"] == 2
    assert report["command"].startswith("autocull ")


def test_the_options_arrive(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Seed, sources left out, resuming and threads reach the training; the folder has a default."""
    monkeypatch.chdir(tmp_path)
    heard: dict[str, Any] = {}

    def listen(recipe: Any, order: Any, **listeners: Any) -> dict[str, Any]:
        heard.update(order=order, listeners=listeners)
        return {"parts": {}}

    monkeypatch.setattr("autocull.train.fitting.trainer.train", listen)
    result = invoke(
        "focus",
        "--data",
        tmp_path,
        "--also",
        tmp_path.parent,
        "--seed",
        7,
        "--resume",
        "--from",
        tmp_path,
        "--without",
        "a",
        "--without",
        "b",
        "--threads",
        1,
    )
    assert result.exit_code == 0
    order = heard["order"]
    assert (order.data, order.also, order.out) == (tmp_path, (tmp_path.parent,), Path("trained/focus"))
    assert (order.seed, order.resume, order.without, order.epochs) == (7, True, ("a", "b"), None)
    assert order.start == tmp_path
    assert os.environ["TF_NUM_INTRAOP_THREADS"] == "1"
    assert set(heard["listeners"]) == {"on_total", "on_progress", "on_step"}


@pytest.mark.parametrize(
    "words",
    [
        ("nose", "--data", "."),
        ("eyes",),
        ("eyes", "--data", "nowhere"),
        ("eyes", "--data", ".", "--epochs", "0"),
    ],
)
def test_wrong_words_are_refused(words: tuple[str, ...]) -> None:
    """An unknown member, no folder, one that is not there, no epochs: exit code 2, and nothing happens."""
    assert invoke(*words).exit_code == 2


def test_every_recipe_can_be_asked_for() -> None:
    """The members of the command are those that have a recipe; likeness has a training of its own."""
    assert set(DETECTORS) == {*recipes.RECIPES, "likeness"}


def test_likeness_is_trained_in_its_own_way(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same order reaches another training, whose figures have other columns."""
    heard: list[Any] = []

    def listen(recipe: Any, order: Any, **listeners: Any) -> dict[str, Any]:
        heard.extend((recipe.name, order, set(listeners)))
        figures = dict.fromkeys(("auc", "first", "strangers", "known", "patches"), 0.5)
        return {"parts": {"dev": {"n": 3, **figures}}}

    monkeypatch.setattr("autocull.train.recipes.embedding_training.train", listen)
    result = invoke("likeness", "--data", tmp_path, "--also", tmp_path / "..", "--out", tmp_path / "out")
    assert result.exit_code == 0
    assert "| dev | 3 | 0.500 |" in result.stdout
    name, order, listeners = heard
    assert (name, listeners) == ("likeness", {"on_total", "on_progress", "on_step"})
    assert (order.data, order.also) == (tmp_path, (tmp_path / "..",))
