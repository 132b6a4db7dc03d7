"""The figures of `autocull evaluate` as tables for people."""

from __future__ import annotations

from typing import Any

import click

from autocull.cli.formatting import printable

_DECISIONS = {
    "harm": "harm: {n} rejected of {of} that she kept",
    "missed": "missed: {n} kept of {of} that she rejected",
}
_PARTS = ("answered", "rejected", "people_landscape")
"""Figures of a part of the rows, or of another question to them."""

_LINES = ("common", "met", "moved", "cannot_tell", "no_faces", "limits", "models")


def tell(figures: dict[str, Any]) -> None:
    """Print the figures as tables."""
    from autocull.train.reports.tables import (
        confusion_table,
        figures_table,
        interval_table,
        label_table,
        pair_lines,
    )

    parts = {"all": figures}
    parts |= {name: figures[name] for name in _PARTS if name in figures}
    click.echo(figures_table(parts))
    click.echo(interval_table(parts))
    click.echo(label_table(figures))
    if figures["confusion"]:
        click.echo(confusion_table(figures))
    for line in pair_lines(figures.get("pairs", {})):
        click.echo(line)
    if "by" in figures:
        _tell_groups(figures["by"])
    for name, line in _DECISIONS.items():
        if name in figures:
            click.echo(_against(line, figures[name]))
    for key in _LINES:
        if key in figures:
            click.echo(printable(f"{key.replace('_', ' ')}: {figures[key]}"))
    for each in figures["unreadable"]:
        click.echo(f"unreadable: {each['path']} ({each['message']})")


def tell_series(figures: dict[str, Any]) -> None:
    """Print how photos were put together, one line per way of doing it."""
    from autocull.train.reports.tables import number, table

    rows = []
    for name, told in figures["groupings"].items():
        spans = told["intervals"]
        shares = [f"{number(told[key])} ({_span(spans[key])})" for key in ("precision", "recall", "f1")]
        counts = [
            f"{told[key]['n']} of {told[key]['of']} ({_span(spans[key])})" for key in ("whole", "swallowed")
        ]
        rows.append([name, *shares, *counts])
    click.echo(table(["", "precision", "recall", "F1 of pairs", "groups whole", "singles swallowed"], rows))
    if len(rows) == 1:
        click.echo("dHash and pHash are left out: they need the package imagehash, which is not installed.")
    for key in ("n", "kinds", "limits", "models"):
        click.echo(printable(f"{key}: {figures[key]}"))
    for each in figures["unreadable"]:
        click.echo(f"unreadable: {each['path']} ({each['message']})")


def _of(counted: dict[str, int], interval: tuple[float, float] | None) -> str:
    return f"{counted['n']} of {counted['of']} ({_span(interval)})"


def _span(interval: tuple[float, float] | None) -> str:
    return "-" if interval is None else f"{interval[0]:.3f}-{interval[1]:.3f}"


def _tell_groups(grouped: dict[str, Any]) -> None:
    from autocull.train.reports.tables import gap_lines, group_table

    for line in (*group_table(grouped).splitlines(), "", *gap_lines(grouped), ""):
        click.echo(printable(line))


def _against(line: str, counted: dict[str, Any]) -> str:
    """Say how many decisions of one kind are not met: the count, its share with interval, and the reasons."""
    said = line.format(**counted)
    if counted["share"] is not None:
        low, high = counted["interval"]
        said += f" ({counted['share']:.1%}, 95 %: {low:.1%}-{high:.1%})"
    reasons = ", ".join(f"{code} {count}" for code, count in counted["reasons"].items())
    return f"{said}: {reasons}" if reasons else said
