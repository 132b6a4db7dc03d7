"""Metrics of grouping: pairs, whole groups and swallowed singles."""

from __future__ import annotations

import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner
from PIL import Image
from skimage import data

from autocull.cli.evaluate import evaluate
from autocull.stats.intervals import Proportion
from autocull.train.evaluation.series import pair_metrics

GROUPS = ["a", "a", "a", "b", "b", "c", "d"]


def pair_matrix(names: list[str]) -> Any:
    """Return which of these names are equal, `(n, n)`."""
    column = np.array(names)
    return column[:, None] == column


def test_perfect_grouping() -> None:
    """All pairs and groups, and no swallowed single."""
    metrics = pair_metrics(GROUPS, pair_matrix(GROUPS), pair_matrix(GROUPS))
    assert (metrics.precision.share, metrics.recall.share, metrics.f1) == (1, 1, 1)
    assert (metrics.whole, metrics.swallowed) == (Proportion(2, 2), Proportion(0, 2))


def test_split_group_and_swallowed_single() -> None:
    """Two of four true pairs are predicted, and one false pair."""
    metrics = pair_metrics(GROUPS, pair_matrix(GROUPS), pair_matrix(["1", "1", "2", "3", "3", "2", "4"]))
    assert (metrics.hits, metrics.false_alarms, metrics.misses) == (2, 1, 2)
    assert (metrics.precision.share, metrics.recall.share) == (pytest.approx(2 / 3), 0.5)
    assert (metrics.whole, metrics.swallowed) == (Proportion(1, 2), Proportion(1, 2))


def test_grouping_without_pairs() -> None:
    """Precision is undefined, recall is 0."""
    metrics = pair_metrics(GROUPS, pair_matrix(GROUPS), np.eye(7, dtype=bool))
    assert (metrics.precision.share, metrics.recall.share, metrics.f1) == (None, 0, 0)


@pytest.fixture
def manifest(tmp_path: Path) -> Path:
    """Return the manifest of four pictures: two are one frame, half a stop apart; one is missing."""
    cat, other = data.chelsea(), data.astronaut()
    bright = np.clip(cat.astype(np.float32) * 1.15, 0, 255).astype(np.uint8)
    for name, picture in (("a", cat), ("b", bright), ("c", other)):
        Image.fromarray(picture).save(tmp_path / f"{name}.png")
    file = tmp_path / "m.csv"
    file.write_text("path,group\na.png,cat\nb.png,cat\nc.png,other\nd.png,other\n", "utf-8")
    return file


def invoke(*arguments: str | Path) -> Any:
    """Run the command with these arguments."""
    return CliRunner().invoke(evaluate, ["series", *map(str, arguments)])


def test_command_groups_real_pictures(manifest: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """All detectors measure the pictures; a missing file and the missing package imagehash are reported."""
    monkeypatch.setitem(sys.modules, "imagehash", None)  # its import fails then
    result = invoke("--manifest", manifest)
    assert "| Autocull | 1.000 (0.207-1.000) | 1.000" in result.output
    assert "0 of 1" in result.output
    assert "d.png" in result.output
    assert "imagehash, which is not installed" in result.output


@pytest.mark.skipif(
    find_spec("imagehash") is None, reason="imagehash is not installed: no baselines to compare"
)
def test_hashes_are_baselines(manifest: Path) -> None:
    """Each hash at its published threshold, and at the best one for these photos."""
    result = invoke("--manifest", manifest)
    for line in ("| dHash, 10 bits |", "| pHash, 10 bits |", "| dHash, best for these photos ("):
        assert line in result.output


def test_options_for_rows_are_refused(manifest: Path) -> None:
    """Series are evaluated by pairs: there are no groups of rows and no failures."""
    result = invoke("--manifest", manifest, "--by", "group")
    assert result.exit_code == 2
    assert "do not apply to series" in result.output
