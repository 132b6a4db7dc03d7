"""`autocull demo`: creates a small shoot to try culling with."""

from __future__ import annotations

from pathlib import Path

import click

from autocull.cli.formatting import format_photos, make_printable


@click.command()
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
def demo(folder: Path) -> int:
    """Create a demonstration shoot in FOLDER: good photos, and the same photos with faults.

    Existing files stay as they are. Needs scikit-image (`pip install scikit-image`).
    """
    try:
        from autocull.cli.demo_shoot import make_shoot
    except ModuleNotFoundError as error:
        raise click.ClickException(
            f"The demonstration's pictures come with scikit-image, and {error.name} is not installed. "
            "Install it with: pip install scikit-image"
        ) from error
    paths = make_shoot(folder)
    click.echo(f"Made {format_photos(len(paths))} in {make_printable(folder)}.")
    return 0
