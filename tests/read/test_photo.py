"""Photos: those made of pixels behave like those read from a file."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from skimage import data

from autocull.read import read_photo
from autocull.read.photo import Box, Capture, Photo


def test_photo_from_pixels_equals_photo_from_file(tmp_path: Path) -> None:
    """The same pixels give the same size, working picture and crops, whether from memory or from a file."""
    large = Image.fromarray(data.astronaut()).resize((1500, 1200))
    large.save(tmp_path / "a.png")
    from_file, from_memory = read_photo(tmp_path / "a.png"), Photo.from_pixels(np.asarray(large))
    assert (from_memory.width, from_memory.height) == (from_file.width, from_file.height) == (1500, 1200)
    assert np.array_equal(from_memory.working, from_file.working)
    box = Box(0.1, 0.2, 0.4, 0.3)
    for reduce in (1, 3):
        assert np.array_equal(from_memory.crop(box, reduce), from_file.crop(box, reduce))
    assert (from_memory.capture, from_memory.remarks) == (Capture(), ())


def test_small_pixels_are_not_enlarged() -> None:
    """The working picture of a small photo has the pixels themselves, in an array of its own."""
    pixels = np.random.default_rng(1).integers(0, 256, (30, 40, 3), np.uint8)
    photo = Photo.from_pixels(pixels)
    assert np.array_equal(photo.working, pixels)
    assert not np.shares_memory(photo.working, pixels)


@pytest.mark.parametrize(("orientation", "turns"), [(1, 0), (3, 2), (6, 1), (8, 3)])
def test_stored_pixels_are_turned_upright(orientation: int, turns: int) -> None:
    """The EXIF orientation is applied to size, working picture and crops, and noted in the capture."""
    upright = data.astronaut()[:200, :300]
    photo = Photo.from_pixels(np.rot90(upright, turns), orientation)
    assert (photo.width, photo.height) == (300, 200)
    assert np.array_equal(photo.working, upright)
    assert np.array_equal(photo.crop(Box(0.5, 0.0, 1.0, 0.5)), upright[:100, 150:])
    assert photo.capture.orientation == orientation
