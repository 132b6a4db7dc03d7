"""Shared parts of the training commands: options, number of threads, command line, and progress."""

from __future__ import annotations

import os
import shlex
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn


def prepare_backend(threads: int) -> None:
    """Set the backend's number of threads and log level; must run before the backend is imported."""
    os.environ["TF_NUM_INTRAOP_THREADS"] = str(threads)
    os.environ["TF_NUM_INTEROP_THREADS"] = "1"
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")


def format_command() -> str:
    """Return the command line, for the report."""
    return shlex.join(["autocull", *sys.argv[1:]])


def make_progress(console: Console) -> Progress:
    """Create the progress display of a training on the console."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    return Progress(*columns, console=console)


def make_callbacks(progress: Progress) -> dict[str, Any]:
    """Create the callbacks of a training: `on_total`, `on_progress`, `on_step`."""
    return make_reading_callbacks(progress) | {"on_step": make_epoch_callbacks(progress)("Epoch")}


def make_reading_callbacks(progress: Progress) -> dict[str, Any]:
    """Create the callbacks of reading: `on_total` with the number of pictures, `on_progress` for each."""
    task = progress.add_task("Reading pictures", total=None)

    def on_total(count: int) -> None:
        progress.update(task, total=count)

    return {"on_total": on_total, "on_progress": lambda: progress.advance(task)}


def make_epoch_callbacks(progress: Progress) -> Callable[[str], Callable[..., None]]:
    """Create the function that returns a step callback per training; all share one line of the display."""
    task = progress.add_task("Training", total=None)

    def callback_for(label: str) -> Callable[..., None]:
        def on_step(epoch: int, step: int, totals: tuple[int, int], metrics: dict[str, float]) -> None:
            epochs, steps = totals
            metrics_text = ", ".join(f"{name} {value:.3f}" for name, value in metrics.items())
            line = f"{label} {epoch} of {epochs}: {metrics_text}"
            progress.update(task, total=epochs * steps, completed=(epoch - 1) * steps + step)
            progress.update(task, description=line)
            if step == steps and not progress.console.is_terminal:
                progress.console.print(line, highlight=False, soft_wrap=True)

        return on_step

    return callback_for


data_option = click.option(
    "--data",
    required=True,
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Folder with manifest.csv (path, label, split, group) and the pictures that it lists.",
)
seed_option = click.option(
    "--seed", type=click.IntRange(min=0), default=0, show_default=True, help="Seed of all random choices."
)
threads_option = click.option(
    "--threads",
    type=click.IntRange(min=1),
    default=2,
    show_default=True,
    envvar="AUTOCULL_TRAIN_THREADS",
    help="Threads that the training may use.",
)
