"""The report of a training, as markdown: the figures that a person compares, and the member's card."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from autocull.stats.intervals import Interval, intervals_of
from autocull.stats.metrics import Figures, wilson
from autocull.train.reports.plots import counts_of

BY_HAND = "<!-- Below this line a person writes; a new training keeps it. -->"
_COLUMNS = ("n", "accuracy", "balanced_accuracy", "precision", "recall", "f1", "auc")


def table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Format a markdown table."""
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines) + "\n"


def number(value: float | None) -> str:
    """Format a count as it is, a figure with three decimals, and an undefined one as a dash."""
    if value is None:
        return "-"
    return str(value) if isinstance(value, int) else f"{value:.3f}"


def figures_table(parts: Mapping[str, Figures]) -> str:
    """Format one line per part: the overall figures, with the 95 % interval of the accuracy."""
    header = ["", *(column.replace("_", " ") for column in _COLUMNS), "accuracy, 95 %", "ECE"]
    rows = []
    for name, figures in parts.items():
        span = _span(wilson(figures["accuracy"], figures["n"]))
        error = number(figures.get("calibration_error"))
        rows.append([name, *(number(figures[column]) for column in _COLUMNS), span, error])
    return table(header, rows)


def interval_table(parts: Mapping[str, Figures]) -> str:
    """Format one line per part: the 95 % interval of each overall figure."""
    rows = []
    for name, figures in parts.items():
        spans = intervals_of(figures)
        rows.append([name, *(_span(spans[column]) for column in _COLUMNS[1:])])
    return table(["95 %", *(column.replace("_", " ") for column in _COLUMNS[1:])], rows)


def _span(interval: Interval | None) -> str:
    return f"{interval[0]:.3f}-{interval[1]:.3f}" if interval else "-"


def label_table(figures: Figures) -> str:
    """Format one line per label, with the 95 % intervals of its F1 and of its area under the curve."""
    columns = ("balanced_accuracy", "precision", "recall", "f1", "auc")
    rows = []
    for label, own in figures["per_label"].items():
        confusion = own["confusion"]
        occurs = confusion["true_positive"] + confusion["false_negative"]
        spans = intervals_of(own)
        figures_of_it = [number(own[column]) for column in columns]
        rows.append([label, str(occurs), *figures_of_it, _span(spans["f1"]), _span(spans["auc"])])
    named = [column.replace("_", " ") for column in columns]
    return table(["label", "occurs", *named, "f1, 95 %", "auc, 95 %"], rows)


def pair_lines(pairs: Mapping[str, Mapping[str, int]]) -> list[str]:
    """Say for each label how many pairs are told apart, with the 95 % interval."""
    lines = []
    for label, told in pairs.items():
        right, count = told["right"], told["n"]
        lines.append(
            f"{label}: {right} of {count} pairs told apart, 95 % {_span(wilson(right / count, count))}"
        )
    return lines


def confusion_table(figures: Figures) -> str:
    """Format the confusion: rows are what is true, columns what was said."""
    rows, columns, counts = counts_of(figures)
    return table(["", *columns], ([row, *map(str, line)] for row, line in zip(rows, counts, strict=True)))


def source_table(figures: Figures) -> str:
    """Format accuracy per source."""
    rows = []
    for source, (right, count) in sorted(figures["per_source"].items()):
        rows.append([source or "(not stated)", str(count), number(right), _span(wilson(right, count))])
    return table(["source", "n", "accuracy", "95 %"], rows)


def group_table(grouped: Mapping[str, Any]) -> str:
    """Format what `by_groups` counted, one line per group: each share in percent, counts, 95 % interval."""
    groups = grouped["groups"]
    titles = list(next(iter(groups.values()))["shares"])
    rows = [[name, str(own["n"]), *map(_share, own["shares"].values())] for name, own in groups.items()]
    return table([grouped["by"].replace("_", " "), "n", *titles], rows)


