"""Markdown tables of metrics."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING

from autocull.stats import (
    OVERALL,
    BinaryMetrics,
    Interval,
    LabelMetrics,
    Metrics,
    MulticlassMetrics,
    Proportion,
    TwoClassMetrics,
    compute_intervals,
    wilson_interval,
)

if TYPE_CHECKING:
    from autocull.train.evaluation import DatasetMetrics, GroupComparison, PairCounts, SourceAccuracy

_NO_ERRORS: Mapping[str, float | None] = MappingProxyType({})


def format_table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Format a Markdown table."""
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines) + "\n"


def format_number(value: float | None) -> str:
    """Format an integer as it is, a float with three decimals, and None as a dash."""
    if value is None:
        return "-"
    return str(value) if isinstance(value, int) else f"{value:.3f}"


def format_interval(interval: Interval | None) -> str:
    """Format an interval with three decimals, and None as a dash."""
    return "-" if interval is None else f"{interval.low:.3f}-{interval.high:.3f}"


def format_metrics_table(
    metrics_by_name: Mapping[str, Metrics], calibration_errors: Mapping[str, float | None] = _NO_ERRORS
) -> str:
    """Format one line per name: the overall metrics, the interval of the accuracy, the calibration error."""
    header = ["", "n", *_titles(OVERALL), "accuracy, 95 %", "ECE"]
    rows = []
    for name, metrics in metrics_by_name.items():
        interval = format_interval(wilson_interval(metrics.accuracy, metrics.n))
        error = format_number(calibration_errors.get(name))
        values = map(format_number, metrics.overall().values())
        rows.append([name, str(metrics.n), *values, interval, error])
    return format_table(header, rows)


def format_interval_table(metrics_by_name: Mapping[str, BinaryMetrics | LabelMetrics]) -> str:
    """Format one line per name: the 95 % interval of each overall metric."""
    rows = []
    for name, metrics in metrics_by_name.items():
        intervals = compute_intervals(metrics)
        rows.append([name, *(format_interval(intervals[column]) for column in OVERALL)])
    return format_table(["95 %", *_titles(OVERALL)], rows)


def format_label_table(metrics: LabelMetrics) -> str:
    """Format one line per label, with the 95 % intervals of its F1 and of its area under the curve."""
    columns = OVERALL[1:]
    rows = []
    for label, label_metrics in metrics.per_label.items():
        values, intervals = label_metrics.overall(), compute_intervals(label_metrics)
        rows.append(
            [
                label,
                str(label_metrics.confusion.positives),
                *(format_number(values[column]) for column in columns),
                format_interval(intervals["f1"]),
                format_interval(intervals["auc"]),
            ]
        )
    return format_table(["label", "occurs", *_titles(columns), "f1, 95 %", "auc, 95 %"], rows)


def format_pair_lines(pairs: Mapping[str, PairCounts]) -> list[str]:
    """Format for each label how many pairs are ranked correctly, with the 95 % interval."""
    return [
        f"{label}: {counts.right} of {counts.n} pairs ranked correctly, "
        f"95 % {format_interval(Proportion(counts.right, counts.n).interval)}"
        for label, counts in pairs.items()
    ]


def format_confusion_table(metrics: LabelMetrics) -> str:
    """Format the confusion: rows are the true labels, columns the predicted ones."""
    rows, columns, counts = confusion_counts(metrics)
    return format_table(
        ["", *columns], ([row, *map(str, line)] for row, line in zip(rows, counts, strict=True))
    )


def confusion_counts(metrics: LabelMetrics) -> tuple[list[str], list[str], list[list[int]]]:
    """Return a confusion as row names (true), column names (predicted) and counts.

    Labels that do not exclude each other have the four counts of each label as columns.
    """
    labels = list(metrics.per_label)
    if isinstance(metrics, TwoClassMetrics | MulticlassMetrics):
        confusion = metrics.confusion
        return labels, labels, [[confusion[true][predicted] for predicted in labels] for true in labels]
    columns = ["true positive", "false negative", "false positive", "true negative"]
    counts = [label_metrics.confusion for label_metrics in metrics.per_label.values()]
    rows = [
        [each.true_positive, each.false_negative, each.false_positive, each.true_negative] for each in counts
    ]
    return labels, columns, rows


def format_source_table(per_source: Mapping[str, SourceAccuracy]) -> str:
    """Format accuracy per source."""
    rows = [
        [
            _source_title(name),
            str(source.n),
            format_number(source.accuracy),
            format_interval(source.interval),
        ]
        for name, source in sorted(per_source.items())
    ]
    return format_table(["source", "n", "accuracy", "95 %"], rows)


def format_split_table(metrics_by_split: Mapping[str, DatasetMetrics]) -> str:
    """Format the number of samples of each source in each split."""
    names = sorted({name for metrics in metrics_by_split.values() for name in metrics.per_source})
    rows = []
    for name in names:
        sources = [metrics.per_source.get(name) for metrics in metrics_by_split.values()]
        rows.append([_source_title(name), *(str(source.n if source else 0) for source in sources)])
    return format_table(["source", *metrics_by_split], rows)


def format_group_table(comparison: GroupComparison) -> str:
    """Format one line per group: each share with counts and 95 % interval."""
    titles = list(comparison.gaps)
    rows = [
        [name, str(group.n), *(_format_proportion(group.shares[title]) for title in titles)]
        for name, group in comparison.groups.items()
    ]
    return format_table([comparison.by.replace("_", " "), "n", *titles], rows)


def format_gap_lines(comparison: GroupComparison) -> list[str]:
    """Format the largest gap of each share between two groups, in percentage points, unless it is small."""
    lines = []
    for title, gap in comparison.gaps.items():
        if gap is not None and gap.called != "small":
            low, high = (100 * bound for bound in gap.interval)
            difference = f"{100 * gap.gap:.1f} points (95 %: {low:.1f} to {high:.1f})"
            lines.append(f"{title}: {gap.best} is {difference} above {gap.worst}: {gap.called}")
    return lines or ["no gap of more than 5 points"]


def _format_proportion(proportion: Proportion) -> str:
    share, interval = proportion.share, proportion.interval
    if share is None or interval is None:
        return "-"
    return f"{share:.1%} ({proportion.n}/{proportion.of}, {interval.low:.1%}-{interval.high:.1%})"


def _titles(columns: Iterable[str]) -> list[str]:
    return [column.replace("_", " ") for column in columns]


def _source_title(name: str) -> str:
    return name or "(not stated)"
