"""The command `autocull doctor`: checks the installation and gives advice."""

from __future__ import annotations

import os

import click

from autocull.cli.formatting import make_printable
from autocull.cli.install import current_installation


@click.command()
def doctor() -> int:
    """Check what plug-in and daemon need, one line each; the exit code is 1 if something is not ok."""
    from autocull.install import run_checks

    code = 0
    for check in run_checks(current_installation(), os.environ):
        click.echo(f"{'ok    ' if check.ok else 'NOT OK'}  {check.name:<10} {make_printable(check.result)}")
        if not check.ok:
            code = 1
            if check.advice:
                click.echo(f"        {'':<10} {check.advice}")
    return code
