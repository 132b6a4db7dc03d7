"""A whole training with a tiny recipe: it learns, resumes as if never stopped, and what it writes works.

One module for everything that imports Keras, so that a test run pays for that import once.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf

from autocull.errors import ManifestError, ModelError
from autocull.measure.models import Model
from autocull.train.data.manifest import Row, read_manifest, split_validation
from autocull.train.fitting import export
from autocull.train.fitting.batches import EvaluationBatches, TrainingBatches, stack, step_count
from autocull.train.fitting.fit import collect_targets, fit, predict_logits
from autocull.train.fitting.trainer import TrainOptions, train
from autocull.train.recipes.base import balance_weights
from support.tiny_networks import TinyPart, TinyRecipe, write_manifest

pytestmark = [
    # Keras 3 saves its variables through numpy's old protocol; nothing here can change that.
    pytest.mark.filterwarnings("ignore:__array__ implementation doesn't accept a copy"),
    # What `step_by_step` asks for does not reach the batches, which do not need it.
    pytest.mark.filterwarnings("ignore:Even though the `tf.config.experimental_run_functions_eagerly`"),
]


@pytest.fixture
def step_by_step() -> Iterator[None]:
    """Run the network's steps one by one: tracing them takes longer than all of them on a tiny network."""
    tf.config.run_functions_eagerly(True)
    yield
    tf.config.run_functions_eagerly(False)


@pytest.fixture
def parts(tmp_path: Path) -> tuple[TinyPart, TinyPart]:
    """Examples for training and validation."""
    split = split_validation(read_manifest(write_manifest(tmp_path / "data") / "manifest.csv"), share=0.3)
    return TinyPart(split.train), TinyPart(split.validation)


def test_batches_hold_every_example_once(parts: tuple[TinyPart, TinyPart]) -> None:
    """An epoch sees each example once, in another order than the next; the last batch is short."""
    batches = TrainingBatches(parts[0], 16, seed=1, epoch=0)
    assert len(batches) == step_count(len(parts[0]), 16)

    def epoch() -> list[np.ndarray]:
        return [target for step in range(len(batches)) for target in batches[step][1]]

    first = epoch()
    assert len(first) == len(parts[0])
    assert np.sum(first, axis=0).tolist() == collect_targets(parts[0]).sum(axis=0).tolist()
    batches.on_epoch_end()
    assert np.stack(epoch()).tolist() != np.stack(first).tolist()


def test_a_batch_depends_on_seed_epoch_and_place_only(parts: tuple[TinyPart, TinyPart]) -> None:
    """Asked again it is the same, in whatever order; another seed or epoch gives another."""
    one, two = (TrainingBatches(parts[0], 16, seed=1, epoch=2) for _ in range(2))
    late = one[1][0][1]
    assert two[0][0][1].shape == (16, 4, 4, 1)
    assert (two[1][0][1] == late).all()
    assert (TrainingBatches(parts[0], 16, seed=2, epoch=2)[1][0][1] != late).any()
    assert (TrainingBatches(parts[0], 16, seed=1, epoch=3)[1][0][1] != late).any()


def test_plain_batches_keep_the_order(parts: tuple[TinyPart, TinyPart]) -> None:
    """They hold the examples one after the other, each with weight 1."""
    batches = EvaluationBatches(parts[1], 4)
    inputs, target, weight = batches[len(batches) - 1]
    last = parts[1].plain(len(parts[1]) - 1)
    assert (inputs[1][-1] == last.inputs[1]).all()
    assert (target[-1] == last.target).all()
    assert set(weight.tolist()) == {1.0}
    single = stack([last._replace(inputs=last.inputs[1:])])
    assert isinstance(single[0], np.ndarray)


def test_balanced_classes_weigh_the_same() -> None:
    """Three of one and one of the other: each class holds half of the weight; power 0 changes nothing."""
    weights = balance_weights([0, 0, 0, 1], 3)
    assert weights[:3].sum() == pytest.approx(weights[3])
    assert weights.mean() == pytest.approx(1)
    assert balance_weights([0, 0, 0, 1], 2, power=0.0).tolist() == [1, 1, 1, 1]


@pytest.mark.usefixtures("step_by_step")
def test_it_learns_and_tells_its_steps(parts: tuple[TinyPart, TinyPart], tmp_path: Path) -> None:
    """The loss falls, the answers become right, and every step is told once."""
    recipe, told = TinyRecipe(), []
    plan = replace(recipe.plan, epochs=6)
    model, history = fit(
        recipe,
        *parts,
        plan=plan,
        seed=0,
        checkpoints=tmp_path / "c",
        on_step=lambda *what: told.append(what[:3]),
    )
    steps = step_count(len(parts[0]), plan.batch)
    assert told == [(epoch, step, (6, steps)) for epoch in range(1, 7) for step in range(1, steps + 1)]
    assert history[-1]["loss"] < 0.7 * history[0]["loss"]
    assert history[0].keys() == {"loss", "accuracy", "val_loss", "val_accuracy"}
    right = predict_logits(model, parts[1]).argmax(axis=1) == collect_targets(parts[1]).argmax(axis=1)
    assert right.mean() > 0.85


