"""The figures of series: pairs, whole groups and singles, counted as the words say."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner
from PIL import Image
from skimage import data

from autocull.cli.evaluate import evaluate
from autocull.train.evaluation import series
from autocull.train.evaluation.series import pair_metrics

GROUPS = ["a", "a", "a", "b", "b", "c", "d"]


def same(names: list[str]) -> Any:
    """Say which of these names are the same, `(n, n)`."""
    column = np.array(names)
    return column[:, None] == column


def test_everything_right() -> None:
    """All pairs, all groups, no single swallowed."""
    told = pair_metrics(GROUPS, same(GROUPS), same(GROUPS))
    assert (told["precision"], told["recall"], told["f1"]) == (1, 1, 1)
    assert (told["whole"], told["swallowed"]) == ({"n": 2, "of": 2}, {"n": 0, "of": 2})


def test_a_torn_group_and_a_swallowed_single() -> None:
    """Of four true pairs two come together, beside one that is false."""
    told = pair_metrics(GROUPS, same(GROUPS), same(["1", "1", "2", "3", "3", "2", "4"]))
    assert told["pairs"] == {"hits": 2, "alarms": 1, "misses": 2}
    assert (told["precision"], told["recall"]) == (pytest.approx(2 / 3), 0.5)
    assert (told["whole"], told["swallowed"]) == ({"n": 1, "of": 2}, {"n": 1, "of": 2})


def test_nothing_put_together() -> None:
    """Without any pair there is no precision, and no recall to speak of."""
    told = pair_metrics(GROUPS, same(GROUPS), np.eye(7, dtype=bool))
    assert (told["precision"], told["recall"], told["f1"]) == (None, 0, 0)


@pytest.fixture
def manifest(tmp_path: Path) -> Path:
    """Three pictures: two are one frame, half a stop apart."""
    cat, other = data.chelsea(), data.astronaut()
    bright = np.clip(cat.astype(np.float32) * 1.15, 0, 255).astype(np.uint8)
    for name, picture in (("a", cat), ("b", bright), ("c", other)):
        Image.fromarray(picture).save(tmp_path / f"{name}.png")
    file = tmp_path / "m.csv"
    file.write_text("path,group\na.png,cat\nb.png,cat\nc.png,other\nd.png,other\n", "utf-8")
    return file


def invoke(*words: str | Path) -> Any:
    """Run the command with these words."""
    return CliRunner().invoke(evaluate, ["series", *map(str, words)])


def test_the_command_groups_real_pictures(manifest: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Pictures go through every member; a missing one is named; without imagehash that is said."""
    monkeypatch.setattr(series, "_load_imagehash", lambda: None)
    result = invoke("--manifest", manifest)
    assert "| Autocull | 1.000 (0.207-1.000) | 1.000" in result.output
    assert "0 of 1" in result.output
    assert "d.png" in result.output
    assert "imagehash, which is not installed" in result.output


@pytest.mark.skipif(
    find_spec("imagehash") is None, reason="imagehash is not installed: no anchors to compare"
)
def test_hashes_stand_beside_ours(manifest: Path) -> None:
    """Each anchor at its published threshold, and at the best one for these photos."""
    result = invoke("--manifest", manifest)
    for line in ("| dHash, 10 bits |", "| pHash, 10 bits |", "| dHash, best for these photos ("):
        assert line in result.output


def test_what_is_not_for_series_is_refused(manifest: Path) -> None:
    """Groups of rows and drawn failures are about rows, not about pairs."""
    result = invoke("--manifest", manifest, "--by", "group")
    assert result.exit_code == 2
    assert "a pair is no row" in result.output
