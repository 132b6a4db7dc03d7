"""The picture of an explanation: all is in it, it never takes a photo's place, it survives oddities."""

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


def explained(*, eyes: int = 2, name: str = "a.jpg", **changes: Any) -> PhotoExplanation:
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


def magenta(image: Image.Image) -> int:
    """How many pixels of eye crops a picture holds."""
    return int((np.asarray(image) == MAGENTA).all(-1).sum())


def test_the_picture_is_as_wide_as_promised_and_holds_every_eye() -> None:
    """Both crops are there in full; its height is that of a page, not of a ribbon."""
    drawn = draw_explanation(explained())
    assert drawn.width == WIDTH
    assert 1000 < drawn.height < 4000
    assert magenta(drawn) == 2 * CROP_SIDE * CROP_SIDE


def test_of_many_eyes_some_are_shown() -> None:
    """A crowd's picture does not grow without end."""
    assert magenta(draw_explanation(explained(eyes=MAX_EYES + 9))) == MAX_EYES * CROP_SIDE * CROP_SIDE


def test_the_most_prominent_faces_eyes_come_first() -> None:
    """What is cut is what a bystander shows."""
    made = explained(eyes=0, faces=(face(prominence=0.1), face(prominence=1.0)))
    main = np.full((CROP_SIDE, CROP_SIDE, 3), MAGENTA, np.uint8)
    crops = [EyeCrop(0, eye(), main // 2) for _ in range(MAX_EYES)] + [EyeCrop(1, eye(), main)]
    assert magenta(draw_explanation(replace(made, eyes=crops))) == CROP_SIDE * CROP_SIDE


def test_the_heat_lies_on_the_photo_where_it_was_measured() -> None:
    """A hot right half of the first map reddens the right half of the first panel alone."""
    cold = explained()
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
def test_whatever_was_measured_can_be_drawn(changes: dict[str, Any]) -> None:
    """No face, many, or a name as long as systems allow: the page keeps its width."""
    assert draw_explanation(explained(eyes=0, **changes)).width == WIDTH


def test_a_saved_explanation_can_be_replaced_by_another(tmp_path: Path) -> None:
    """The file is a PNG that knows what it is, so that the next one may take its place."""
    path = tmp_path / "why.png"
    save_explanation(explained(), path)
    refuse_existing(path)
    first = path.read_bytes()
    save_explanation(explained(eyes=0), path)
    assert path.read_bytes() != first
    with Image.open(path) as picture:
        assert picture.format == "PNG"
        assert picture.width == WIDTH
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("kind", ["photo", "text"])
def test_nothing_else_is_ever_replaced(tmp_path: Path, kind: str) -> None:
    """A photo, or any file, that lies there stays as it was, and the error names it."""
    path = tmp_path / "IMG_1.png"
    if kind == "photo":
        Image.new("RGB", (20, 20), "red").save(path)
    else:
        path.write_text("notes")
    before = path.read_bytes()
    with pytest.raises(MarksError, match="choose another name") as caught:
        save_explanation(explained(), path)
    assert caught.value.path == path
    assert path.read_bytes() == before


def test_a_place_that_cannot_be_written_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A missing folder is an error with the picture's path, and nothing is left behind."""
    monkeypatch.setattr(module, "draw_explanation", lambda _: Image.new("RGB", (1, 1)))
    with pytest.raises(MarksError, match="cannot be written"):
        save_explanation(explained(), tmp_path / "gone" / "why.png")
    assert list(tmp_path.iterdir()) == []
