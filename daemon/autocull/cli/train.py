"""`autocull train`: one member from a folder of examples to a model folder."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click
from rich.console import Console

from autocull.cli.training import (
    bar,
    data_option,
    listeners,
    prepare_backend,
    seed_option,
    threads_option,
    typed_command,
)

MEMBERS = ("eyes", "focus", "defects", "category")


@click.command()
@click.argument("member", type=click.Choice(MEMBERS))
@data_option
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
    "--without", multiple=True, metavar="SOURCE", help="Leave a source out and report on it (repeatable)."
)
@threads_option
def train(member: str, data: Path, out: Path | None, threads: int, **options: Any) -> None:
    """Train MEMBER's network on the examples in a folder, and write its model folder and a report.

    A training that was stopped goes on with --resume as if it had never been. Needs the extra "train".
    """
    prepare_backend(threads)
    from autocull.train.recipes import recipe
    from autocull.train.report import figures_table
    from autocull.train.training import Order
    from autocull.train.training import train as run

    target = out or Path("trained") / member
    order = Order(data=data, out=target, command=typed_command(), **options)
    console = Console(stderr=True)
    with bar(console) as progress:
        report = run(recipe(member), order, **listeners(progress))
    click.echo(figures_table(report["parts"]))
    click.echo(f"{member} is in {target}, the report in {target / 'report'}.")
