"""Comparison of published backbones with the project's network, on the same photos and the same budget.

Importing this module imports Keras. Every result is saved at once, so that a stopped comparison can be
resumed.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import keras

from autocull.atomic_write import atomic_write
from autocull.errors import ManifestError
from autocull.measure import Network
from autocull.stats import probabilities
from autocull.train.backbones import BACKBONES, MIN_SIZE, Backbone
from autocull.train.data import Row, read_manifest, split_validation
from autocull.train.evaluation import compute_dataset_metrics
from autocull.train.experiments.input_ablation import AblatedDataset, CachedDataset, InputSubset
from autocull.train.fitting import (
    StepCallback,
    check_rows,
    collect_targets,
    export,
    fit_network,
    predict_logits,
    scale_model,
)
from autocull.train.recipes import Recipe, Sample

PICTURE_INPUTS = ("picture", "view")
"""The names that recipes give to the input with the whole picture."""

_CALLS = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """What is the same for every network: data folder, epochs, picture size in px, seed."""

    data: Path
    epochs: int
    size: int
    seed: int = 0


@dataclass(frozen=True, slots=True)
class Candidate:
    """One network of the comparison: its name, inputs, width and paper.

    `build` returns the untrained model, whose outputs are logits, for a shape of the picture.
    """

    name: str
    input_subset: InputSubset
    width: float
    paper: str
    build: Callable[[tuple[int, ...]], Any]


@dataclass(frozen=True, slots=True)
class _Datasets:
    """The splits of the data; `evaluation` is dev, or validation where there is no dev."""

    training: CachedDataset
    validation: CachedDataset
    evaluation: CachedDataset
    evaluation_name: str

    def ablate(self, subset: InputSubset) -> tuple[AblatedDataset, AblatedDataset, AblatedDataset]:
        """Return the training, validation and evaluation datasets with a subset of the inputs."""
        return (
            AblatedDataset(self.training, subset),
            AblatedDataset(self.validation, subset),
            AblatedDataset(self.evaluation, subset),
        )


def list_candidates(recipe: Recipe) -> list[Candidate]:
    """List the project's network with all inputs and with the picture alone, then the published backbones."""
    paper = "this project"
    return [
        Candidate("ours", InputSubset.EVERYTHING, 1.0, paper, _make_own_builder(recipe)),
        Candidate("ours, picture alone", InputSubset.PICTURE_OF_ALL, 1.0, paper, _make_own_builder(recipe)),
        *(
            Candidate(
                backbone.name,
                InputSubset.PICTURE,
                backbone.width,
                backbone.paper,
                _make_builder(recipe, backbone),
            )
            for backbone in BACKBONES
        ),
    ]


def compare(
    recipe: Recipe,
    budget: Budget,
    folder: Path,
    *,
    candidates: Iterable[Candidate] | None = None,
    on_total: Callable[[int], None] = lambda _: None,
    on_progress: Callable[[], None] = lambda: None,
    callback_for: Callable[[str], StepCallback] = lambda _: lambda *_: None,
) -> list[dict[str, Any]]:
    """Train and evaluate every candidate without a result in `folder`; returns all results in order.

    `on_total` is called with the number of pictures to read, `on_progress` after each; `callback_for` returns
    the step callback of a network by its name. Raises ManifestError where the data are not usable, the size
    is not possible, or a result in `folder` belongs to another comparison.
    """
    facts = _facts(recipe, budget)
    _check_size(recipe, budget.size)
    all_candidates = list(list_candidates(recipe) if candidates is None else candidates)
    results = {
        candidate.name: _load_result(_result_path(folder, candidate.name), facts)
        for candidate in all_candidates
    }
    missing = [candidate for candidate in all_candidates if results[candidate.name] is None]
    if missing:
        datasets = _read_datasets(recipe, budget, on_total, on_progress)
        for candidate in missing:
            name = candidate.name
            checkpoints = folder / f"{_slug(name)}-checkpoints"
            result = evaluate_candidate(recipe, budget, candidate, datasets, checkpoints, callback_for(name))
            _save_result(_result_path(folder, name), facts, result)
            shutil.rmtree(checkpoints, ignore_errors=True)
            results[name] = result
    return [result for result in results.values() if result is not None]


def picture_input(recipe: Recipe) -> tuple[int, tuple[int, ...]]:
    """Return index and shape of the whole picture among the recipe's inputs."""
    for index, tensor in enumerate(recipe.build_network().inputs):
        if tensor.name in PICTURE_INPUTS:
            return index, tuple(tensor.shape[1:])
    raise ValueError(f"{recipe.name} has no input called {' or '.join(PICTURE_INPUTS)}")


def _make_builder(recipe: Recipe, backbone: Backbone) -> Callable[[tuple[int, ...]], Any]:
    def build(shape: tuple[int, ...]) -> Any:
        picture = keras.Input(shape, name="picture")
        return keras.Model(picture, keras.layers.Dense(len(recipe.classes))(backbone.build_features(picture)))

    return build


