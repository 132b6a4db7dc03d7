"""Markdown tables of metrics, the report of a training, and the model card."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from autocull.stats.intervals import Interval, compute_intervals
from autocull.stats.metrics import Metrics, wilson_interval
from autocull.train.reports.plots import confusion_counts

HANDWRITTEN_MARKER = "<!-- Below this line a person writes; a new training keeps it. -->"
_COLUMNS = ("n", "accuracy", "balanced_accuracy", "precision", "recall", "f1", "auc")


def format_table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Format a Markdown table."""
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines) + "\n"


def format_number(value: float | None) -> str:
    """Format an integer as it is, a float with three decimals, and None as a dash."""
    if value is None:
        return "-"
    return str(value) if isinstance(value, int) else f"{value:.3f}"


def format_metrics_table(metrics_by_name: Mapping[str, Metrics]) -> str:
    """Format one line per split: the overall metrics, with the 95 % interval of the accuracy."""
    header = ["", *(column.replace("_", " ") for column in _COLUMNS), "accuracy, 95 %", "ECE"]
    rows = []
    for name, metrics in metrics_by_name.items():
        interval = _format_interval(wilson_interval(metrics["accuracy"], metrics["n"]))
        error = format_number(metrics.get("calibration_error"))
        rows.append([name, *(format_number(metrics[column]) for column in _COLUMNS), interval, error])
    return format_table(header, rows)


def format_interval_table(metrics_by_name: Mapping[str, Metrics]) -> str:
    """Format one line per split: the 95 % interval of each overall metric."""
    rows = []
    for name, metrics in metrics_by_name.items():
        intervals = compute_intervals(metrics)
        rows.append([name, *(_format_interval(intervals[column]) for column in _COLUMNS[1:])])
    return format_table(["95 %", *(column.replace("_", " ") for column in _COLUMNS[1:])], rows)


def _format_interval(interval: Interval | None) -> str:
    return f"{interval[0]:.3f}-{interval[1]:.3f}" if interval else "-"


def format_label_table(metrics: Metrics) -> str:
    """Format one line per label, with the 95 % intervals of its F1 and of its area under the curve."""
    columns = ("balanced_accuracy", "precision", "recall", "f1", "auc")
    rows = []
    for label, label_metrics in metrics["per_label"].items():
        confusion = label_metrics["confusion"]
        support = confusion["true_positive"] + confusion["false_negative"]
        intervals = compute_intervals(label_metrics)
        cells = [format_number(label_metrics[column]) for column in columns]
        rows.append(
            [
                label,
                str(support),
                *cells,
                _format_interval(intervals["f1"]),
                _format_interval(intervals["auc"]),
            ]
        )
    titles = [column.replace("_", " ") for column in columns]
    return format_table(["label", "occurs", *titles, "f1, 95 %", "auc, 95 %"], rows)


def format_pair_lines(pairs: Mapping[str, Mapping[str, int]]) -> list[str]:
    """Format for each label how many pairs are ranked correctly, with the 95 % interval."""
    lines = []
    for label, entry in pairs.items():
        right, count = entry["right"], entry["n"]
        interval = _format_interval(wilson_interval(right / count, count))
        lines.append(f"{label}: {right} of {count} pairs ranked correctly, 95 % {interval}")
    return lines


def format_confusion_table(metrics: Metrics) -> str:
    """Format the confusion: rows are the true labels, columns the predicted ones."""
    rows, columns, counts = confusion_counts(metrics)
    return format_table(
        ["", *columns], ([row, *map(str, line)] for row, line in zip(rows, counts, strict=True))
    )


def format_source_table(metrics: Metrics) -> str:
    """Format accuracy per source."""
    rows = []
    for source, (right, count) in sorted(metrics["per_source"].items()):
        rows.append(
            [
                source or "(not stated)",
                str(count),
                format_number(right),
                _format_interval(wilson_interval(right, count)),
            ]
        )
    return format_table(["source", "n", "accuracy", "95 %"], rows)


def format_group_table(breakdown: Mapping[str, Any]) -> str:
    """Format the result of `compare_groups`, one line per group: each share with counts and 95 % interval."""
    groups = breakdown["groups"]
    titles = list(next(iter(groups.values()))["shares"])
    rows = [
        [name, str(group["n"]), *map(_format_share, group["shares"].values())]
        for name, group in groups.items()
    ]
    return format_table([breakdown["by"].replace("_", " "), "n", *titles], rows)


