"""The comparison of networks as a Markdown page: one table, and what was the same for all rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from autocull.stats.metrics import wilson
from autocull.train.experiments.hyperband import Trial
from autocull.train.experiments.search_space import MEANINGS
from autocull.train.reports.tables import number, table


def comparison_page(
    member: str, classes: Sequence[str], results: Sequence[Mapping[str, Any]], *, command: str, budget: str
) -> str:
    """Write heading, table and notes; `budget` is the sentence that says what was the same for all."""
    judge = results[0]["judge"]
    answers = results[0]["figures"]["n"]
    papers = "".join(f"- {each['name']}: {each['paper']}\n" for each in results)
    return (
        f"# Backbones for `{member}`\n\n```console\n$ {command}\n```\n\n{budget} "
        f"Judged on the {answers:,} examples of `{judge}`.\n\n"
        f"{comparison_table(classes, results)}\n"
        "Width is the share of the published channels, at full depth; every network starts from random "
        "weights.\nThe interval is Wilson's, 95 %. Balanced is the mean over the classes. The file is LiteRT "
        "with weights\nin half precision, its time the best of many calls on one thread.\n\n"
        f"{papers}"
    )


def comparison_table(classes: Sequence[str], results: Sequence[Mapping[str, Any]]) -> str:
    """Format one line per network: accuracy with its interval, precision per class, size and time."""
    header = ["network", "width", "parameters", "file, MB", "ms", "accuracy", "95 %", "balanced"]
    header += [f"precision: {label}" for label in classes] + ["training, min"]
    return table(header, (_line(classes, result) for result in results))


def _line(classes: Sequence[str], result: Mapping[str, Any]) -> list[str]:
    figures = result["figures"]
    # Per example also where each label is answered for itself: one photo's answers are not independent.
    interval = wilson(figures["accuracy"], figures["n"])
    return [
        result["name"],
        f"{result['width']:g}",
        f"{result['parameters']:,}",
        f"{result['bytes'] / 1e6:.2f}",
        f"{result['milliseconds']:.2f}",
        number(figures["accuracy"]),
        f"{interval[0]:.3f}-{interval[1]:.3f}" if interval else "-",
        number(figures["balanced_accuracy"]),
        *(number(figures["per_label"][label]["precision"]) for label in classes),
        f"{result['minutes']:.1f}",
    ]


def tuning_page(member: str, trials: Sequence[Trial], *, command: str) -> str:
    """Write the best trial's values with their meaning, then all trials (one or more), the best first."""
    best = trials[0]
    values = table(
        ["value", "best", "meaning"],
        ([name, _short(best.values[name]), MEANINGS[name]] for name in best.values),
    )
    names = list(best.values)
    rows = (
        [
            trial.number,
            str(trial.epochs),
            number(trial.surprise),
            number(trial.right),
            *(_short(trial.values[name]) for name in names),
        ]
        for trial in trials
    )
    return (
        f"# Search for `{member}`\n\n```console\n$ {command}\n```\n\n"
        f"Best of {len(trials)} trials is {best.number}: surprise {best.surprise:.3f}, "
        f"right {best.right:.3f}, after {best.epochs} epochs.\n\n{values}\n"
        "Surprise is the mean negative log-likelihood on the groups held out of the training rows, at "
        "the best\ntemperature; lower is better. Trials of fewer epochs were given up by Hyperband.\n\n"
        f"{table(['trial', 'epochs', 'surprise', 'right', *names], rows)}"
    )


def _short(value: float) -> str:
    return f"{value:.3g}"