def _make_own_builder(recipe: Recipe) -> Callable[[tuple[int, ...]], Any]:
    def build(shape: tuple[int, ...]) -> Any:
        model = recipe.build_network()
        name = model.inputs[picture_input(recipe)[0]].name
        return scale_model(model, shapes={name: shape})

    return build


def _facts(recipe: Recipe, budget: Budget) -> dict[str, Any]:
    manifest = budget.data / "manifest.csv"
    if not manifest.is_file():
        raise ManifestError(f"{manifest} does not exist; give the folder that holds it.")
    return {
        "member": recipe.name,
        "version": recipe.version,
        "manifest": hashlib.sha256(manifest.read_bytes()).hexdigest(),
        "epochs": budget.epochs,
        "size": budget.size,
        "seed": budget.seed,
    }


def _check_size(recipe: Recipe, size: int) -> None:
    largest = picture_input(recipe)[1][0]
    smallest = min(MIN_SIZE, largest)
    if not smallest <= size <= largest:
        raise ManifestError(
            f"Pictures of {size} px are not possible: {recipe.name} prepares {largest} px, the networks need "
            f"{smallest} px; give a size between them."
        )


def _result_path(folder: Path, name: str) -> Path:
    return folder / f"{_slug(name)}.json"


def _slug(name: str) -> str:
    return "".join(letter if letter.isalnum() else "-" for letter in name.lower()).replace("--", "-")


def _load_result(file: Path, facts: Mapping[str, Any]) -> dict[str, Any] | None:
    """Load a saved result; None where there is none."""
    if not file.is_file():
        return None
    stored: dict[str, Any] = json.loads(file.read_text("utf-8"))
    if stored["facts"] != facts:
        raise ManifestError(
            f"{file} belongs to another comparison ({stored['facts']}, not {facts}); "
            "give the same data and options, or another --out."
        )
    result: dict[str, Any] = stored["result"]
    return result


def _save_result(file: Path, facts: Mapping[str, Any], result: Mapping[str, Any]) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    with atomic_write(file) as stream:
        stream.write(json.dumps({"facts": facts, "result": result}, indent=1).encode())


def _read_datasets(
    recipe: Recipe, budget: Budget, on_total: Callable[[int], None], on_progress: Callable[[], None]
) -> _Datasets:
    """Read all photos once, to be used by all networks."""
    manifest = budget.data / "manifest.csv"
    splits = split_validation(read_manifest(manifest, labels=recipe.labels), seed=budget.seed)
    check_rows(manifest, splits)
    on_total(sum(map(len, (splits.train, splits.validation, splits.dev))))
    picture_index, _ = picture_input(recipe)

    def make_dataset(rows: tuple[Row, ...]) -> CachedDataset:
        return CachedDataset(recipe.load_dataset(rows, on_progress), picture_index, budget.size)

    training, validation = make_dataset(splits.train), make_dataset(splits.validation)
    if not splits.dev:
        return _Datasets(training, validation, validation, "validation")
    return _Datasets(training, validation, make_dataset(splits.dev), "dev")


def evaluate_candidate(
    recipe: Recipe,
    budget: Budget,
    candidate: Candidate,
    datasets: _Datasets,
    checkpoints: Path,
    on_step: StepCallback,
) -> dict[str, Any]:
    """Train one network, evaluate it, convert it and measure its latency."""
    start = time.monotonic()
    training, validation, evaluation = datasets.ablate(candidate.input_subset)
    shape = (budget.size, budget.size, *picture_input(recipe)[1][2:])
    model, history = fit_network(
        recipe,
        training,
        validation,
        plan=replace(recipe.plan, epochs=budget.epochs),
        seed=budget.seed,
        checkpoints=checkpoints,
        resume=True,
        on_step=on_step,
        network=lambda: candidate.build(shape),
    )
    predicted = probabilities(predict_logits(model, evaluation), recipe.answer)
    metrics = compute_dataset_metrics(recipe, evaluation.sources, collect_targets(evaluation), predicted)
    weights = export.to_litert(export.inference_model(model, recipe, 1.0))
    return {
        "name": candidate.name,
        "width": candidate.width,
        "paper": candidate.paper,
        "parameters": int(model.count_params()),
        "bytes": len(weights),
        "milliseconds": measure_latency(weights, evaluation.plain(0)),
        "judge": datasets.evaluation_name,
        "figures": metrics.to_json(),
        "history": history,
        "minutes": (time.monotonic() - start) / 60,
    }


def measure_latency(weights: bytes, sample: Sample, calls: int = _CALLS) -> float:
    """Time a LiteRT network on one sample and one thread: the fastest of `calls` calls, in milliseconds."""
    network = Network(weights)
    inputs = [array[None] for array in sample.inputs]
    network(*inputs)
    return min(_time_calls(network, inputs, calls)) * 1e3


def _time_calls(network: Network, inputs: list[Any], calls: int) -> Iterator[float]:
    for _ in range(calls):
        start = time.perf_counter()
        network(*inputs)
        yield time.perf_counter() - start
