"""`autocull train`: one member from a folder of examples to a model folder."""

from __future__ import annotations

import os
import shlex
import sys
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

MEMBERS = ("eyes", "focus", "defects", "category")


@click.command()
@click.argument("member", type=click.Choice(MEMBERS))
@click.option(
    "--data",
    "folder",
    required=True,
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Folder with manifest.csv (path, label, split, group) and the pictures that it names.",
)
@click.option(
    "--epochs", type=click.IntRange(min=1), help="Rounds over the examples; the recipe's by default."
)
@click.option(
    "--seed", type=click.IntRange(min=0), default=0, show_default=True, help="Decides all that is random."
)
@click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder for weights, configuration, card and report; trained/MEMBER by default.",
)
@click.option("--resume", is_flag=True, help="Go on from the last checkpoint in the folder.")
@click.option(
    "--without", multiple=True, metavar="SOURCE", help="Leave a source out and report on it (repeatable)."
)
@click.option(
    "--threads",
    type=click.IntRange(min=1),
    default=2,
    show_default=True,
    envvar="AUTOCULL_TRAIN_THREADS",
    help="Threads that the training may use.",
)
def train(member: str, folder: Path, out: Path | None, threads: int, **options: Any) -> None:
    """Train MEMBER's network on the examples in a folder, and write its model folder and a report.

    A training that was stopped goes on with --resume as if it had never been. Needs the extra "train".
    """
    _prepare_backend(threads)
    from autocull.train.recipes import recipe
    from autocull.train.report import figures_table
    from autocull.train.training import Order
    from autocull.train.training import train as run

    target = out or Path("trained") / member
    order = Order(data=folder, out=target, command=_command(), **options)
    console = Console(stderr=True)
    with _bar(console) as progress:
        report = run(recipe(member), order, **_listeners(progress))
    click.echo(figures_table(report["parts"]))
    click.echo(f"{member} is in {target}, the report in {target / 'report'}.")


def _prepare_backend(threads: int) -> None:
    """Say to the backend how many threads it has and to be quiet; only before its import does it listen."""
    os.environ["TF_NUM_INTRAOP_THREADS"] = str(threads)
    os.environ["TF_NUM_INTEROP_THREADS"] = "1"
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")


def _command() -> str:
    """Give the command as it was typed, for the report."""
    return shlex.join(["autocull", *sys.argv[1:]])


def _bar(console: Console) -> Progress:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    return Progress(*columns, console=console)


def _listeners(progress: Progress) -> dict[str, Any]:
    """Make what the training tells its progress to."""
    pictures = progress.add_task("Reading pictures", total=None)
    rounds = progress.add_task("Training", total=None)

    def reading(count: int) -> None:
        progress.update(pictures, total=count)

    def told(epoch: int, step: int, of: tuple[int, int], figures: dict[str, float]) -> None:
        epochs, steps = of
        words = ", ".join(f"{name} {value:.3f}" for name, value in figures.items())
        progress.update(rounds, total=epochs * steps, completed=(epoch - 1) * steps + step)
        progress.update(rounds, description=f"Epoch {epoch} of {epochs}: {words}")
        if step == steps and not progress.console.is_terminal:
            progress.console.print(f"Epoch {epoch} of {epochs}: {words}", highlight=False)

    return {"reading": reading, "step": lambda: progress.advance(pictures), "told": told}
