"""Report, tables and model card; the handwritten part of a card is kept."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from autocull.stats.metrics import multiclass_metrics, multilabel_metrics
from autocull.train.evaluation.subgroups import compare_groups
from autocull.train.reports.plots import draw_plots
from autocull.train.reports.tables import (
    HANDWRITTEN_MARKER,
    format_card,
    format_confusion_table,
    format_gap_lines,
    format_group_table,
    format_interval_table,
    format_label_table,
    format_metrics_table,
    format_report,
    format_split_table,
    format_table,
)
from support.fixed_predictions import make_prediction

SCORES = np.array([[0.9, 0.1], [0.2, 0.8], [0.6, 0.4]])
EXTRA = {
    "reliability": [(0.7, 0.5, 2), (0.9, 1.0, 1)],
    "calibration_error": 0.1,
    "per_source": {"web": (0.5, 2), "": (1.0, 1)},
}
MULTICLASS = multiclass_metrics(["closed", "open", "open"], SCORES, ("closed", "open")) | EXTRA
MULTILABEL = multilabel_metrics(SCORES > 0.5, SCORES, ("dark", "noise"), (0.5, 0.5)) | EXTRA


def make_report(metrics: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """Make the report of a training with the same metrics for each split."""
    report = {
        "member": "eyes",
        "version": "3",
        "architecture": "one neuron",
        "parameters": 1234567,
        "command": "autocull train eyes --data there",
        "seed": 5,
        "plan": {"epochs": 2, "rate": 0.1},
        "temperature": 1.25,
        "parts": {"train": metrics, "validation": metrics, "dev": metrics},
        "history": [{"loss": 1.0, "val_loss": 1.1, "accuracy": 0.5, "val_accuracy": 0.4}] * 2,
        "difference": 0.00012,
        "minutes": 3.0,
    }
    return report | changes


def test_table_has_one_line_per_row() -> None:
    """After the header and its rule."""
    assert format_table(["a", "b"], [["1", "2"]]) == "| a | b |\n| --- | --- |\n| 1 | 2 |\n"


def test_overall_metrics_have_an_interval() -> None:
    """That of 2 of 3 is wide; an undefined metric is a dash."""
    line = format_metrics_table({"dev": MULTICLASS}).splitlines()[2]
    assert line.startswith("| dev | 3 | 0.667 |")
    assert "0.208-0.939" in line
    empty = {**MULTICLASS, "n": 0, "accuracy": None}
    assert "| - |" in format_metrics_table({"dev": empty})


def test_every_metric_has_its_interval() -> None:
    """In the order of the metrics; an undefined one has none."""
    lines = format_interval_table({"dev": MULTICLASS, "labels": MULTILABEL}).splitlines()
    assert lines[0] == "| 95 % | accuracy | balanced accuracy | precision | recall | f1 | auc |"
    assert lines[2].startswith("| dev | 0.208-0.939 |")
    assert len(lines) == 4
    assert lines[3].count("-0.") + lines[3].count("-1.") == 6


def test_group_table_and_gap_lines() -> None:
    """Percentage, counts and interval of each group; a gap in points, unless it is small."""
    predictions = [
        make_prediction("open", "open" if k < 60 else "closed", source="ab"[k // 50]) for k in range(100)
    ]
    grouped = compare_groups("eyes", predictions, "source")
    assert "| a | 50 | 100.0% (50/50, 92.9%-100.0%) |" in format_group_table(grouped)
    assert format_gap_lines(grouped) == ["right: a is 80.0 points (95 %: 65.1 to 88.8) above b: defect"]
    single = compare_groups("blink", [make_prediction("open", "open")], "source")
    assert format_gap_lines(single) == ["no gap of more than 5 points"]
    assert format_group_table(single).splitlines()[2].endswith("| - | 100.0% (1/1, 20.7%-100.0%) |")


def test_label_and_confusion_tables_have_every_label() -> None:
    """With the counts of the metrics."""
    assert "| closed | 1 | 0.750 | 0.500 | 1.000 |" in format_label_table(MULTICLASS)
    assert "| open | 1 | 1 |" in format_confusion_table(MULTICLASS)
    assert "true positive" not in format_confusion_table(MULTICLASS)
    assert "| dark | 2 | 0 | 0 | 1 |" in format_confusion_table(MULTILABEL)


def test_report_is_reproducible() -> None:
    """It has command, seed, plan, temperature, counts and the tables of every split."""
    page = format_report(make_report(MULTICLASS))
    for text in (
        "autocull train eyes --data there",
        "seed 5",
        "epochs 2",
        "1.250",
        "1,234,567",
        "train 3",
        "## dev",
    ):
        assert text in page
    assert "(not stated)" in page
    assert "learning.png" in page


def test_card_has_the_sources_of_every_split() -> None:
    """And their accuracy on dev, and the calibration plot."""
    card = format_card(make_report(MULTICLASS), "")
    assert "| source | train | validation | dev |" in card
    assert "| (not stated) | 1 | 1 | 1 |" in card
    assert "| web | 2 | 0.500 |" in card
    assert "(report/calibration.png)" in card
    metrics_by_split = {
        "train": MULTICLASS,
        "other sources": {**MULTICLASS, "per_source": {"film": (1.0, 3)}},
    }
    assert "| film | 0 | 3 |" in format_split_table(metrics_by_split)


def test_handwritten_part_of_a_card_is_kept() -> None:
    """The metrics are new, the text below the marker is not changed."""
    first = format_card(make_report(MULTICLASS), "")
    assert "Nothing was written here yet" in first
    edited = first.partition(HANDWRITTEN_MARKER)[0] + HANDWRITTEN_MARKER + "\n## Limits\n\nNo glasses.\n"
    second = format_card(make_report(MULTICLASS, version="4"), edited)
    assert "# eyes 4" in second
    assert "# eyes 3" not in second
    assert second.endswith("## Limits\n\nNo glasses.\n")


def test_card_without_a_dev_split_shows_validation() -> None:
    """A data folder may have no dev rows."""
    parts = {"train": MULTILABEL, "validation": MULTICLASS}
    assert "| closed | 1 |" in format_card(make_report(MULTICLASS, parts=parts), "")


@pytest.mark.parametrize("metrics", [MULTICLASS, MULTILABEL], ids=["multiclass", "multilabel"])
def test_plots_are_drawn(tmp_path: Path, metrics: dict[str, Any]) -> None:
    """Three picture files that are not blank."""
    draw_plots(tmp_path, make_report(metrics))
    for name in ("confusion", "calibration", "learning"):
        with Image.open(tmp_path / f"{name}.png") as image:
            assert image.width > 300
            assert len(set(image.convert("L").tobytes())) > 10
