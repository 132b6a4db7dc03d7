"""`autocull menu`: the most frequent commands by number, for a program started by a double click."""

from __future__ import annotations

import shlex
import sys
from pathlib import Path

import click

_CHOICES = (
    "Cull a folder and show the report",
    "Install the Lightroom part",
    "Show what the daemon does",
    "Check the installation",
)


@click.command()
def menu() -> None:
    """Offer the most frequent commands by number, for use without a command line."""
    while True:
        click.echo("\nAutocull. No photo leaves your computer, none is deleted or changed.\n")
        for number, text in enumerate(_CHOICES, start=1):
            click.echo(f"  {number}  {text}")
        click.echo("  q  Quit\n")
        answer = click.prompt("Your choice", type=click.Choice([*map(str, range(1, 5)), "q"]), default="1")
        if answer == "q":
            return
        _run_choice(int(answer))


def _run_choice(number: int) -> None:
    from autocull.cli import main

    if number == 1:
        folder = parse_dropped_path(click.prompt("Folder (drag it into this window)"))
        if not folder.is_dir():
            click.echo(f"There is no folder {folder}.")
            return
        report = Path.home() / "Autocull" / f"{folder.name or 'report'}.html"
        report.parent.mkdir(exist_ok=True)
        main(["cull", str(folder), "--report", str(report), "--open"])
    else:
        main([("install", "status", "doctor")[number - 2]])


def parse_dropped_path(text: str, platform: str = sys.platform) -> Path:
    """Return the path that a terminal writes for a folder dropped into it: quoted, or with backslashes."""
    stripped = text.strip()
    if platform == "win32":
        return Path(stripped.strip('"')).expanduser()
    try:
        words = shlex.split(stripped)
    except ValueError:  # an apostrophe in a name that was typed
        words = [stripped]
    return Path(words[0] if len(words) == 1 else stripped).expanduser()
