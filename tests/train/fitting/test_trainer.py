"""A complete training with a tiny recipe: it learns, resumes with the same result, and writes a valid model.

One module for everything that imports Keras, so that a test run imports it once.
"""

from __future__ import annotations

import hashlib
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
from autocull.measure.models import Model, Network
from autocull.train.data.manifest import Row, read_manifest, split_validation
from autocull.train.evaluation.dataset_metrics import DatasetMetrics
from autocull.train.fitting import export
from autocull.train.fitting.batches import EvaluationBatches, TrainingBatches, stack, step_count
from autocull.train.fitting.fit import collect_targets, fit_network, predict_logits
from autocull.train.fitting.trainer import TrainOptions, train
from autocull.train.recipes.base import balance_weights
from autocull.train.reports.model import TrainingReport
from support.tiny_networks import TinyDataset, TinyRecipe, write_manifest

pytestmark = [
    # Keras 3 saves its variables through numpy's old protocol.
    pytest.mark.filterwarnings("ignore:__array__ implementation doesn't accept a copy"),
    # `run_eagerly` does not affect the batches, which need not run eagerly.
    pytest.mark.filterwarnings("ignore:Even though the `tf.config.experimental_run_functions_eagerly`"),
]


@pytest.fixture
def run_eagerly() -> Iterator[None]:
    """Run the network eagerly: tracing a tiny network takes longer than all its steps."""
    tf.config.run_functions_eagerly(True)
    yield
    tf.config.run_functions_eagerly(False)


@pytest.fixture
def datasets(tmp_path: Path) -> tuple[TinyDataset, TinyDataset]:
    """Return the training and the validation dataset."""
    split = split_validation(read_manifest(write_manifest(tmp_path / "data") / "manifest.csv"), share=0.3)
    return TinyDataset(split.train), TinyDataset(split.validation)


def test_epoch_has_every_sample_once(datasets: tuple[TinyDataset, TinyDataset]) -> None:
    """In another order than the next epoch; the last batch is short."""
    batches = TrainingBatches(datasets[0], 16, seed=1, epoch=0)
    assert len(batches) == step_count(len(datasets[0]), 16)

    def epoch_targets() -> list[np.ndarray]:
        return [target for step in range(len(batches)) for target in batches[step][1]]

    first = epoch_targets()
    assert len(first) == len(datasets[0])
    assert np.sum(first, axis=0).tolist() == collect_targets(datasets[0]).sum(axis=0).tolist()
    batches.on_epoch_end()
    assert np.stack(epoch_targets()).tolist() != np.stack(first).tolist()


def test_batch_depends_on_seed_epoch_and_index_only(datasets: tuple[TinyDataset, TinyDataset]) -> None:
    """It is the same in any order of access; another seed or epoch gives another batch."""
    one, two = (TrainingBatches(datasets[0], 16, seed=1, epoch=2) for _ in range(2))
    second_batch = one[1][0][1]
    assert two[0][0][1].shape == (16, 4, 4, 1)
    assert (two[1][0][1] == second_batch).all()
    assert (TrainingBatches(datasets[0], 16, seed=2, epoch=2)[1][0][1] != second_batch).any()
    assert (TrainingBatches(datasets[0], 16, seed=1, epoch=3)[1][0][1] != second_batch).any()


def test_evaluation_batches_keep_the_order(datasets: tuple[TinyDataset, TinyDataset]) -> None:
    """Every sample has weight 1."""
    batches = EvaluationBatches(datasets[1], 4)
    inputs, target, weight = batches[len(batches) - 1]
    last = datasets[1].plain(len(datasets[1]) - 1)
    assert (inputs[1][-1] == last.inputs[1]).all()
    assert (target[-1] == last.target).all()
    assert set(weight.tolist()) == {1.0}
    single = stack([last._replace(inputs=last.inputs[1:])])
    assert isinstance(single[0], np.ndarray)


def test_balanced_classes_have_equal_weight() -> None:
    """Three samples of one class weigh as much as one of the other; power 0 has no effect."""
    weights = balance_weights([0, 0, 0, 1], 3)
    assert weights[:3].sum() == pytest.approx(weights[3])
    assert weights.mean() == pytest.approx(1)
    assert balance_weights([0, 0, 0, 1], 2, power=0.0).tolist() == [1, 1, 1, 1]


