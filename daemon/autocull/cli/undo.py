"""`autocull undo`: puts sorted photos back, and takes back sidecars."""

from __future__ import annotations

from pathlib import Path

import click

from autocull.cli.formatting import make_printable
from autocull.plurals import format_count


@click.command()
@click.argument("journal", type=click.Path(dir_okay=False, path_type=Path))
def undo(journal: Path) -> int:
    """Undo a --sort-into or an --xmp by the JOURNAL that it wrote.

    Files that have changed since are named and stay as they are.
    """
    from autocull.output import undo as undo_run

    result = undo_run(journal)
    click.echo(f"Undone: {format_count(result.restored, 'file')}.")
    for error in result.errors:
        click.echo(f"Left as it is: {make_printable(error.message)}", err=True)
    return 1 if result.errors else 0
