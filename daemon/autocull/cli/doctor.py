"""The command `autocull doctor`: checks the installation and gives advice."""

from __future__ import annotations

import os
from itertools import groupby
from typing import TYPE_CHECKING

import click

from autocull.cli.formatting import make_printable
from autocull.cli.install import current_installation

if TYPE_CHECKING:
    from autocull.install import Area, Check

_TITLES: dict[Area, str] = {
    "culling": "Culling on the command line",
    "lightroom": "Lightroom: the plug-in and its daemon",
}


@click.command()
@click.argument("areas", metavar="[culling|lightroom]...", nargs=-1, type=click.Choice(list(_TITLES)))
def doctor(areas: tuple[Area, ...]) -> int:
    """Check what culling and Lightroom need, one line each, and advise what to do.

    With `culling` or `lightroom` only that is checked. The exit code is 1 if something that was checked is
    not ok.
    """
    from autocull.install import run_checks

    code = 0
    results = run_checks(current_installation(), os.environ, areas or tuple(_TITLES))
    for area, checks in groupby(results, key=lambda result: result[0]):
        click.echo(f"{_TITLES[area]}:")
        for _, check in checks:
            _print_check(check)
            code = code if check.ok else 1
    return code


def _print_check(check: Check) -> None:
    """Print one line, and the advice below it."""
    click.echo(f"  {'ok    ' if check.ok else 'NOT OK'}  {check.name:<10} {make_printable(check.result)}")
    if not check.ok and check.advice:
        click.echo(f"          {'':<10} {check.advice}")