@pytest.mark.usefixtures("run_eagerly")
def test_training_learns_and_reports_its_steps(
    datasets: tuple[TinyDataset, TinyDataset], tmp_path: Path
) -> None:
    """The loss falls, predictions become correct, and every step is reported once."""
    recipe, calls = TinyRecipe(), []
    plan = replace(recipe.plan, epochs=6)
    model, history = fit_network(
        recipe,
        *datasets,
        plan=plan,
        seed=0,
        checkpoints=tmp_path / "c",
        on_step=lambda *arguments: calls.append(arguments[:3]),
    )
    steps = step_count(len(datasets[0]), plan.batch)
    assert calls == [(epoch, step, (6, steps)) for epoch in range(1, 7) for step in range(1, steps + 1)]
    assert history[-1]["loss"] < 0.7 * history[0]["loss"]
    assert history[0].keys() == {"loss", "accuracy", "val_loss", "val_accuracy"}
    correct = predict_logits(model, datasets[1]).argmax(axis=1) == collect_targets(datasets[1]).argmax(axis=1)
    assert correct.mean() > 0.85


class _StoppedError(Exception):
    """Simulates a killed process."""


@pytest.mark.usefixtures("run_eagerly")
def test_stopped_training_resumes_with_the_same_result(
    datasets: tuple[TinyDataset, TinyDataset], tmp_path: Path
) -> None:
    """Stopped in the third of four epochs and resumed, the weights are those of a run without a stop."""
    recipe = TinyRecipe()
    uninterrupted, history = fit_network(
        recipe, *datasets, plan=recipe.plan, seed=3, checkpoints=tmp_path / "uninterrupted"
    )

    def stop(epoch: int, step: int, *_: Any) -> None:
        if (epoch, step) == (3, 1):
            raise _StoppedError

    with pytest.raises(_StoppedError):
        fit_network(
            recipe, *datasets, plan=recipe.plan, seed=3, checkpoints=tmp_path / "resumed", on_step=stop
        )
    assert [file.name for file in (tmp_path / "resumed").glob("*.keras")] == ["epoch-0002.keras"]
    epochs: list[int] = []
    resumed, resumed_history = fit_network(
        recipe,
        *datasets,
        plan=recipe.plan,
        seed=3,
        checkpoints=tmp_path / "resumed",
        resume=True,
        on_step=lambda epoch, *_: epochs.append(epoch),
    )
    assert min(epochs) == 3
    assert len(resumed_history) == len(history) == 4
    assert predict_logits(resumed, datasets[1]) == pytest.approx(
        predict_logits(uninterrupted, datasets[1]), abs=1e-4
    )


@pytest.mark.usefixtures("run_eagerly")
def test_finished_training_resumes_without_further_steps(
    datasets: tuple[TinyDataset, TinyDataset], tmp_path: Path
) -> None:
    """Another seed is another training and refused; without a checkpoint, resuming starts a new training."""
    recipe = TinyRecipe()
    plan = replace(recipe.plan, epochs=2)
    first, _ = fit_network(recipe, *datasets, plan=plan, seed=0, checkpoints=tmp_path, resume=True)
    again, history = fit_network(recipe, *datasets, plan=plan, seed=0, checkpoints=tmp_path, resume=True)
    assert len(history) == 2
    assert predict_logits(again, datasets[1]) == pytest.approx(predict_logits(first, datasets[1]), abs=1e-5)
    with pytest.raises(ManifestError, match="belongs to another training"):
        fit_network(recipe, *datasets, plan=plan, seed=1, checkpoints=tmp_path, resume=True)


@pytest.fixture(scope="module")
def trained(
    tmp_path_factory: pytest.TempPathFactory,
) -> tuple[Path, TrainingReport[DatasetMetrics], list[int]]:
    """Train the tiny recipe once; returns folder, report, and calls of `on_total` and `on_progress` (0)."""
    root = tmp_path_factory.mktemp("trained")
    counts: list[int] = []
    options = TrainOptions(
        data=write_manifest(root / "data"), out=root / "models" / "tiny", command="autocull train tiny"
    )
    report = train(TinyRecipe(), options, on_total=counts.append, on_progress=lambda: counts.append(0))
    return options.out, report, counts


def test_model_folder_can_be_opened(trained: tuple[Path, TrainingReport[DatasetMetrics], list[int]]) -> None:
    """It has what the daemon needs, and its network returns probabilities."""
    folder, report, _ = trained
    model = Model.open(folder.parent, "tiny")
    assert model.version == "9"
    assert model.classes == ("left", "right")
    assert model.config["preprocessing"] == {"size": 4}
    assert model.config["examples"] == {name: metrics.n for name, metrics in report.parts.items()}
    row = Row(Path(), "right", "dev", "", "", 1, {})
    probabilities = model.network()(*(array[None] for array in TinyDataset([row]).plain(0).inputs))[0][0]
    assert probabilities.sum() == pytest.approx(1, abs=1e-5)
    assert probabilities[1] > 0.5


