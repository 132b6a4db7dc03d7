"""The gallery of failures: most confident errors first, all listed, nothing overwritten."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from PIL import Image

from autocull.errors import ManifestError
from autocull.train.evaluation.failure_gallery import MAX_DRAWN, check_folder, save_failures
from autocull.train.evaluation.predictions import Prediction
from support.fixed_predictions import make_prediction


def make_predictions(folder: Path, *probabilities: float) -> list[Prediction]:
    """Make predictions of closed eyes with these probabilities, for photos with open eyes."""
    predictions = []
    for index, probability in enumerate(probabilities):
        path = folder / f"{index}.png"
        Image.new("RGB", (60, 40), (200, 30, 30)).save(path)
        label = "closed" if probability > 0.5 else "open"
        scores = {"open": 1 - probability, "closed": probability}
        predictions.append(make_prediction("open", label, scores, path=path))
    return predictions


def listed_files(folder: Path) -> list[str]:
    """List the files in the table of failures."""
    with (folder / "failures.csv").open(encoding="utf-8", newline="") as file:
        return [Path(line["path"]).name for line in csv.DictReader(file)]


def test_most_confident_errors_come_first(tmp_path: Path) -> None:
    """Correct predictions are left out."""
    out = tmp_path / "failures"
    assert save_failures(make_predictions(tmp_path, 0.6, 0.1, 0.9), out) == 2
    assert listed_files(out) == ["2.png", "0.png"]
    with Image.open(out / "failures.png") as sheet:
        red = [pixel for pixel in sheet.convert("RGB").get_flattened_data() if pixel == (200, 30, 30)]
        assert sheet.width < 2 * 220 + 60
    assert len(red) == pytest.approx(2 * 220 * 147, rel=0.01)


def test_sheet_is_limited_and_the_table_is_not(tmp_path: Path) -> None:
    """`MAX_DRAWN` failures are drawn, all are listed."""
    out = tmp_path / "failures"
    assert save_failures(make_predictions(tmp_path, *[0.8] * (MAX_DRAWN + 3)), out) == MAX_DRAWN + 3
    assert len(listed_files(out)) == MAX_DRAWN + 3
    with Image.open(out / "failures.png") as sheet:
        assert sheet.height < 5 * 220


def test_without_failures_there_is_only_an_empty_table(tmp_path: Path) -> None:
    """It has its header."""
    out = tmp_path / "failures"
    assert save_failures(make_predictions(tmp_path, 0.1), out) == 0
    assert listed_files(out) == []
    assert not (out / "failures.png").exists()


def test_folder_with_files_is_refused(tmp_path: Path) -> None:
    """Nothing is written there; a new and an empty folder are accepted."""
    (tmp_path / "notes.txt").touch()
    with pytest.raises(ManifestError, match="is not empty"):
        save_failures([], tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["notes.txt"]
    check_folder(tmp_path / "new")
    (tmp_path / "empty").mkdir()
    check_folder(tmp_path / "empty")
