"""`autocull train`: train one detector's network from a dataset folder to a model folder."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from rich.console import Console

from autocull.cli.options import OutputFolder
from autocull.cli.training_options import (
    data_option,
    format_command,
    make_callbacks,
    make_progress,
    prepare_backend,
    seed_option,
    threads_option,
)

if TYPE_CHECKING:
    from autocull.train import TrainOptions

DETECTORS = ("eyes", "focus", "defects", "category", "likeness")


@click.command()
@click.argument("member", type=click.Choice(DETECTORS))
@data_option
@click.option(
    "--also",
    multiple=True,
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="A further folder of the same kind (repeatable).",
)
@click.option("--epochs", type=click.IntRange(min=1), help="Epochs of the training; the recipe's by default.")
@seed_option
@click.option(
    "--out",
    type=OutputFolder(),
    help="Folder for weights, configuration, card and report; trained/MEMBER by default.",
)
@click.option("--resume", is_flag=True, help="Resume from the last checkpoint in the folder.")
@click.option(
    "--from",
    "start",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Folder of a trained network from whose weights to start.",
)
@click.option(
    "--without",
    multiple=True,
    metavar="SOURCE",
    help="Do not train on a source, but report on it (repeatable).",
)
@threads_option
def train(member: str, data: Path, out: Path | None, threads: int, **options: Any) -> None:
    """Train MEMBER's network on the dataset in a folder, and write its model folder and a report.

    A stopped training continues with --resume, with the same result. Needs the extra "train".
    """
    prepare_backend(threads)
    from autocull.train import TrainOptions

    target = out or Path("trained") / member
    train_options = TrainOptions(data=data, out=target, command=format_command(), **options)
    with make_progress(Console(stderr=True)) as progress:
        table = _train_and_tabulate(member, train_options, make_callbacks(progress))
    click.echo(table)
    click.echo(f"{member} is in {target}, the report in {target / 'report'}.")


def _train_and_tabulate(detector: str, train_options: TrainOptions, callbacks: dict[str, Any]) -> str:
    """Train, and return the table of metrics; likeness has a training of its own, from pairs of views."""
    if detector == "likeness":
        from autocull.train import EmbeddingRecipe
        from autocull.train.recipes import embedding_training

        return embedding_training.format_metrics_table(
            embedding_training.train(EmbeddingRecipe(), train_options, **callbacks).parts
        )
    from autocull.train import format_split_metrics, make_recipe
    from autocull.train import train as run

    return format_split_metrics(run(make_recipe(detector), train_options, **callbacks))
