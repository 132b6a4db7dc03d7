"""Plots of a training report as PNG files: confusion, calibration, learning curves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from autocull.train.evaluation import DatasetMetrics
from autocull.train.reports.model import TrainingReport
from autocull.train.reports.tables import confusion_counts


def draw_plots(folder: Path, report: TrainingReport[DatasetMetrics]) -> None:
    """Draw `confusion.png` and `calibration.png` of the validation and dev splits, and `learning.png`."""
    metrics_by_split = {name: report.parts[name] for name in ("validation", "dev") if name in report.parts}
    _plot_confusion(folder / "confusion.png", metrics_by_split)
    _plot_calibration(folder / "calibration.png", metrics_by_split)
    draw_learning(folder / "learning.png", report.history)


def _make_canvas(columns: int) -> tuple[Any, list[Any]]:
    """Create a figure with `columns` square axes, without a display."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(5.5 * columns, 5), layout="constrained")
    FigureCanvasAgg(figure)
    return figure, list(figure.subplots(1, columns, squeeze=False)[0])


def _plot_confusion(path: Path, metrics_by_split: Mapping[str, DatasetMetrics]) -> None:
    figure, axes = _make_canvas(len(metrics_by_split))
    for axis, (name, metrics) in zip(axes, metrics_by_split.items(), strict=True):
        rows, columns, counts = confusion_counts(metrics.overall)
        shares = [[count / max(1, sum(row)) for count in row] for row in counts]
        axis.imshow(shares, cmap="Blues", vmin=0, vmax=1)
        axis.set_xticks(range(len(columns)), columns, rotation=40, ha="right")
        axis.set_yticks(range(len(rows)), rows)
        for y, row in enumerate(counts):
            for x, count in enumerate(row):
                axis.text(
                    x, y, count, ha="center", va="center", color="white" if shares[y][x] > 0.5 else "black"
                )
        axis.set(title=name, xlabel="predicted", ylabel="true")
    figure.savefig(path, dpi=80)


def _plot_calibration(path: Path, metrics_by_split: Mapping[str, DatasetMetrics]) -> None:
    figure, axes = _make_canvas(len(metrics_by_split))
    for axis, (name, metrics) in zip(axes, metrics_by_split.items(), strict=True):
        confidence, accuracy, count = zip(*metrics.reliability, strict=True)
        axis.plot([0, 1], [0, 1], "--", color="grey", label="perfect")
        axis.plot(confidence, accuracy, "o-", label="measured")
        for x, y, n in zip(confidence, accuracy, count, strict=True):
            axis.annotate(str(n), (x, y), textcoords="offset points", xytext=(4, -10), fontsize=8)
        error = metrics.calibration_error
        axis.set(
            title=f"{name}: ECE {error:.3f}",
            xlabel="predicted probability",
            ylabel="observed share",
            xlim=(0, 1),
            ylim=(0, 1),
        )
        axis.legend()
    figure.savefig(path, dpi=80)


def draw_learning(path: Path, history: Sequence[Mapping[str, float]]) -> None:
    """Draw loss and accuracy per epoch, of training and validation."""
    names = [name for name in ("loss", "accuracy") if history and name in history[0]]
    figure, axes = _make_canvas(max(1, len(names)))
    for axis, name in zip(axes, names, strict=False):
        for key in (name, f"val_{name}"):
            axis.plot(range(1, len(history) + 1), [epoch[key] for epoch in history], label=key)
        axis.set(title=name, xlabel="epoch")
        axis.legend()
    figure.savefig(path, dpi=80)
