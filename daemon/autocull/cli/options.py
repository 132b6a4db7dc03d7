"""Options and warnings that commands share: processes, time limit, store and tastes."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:  # imported when a taste is loaded
    from autocull.taste import Profile

MAX_WORKERS = 8
"""Default maximum of workers; more would only wait for the disk."""

workers_option = click.option(
    "--workers", type=click.IntRange(1, 64), default=lambda: min(os.cpu_count() or 1, MAX_WORKERS),
    show_default=f"one per processor, at most {MAX_WORKERS}", help="Processes that read and measure.",
)  # fmt: skip
time_limit_option = click.option(
    "--time-limit", type=click.FloatRange(0.1), default=60.0, show_default=True, metavar="S",
    help="Seconds of running time after which a photo counts as unreadable, in two tries.",
)  # fmt: skip
store_option = click.option(
    "--store", type=click.Path(dir_okay=False, path_type=Path), envvar="AUTOCULL_STORE",
    help="Store measurements in this .sqlite file.",
)  # fmt: skip
tastes_option = click.option(
    "--tastes", type=click.Path(file_okay=False, path_type=Path), envvar="AUTOCULL_TASTES",
    help="Folder of learned tastes.",
)  # fmt: skip


def print_warning(message: str) -> None:
    """Print a warning on the standard error."""
    from autocull.cli.formatting import make_printable  # loads NumPy

    click.echo(f"autocull: {make_printable(message)}", err=True)


def load_taste(name: str | None, folder: Path | None) -> Profile | None:
    """Load the taste of `--taste`, None without one; warns where it decides nothing.

    Raises SettingsError where there is none of that name.
    """
    if name is None:
        return None
    from autocull.measure import models_root, versions
    from autocull.paths import default_tastes
    from autocull.taste import ProfileStore

    taste = ProfileStore(folder or default_tastes()).load(name)
    if dict(taste.origin.models) != versions(models_root()):
        print_warning(f"{taste.name} was learned with other networks: it decides nothing. Learn it again.")
    elif not taste.acts:
        print_warning(f"{taste.name} is not reliably better than the ensemble alone: it decides nothing.")
    return taste
