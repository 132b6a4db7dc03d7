"""The report of a training and the model card, as Markdown pages."""

from __future__ import annotations

from dataclasses import asdict

from autocull.train.evaluation import DatasetMetrics
from autocull.train.reports.model import SplitMetrics, TrainingReport
from autocull.train.reports.tables import (
    format_confusion_table,
    format_label_table,
    format_metrics_table,
    format_source_table,
    format_split_table,
)

HANDWRITTEN_MARKER = "<!-- Below this line a person writes; a new training keeps it. -->"
SPLIT_NOTE = "`validation` is split off the training rows by whole groups; `dev` was never trained on.\n"


def format_report(report: TrainingReport[DatasetMetrics]) -> str:
    """Format the whole report as a Markdown page, with links to the plots in its folder."""
    sections = [format_title(report), format_facts(report), "## Metrics\n", format_split_metrics(report)]
    for name, metrics in report.parts.items():
        sections += [
            f"## {name}\n",
            format_label_table(metrics.overall),
            "Rows are true, columns predicted labels:\n",
            format_confusion_table(metrics.overall),
            format_source_table(metrics.per_source),
        ]
    sections += [f"![{name}]({name}.png)\n" for name in ("confusion", "calibration", "learning")]
    return "\n".join(sections)


def format_title(report: TrainingReport[SplitMetrics]) -> str:
    """Format the heading of a report."""
    return f"# Training of `{report.detector}` {report.version}\n"


def format_split_metrics(report: TrainingReport[DatasetMetrics]) -> str:
    """Format the table of the overall metrics of every split."""
    return format_metrics_table(
        {name: metrics.overall for name, metrics in report.parts.items()},
        {name: metrics.calibration_error for name, metrics in report.parts.items()},
    )


def format_facts(report: TrainingReport[SplitMetrics]) -> str:
    """Format the list of facts: command, architecture, plan, samples, time, difference to LiteRT."""
    counts = ", ".join(f"{name} {metrics.n}" for name, metrics in report.parts.items())
    plan = ", ".join(f"{key} {value}" for key, value in asdict(report.plan).items())
    lines = (
        f"- Command: `{report.command}`\n"
        f"- Architecture: {report.architecture} ({report.parameters:,} parameters)\n"
        f"- Plan: {plan}; seed {report.seed}\n"
        f"- Samples: {counts}\n"
        f"- Time: {report.minutes:.1f} minutes\n"
        f"- LiteRT differs from Keras by at most {report.difference:.1e}\n"
    )
    if report.temperature is None:
        return lines
    return lines + f"- Temperature, fitted on the validation part: {report.temperature:.3f}\n"


def format_card(report: TrainingReport[DatasetMetrics], previous_card: str) -> str:
    """Format the model card, with the handwritten part of `previous_card`."""
    dev = report.parts.get("dev", report.parts["validation"])
    return "\n".join(
        [
            f"# {report.detector} {report.version}\n",
            format_facts(report),
            "## Metrics\n",
            SPLIT_NOTE,
            format_split_metrics(report),
            "Per label, on `dev`, or on `validation` where there is no `dev`:\n",
            format_label_table(dev.overall),
            "By source, on the same part:\n",
            format_source_table(dev.per_source),
            "Samples of each source:\n",
            format_split_table(report.parts),
            "![Predicted probability against observed share](report/calibration.png)\n",
            "The whole report is in [report/report.md](report/report.md).\n",
            handwritten_part(previous_card),
        ]
    )


def handwritten_part(previous_card: str) -> str:
    """Return the handwritten part of a card: the marker and what the previous card has below it."""
    placeholder = "\n## Data, limits, known bias\n\nNothing was written here yet.\n"
    return HANDWRITTEN_MARKER + (previous_card.partition(HANDWRITTEN_MARKER)[2] or placeholder)
