"""The report: its tables say what the figures say, and a person's words in the card outlive a training."""

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
from support.fixed_predictions import answer

SCORES = np.array([[0.9, 0.1], [0.2, 0.8], [0.6, 0.4]])
MORE = {
    "reliability": [(0.7, 0.5, 2), (0.9, 1.0, 1)],
    "calibration_error": 0.1,
    "per_source": {"web": (0.5, 2), "": (1.0, 1)},
}
ONE_OF = multiclass_metrics(["closed", "open", "open"], SCORES, ("closed", "open")) | MORE
ANY_OF = multilabel_metrics(SCORES > 0.5, SCORES, ("dark", "noise"), (0.5, 0.5)) | MORE


def make_report(figures: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """Make the report of a training with the same figures for each part."""
    report = {
        "member": "eyes",
        "version": "3",
        "architecture": "one neuron",
        "parameters": 1234567,
        "command": "autocull train eyes --data there",
        "seed": 5,
        "plan": {"epochs": 2, "rate": 0.1},
        "temperature": 1.25,
        "parts": {"train": figures, "validation": figures, "dev": figures},
        "history": [{"loss": 1.0, "val_loss": 1.1, "accuracy": 0.5, "val_accuracy": 0.4}] * 2,
        "difference": 0.00012,
        "minutes": 3.0,
    }
    return report | changes


def test_a_table_has_one_line_per_row() -> None:
    """Header, rule, rows."""
    assert format_table(["a", "b"], [["1", "2"]]) == "| a | b |\n| --- | --- |\n| 1 | 2 |\n"


def test_the_overall_figures_come_with_their_interval() -> None:
    """2 of 3 right: the interval is wide, and an undefined figure is a dash."""
    line = format_metrics_table({"dev": ONE_OF}).splitlines()[2]
    assert line.startswith("| dev | 3 | 0.667 |")
    assert "0.208-0.939" in line
    empty = {**ONE_OF, "n": 0, "accuracy": None}
    assert "| - |" in format_metrics_table({"dev": empty})


def test_every_figure_has_its_interval() -> None:
    """In the order of the figures; what is not defined has none."""
    lines = format_interval_table({"dev": ONE_OF, "labels": ANY_OF}).splitlines()
    assert lines[0] == "| 95 % | accuracy | balanced accuracy | precision | recall | f1 | auc |"
    assert lines[2].startswith("| dev | 0.208-0.939 |")
    assert len(lines) == 4
    assert lines[3].count("-0.") + lines[3].count("-1.") == 6


def test_groups_are_told_with_their_gaps() -> None:
    """Percent, counts and interval of each group; a gap in points, unless it is small."""
    answers = [answer("open", "open" if k < 60 else "closed", source="ab"[k // 50]) for k in range(100)]
    grouped = compare_groups("eyes", answers, "source")
    assert "| a | 50 | 100.0% (50/50, 92.9%-100.0%) |" in format_group_table(grouped)
    assert format_gap_lines(grouped) == ["right: a is 80.0 points (95 %: 65.1 to 88.8) above b: defect"]
    alone = compare_groups("blink", [answer("open", "open")], "source")
    assert format_gap_lines(alone) == ["no gap of more than 5 points"]
    assert format_group_table(alone).splitlines()[2].endswith("| - | 100.0% (1/1, 20.7%-100.0%) |")


def test_labels_and_confusion_name_every_label() -> None:
    """The counts in both tables are those of the figures."""
    assert "| closed | 1 | 0.750 | 0.500 | 1.000 |" in format_label_table(ONE_OF)
    assert "| open | 1 | 1 |" in format_confusion_table(ONE_OF)
    assert "| | hit" not in format_confusion_table(ONE_OF)
    assert "| dark | 2 | 0 | 0 | 1 |" in format_confusion_table(ANY_OF)


def test_the_page_holds_what_another_needs_to_repeat_it() -> None:
    """Command, seed, plan, temperature, counts and every part's tables are there."""
    page = format_report(make_report(ONE_OF))
    for words in (
        "autocull train eyes --data there",
        "seed 5",
        "epochs 2",
        "1.250",
        "1,234,567",
        "train 3",
        "## dev",
    ):
        assert words in page
    assert "(not stated)" in page
    assert "learning.png" in page


def test_the_card_says_what_was_learned_from_what() -> None:
    """Sources by part, how right each of them is on dev, and the picture of the calibration."""
    card = format_card(make_report(ONE_OF), "")
    assert "| source | train | validation | dev |" in card
    assert "| (not stated) | 1 | 1 | 1 |" in card
    assert "| web | 2 | 0.500 |" in card
    assert "(report/calibration.png)" in card
    elsewhere = {"train": ONE_OF, "other sources": {**ONE_OF, "per_source": {"film": (1.0, 3)}}}
    assert "| film | 0 | 3 |" in format_split_table(elsewhere)


def test_a_persons_words_outlive_a_training() -> None:
    """The card's figures are new, what stands below the line stays as it was."""
    first = format_card(make_report(ONE_OF), "")
    assert "Nothing was written here yet" in first
    written = first.partition(HANDWRITTEN_MARKER)[0] + HANDWRITTEN_MARKER + "\n## Limits\n\nNo glasses.\n"
    second = format_card(make_report(ONE_OF, version="4"), written)
    assert "# eyes 4" in second
    assert "# eyes 3" not in second
    assert second.endswith("## Limits\n\nNo glasses.\n")


def test_without_a_dev_part_the_card_shows_validation() -> None:
    """A data folder need not have dev rows."""
    parts = {"train": ANY_OF, "validation": ONE_OF}
    assert "| closed | 1 |" in format_card(make_report(ONE_OF, parts=parts), "")


@pytest.mark.parametrize("figures", [ONE_OF, ANY_OF], ids=["one of", "any of"])
def test_the_pictures_are_drawn(tmp_path: Path, figures: dict[str, Any]) -> None:
    """Three pictures that open and are not blank."""
    draw_plots(tmp_path, make_report(figures))
    for name in ("confusion", "calibration", "learning"):
        with Image.open(tmp_path / f"{name}.png") as image:
            assert image.width > 300
            assert len(set(image.convert("L").tobytes())) > 10