class _StoppedError(Exception):
    """Somebody pulled the plug."""


@pytest.mark.usefixtures("step_by_step")
def test_a_stopped_run_resumes_as_if_never_stopped(parts: tuple[TinyPart, TinyPart], tmp_path: Path) -> None:
    """Stopped in the third of four epochs and resumed, the weights are those of an undisturbed run."""
    recipe = TinyRecipe()
    whole, history = fit(recipe, *parts, plan=recipe.plan, seed=3, checkpoints=tmp_path / "whole")

    def stop(epoch: int, step: int, *_: Any) -> None:
        if (epoch, step) == (3, 1):
            raise _StoppedError

    with pytest.raises(_StoppedError):
        fit(recipe, *parts, plan=recipe.plan, seed=3, checkpoints=tmp_path / "halves", on_step=stop)
    assert [file.name for file in (tmp_path / "halves").glob("*.keras")] == ["epoch-0002.keras"]
    heard: list[int] = []
    halves, again = fit(
        recipe,
        *parts,
        plan=recipe.plan,
        seed=3,
        checkpoints=tmp_path / "halves",
        resume=True,
        on_step=lambda epoch, *_: heard.append(epoch),
    )
    assert min(heard) == 3
    assert len(again) == len(history) == 4
    assert predict_logits(halves, parts[1]) == pytest.approx(predict_logits(whole, parts[1]), abs=1e-4)


@pytest.mark.usefixtures("step_by_step")
def test_a_finished_training_resumes_to_itself_only(parts: tuple[TinyPart, TinyPart], tmp_path: Path) -> None:
    """Where nothing is left to do, nothing is done; another seed is another training and is refused.

    Resuming without a checkpoint is starting.
    """
    recipe = TinyRecipe()
    plan = replace(recipe.plan, epochs=2)
    first, _ = fit(recipe, *parts, plan=plan, seed=0, checkpoints=tmp_path, resume=True)
    again, history = fit(recipe, *parts, plan=plan, seed=0, checkpoints=tmp_path, resume=True)
    assert len(history) == 2
    assert predict_logits(again, parts[1]) == pytest.approx(predict_logits(first, parts[1]), abs=1e-5)
    with pytest.raises(ManifestError, match="belongs to another training"):
        fit(recipe, *parts, plan=plan, seed=1, checkpoints=tmp_path, resume=True)


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Any], list[int]]:
    """Train the tiny member once; gives its folder, its report and how many pictures were told."""
    root = tmp_path_factory.mktemp("trained")
    counts: list[int] = []
    order = TrainOptions(
        data=write_manifest(root / "data"), out=root / "models" / "tiny", command="autocull train tiny"
    )
    report = train(TinyRecipe(), order, on_total=counts.append, on_progress=lambda: counts.append(0))
    return order.out, report, counts


def test_what_is_written_opens_as_a_model(trained: tuple[Path, dict[str, Any], list[int]]) -> None:
    """The folder is one that the product serves, and its network answers in probabilities."""
    folder, report, _ = trained
    model = Model.open(folder.parent, "tiny")
    assert model.version == "9"
    assert model.classes == ("left", "right")
    assert model.config["preprocessing"] == {"size": 4}
    assert model.config["examples"] == {name: part["n"] for name, part in report["parts"].items()}
    row = Row(Path(), "right", "dev", "", "", 1, {})
    said = model.network()(*(array[None] for array in TinyPart([row]).plain(0).inputs))[0][0]
    assert said.sum() == pytest.approx(1, abs=1e-5)
    assert said[1] > 0.5


def test_every_file_has_its_checksum(trained: tuple[Path, dict[str, Any], list[int]]) -> None:
    """Weights, the Keras file and configuration are sealed, the card is not; checkpoints are gone."""
    folder, _, _ = trained
    model = Model.open(folder.parent, "tiny")
    for name in ("model.tflite", "model.keras", "config.json"):
        assert model.read_file(name)
    assert "card.md" not in (folder / "SHA256SUMS").read_text("utf-8")
    assert sorted(path.name for path in folder.iterdir()) == sorted(
        ["SHA256SUMS", "card.md", "config.json", "model.keras", "model.tflite", "report"]
    )


def test_the_report_is_complete(trained: tuple[Path, dict[str, Any], list[int]]) -> None:
    """JSON, page and pictures hold every part; each picture that was read was told."""
    folder, report, counts = trained
    stored = json.loads((folder / "report" / "report.json").read_text("utf-8"))
    assert stored["parts"].keys() == {"train", "validation", "dev"}
    assert stored["parts"]["dev"]["per_source"].keys() == {"web", "film"}
    assert counts == [60] + [0] * 60
    assert report["difference"] < export.LARGEST_DIFFERENCE
    assert report["parts"]["dev"]["accuracy"] > 0.8
    assert sorted(path.suffix for path in (folder / "report").iterdir()) == [
        ".json",
        ".md",
        ".png",
        ".png",
        ".png",
    ]
    assert "autocull train tiny" in (folder / "card.md").read_text("utf-8")


