"""`autocull train`: one member from a folder of examples to a model folder."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from rich.console import Console

from autocull.cli.training_options import (
    bar,
    data_option,
    listeners,
    prepare_backend,
    seed_option,
    threads_option,
    typed_command,
)

if TYPE_CHECKING:
    from autocull.train.fitting.trainer import Order

MEMBERS = ("eyes", "focus", "defects", "category", "likeness")


@click.command()
@click.argument("member", type=click.Choice(MEMBERS))
@data_option
@click.option(
    "--also",
    multiple=True,
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="A further folder of the same kind (repeatable).",
)
@click.option(
    "--epochs", type=click.IntRange(min=1), help="Rounds over the examples; the recipe's by default."
)
@seed_option
@click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder for weights, configuration, card and report; trained/MEMBER by default.",
)
@click.option("--resume", is_flag=True, help="Go on from the last checkpoint in the folder.")
@click.option(
    "--from",
    "start",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Folder of a trained network from whose weights to go on.",
)
@click.option(
    "--without", multiple=True, metavar="SOURCE", help="Leave a source out and report on it (repeatable)."
)
@threads_option
def train(member: str, data: Path, out: Path | None, threads: int, **options: Any) -> None:
    """Train MEMBER's network on the examples in a folder, and write its model folder and a report.

    A training that was stopped goes on with --resume as if it had never been. Needs the extra "train".
    """
    prepare_backend(threads)
    from autocull.train.fitting.trainer import Order

    target = out or Path("trained") / member
    order = Order(data=data, out=target, command=typed_command(), **options)
    with bar(Console(stderr=True)) as progress:
        figures = _figures(member, order, listeners(progress))
    click.echo(figures)
    click.echo(f"{member} is in {target}, the report in {target / 'report'}.")


def _figures(member: str, order: Order, listeners: dict[str, Any]) -> str:
    """Train, and give the table of figures: likeness is learned in pairs, all others by labels."""
    if member == "likeness":
        from autocull.train.recipes import embedding_training
        from autocull.train.recipes.embedding import LikenessRecipe

        return embedding_training.figures_table(
            embedding_training.train(LikenessRecipe(), order, **listeners)["parts"]
        )
    from autocull.train.fitting.trainer import train as run
    from autocull.train.recipes import recipe
    from autocull.train.reports.tables import figures_table

    return figures_table(run(recipe(member), order, **listeners)["parts"])
