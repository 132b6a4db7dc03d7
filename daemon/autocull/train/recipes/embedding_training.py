"""Training of the embedding network (`likeness`) on pairs of views, export and report of its encoder."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Any

from autocull.arrays import Floats
from autocull.train.evaluation.retrieval import retrieval_metrics
from autocull.train.fitting import export
from autocull.train.fitting.fit import StepCallback
from autocull.train.fitting.trainer import (
    TrainOptions,
    describe_training,
    finalise_model,
    run_training,
    sample_evenly,
    write_report,
)
from autocull.train.recipes.base import Sample
from autocull.train.recipes.embedding import EmbeddingDataset, EmbeddingRecipe
from autocull.train.reports.plots import draw_learning
from autocull.train.reports.tables import format_facts, format_number, format_table, handwritten_part

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
) -> dict[str, Any]:
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
    report = describe_training(recipe, options, result) | {"parts": metrics_by_split}
    report["parameters"] = int(encoder.count_params())
    samples = [
        Sample((pair.inputs[0],), pair.target) for pair in sample_evenly(result.datasets["validation"])
    ]
    report["difference"] = export.write_model(
        options.out, encoder, encoder, _build_config(recipe, report), samples
    )
    report["minutes"] = (time.monotonic() - start) / 60
    folder = write_report(options.out, report, _format_report, _format_card)
    draw_learning(folder / "learning.png", report["history"])
    finalise_model(options.out)
    return report


def format_metrics_table(metrics_by_split: Mapping[str, Mapping[str, float]]) -> str:
    """Format the metrics as a Markdown table with one row per split."""
    rows = [
        [name, *(format_number(metrics[column]) for column in _COLUMNS)]
        for name, metrics in metrics_by_split.items()
    ]
    return format_table(["", *_COLUMNS], rows)


def _build_config(recipe: EmbeddingRecipe, report: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "name": recipe.name,
        "version": recipe.version,
        "architecture": recipe.architecture,
        "classes": list(recipe.classes),
        "preprocessing": recipe.preprocessing(),
        "seed": report["seed"],
        "examples": {name: metrics["n"] for name, metrics in report["parts"].items()},
    }


def _format_report(report: Mapping[str, Any]) -> str:
    """Format the complete report as Markdown."""
    title = f"# Training of `{report['member']}` {report['version']}\n"
    metrics = format_metrics_table(report["parts"])
    return "\n".join(
        [title, format_facts(report), "## Metrics\n", _MEANING, metrics, "![learning](learning.png)\n"]
    )


def _format_card(report: Mapping[str, Any], previous_card: str) -> str:
    """Format the model card as Markdown; the handwritten part of `previous_card` is kept."""
    split_note = "`validation` is split off the training rows by whole groups; `dev` was never trained on.\n"
    return "\n".join(
        [
            f"# {report['member']} {report['version']}\n",
            format_facts(report),
            "## Metrics\n",
            split_note,
            _MEANING,
            format_metrics_table(report["parts"]),
            "The whole report is in [report/report.md](report/report.md).\n",
            handwritten_part(previous_card),
        ]
    )
