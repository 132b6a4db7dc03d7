"""Printed tables of the reports of `autocull evaluate`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import click

from autocull.cli.formatting import make_printable

if TYPE_CHECKING:
    from autocull.fixtures import Mismatches, ReplayReport
    from autocull.stats import BinaryMetrics, LabelMetrics, Proportion
    from autocull.train import EvaluationReport, GroupComparison, PairMetrics, SeriesReport, UnreadableRow


def print_evaluation(report: EvaluationReport) -> None:
    """Print the metrics of a detector as tables."""
    from autocull.train import CalibratedMetrics, DefectMetrics, format_pair_lines

    metrics = report.metrics
    error = metrics.calibration_error if isinstance(metrics, CalibratedMetrics) else None
    _print_metrics(metrics.overall, metrics.subsets(), error)
    for line in format_pair_lines(metrics.pairs) if isinstance(metrics, DefectMetrics) else ():
        click.echo(line)
    if report.groups is not None:
        _print_groups(report.groups)
    _print_values(metrics.numbers() | {"limits": report.limits, "models": report.models})
    _print_unreadable(report.unreadable)


def print_replay(report: ReplayReport) -> None:
    """Print the comparison of verdicts with a photographer's decisions as tables."""
    _print_metrics(report.metrics, {}, None)
    click.echo(_format_mismatches("harm: {} photos that the photographer kept are rejected", report.harm))
    click.echo(_format_mismatches("missed: {} photos that the photographer rejected are kept", report.missed))
    values = {"met": report.met, "moved": report.moved, "cannot_tell": report.doubts}
    _print_values(values | {"models": report.models})


def print_series(report: SeriesReport) -> None:
    """Print the metrics of grouping, one line per method."""
    from autocull.train import format_table

    header = ["", "precision", "recall", "F1 of pairs", "groups whole", "singles swallowed"]
    rows = [[name, *_format_pair_metrics(metrics)] for name, metrics in report.groupings.items()]
    click.echo(format_table(header, rows))
    if len(rows) == 1:
        click.echo("dHash and pHash are left out: they need the package imagehash, which is not installed.")
    _print_values({"n": report.n, "kinds": report.kinds, "limits": report.limits, "models": report.models})
    _print_unreadable(report.unreadable)


def _print_metrics(
    overall: LabelMetrics, subsets: Mapping[str, BinaryMetrics], calibration_error: float | None
) -> None:
    from autocull.train import (
        format_confusion_table,
        format_interval_table,
        format_label_table,
        format_metrics_table,
    )

    metrics_by_name: dict[str, BinaryMetrics | LabelMetrics] = {"all": overall, **subsets}
    click.echo(format_metrics_table(metrics_by_name, {"all": calibration_error}))
    click.echo(format_interval_table(metrics_by_name))
    click.echo(format_label_table(overall))
    if overall.per_label:
        click.echo(format_confusion_table(overall))


def _print_groups(comparison: GroupComparison) -> None:
    from autocull.train import format_gap_lines, format_group_table

    for line in (*format_group_table(comparison).splitlines(), "", *format_gap_lines(comparison), ""):
        click.echo(make_printable(line))


def _print_values(values: Mapping[str, object]) -> None:
    for name, value in values.items():
        click.echo(make_printable(f"{name.replace('_', ' ')}: {value}"))


def _print_unreadable(rows: Sequence[UnreadableRow]) -> None:
    for row in rows:
        click.echo(f"unreadable: {row.path} ({row.message})")


def _format_pair_metrics(metrics: PairMetrics) -> list[str]:
    from autocull.train import format_interval, format_number

    shares = [
        (metrics.precision.share, metrics.precision.interval),
        (metrics.recall.share, metrics.recall.interval),
        (metrics.f1, metrics.f1_interval),
    ]
    counts = (metrics.whole, metrics.swallowed)
    return [f"{format_number(share)} ({format_interval(interval)})" for share, interval in shares] + [
        f"{_format_count(count)} ({format_interval(count.interval)})" for count in counts
    ]


def _format_mismatches(line: str, mismatches: Mismatches) -> str:
    """Format how many decisions of one kind are not met: the count, its share with interval, the reasons."""
    proportion = mismatches.proportion
    text = line.format(_format_count(proportion))
    if proportion.share is not None and proportion.interval is not None:
        low, high = proportion.interval
        text += f" ({proportion.share:.1%}, 95 %: {low:.1%}-{high:.1%})"
    reasons = ", ".join(f"{code} {count}" for code, count in mismatches.reasons.items())
    return f"{text}: {reasons}" if reasons else text


def _format_count(proportion: Proportion) -> str:
    return f"{proportion.n} of {proportion.of}"
