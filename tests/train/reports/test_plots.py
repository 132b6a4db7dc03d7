"""Plots of a training report."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image

from autocull.train.evaluation.dataset_metrics import DatasetMetrics
from autocull.train.reports.plots import draw_plots
from support.training_reports import MULTICLASS, MULTILABEL, make_report


@pytest.mark.parametrize("metrics", [MULTICLASS, MULTILABEL], ids=["multiclass", "multilabel"])
def test_plots_are_drawn(tmp_path: Path, metrics: DatasetMetrics) -> None:
    """Three picture files that are not blank."""
    draw_plots(tmp_path, make_report(metrics))
    for name in ("confusion", "calibration", "learning"):
        with Image.open(tmp_path / f"{name}.png") as image:
            assert image.width > 300
            assert len(set(image.convert("L").tobytes())) > 10
