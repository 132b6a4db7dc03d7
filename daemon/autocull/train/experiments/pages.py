"""Markdown pages of the backbone comparison and of the hyperparameter search."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from autocull.stats import wilson_interval
from autocull.train.experiments.hyperband import Trial
from autocull.train.experiments.search_space import MEANINGS
from autocull.train.reports import format_interval, format_number, format_table


def format_comparison_page(
    detector: str, classes: Sequence[str], results: Sequence[Mapping[str, Any]], *, command: str, budget: str
) -> str:
    """Format the page of a comparison; `budget` is the sentence on what was the same for all networks."""
    evaluation_name = results[0]["judge"]
    sample_count = results[0]["figures"]["n"]
    papers = "".join(f"- {result['name']}: {result['paper']}\n" for result in results)
    return (
        f"# Backbones for `{detector}`\n\n```console\n$ {command}\n```\n\n{budget} "
        f"Evaluated on the {sample_count:,} samples of `{evaluation_name}`.\n\n"
        f"{format_comparison_table(classes, results)}\n"
        "Width is the share of the published channels, at full depth; every network starts from random "
        "weights.\nThe interval is Wilson's, 95 %. Balanced is the mean over the classes. The file is LiteRT "
        "with weights\nin half precision; its time is the fastest of many calls on one thread.\n\n"
        f"{papers}"
    )


def format_comparison_table(classes: Sequence[str], results: Sequence[Mapping[str, Any]]) -> str:
    """Format one line per network: accuracy with its interval, precision per class, size and time."""
    header = ["network", "width", "parameters", "file, MB", "ms", "accuracy", "95 %", "balanced"]
    header += [f"precision: {label}" for label in classes] + ["training, min"]
    return format_table(header, (_format_row(classes, result) for result in results))


def _format_row(classes: Sequence[str], result: Mapping[str, Any]) -> list[str]:
    metrics = result["figures"]
    # Counted per sample even with several labels per sample, since those are not independent.
    interval = wilson_interval(metrics["accuracy"], metrics["n"])
    return [
        result["name"],
        f"{result['width']:g}",
        f"{result['parameters']:,}",
        f"{result['bytes'] / 1e6:.2f}",
        f"{result['milliseconds']:.2f}",
        format_number(metrics["accuracy"]),
        format_interval(interval),
        format_number(metrics["balanced_accuracy"]),
        *(format_number(metrics["per_label"][label]["precision"]) for label in classes),
        f"{result['minutes']:.1f}",
    ]


def format_tuning_page(detector: str, trials: Sequence[Trial], *, command: str) -> str:
    """Format the page of a search: the best trial's values with their meaning, then all trials."""
    best = trials[0]
    values = format_table(
        ["value", "best", "meaning"],
        ([name, _format_value(best.values[name]), MEANINGS[name]] for name in best.values),
    )
    names = list(best.values)
    rows = (
        [
            trial.number,
            str(trial.epochs),
            format_number(trial.log_loss),
            format_number(trial.accuracy),
            *(_format_value(trial.values[name]) for name in names),
        ]
        for trial in trials
    )
    return (
        f"# Search for `{detector}`\n\n```console\n$ {command}\n```\n\n"
        f"The best of {len(trials)} trials is {best.number}: log loss {best.log_loss:.3f}, "
        f"accuracy {best.accuracy:.3f}, after {best.epochs} epochs.\n\n{values}\n"
        "The log loss is that on the groups held out of the training rows, at the best temperature; lower is "
        "better.\nTrials of fewer epochs were stopped early by Hyperband.\n\n"
        f"{format_table(['trial', 'epochs', 'log loss', 'accuracy', *names], rows)}"
    )


def _format_value(value: float) -> str:
    return f"{value:.3g}"
