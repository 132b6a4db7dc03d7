"""`autocull undo`: puts sorted photos back."""

from __future__ import annotations

from pathlib import Path

import click

from autocull.cli.formatting import make_printable


@click.command()
@click.argument("journal", type=click.Path(dir_okay=False, path_type=Path))
def undo(journal: Path) -> int:
    """Undo a --sort-into by the JOURNAL that it wrote."""
    from autocull.output import undo as put_back

    result = put_back(journal)
    click.echo(f"{result.restored:,} files put back.")
    for error in result.errors:
        click.echo(f"Left as it is: {make_printable(error.message)}", err=True)
    return 1 if result.errors else 0
