"""Options and warnings that commands share: processes, time limit, store and tastes."""

from __future__ import annotations

import errno
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:  # imported when a taste is loaded
    from autocull.taste import Profile

_REFUSALS = {errno.EACCES, errno.EPERM}

MAX_WORKERS = 8
"""Default maximum of workers; more would only wait for the disk."""


class OutputFile(click.Path):
    """A file that the command writes at its end: its folder has to exist and to be writable at the start.

    With `allow_dash` it may be "-", the standard output. Where `path_type` is str, the value stays text.
    """

    def __init__(self, *, allow_dash: bool = False, path_type: type[Path] | type[str] = Path) -> None:
        super().__init__(dir_okay=False, allow_dash=allow_dash, path_type=path_type)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Return the path; fails with the reason where the file cannot be created."""
        result = super().convert(value, param, ctx)
        if str(result) != "-" and (reason := _find_obstacle(Path(os.fsdecode(result)))):
            self.fail(reason, param, ctx)
        return result


class OutputFolder(click.Path):
    """A folder that the command writes into; what is missing of it is created when it is written."""

    def __init__(self) -> None:
        super().__init__(file_okay=False, path_type=Path)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Return the path; fails with the reason where nothing can be created in the nearest folder."""
        folder = Path(os.fsdecode(super().convert(value, param, ctx)))
        nearest = next(each for each in (folder.absolute(), *folder.absolute().parents) if each.exists())
        if reason := _find_obstacle(nearest / "autocull"):
            self.fail(reason, param, ctx)
        return folder


def _find_obstacle(file: Path) -> str | None:
    """Return why a file cannot be created or replaced, None where it can; leaves nothing in its folder.

    A temporary file is created and removed, as on network drives and Windows only the attempt is certain.
    """
    from autocull.atomic_write import AtomicFile

    try:
        AtomicFile(file).discard()
    except OSError as error:
        folder = click.format_filename(file.parent.absolute())
        if file.is_dir():
            return f"{click.format_filename(file)} is a folder; give the path of a file."
        if not file.parent.exists():
            return f"There is no folder {folder}. Create it, or choose another one."
        if not file.parent.is_dir():
            return f"{folder} is not a folder."
        reason = "you may not write there" if error.errno in _REFUSALS else error.strerror
        return f"Nothing can be written in the folder {folder}: {reason}."
    return None


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
