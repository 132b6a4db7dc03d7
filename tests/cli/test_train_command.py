"""`autocull train`: arguments, training, and printed progress."""

from __future__ import annotations

import json
import os
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from click.testing import CliRunner

from autocull.cli.train import DETECTORS, train
from autocull.train.evaluation.retrieval import RetrievalMetrics
from autocull.train.recipes import registry as recipes
from support.tiny_networks import TinyRecipe, write_manifest

# Keras 3 saves its variables through numpy's old protocol.
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation doesn't accept a copy")


@pytest.fixture(autouse=True)
def tiny(monkeypatch: pytest.MonkeyPatch) -> None:
    """Replace every recipe by the tiny one, skip the conversion, and restore the environment."""
    monkeypatch.setattr("autocull.train.make_recipe", lambda name: TinyRecipe())
    monkeypatch.setattr("autocull.train.fitting.export.write_model", lambda *_: 0.0)
    for name in ("TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS", "TF_CPP_MIN_LOG_LEVEL"):
        monkeypatch.setenv(name, os.environ.get(name, "1"))


def invoke(*arguments: str | Path) -> Any:
    """Run the command with these arguments."""
    return CliRunner().invoke(train, [str(argument) for argument in arguments], catch_exceptions=False)


def test_training_writes_a_folder_with_a_report(tmp_path: Path) -> None:
    """Metrics are printed on stdout, those of each epoch on stderr."""
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


def test_options_reach_the_training(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Data, seed, sources left out, resuming and threads; the output folder has a default."""
    monkeypatch.chdir(tmp_path)
    received: dict[str, Any] = {}

    def fake_train(recipe: Any, options: Any, **callbacks: Any) -> Any:
        received.update(options=options, callbacks=callbacks)
        return SimpleNamespace(parts={})

    monkeypatch.setattr("autocull.train.train", fake_train)
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
    options = received["options"]
    assert (options.data, options.also, options.out) == (tmp_path, (tmp_path.parent,), Path("trained/focus"))
    assert (options.seed, options.resume, options.without, options.epochs) == (7, True, ("a", "b"), None)
    assert options.start == tmp_path
    assert os.environ["TF_NUM_INTRAOP_THREADS"] == "1"
    assert set(received["callbacks"]) == {"on_total", "on_progress", "on_step"}


@pytest.mark.parametrize(
    "arguments",
    [
        ("nose", "--data", "."),
        ("eyes",),
        ("eyes", "--data", "nowhere"),
        ("eyes", "--data", ".", "--epochs", "0"),
    ],
)
def test_invalid_arguments_are_refused(arguments: tuple[str, ...]) -> None:
    """An unknown member, no folder, a missing folder, zero epochs: exit code 2."""
    assert invoke(*arguments).exit_code == 2


def test_every_recipe_can_be_trained() -> None:
    """The command offers every recipe."""
    assert set(DETECTORS) == recipes.RECIPES.keys()


def test_likeness_has_its_own_training(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same options reach another training, whose metrics have other columns."""
    received: list[Any] = []

    def fake_train(recipe: Any, options: Any, **callbacks: Any) -> Any:
        received.extend((recipe.name, options, set(callbacks)))
        metrics = RetrievalMetrics(
            n=3, auc=0.5, recall_at_1=0.5, negative_cosine=0.5, recall=0.5, patch_accuracy=0.5
        )
        return SimpleNamespace(parts={"dev": metrics})

    monkeypatch.setattr("autocull.train.recipes.embedding_training.train", fake_train)
    result = invoke("likeness", "--data", tmp_path, "--also", tmp_path / "..", "--out", tmp_path / "out")
    assert result.exit_code == 0
    assert "| dev | 3 | 0.500 |" in result.stdout
    name, options, callbacks = received
    assert (name, callbacks) == ("likeness", {"on_total", "on_progress", "on_step"})
    assert (options.data, options.also) == (tmp_path, (tmp_path / "..",))
