"""Printed tables of the metrics of `autocull evaluate`."""

from __future__ import annotations

from typing import Any

import click

from autocull.cli.formatting import make_printable

_DECISIONS = {
    "harm": "harm: {n} of {of} photos that the photographer kept are rejected",
    "missed": "missed: {n} of {of} photos that the photographer rejected are kept",
}
_PART_NAMES = ("answered", "rejected", "people_landscape")
"""Keys of further metrics: of a part of the rows, or of another criterion."""

_LINE_KEYS = ("common", "met", "moved", "cannot_tell", "no_faces", "limits", "models")


def print_metrics(metrics: dict[str, Any]) -> None:
    """Print metrics as tables."""
    from autocull.train.reports.tables import (
        format_confusion_table,
        format_interval_table,
        format_label_table,
        format_metrics_table,
        format_pair_lines,
    )

    metrics_by_part = {"all": metrics}
    metrics_by_part |= {name: metrics[name] for name in _PART_NAMES if name in metrics}
    click.echo(format_metrics_table(metrics_by_part))
    click.echo(format_interval_table(metrics_by_part))
    click.echo(format_label_table(metrics))
    if metrics["confusion"]:
        click.echo(format_confusion_table(metrics))
    for line in format_pair_lines(metrics.get("pairs", {})):
        click.echo(line)
    if "by" in metrics:
        _print_groups(metrics["by"])
    for name, line in _DECISIONS.items():
        if name in metrics:
            click.echo(_format_unmet(line, metrics[name]))
    for key in _LINE_KEYS:
        if key in metrics:
            click.echo(make_printable(f"{key.replace('_', ' ')}: {metrics[key]}"))
    for each in metrics["unreadable"]:
        click.echo(f"unreadable: {each['path']} ({each['message']})")


def print_series_metrics(metrics: dict[str, Any]) -> None:
    """Print the metrics of grouping, one line per method."""
    from autocull.train.reports.tables import format_number, format_table

    rows = []
    for name, grouping in metrics["groupings"].items():
        intervals = grouping["intervals"]
        shares = [
            f"{format_number(grouping[key])} ({_format_interval(intervals[key])})"
            for key in ("precision", "recall", "f1")
        ]
        counts = [
            f"{grouping[key]['n']} of {grouping[key]['of']} ({_format_interval(intervals[key])})"
            for key in ("whole", "swallowed")
        ]
        rows.append([name, *shares, *counts])
    click.echo(
        format_table(["", "precision", "recall", "F1 of pairs", "groups whole", "singles swallowed"], rows)
    )
    if len(rows) == 1:
        click.echo("dHash and pHash are left out: they need the package imagehash, which is not installed.")
    for key in ("n", "kinds", "limits", "models"):
        click.echo(make_printable(f"{key}: {metrics[key]}"))
    for each in metrics["unreadable"]:
        click.echo(f"unreadable: {each['path']} ({each['message']})")


def _of(counted: dict[str, int], interval: tuple[float, float] | None) -> str:
    return f"{counted['n']} of {counted['of']} ({_format_interval(interval)})"


def _format_interval(interval: tuple[float, float] | None) -> str:
    return "-" if interval is None else f"{interval[0]:.3f}-{interval[1]:.3f}"


def _print_groups(groups: dict[str, Any]) -> None:
    from autocull.train.reports.tables import format_gap_lines, format_group_table

    for line in (*format_group_table(groups).splitlines(), "", *format_gap_lines(groups), ""):
        click.echo(make_printable(line))


def _format_unmet(line: str, counts: dict[str, Any]) -> str:
    """Format how many decisions of one kind are not met: the count, its share with interval, the reasons."""
    text = line.format(**counts)
    if counts["share"] is not None:
        low, high = counts["interval"]
        text += f" ({counts['share']:.1%}, 95 %: {low:.1%}-{high:.1%})"
    reasons = ", ".join(f"{code} {count}" for code, count in counts["reasons"].items())
    return f"{text}: {reasons}" if reasons else text