def test_every_model_file_has_a_checksum(
    trained: tuple[Path, TrainingReport[DatasetMetrics], list[int]],
) -> None:
    """Weights, Keras file and configuration have one, the card has none; checkpoints are deleted."""
    folder, _, _ = trained
    model = Model.open(folder.parent, "tiny")
    for name in ("model.tflite", "model.keras", "config.json"):
        assert model.read_file(name)
    assert "card.md" not in (folder / "SHA256SUMS").read_text("utf-8")
    assert sorted(path.name for path in folder.iterdir()) == sorted(
        ["SHA256SUMS", "card.md", "config.json", "model.keras", "model.tflite", "report"]
    )


def test_report_is_complete(trained: tuple[Path, TrainingReport[DatasetMetrics], list[int]]) -> None:
    """JSON, page and plots cover every split; each picture read was reported as progress."""
    folder, report, counts = trained
    stored = json.loads((folder / "report" / "report.json").read_text("utf-8"))
    assert stored["parts"].keys() == {"train", "validation", "dev"}
    assert stored["parts"]["dev"]["per_source"].keys() == {"web", "film"}
    assert counts == [60] + [0] * 60
    assert report.difference < export.LARGEST_DIFFERENCE
    assert report.parts["dev"].overall.accuracy > 0.8
    assert sorted(path.suffix for path in (folder / "report").iterdir()) == [
        ".json",
        ".md",
        ".png",
        ".png",
        ".png",
    ]
    assert "autocull train tiny" in (folder / "card.md").read_text("utf-8")


