"""A complete training, from a dataset folder to a model folder; importing this module imports Keras."""

from __future__ import annotations

import json
import shutil
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

import keras
import numpy as np

from autocull.atomic_write import atomic_write
from autocull.errors import ManifestError, ModelError
from autocull.stats import fit_temperature, probabilities
from autocull.train.data import Row, Splits, read_manifest, split_validation
from autocull.train.evaluation import DatasetMetrics, compute_dataset_metrics
from autocull.train.fitting import export
from autocull.train.fitting.fit import (
    EpochMetrics,
    StepCallback,
    collect_targets,
    fit_network,
    predict_logits,
)
from autocull.train.recipes import Dataset, Recipe, TrainingPlan
from autocull.train.reports import SplitMetrics, TrainingReport, draw_plots, format_card, format_report

_SAMPLE_COUNT = 32
_CHECKPOINTS = "checkpoints"

SplitMetricsT = TypeVar("SplitMetricsT", bound=SplitMetrics)


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainOptions:
    """Options of a training: data folder with `manifest.csv`, target folder, and the rest.

    `also` are further data folders, whose rows are added; `epochs` None takes the recipe's number; `start` is
    the model folder of a network with the same architecture, from whose weights the training starts; rows of
    the sources `without` are not trained on but evaluated as a split of their own ("other sources"), which
    measures how the network generalises to other sources; `command` is the command line, for the report.
    """

    data: Path
    out: Path
    epochs: int | None = None
    seed: int = 0
    resume: bool = False
    start: Path | None = None
    also: tuple[Path, ...] = ()
    without: tuple[str, ...] = ()
    command: str = ""


class TrainingResult(NamedTuple):
    """The result of a training: the network, the metrics per epoch, the plan, and the datasets by split."""

    model: Any
    history: list[EpochMetrics]
    plan: TrainingPlan
    datasets: Mapping[str, Dataset]


def train(
    recipe: Recipe,
    options: TrainOptions,
    *,
    on_total: Callable[[int], None] = lambda _: None,
    on_progress: Callable[[], None] = lambda: None,
    on_step: StepCallback = lambda *_: None,
) -> TrainingReport[DatasetMetrics]:
    """Train a detector's network and write its model folder; returns the report.

    `on_total` is called with the number of pictures to read, `on_progress` after each, `on_step` after each
    step of the training. Raises ManifestError where manifest or pictures are not usable, ModelError where
    `start` is not.
    """
    start = time.monotonic()
    result = run_training(recipe, options, on_total=on_total, on_progress=on_progress, on_step=on_step)
    temperature, parts = _evaluate_splits(recipe, result.model, result.datasets)
    difference = export.write_model(
        options.out,
        result.model,
        export.inference_model(result.model, recipe, temperature),
        _build_config(recipe, options.seed, temperature, parts),
        sample_evenly(result.datasets["validation"]),
    )
    report = make_report(
        recipe,
        options,
        result,
        parts=parts,
        parameters=int(result.model.count_params()),
        temperature=temperature,
        difference=difference,
        minutes=(time.monotonic() - start) / 60,
    )
    draw_plots(write_report(options.out, report, format_report, format_card), report)
    finalise_model(options.out)
    return report


def run_training(
    recipe: Recipe,
    options: TrainOptions,
    *,
    on_total: Callable[[int], None],
    on_progress: Callable[[], None],
    on_step: StepCallback,
) -> TrainingResult:
    """Read the samples and train the recipe's network on them; parameters as for `train`."""
    rows_by_split = _split_rows(recipe, options)
    network = _build_warm_started(recipe, options.start) if options.start else None
    on_total(sum(len(part) for part in rows_by_split.values()))
    datasets = {name: recipe.load_dataset(part, on_progress) for name, part in rows_by_split.items()}
    plan = replace(recipe.plan, epochs=options.epochs) if options.epochs else recipe.plan
    model, history = fit_network(
        recipe,
        datasets["train"],
        datasets["validation"],
        plan=plan,
        seed=options.seed,
        checkpoints=options.out / _CHECKPOINTS,
        resume=options.resume,
        on_step=on_step,
        network=network,
    )
    return TrainingResult(model, history, plan, datasets)


def _build_warm_started(recipe: Recipe, start: Path) -> Callable[[], Any]:
    """Build the recipe's network with the weights of the one in the folder `start`.

    Raises ModelError where that folder has no network, or one of another architecture.
    """
    model, file = recipe.build_network(), start / "model.keras"
    try:
        model.set_weights(keras.models.load_model(file, compile=False).get_weights())
    except (OSError, ValueError) as error:
        message = (
            f"{file}: cannot start from this network ({error}); "
            "give the folder of a network with the same architecture."
        )
        raise ModelError(file, message) from error
    return lambda: model


