"""The worst failures of an evaluation as one picture and one table: for the one who has the photos.

The picture is made of the photos themselves; those of other people must not be published with it.
"""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path

from PIL import Image

from autocull.errors import ManifestError
from autocull.output.explanation.layout import QUIET, below_each_other, beside_each_other, text_block
from autocull.train.data.image_io import read_picture
from autocull.train.evaluation.predictions import Answer

MOST = 24
"""How many failures are drawn; the table names all."""

_TILE, _COLUMNS, _GAP = 220, 6, 10  # px, pictures in a row, px


def save_failures(answers: Sequence[Answer], folder: Path) -> int:
    """Write `failures.png` and `failures.csv` into a new or empty folder, the surest errors first.

    Returns how many answers were wrong; without any, only the table's first line is written.
    """
    check_folder(folder)
    folder.mkdir(parents=True, exist_ok=True)
    wrong = sorted((answer for answer in answers if not answer.right), key=lambda each: -each.error)
    with (folder / "failures.csv").open("w", encoding="utf-8", newline="") as file:
        table = csv.writer(file)
        table.writerow(["path", "source", "true", "said", "error"])
        table.writerows(
            [each.row.path, each.row.source, _joined(each.truth), _joined(each.said), f"{each.error:.3f}"]
            for each in wrong
        )
    if wrong:
        _sheet(wrong[:MOST]).save(folder / "failures.png")
    return len(wrong)


def check_folder(folder: Path) -> None:
    """Refuse a folder that holds something: raises ManifestError."""
    if folder.exists() and any(folder.iterdir()):
        raise ManifestError(f"{folder} holds something already; give a new folder for the failures.")


def _sheet(wrong: Sequence[Answer]) -> Image.Image:
    tiles = [_tile(answer) for answer in wrong]
    rows = [beside_each_other(tiles[k : k + _COLUMNS], _GAP) for k in range(0, len(tiles), _COLUMNS)]
    return below_each_other(rows, _GAP)


def _tile(answer: Answer) -> Image.Image:
    """One failure: the picture, its name, what is true, what was said, and how far off."""
    picture = Image.fromarray(read_picture(answer.row.path))
    scale = min(_TILE / picture.width, _TILE / picture.height)
    size = max(1, round(picture.width * scale)), max(1, round(picture.height * scale))
    words = f"{_joined(answer.truth)}, said {_joined(answer.said)} (off by {answer.error:.2f})"
    blocks = [
        picture.resize(size, Image.Resampling.BICUBIC),
        text_block(answer.row.path.name, _TILE, 13, QUIET),
        text_block(words, _TILE, 14),
    ]
    return below_each_other(blocks, _GAP // 2)


def _joined(labels: frozenset[str]) -> str:
    return " + ".join(sorted(labels)) or "good"