@pytest.mark.usefixtures("run_eagerly")
def test_source_can_be_left_out_of_the_training(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its rows form a split of their own and no other split has any."""
    monkeypatch.setattr(export, "write_model", lambda *_: 0.0)
    options = TrainOptions(
        data=write_manifest(tmp_path / "data"), out=tmp_path / "out", epochs=1, without=("film",)
    )
    report = train(TinyRecipe(), options)
    assert report.parts["other sources"].per_source.keys() == {"film"}
    assert all("film" not in report.parts[name].per_source for name in ("train", "validation", "dev"))
    with pytest.raises(ManifestError, match="no row has the source 'films'"):
        train(TinyRecipe(), replace(options, without=("films",)))


@pytest.mark.usefixtures("run_eagerly")
def test_several_data_folders_are_merged(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The rows of further folders are trained on and reported with the first one's."""
    monkeypatch.setattr(export, "write_model", lambda *_: 0.0)
    folders = [write_manifest(tmp_path / name, count) for name, count in (("one", 60), ("two", 40))]
    totals: list[int] = []
    options = TrainOptions(data=folders[0], also=(folders[1],), out=tmp_path / "out", epochs=1)
    report = train(TinyRecipe(), options, on_total=totals.append)
    assert totals == [100]
    assert sum(metrics.n for metrics in report.parts.values()) == 100


@pytest.mark.usefixtures("run_eagerly")
def test_training_starts_from_the_weights_of_another(
    trained: tuple[Path, TrainingReport[DatasetMetrics], list[int]],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The first epoch's loss is much lower than that of a new network."""
    monkeypatch.setattr(export, "write_model", lambda *_: 0.0)
    options = TrainOptions(data=write_manifest(tmp_path / "data"), out=tmp_path / "out", epochs=1)
    new_loss = train(TinyRecipe(), options).history[0]["loss"]
    warm_loss = train(TinyRecipe(), replace(options, start=trained[0])).history[0]["loss"]
    assert warm_loss < 0.8 * new_loss


def test_start_folder_without_a_matching_network_is_refused(
    tmp_path: Path,
    trained: tuple[Path, TrainingReport[DatasetMetrics], list[int]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Before any picture is read; also a network with another architecture."""
    options = TrainOptions(data=write_manifest(tmp_path / "data"), out=tmp_path / "out", start=tmp_path)
    totals: list[int] = []
    with pytest.raises(ModelError, match="cannot start from this network"):
        train(TinyRecipe(), options, on_total=totals.append)
    other = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
    monkeypatch.setattr(TinyRecipe, "build_network", lambda _: other)
    with pytest.raises(ModelError, match="network with the same architecture"):
        train(TinyRecipe(), replace(options, start=trained[0]), on_total=totals.append)
    assert not totals


def test_manifest_with_too_few_groups_is_refused(tmp_path: Path) -> None:
    """Calibration needs a validation split."""
    options = TrainOptions(data=write_manifest(tmp_path / "data", count=1), out=tmp_path / "out")
    with pytest.raises(ManifestError, match="no rows are left for the"):
        train(TinyRecipe(), options)
    assert not options.out.exists()


def test_multilabel_recipe_is_trained_and_reported(tmp_path: Path) -> None:
    """Labels that do not exclude each other are evaluated one by one."""
    recipe = TinyRecipe()
    recipe.answer = "any_of"
    report = train(
        recipe, TrainOptions(data=write_manifest(tmp_path / "data"), out=tmp_path / "out", epochs=2)
    )
    assert report.parts["dev"].overall.per_label.keys() == {"left", "right"}
    probabilities = Model.open(tmp_path, "out").network()(
        np.ones((1, 1), np.float32), np.zeros((1, 4, 4, 1), np.float32)
    )[0]
    assert 0 <= probabilities.min() <= probabilities.max() <= 1


def test_conversion_that_changes_predictions_is_refused(
    datasets: tuple[TinyDataset, TinyDataset], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing is written then."""
    recipe = TinyRecipe()
    model, other = recipe.build_network(), recipe.build_network()
    other_weights = export.to_litert(export.inference_model(other, recipe, 1.0))
    monkeypatch.setattr(export, "to_litert", lambda _: other_weights)
    samples = [datasets[0].plain(index) for index in range(4)]
    with pytest.raises(ModelError, match="differs from the trained one"):
        export.write_model(
            tmp_path / "out", model, export.inference_model(model, recipe, 1.0), {"name": "tiny"}, samples
        )
    assert not (tmp_path / "out").exists()


def test_failed_export_keeps_the_previous_files(
    datasets: tuple[TinyDataset, TinyDataset], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As when the disk is full; no temporary file is left."""
    recipe = TinyRecipe()
    model = recipe.build_network()
    inference = export.inference_model(model, recipe, 1.0)
    names = ["config.json", "model.keras", "model.tflite"]
    for name in names:
        (tmp_path / name).write_bytes(b"previous")

    def fail(self: Any, path: Path) -> None:
        path.write_bytes(b"incomplete")
        raise OSError("no space left")

    monkeypatch.setattr(keras.Model, "save", fail)
    with pytest.raises(OSError, match="no space left"):
        export.write_model(tmp_path, model, inference, {"name": "tiny"}, [datasets[0].plain(0)])
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir() if path.is_file()} == dict.fromkeys(
        names, b"previous"
    )


def test_large_keras_file_is_not_shipped(
    datasets: tuple[TinyDataset, TinyDataset], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The LiteRT weights are; the checksums list only what was written."""
    monkeypatch.setattr(export, "LARGEST_KERAS_FILE", 10)
    recipe = TinyRecipe()
    samples = [datasets[0].plain(0)]
    model = recipe.build_network()
    export.write_model(tmp_path, model, export.inference_model(model, recipe, 2.0), {"name": "tiny"}, samples)
    export.write_checksums(tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir() if path.is_file()) == [
        "SHA256SUMS",
        "config.json",
        "model.tflite",
    ]
    assert "model.keras" not in (tmp_path / "SHA256SUMS").read_text("utf-8")


def test_maps_inside_a_network_are_returned_after_its_outputs(tmp_path: Path) -> None:
    """Of several maps with that number of channels, the last; the outputs do not change."""
    picture = keras.Input((16, 16, 3), name="picture")
    first = keras.layers.Conv2D(5, 3, strides=2, padding="same")(picture)
    second = keras.layers.Conv2D(5, 3, strides=2, padding="same", activation="relu")(first)
    pooled = keras.layers.GlobalAveragePooling2D()(second)
    model = keras.Model(picture, keras.layers.Dense(2)(pooled))
    weights = export.to_litert(model)
    exposed = export.expose_maps(weights, (5,))
    sample = np.random.default_rng(0).random((1, 16, 16, 3), np.float32)
    (plain,) = Network(weights)(sample)
    answer, inner = Network(exposed)(sample)
    assert np.array_equal(plain, answer)
    expected = keras.Model(picture, second).predict_on_batch(sample)
    assert inner.shape == (1, 4, 4, 5)
    assert np.abs(inner - expected).max() < 1e-2
    with pytest.raises(ValueError, match="no map of 7 channels"):
        export.expose_maps(weights, (7,))


def test_configuration_is_updated_with_its_checksum(tmp_path: Path) -> None:
    """Other values stay; the checksum is that of the new file."""
    path = tmp_path / "config.json"
    path.write_text(json.dumps({"name": "eyes", "fusion": {"bias": 0.0}}), "utf-8")
    export.update_config(tmp_path, {"fusion": {"bias": 1.5}})
    assert json.loads(path.read_text("utf-8")) == {"name": "eyes", "fusion": {"bias": 1.5}}
    checksum = hashlib.sha256(path.read_bytes()).hexdigest()
    assert (tmp_path / "SHA256SUMS").read_text("utf-8") == f"{checksum}  config.json\n"