def make_report(
    recipe: Recipe,
    options: TrainOptions,
    result: TrainingResult,
    *,
    parts: Mapping[str, SplitMetricsT],
    parameters: int,
    temperature: float | None = None,
    difference: float,
    minutes: float,
) -> TrainingReport[SplitMetricsT]:
    """Make the report of a training from its result and what was measured after it."""
    return TrainingReport(
        detector=recipe.name,
        version=recipe.version,
        architecture=recipe.architecture,
        parameters=parameters,
        command=options.command,
        seed=options.seed,
        plan=result.plan,
        history=result.history,
        parts=parts,
        temperature=temperature,
        difference=difference,
        minutes=minutes,
    )


def finalise_model(out: Path) -> None:
    """Write the checksums of a model folder and delete the training's checkpoints."""
    export.write_checksums(out)
    shutil.rmtree(out / _CHECKPOINTS, ignore_errors=True)


def _evaluate_splits(
    recipe: Recipe, model: Any, datasets: Mapping[str, Dataset]
) -> tuple[float, dict[str, DatasetMetrics]]:
    """Return the temperature fitted on the validation split, and the metrics of every split at it."""
    targets = {name: collect_targets(dataset) for name, dataset in datasets.items()}
    logits = {name: predict_logits(model, dataset) for name, dataset in datasets.items()}
    temperature = fit_temperature(logits["validation"], targets["validation"], recipe.answer)
    metrics_by_split = {
        name: compute_dataset_metrics(
            recipe,
            dataset.sources,
            targets[name],
            probabilities(logits[name], recipe.answer, temperature),
        )
        for name, dataset in datasets.items()
    }
    return temperature, metrics_by_split


def _split_rows(recipe: Recipe, options: TrainOptions) -> dict[str, Sequence[Row]]:
    """Read the manifests and split their rows; empty splits are left out."""
    manifest = options.data / "manifest.csv"
    files = [folder / "manifest.csv" for folder in (options.data, *options.also)]
    rows = [row for file in files for row in read_manifest(file, labels=recipe.labels)]
    unknown = set(options.without) - {row.source for row in rows}
    if unknown:
        raise ManifestError(f"{manifest}: no row has the source {sorted(unknown)[0]!r}.")
    splits = split_validation((row for row in rows if row.source not in options.without), seed=options.seed)
    rows_by_split = _as_mapping(splits) | {
        "other sources": [row for row in rows if row.source in options.without]
    }
    check_rows(manifest, splits)
    return {name: part for name, part in rows_by_split.items() if part}


def _as_mapping(splits: Splits) -> dict[str, Sequence[Row]]:
    return {"train": splits.train, "validation": splits.validation, "dev": splits.dev}


def check_rows(manifest: Path, splits: Splits) -> None:
    """Raise ManifestError where there are no rows for training or for validation."""
    for name, rows in (("train", splits.train), ("validation", splits.validation)):
        if not rows:
            raise ManifestError(f"{manifest}: no rows are left for the {name} part; add more groups.")


def _build_config(
    recipe: Recipe, seed: int, temperature: float, parts: Mapping[str, DatasetMetrics]
) -> dict[str, Any]:
    return {
        "name": recipe.name,
        "version": recipe.version,
        "architecture": recipe.architecture,
        "classes": list(recipe.classes),
        "answer": recipe.answer,
        "preprocessing": recipe.preprocessing(),
        "temperature": temperature,
        "seed": seed,
        "examples": {name: metrics.n for name, metrics in parts.items()},
    }


def sample_evenly(dataset: Dataset) -> list[Any]:
    """Return up to 32 samples, evenly spaced over a dataset, on which the converted network is compared."""
    indices = np.linspace(0, len(dataset) - 1, min(_SAMPLE_COUNT, len(dataset))).astype(int)
    return [dataset.plain(int(index)) for index in indices]


def write_report(
    out: Path,
    report: TrainingReport[SplitMetricsT],
    format_page: Callable[[TrainingReport[SplitMetricsT]], str],
    format_model_card: Callable[[TrainingReport[SplitMetricsT], str], str],
) -> Path:
    """Write report and card, with the handwritten part of the previous card; returns the report's folder."""
    folder, card = out / "report", out / "card.md"
    folder.mkdir(parents=True, exist_ok=True)
    previous_card = card.read_text("utf-8") if card.is_file() else ""
    texts = {
        folder / "report.json": json.dumps(report.to_json(), indent=1) + "\n",
        folder / "report.md": format_page(report),
        card: format_model_card(report, previous_card),
    }
    for path, text in texts.items():
        with atomic_write(path) as file:
            file.write(text.encode())
    return folder
