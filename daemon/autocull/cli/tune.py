"""`autocull tune`: hyperparameter search for a detector's training."""

from __future__ import annotations

from pathlib import Path

import click
from rich.console import Console

from autocull.cli.options import OutputFolder
from autocull.cli.train import DETECTORS
from autocull.cli.training_options import (
    data_option,
    format_command,
    make_epoch_callbacks,
    make_progress,
    make_reading_callbacks,
    prepare_backend,
    seed_option,
    threads_option,
)


@click.command()
@click.argument("member", type=click.Choice(DETECTORS))
@data_option
@click.option(
    "--out",
    required=True,
    type=OutputFolder(),
    help="Folder for the trials, and for trials.md with a table of them.",
)
@click.option(
    "--epochs", type=click.IntRange(min=1), help="Epochs of the longest trials; the recipe's by default."
)
@seed_option
@threads_option
def tune(member: str, data: Path, out: Path, epochs: int | None, seed: int, threads: int) -> None:
    """Search by Hyperband for the best values (learning rate, width and so on) for training MEMBER.

    Trials are evaluated on groups held out of the training rows, never on dev. The same command resumes a
    stopped search. Needs the extra "train".
    """
    prepare_backend(threads)
    from autocull.train import SPACES, SearchOptions, Trial, format_tuning_page, make_recipe
    from autocull.train import tune as run

    selected_recipe = make_recipe(member)
    search_options = SearchOptions(
        data=data, out=out, epochs=epochs or selected_recipe.plan.epochs, seed=seed
    )
    with make_progress(Console(stderr=True)) as progress:

        def on_result(trial: Trial) -> None:
            text = f"Trial {trial.number}: log loss {trial.log_loss:.3f}, accuracy {trial.accuracy:.3f}"
            progress.console.print(text, highlight=False)

        callbacks = make_reading_callbacks(progress)
        epoch_callback = make_epoch_callbacks(progress)
        trials = run(
            selected_recipe,
            SPACES[member],
            search_options,
            callback_for=lambda number: epoch_callback(f"Trial {number}, epoch"),
            on_result=on_result,
            **callbacks,
        )
    page = format_tuning_page(member, trials, command=format_command())
    (out / "trials.md").write_text(page, "utf-8")
    click.echo(page)
    click.echo(f"The trials are in {out}.")
