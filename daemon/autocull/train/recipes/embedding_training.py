"""Training of the embedding network (`likeness`) on pairs of views, export and report of its encoder."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Any

from autocull.arrays import Floats
from autocull.train.evaluation import RetrievalMetrics, retrieval_metrics
from autocull.train.fitting import (
    StepCallback,
    TrainOptions,
    export,
    finalise_model,
    make_report,
    run_training,
    sample_evenly,
    write_report,
)
from autocull.train.recipes.base import Sample
from autocull.train.recipes.embedding import EmbeddingDataset, EmbeddingRecipe
from autocull.train.reports import (
    SPLIT_NOTE,
    TrainingReport,
    draw_learning,
    format_facts,
    format_number,
    format_table,
    format_title,
    handwritten_part,
)

_COLUMNS = ("n", "auc", "first", "strangers", "known", "patches")
_MEANING = (
    "Measured on two simulated views of every photo (fixed seed). `auc`: of the cosine, pairs of views of "
    "one photo against pairs of two. `first`: the share of views whose nearest of all views is of the same "
    "photo. `strangers`: the cosine that one in a thousand pairs of two photos exceeds; `known`: the share "
    "of pairs of one photo that exceed it. `patches`: the share of patches matched within 1.5 cells of their "
    "location.\n"
)


def train(
    recipe: EmbeddingRecipe,
    options: TrainOptions,
    *,
    on_total: Callable[[int], None] = lambda _: None,
    on_progress: Callable[[], None] = lambda: None,
    on_step: StepCallback = lambda *_: None,
) -> TrainingReport[RetrievalMetrics]:
    """Train the network, write its model folder and return the report, as `fitting.trainer.train` does."""
    start = time.monotonic()
    result = run_training(recipe, options, on_total=on_total, on_progress=on_progress, on_step=on_step)
    encoder = result.model.get_layer("encoder")

    def encode(pictures: Floats) -> Floats:
        embeddings: Floats = encoder.predict(pictures, batch_size=64, verbose=0)
        return embeddings

    metrics_by_split = {
        name: retrieval_metrics(encode, part)
        for name, part in result.datasets.items()
        if isinstance(part, EmbeddingDataset)
    }
    samples = [
        Sample((pair.inputs[0],), pair.target) for pair in sample_evenly(result.datasets["validation"])
    ]
    config = _build_config(recipe, options.seed, metrics_by_split)
    difference = export.write_model(options.out, encoder, encoder, config, samples)
    report = make_report(
        recipe,
        options,
        result,
        parts=metrics_by_split,
        parameters=int(encoder.count_params()),
        difference=difference,
        minutes=(time.monotonic() - start) / 60,
    )
    folder = write_report(options.out, report, _format_report, _format_card)
    draw_learning(folder / "learning.png", report.history)
    finalise_model(options.out)
    return report


def format_metrics_table(metrics_by_split: Mapping[str, RetrievalMetrics]) -> str:
    """Format the metrics as a Markdown table with one row per split."""
    rows = [
        [name, *map(format_number, metrics.to_json().values())] for name, metrics in metrics_by_split.items()
    ]
    return format_table(["", *_COLUMNS], rows)


def _build_config(
    recipe: EmbeddingRecipe, seed: int, metrics_by_split: Mapping[str, RetrievalMetrics]
) -> dict[str, Any]:
    return {
        "name": recipe.name,
        "version": recipe.version,
        "architecture": recipe.architecture,
        "classes": list(recipe.classes),
        "preprocessing": recipe.preprocessing(),
        "seed": seed,
        "examples": {name: metrics.n for name, metrics in metrics_by_split.items()},
    }


def _format_report(report: TrainingReport[RetrievalMetrics]) -> str:
    """Format the complete report as Markdown."""
    metrics = format_metrics_table(report.parts)
    sections = [format_title(report), format_facts(report), "## Metrics\n", _MEANING, metrics]
    return "\n".join([*sections, "![learning](learning.png)\n"])


def _format_card(report: TrainingReport[RetrievalMetrics], previous_card: str) -> str:
    """Format the model card as Markdown; the handwritten part of `previous_card` is kept."""
    return "\n".join(
        [
            f"# {report.detector} {report.version}\n",
            format_facts(report),
            "## Metrics\n",
            SPLIT_NOTE,
            _MEANING,
            format_metrics_table(report.parts),
            "The whole report is in [report/report.md](report/report.md).\n",
            handwritten_part(previous_card),
        ]
    )
