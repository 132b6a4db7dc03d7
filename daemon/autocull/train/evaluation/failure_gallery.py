"""The worst failures of an evaluation as a contact sheet and a CSV file, for local inspection.

The sheet contains the photos themselves: it must not be published with photos of other people.
"""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path

from PIL import Image

from autocull.errors import ManifestError
from autocull.output import MUTED_TEXT, render_text, stack_horizontally, stack_vertically
from autocull.train.data import read_picture
from autocull.train.evaluation.predictions import Prediction

MAX_DRAWN = 24
"""How many failures are drawn; the table lists all."""

_TILE, _COLUMNS, _GAP = 220, 6, 10  # px, pictures in a row, px


def save_failures(predictions: Sequence[Prediction], folder: Path) -> int:
    """Write `failures.png` and `failures.csv` into a new or empty folder, the most confident errors first.

    Returns the number of wrong predictions; without any, only the table's header is written.
    """
    check_folder(folder)
    folder.mkdir(parents=True, exist_ok=True)
    failures = sorted(
        (prediction for prediction in predictions if not prediction.correct),
        key=lambda prediction: -prediction.error,
    )
    with (folder / "failures.csv").open("w", encoding="utf-8", newline="") as file:
        table = csv.writer(file)
        table.writerow(["path", "source", "true", "said", "error"])
        table.writerows(
            [
                prediction.row.path,
                prediction.row.source,
                _join_labels(prediction.truth),
                _join_labels(prediction.predicted),
                f"{prediction.error:.3f}",
            ]
            for prediction in failures
        )
    if failures:
        _draw_sheet(failures[:MAX_DRAWN]).save(folder / "failures.png")
    return len(failures)


def check_folder(folder: Path) -> None:
    """Raise ManifestError where the folder is not empty."""
    if folder.exists() and any(folder.iterdir()):
        raise ManifestError(f"{folder} is not empty; give a new folder for the failures.")


def _draw_sheet(failures: Sequence[Prediction]) -> Image.Image:
    tiles = [_draw_tile(prediction) for prediction in failures]
    rows = [stack_horizontally(tiles[k : k + _COLUMNS], _GAP) for k in range(0, len(tiles), _COLUMNS)]
    return stack_vertically(rows, _GAP)


def _draw_tile(prediction: Prediction) -> Image.Image:
    """Draw one failure: the picture, its name, the true and the predicted labels, and the error."""
    picture = Image.fromarray(read_picture(prediction.row.path))
    scale = min(_TILE / picture.width, _TILE / picture.height)
    size = max(1, round(picture.width * scale)), max(1, round(picture.height * scale))
    truth, predicted = _join_labels(prediction.truth), _join_labels(prediction.predicted)
    caption = f"{truth}, predicted {predicted} (error {prediction.error:.2f})"
    blocks = [
        picture.resize(size, Image.Resampling.BICUBIC),
        render_text(prediction.row.path.name, _TILE, 13, MUTED_TEXT),
        render_text(caption, _TILE, 14),
    ]
    return stack_vertically(blocks, _GAP // 2)


def _join_labels(labels: frozenset[str]) -> str:
    return " + ".join(sorted(labels)) or "good"