def format_gap_lines(breakdown: Mapping[str, Any]) -> list[str]:
    """Format the largest gap of each share between two groups, in percentage points, unless it is small."""
    lines = []
    for title, gap in breakdown["gaps"].items():
        if gap is not None and gap["called"] != "small":
            low, high = (100 * edge for edge in gap["interval"])
            difference = f"{100 * gap['gap']:.1f} points (95 %: {low:.1f} to {high:.1f})"
            lines.append(f"{title}: {gap['best']} is {difference} above {gap['worst']}: {gap['called']}")
    return lines or ["no gap of more than 5 points"]


def _format_share(entry: Mapping[str, Any]) -> str:
    if entry["share"] is None:
        return "-"
    low, high = entry["interval"]
    return f"{entry['share']:.1%} ({entry['n']}/{entry['of']}, {low:.1%}-{high:.1%})"


def format_split_table(metrics_by_split: Mapping[str, Metrics]) -> str:
    """Format the number of samples of each source in each split."""
    sources = sorted({source for metrics in metrics_by_split.values() for source in metrics["per_source"]})
    counts = [
        [str(metrics["per_source"].get(source, (None, 0))[1]) for metrics in metrics_by_split.values()]
        for source in sources
    ]
    rows = ([source or "(not stated)", *line] for source, line in zip(sources, counts, strict=True))
    return format_table(["source", *metrics_by_split], rows)


def format_report(report: Mapping[str, Any]) -> str:
    """Format the whole report as a Markdown page, with links to the plots in its folder."""
    sections = [f"# Training of `{report['member']}` {report['version']}\n", format_facts(report)]
    sections += ["## Metrics\n", format_metrics_table(report["parts"])]
    for name, metrics in report["parts"].items():
        sections += [
            f"## {name}\n",
            format_label_table(metrics),
            "Rows are true, columns predicted labels:\n",
        ]
        sections += [format_confusion_table(metrics), format_source_table(metrics)]
    sections += [f"![{name}]({name}.png)\n" for name in ("confusion", "calibration", "learning")]
    return "\n".join(sections)


def format_facts(report: Mapping[str, Any]) -> str:
    """Format the list of facts: command, architecture, plan, samples, time, difference to LiteRT."""
    counts = ", ".join(f"{name} {metrics['n']}" for name, metrics in report["parts"].items())
    plan = ", ".join(f"{key} {value}" for key, value in report["plan"].items())
    lines = (
        f"- Command: `{report['command']}`\n"
        f"- Architecture: {report['architecture']} ({report['parameters']:,} parameters)\n"
        f"- Plan: {plan}; seed {report['seed']}\n"
        f"- Samples: {counts}\n"
        f"- Time: {report['minutes']:.1f} minutes\n"
        f"- LiteRT differs from Keras by at most {report['difference']:.1e}\n"
    )
    if "temperature" not in report:
        return lines
    return lines + f"- Temperature, fitted on the validation part: {report['temperature']:.3f}\n"


def format_card(report: Mapping[str, Any], previous_card: str) -> str:
    """Format the model card, with the handwritten part of `previous_card`."""
    dev = report["parts"].get("dev", report["parts"]["validation"])
    return "\n".join(
        [
            f"# {report['member']} {report['version']}\n",
            format_facts(report),
            "## Metrics\n",
            "`validation` is split off the training rows by whole groups; `dev` was never trained on.\n",
            format_metrics_table(report["parts"]),
            "Per label, on `dev`, or on `validation` where there is no `dev`:\n",
            format_label_table(dev),
            "By source, on the same part:\n",
            format_source_table(dev),
            "Samples of each source:\n",
            format_split_table(report["parts"]),
            "![Predicted probability against observed share](report/calibration.png)\n",
            "The whole report is in [report/report.md](report/report.md).\n",
            handwritten_part(previous_card),
        ]
    )


def handwritten_part(previous_card: str) -> str:
    """Return the handwritten part of a card: the marker and what the previous card has below it."""
    placeholder = "\n## Data, limits, known bias\n\nNothing was written here yet.\n"
    return HANDWRITTEN_MARKER + (previous_card.partition(HANDWRITTEN_MARKER)[2] or placeholder)