@pytest.mark.usefixtures("step_by_step")
def test_a_source_can_be_left_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its rows form a part of their own and no other part holds any."""
    monkeypatch.setattr(export, "write_model", lambda *_: 0.0)
    order = TrainOptions(
        data=write_manifest(tmp_path / "data"), out=tmp_path / "out", epochs=1, without=("film",)
    )
    report = train(TinyRecipe(), order)
    assert report["parts"]["other sources"]["per_source"].keys() == {"film"}
    assert all("film" not in report["parts"][name]["per_source"] for name in ("train", "validation", "dev"))
    with pytest.raises(ManifestError, match="no row has the source 'films'"):
        train(TinyRecipe(), replace(order, without=("films",)))


@pytest.mark.usefixtures("step_by_step")
def test_folders_can_be_joined(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The rows of a further folder are trained on and reported with the first one's."""
    monkeypatch.setattr(export, "write_model", lambda *_: 0.0)
    folders = [write_manifest(tmp_path / name, count) for name, count in (("one", 60), ("two", 40))]
    heard: list[int] = []
    order = TrainOptions(data=folders[0], also=(folders[1],), out=tmp_path / "out", epochs=1)
    report = train(TinyRecipe(), order, on_total=heard.append)
    assert heard == [100]
    assert sum(part["n"] for part in report["parts"].values()) == 100


@pytest.mark.usefixtures("step_by_step")
def test_a_training_goes_on_from_another_ones_weights(
    trained: tuple[Path, dict[str, Any], list[int]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was learned is there from the first step on, so one epoch does what takes a new network more."""
    monkeypatch.setattr(export, "write_model", lambda *_: 0.0)
    order = TrainOptions(data=write_manifest(tmp_path / "data"), out=tmp_path / "out", epochs=1)
    new = train(TinyRecipe(), order)["history"][0]["loss"]
    gone_on = train(TinyRecipe(), replace(order, start=trained[0]))["history"][0]["loss"]
    assert gone_on < 0.8 * new


def test_a_folder_without_a_network_is_no_start(
    tmp_path: Path, trained: tuple[Path, dict[str, Any], list[int]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is refused by its name before any picture is read; so is a network of another build."""
    order = TrainOptions(data=write_manifest(tmp_path / "data"), out=tmp_path / "out", start=tmp_path)
    read: list[int] = []
    with pytest.raises(ModelError, match="no training can go on"):
        train(TinyRecipe(), order, on_total=read.append)
    other = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
    monkeypatch.setattr(TinyRecipe, "build_network", lambda _: other)
    with pytest.raises(ModelError, match="network of this build"):
        train(TinyRecipe(), replace(order, start=trained[0]), on_total=read.append)
    assert not read


def test_too_few_groups_are_refused(tmp_path: Path) -> None:
    """Without a validation part nothing could be calibrated."""
    order = TrainOptions(data=write_manifest(tmp_path / "data", count=1), out=tmp_path / "out")
    with pytest.raises(ManifestError, match="no rows are left for the"):
        train(TinyRecipe(), order)
    assert not order.out.exists()


def test_several_labels_at_once_are_reported_too(tmp_path: Path) -> None:
    """A member whose labels do not exclude each other is judged label by label."""
    recipe = TinyRecipe()
    recipe.answer = "any_of"
    report = train(
        recipe, TrainOptions(data=write_manifest(tmp_path / "data"), out=tmp_path / "out", epochs=2)
    )
    assert report["parts"]["dev"]["confusion"].keys() == {"left", "right"}
    said = Model.open(tmp_path, "out").network()(
        np.ones((1, 1), np.float32), np.zeros((1, 4, 4, 1), np.float32)
    )[0]
    assert 0 <= said.min() <= said.max() <= 1


def test_a_conversion_that_changes_the_answers_is_refused(
    parts: tuple[TinyPart, TinyPart], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing is written where the served network would answer differently."""
    recipe = TinyRecipe()
    model, other = recipe.network(), recipe.network()
    right = export.to_litert(export.inference_model(other, recipe, 1.0))
    monkeypatch.setattr(export, "to_litert", lambda _: right)
    samples = [parts[0].plain(index) for index in range(4)]
    with pytest.raises(ModelError, match="away from the trained one"):
        export.write_model(
            tmp_path / "out", model, export.inference_model(model, recipe, 1.0), {"name": "tiny"}, samples
        )
    assert not (tmp_path / "out").exists()


def test_a_large_keras_file_is_not_shipped(
    parts: tuple[TinyPart, TinyPart], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The served weights are written, the Keras file only up to its limit, and the checksums know."""
    monkeypatch.setattr(export, "_LARGEST_KERAS_FILE", 10)
    recipe = TinyRecipe()
    samples = [parts[0].plain(0)]
    model = recipe.network()
    export.write_model(tmp_path, model, export.inference_model(model, recipe, 2.0), {"name": "tiny"}, samples)
    export.write_checksums(tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir() if path.is_file()) == [
        "SHA256SUMS",
        "config.json",
        "model.tflite",
    ]
    assert "model.keras" not in (tmp_path / "SHA256SUMS").read_text("utf-8")
