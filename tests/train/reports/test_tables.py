"""Markdown tables of metrics."""

from __future__ import annotations

from dataclasses import replace

from autocull.train.evaluation.dataset_metrics import SourceAccuracy
from autocull.train.evaluation.detector_metrics import PairCounts
from autocull.train.evaluation.subgroups import compare_groups
from autocull.train.reports.tables import (
    format_confusion_table,
    format_gap_lines,
    format_group_table,
    format_interval_table,
    format_label_table,
    format_metrics_table,
    format_pair_lines,
    format_split_table,
    format_table,
)
from support.fixed_predictions import make_prediction
from support.training_reports import MULTICLASS, MULTILABEL


def test_table_has_one_line_per_row() -> None:
    """After the header and its rule."""
    assert format_table(["a", "b"], [["1", "2"]]) == "| a | b |\n| --- | --- |\n| 1 | 2 |\n"


def test_overall_metrics_have_an_interval() -> None:
    """That of 2 of 3 is wide; an undefined metric is a dash."""
    line = format_metrics_table({"dev": MULTICLASS.overall}, {"dev": 0.1}).splitlines()[2]
    assert line.startswith("| dev | 3 | 0.667 |")
    assert "0.208-0.939" in line
    assert line.endswith("| 0.100 |")
    empty = replace(MULTICLASS.overall, n=0, accuracy=None)
    assert "| dev | 0 | - |" in format_metrics_table({"dev": empty})
    assert format_metrics_table({"dev": empty}).endswith("| - | - |\n")


def test_every_metric_has_its_interval() -> None:
    """In the order of the metrics; an undefined one has none."""
    lines = format_interval_table({"dev": MULTICLASS.overall, "labels": MULTILABEL.overall}).splitlines()
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
    assert "| closed | 1 | 0.750 | 0.500 | 1.000 |" in format_label_table(MULTICLASS.overall)
    assert "| open | 1 | 1 |" in format_confusion_table(MULTICLASS.overall)
    assert "true positive" not in format_confusion_table(MULTICLASS.overall)
    assert "| dark | 2 | 0 | 0 | 1 |" in format_confusion_table(MULTILABEL.overall)


def test_split_table_counts_samples_by_source() -> None:
    """A source that a split does not have counts 0."""
    film = replace(MULTICLASS, per_source={"film": SourceAccuracy(1.0, 3)})
    assert "| film | 0 | 3 |" in format_split_table({"train": MULTICLASS, "other sources": film})


def test_pair_lines_have_an_interval() -> None:
    """One line per label."""
    lines = format_pair_lines({"noise": PairCounts(2, 2)})
    assert lines == ["noise: 2 of 2 pairs ranked correctly, 95 % 0.342-1.000"]
