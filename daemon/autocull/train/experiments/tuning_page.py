"""A search's trials as Markdown: the best one with its values, and the table of all."""

from __future__ import annotations

from collections.abc import Sequence

from autocull.train.experiments.hyperband import Trial
from autocull.train.experiments.search_space import MEANINGS
from autocull.train.reports.tables import number, table


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
