"""Tests of the explanation picture: complete, never written over a photo, robust against odd input."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from autocull.errors import MarksError
from autocull.judge import Settings
from autocull.judge.texts.labels import labels_to_show
from autocull.measure.eyes import CROP_SIDE, EyeCrop
from autocull.output.explanation import drawing as module
from autocull.output.explanation.drawing import (
    MAX_EYES,
    WIDTH,
    PhotoExplanation,
    draw_explanation,
    refuse_existing,
    save_explanation,
)
from support.evidence_builders import eye, face, focus
from support.result_factories import judged

MAGENTA = (255, 0, 255)


def make_explanation(*, eyes: int = 2, name: str = "a.jpg", **changes: Any) -> PhotoExplanation:
    """Make an explanation of a grey photo whose eye crops are magenta; `changes` are of the evidence."""
    changes.setdefault("faces", (face(0.02),))
    result = judged(Path(name), **changes)
    crop = np.full((CROP_SIDE, CROP_SIDE, 3), MAGENTA, np.uint8)
    labels = labels_to_show(result.evidence, Settings())
    return PhotoExplanation(
        result=result,
        settings=Settings(),
        working=np.full((300, 450, 3), 90, np.uint8),
        eyes=[EyeCrop(0, eye(0.02), crop) for _ in range(eyes)],
        occlusion_maps=[(label, np.zeros((8, 8))) for label in labels],
    )


def count_magenta(image: Image.Image) -> int:
    """Count the pixels of eye crops in a picture."""
    return int((np.asarray(image) == MAGENTA).all(-1).sum())


def test_picture_has_its_width_and_every_eye() -> None:
    """Both crops are complete; the height is that of a page."""
    picture = draw_explanation(make_explanation())
    assert picture.width == WIDTH
    assert 1000 < picture.height < 4000
    assert count_magenta(picture) == 2 * CROP_SIDE * CROP_SIDE


def test_number_of_eyes_is_limited() -> None:
    """The picture of a crowd does not grow without limit."""
    assert (
        count_magenta(draw_explanation(make_explanation(eyes=MAX_EYES + 9)))
        == MAX_EYES * CROP_SIDE * CROP_SIDE
    )


def test_eyes_of_prominent_faces_come_first() -> None:
    """Only eyes of less prominent faces are left out."""
    explanation = make_explanation(eyes=0, faces=(face(prominence=0.1), face(prominence=1.0)))
    main = np.full((CROP_SIDE, CROP_SIDE, 3), MAGENTA, np.uint8)
    crops = [EyeCrop(0, eye(), main // 2) for _ in range(MAX_EYES)] + [EyeCrop(1, eye(), main)]
    assert count_magenta(draw_explanation(replace(explanation, eyes=crops))) == CROP_SIDE * CROP_SIDE


def test_occlusion_map_is_drawn_where_it_was_computed() -> None:
    """A high right half of the first map reddens the right half of the first panel only."""
    cold = make_explanation()
    hot = np.zeros((8, 8))
    hot[:, 5:] = 1.0
    warm = replace(cold, occlusion_maps=[(cold.occlusion_maps[0][0], hot), *cold.occlusion_maps[1:]])
    before, after = (np.asarray(draw_explanation(each), int) for each in (cold, warm))
    changed = (before != after).any(-1)
    columns = np.flatnonzero(changed.any(0))
    panel = (WIDTH - 2 * 32 - 2 * 24) // 3
    assert 32 + panel * 0.45 < columns.min()
    assert columns.max() < 32 + panel
    rows = np.flatnonzero(changed.any(1))
    assert (after - before)[rows.min() : rows.max(), columns.min() : columns.max(), 0].mean() > 50


@pytest.mark.parametrize(
    "changes",
    [
        {"faces": (), "focus": focus(0.9, subject=None, tiles=(), texture=())},
        {"faces": tuple(face(prominence=0.9) for _ in range(24))},
        {"name": "x" * 240 + ".jpg"},
        {"name": "a\nb\u202e雪.jpg"},
        {"defects": {"noise": 1.0, "too_dark": 1.0}, "width": 40, "height": 30},
    ],
    ids=["nothing found", "a crowd", "a long name", "an odd name", "all wrong"],
)
def test_any_evidence_can_be_drawn(changes: dict[str, Any]) -> None:
    """No face, many, or a name as long as systems allow: the page keeps its width."""
    assert draw_explanation(make_explanation(eyes=0, **changes)).width == WIDTH


def test_explanation_replaces_an_earlier_one(tmp_path: Path) -> None:
    """The file is a PNG with a tag by which the next explanation recognises it."""
    path = tmp_path / "why.png"
    save_explanation(make_explanation(), path)
    refuse_existing(path)
    first = path.read_bytes()
    save_explanation(make_explanation(eyes=0), path)
    assert path.read_bytes() != first
    with Image.open(path) as picture:
        assert picture.format == "PNG"
        assert picture.width == WIDTH
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("kind", ["photo", "text"])
def test_other_files_are_not_replaced(tmp_path: Path, kind: str) -> None:
    """A photo, or any other file of that name, stays as it was, and the error names it."""
    path = tmp_path / "IMG_1.png"
    if kind == "photo":
        Image.new("RGB", (20, 20), "red").save(path)
    else:
        path.write_text("notes")
    before = path.read_bytes()
    with pytest.raises(MarksError, match="choose another name") as caught:
        save_explanation(make_explanation(), path)
    assert caught.value.path == path
    assert path.read_bytes() == before


def test_unwritable_path_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A missing folder is an error with the picture's path, and nothing is left behind."""
    monkeypatch.setattr(module, "draw_explanation", lambda _: Image.new("RGB", (1, 1)))
    with pytest.raises(MarksError, match="cannot be written"):
        save_explanation(make_explanation(), tmp_path / "gone" / "why.png")
    assert list(tmp_path.iterdir()) == []
