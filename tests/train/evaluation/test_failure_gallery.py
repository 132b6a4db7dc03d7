"""The gallery of failures: the surest errors first, all of them named, and nothing overwritten."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from PIL import Image

from autocull.errors import ManifestError
from autocull.train.evaluation.failure_gallery import MAX_DRAWN, check_folder, save_failures
from autocull.train.evaluation.predictions import Prediction
from support.fixed_predictions import answer


def answers(folder: Path, *closed: float) -> list[Prediction]:
    """Make answers to photos with open eyes that are this surely called closed."""
    made = []
    for place, chance in enumerate(closed):
        path = folder / f"{place}.png"
        Image.new("RGB", (60, 40), (200, 30, 30)).save(path)
        said = "closed" if chance > 0.5 else "open"
        made.append(answer("open", said, {"open": 1 - chance, "closed": chance}, path=path))
    return made


def named(folder: Path) -> list[str]:
    """List the files in the table of failures."""
    with (folder / "failures.csv").open(encoding="utf-8", newline="") as file:
        return [Path(line["path"]).name for line in csv.DictReader(file)]


def test_the_surest_errors_come_first(tmp_path: Path) -> None:
    """Right answers are not among them."""
    out = tmp_path / "failures"
    assert save_failures(answers(tmp_path, 0.6, 0.1, 0.9), out) == 2
    assert named(out) == ["2.png", "0.png"]
    with Image.open(out / "failures.png") as sheet:
        red = [pixel for pixel in sheet.convert("RGB").get_flattened_data() if pixel == (200, 30, 30)]
        assert sheet.width < 2 * 220 + 60
    assert len(red) == pytest.approx(2 * 220 * 147, rel=0.01)


def test_the_picture_ends_where_the_table_goes_on(tmp_path: Path) -> None:
    """So many are drawn, all are named."""
    out = tmp_path / "failures"
    assert save_failures(answers(tmp_path, *[0.8] * (MAX_DRAWN + 3)), out) == MAX_DRAWN + 3
    assert len(named(out)) == MAX_DRAWN + 3
    with Image.open(out / "failures.png") as sheet:
        assert sheet.height < 5 * 220


def test_without_failures_there_is_a_table_and_no_picture(tmp_path: Path) -> None:
    """The table says so by holding no line."""
    out = tmp_path / "failures"
    assert save_failures(answers(tmp_path, 0.1), out) == 0
    assert named(out) == []
    assert not (out / "failures.png").exists()


def test_a_folder_that_holds_something_is_refused(tmp_path: Path) -> None:
    """Nothing is written there; a new one and an empty one are welcome."""
    (tmp_path / "mine.txt").touch()
    with pytest.raises(ManifestError, match="holds something already"):
        save_failures([], tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]
    check_folder(tmp_path / "new")
    (tmp_path / "empty").mkdir()
    check_folder(tmp_path / "empty")