def gap_lines(grouped: Mapping[str, Any]) -> list[str]:
    """Say the largest gap of each share between two groups, in points, and what to think of it."""
    lines = []
    for title, gap in grouped["gaps"].items():
        if gap is not None and gap["called"] != "small":
            low, high = (100 * edge for edge in gap["interval"])
            said = f"{100 * gap['gap']:.1f} points (95 %: {low:.1f} to {high:.1f})"
            lines.append(f"{title}: {gap['best']} is {said} above {gap['worst']}: {gap['called']}")
    return lines or ["no gap of more than 5 points"]


def _share(counted: Mapping[str, Any]) -> str:
    if counted["share"] is None:
        return "-"
    low, high = counted["interval"]
    return f"{counted['share']:.1%} ({counted['n']}/{counted['of']}, {low:.1%}-{high:.1%})"


def split_table(parts: Mapping[str, Figures]) -> str:
    """Format how many examples of each source lie in each part."""
    sources = sorted({source for figures in parts.values() for source in figures["per_source"]})
    counts = [
        [str(figures["per_source"].get(source, (None, 0))[1]) for figures in parts.values()]
        for source in sources
    ]
    rows = ([source or "(not stated)", *line] for source, line in zip(sources, counts, strict=True))
    return table(["source", *parts], rows)


def report_page(report: Mapping[str, Any]) -> str:
    """Write the whole report as a markdown page that shows the pictures beside it."""
    sections = [f"# Training of `{report['member']}` {report['version']}\n", facts(report)]
    sections += ["## Figures\n", figures_table(report["parts"])]
    for name, figures in report["parts"].items():
        sections += [f"## {name}\n", label_table(figures), "Rows are true, columns said:\n"]
        sections += [confusion_table(figures), source_table(figures)]
    sections += [f"![{name}]({name}.png)\n" for name in ("confusion", "calibration", "learning")]
    return "\n".join(sections)


def facts(report: Mapping[str, Any]) -> str:
    """List what was trained, how, on how much and for how long."""
    counts = ", ".join(f"{name} {figures['n']}" for name, figures in report["parts"].items())
    plan = ", ".join(f"{key} {value}" for key, value in report["plan"].items())
    lines = (
        f"- Command: `{report['command']}`\n"
        f"- Architecture: {report['architecture']} ({report['parameters']:,} parameters)\n"
        f"- Plan: {plan}; seed {report['seed']}\n"
        f"- Examples: {counts}\n"
        f"- Time: {report['minutes']:.1f} minutes\n"
        f"- LiteRT answers at most {report['difference']:.1e} away from Keras\n"
    )
    if "temperature" not in report:
        return lines
    return lines + f"- Temperature, from the validation part: {report['temperature']:.3f}\n"


def card_page(report: Mapping[str, Any], earlier: str) -> str:
    """Write the member's card; what a person wrote into the `earlier` card below the marked line stays."""
    dev = report["parts"].get("dev", report["parts"]["validation"])
    return "\n".join(
        [
            f"# {report['member']} {report['version']}\n",
            facts(report),
            "## Figures\n",
            "`validation` is carved from the training rows by whole groups; `dev` was never trained on.\n",
            figures_table(report["parts"]),
            "Per label, on the last of these parts that is not `train`:\n",
            label_table(dev),
            "By source, on the same part:\n",
            source_table(dev),
            "Examples of each source:\n",
            split_table(report["parts"]),
            "![How often an answer of each probability came true](report/calibration.png)\n",
            "The whole report is in [report/report.md](report/report.md).\n",
            by_hand(earlier),
        ]
    )


def by_hand(earlier: str) -> str:
    """Give the part of a card that a person writes: what the earlier card has below the marked line."""
    nothing = "\n## Data, limits, known bias\n\nNothing was written here yet.\n"
    return BY_HAND + (earlier.partition(BY_HAND)[2] or nothing)
