"""`autocull tune`: search for better values of a member's training."""

from __future__ import annotations

from pathlib import Path

import click
from rich.console import Console

from autocull.cli.train import MEMBERS
from autocull.cli.training_options import (
    bar,
    data_option,
    prepare_backend,
    reading_listeners,
    rounds_listener,
    seed_option,
    threads_option,
    typed_command,
)


@click.command()
@click.argument("member", type=click.Choice(MEMBERS))
@data_option
@click.option(
    "--out",
    required=True,
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder that keeps the trials, and trials.md with the table of them.",
)
@click.option(
    "--epochs", type=click.IntRange(min=1), help="Rounds of the longest trials; the recipe's by default."
)
@seed_option
@threads_option
def tune(member: str, data: Path, out: Path, epochs: int | None, seed: int, threads: int) -> None:
    """Search by Hyperband for the values (learning rate, width and so on) with which MEMBER learns best.

    Trials are judged on groups held out of the training rows, never on dev. The same command goes on where
    it was stopped. Needs the extra "train".
    """
    prepare_backend(threads)
    from autocull.train.experiments.hyperband import SearchOrder, Trial
    from autocull.train.experiments.hyperband import tune as run
    from autocull.train.experiments.pages import tuning_page
    from autocull.train.experiments.search_space import SPACES
    from autocull.train.recipes import recipe

    chosen = recipe(member)
    order = SearchOrder(data=data, out=out, epochs=epochs or chosen.plan.epochs, seed=seed)
    with bar(Console(stderr=True)) as progress:

        def ended(trial: Trial) -> None:
            words = f"Trial {trial.number}: surprise {trial.surprise:.3f}, right {trial.right:.3f}"
            progress.console.print(words, highlight=False)

        hears = reading_listeners(progress)
        rounds = rounds_listener(progress)
        trials = run(
            chosen,
            SPACES[member],
            order,
            told=lambda number: rounds(f"Trial {number}, epoch"),
            ended=ended,
            **hears,
        )
    page = tuning_page(member, trials, command=typed_command())
    (out / "trials.md").write_text(page, "utf-8")
    click.echo(page)
    click.echo(f"The trials are in {out}.")
