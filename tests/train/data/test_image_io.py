"""Tests of image_io: orientation, colour, size, and the report of unreadable pictures."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from autocull.errors import ManifestError
from autocull.train.data.image_io import read_picture, read_pictures
from autocull.train.data.manifest import Row


def make_row(path: Path) -> Row:
    """Make a row of line 7."""
    return Row(path, "open", "train", "a", "", 7, {})


def test_every_colour_mode_becomes_rgb(tmp_path: Path) -> None:
    """Grey, palette, transparent and CMYK files become three channels; tiny files too."""
    for mode in ("L", "P", "RGBA", "CMYK"):
        file = tmp_path / f"{mode}.tif"
        Image.new(mode, (3, 2)).save(file)
        assert read_picture(file).shape == (2, 3, 3)


def test_orientation_is_applied(tmp_path: Path) -> None:
    """A picture with EXIF orientation 6 is rotated upright."""
    image, exif = Image.new("RGB", (4, 2)), Image.Exif()
    exif[0x0112] = 6
    image.save(tmp_path / "a.jpg", exif=exif)
    assert read_picture(tmp_path / "a.jpg").shape == (4, 2, 3)


def test_only_large_pictures_are_shrunk(tmp_path: Path) -> None:
    """The longer side is limited, the aspect ratio stays, and progress is reported once per row."""
    for name, size in (("large", (400, 200)), ("small", (20, 10))):
        Image.new("RGB", size, (9, 9, 9)).save(tmp_path / f"{name}.png")
    steps: list[int] = []
    pictures = read_pictures(
        [make_row(tmp_path / "large.png"), make_row(tmp_path / "small.png")],
        lambda: steps.append(1),
        max_side=100,
    )
    assert [picture.shape for picture in pictures] == [(50, 100, 3), (10, 20, 3)]
    assert np.unique(pictures[0]).tolist() == [9]
    assert len(steps) == 2


@pytest.mark.parametrize("content", [None, b"", b"no picture at all", b"\xff\xd8\xff\xe0 cut off"])
def test_unreadable_picture_is_reported_with_its_line(tmp_path: Path, content: bytes | None) -> None:
    """A picture that is missing or invalid is an error of the manifest, before the training starts."""
    file = tmp_path / "bad.jpg"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(ManifestError, match=r"line 7: .*bad\.jpg"):
        read_pictures([make_row(file)], lambda: None, max_side=100)
