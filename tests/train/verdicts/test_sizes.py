"""Reduced copies: their size, what the camera recorded, and photos that are too small or cannot be read."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image

from autocull.read import read_photo
from autocull.read.photo import Capture
from autocull.train.verdicts.sizes import make_copies, make_exif, parse_sizes
from support.labelled_photos import labelled_photo

CAPTURE = Capture(
    taken="2024-05-01T10:11:12.340+02:00",
    taken_from="exif",
    camera="Example One",
    lens="Example 50 mm",
    focal_length=50.0,
    aperture=1.8,
    shutter=1 / 250,
    iso=3200,
    exposure_bias=-1.5,
)


def test_sizes_are_parsed() -> None:
    """In their order, once each."""
    assert parse_sizes("500, 1024,camera,500") == ("500", "1024", "camera")
    for text in ("99", "large", "", "-500"):
        with pytest.raises(ValueError, match=r"size|100 px"):
            parse_sizes(text)


def test_copies_are_reduced_and_never_enlarged(tmp_path: Path) -> None:
    """A smaller photo is left out; upright pixels stay upright; the photo itself is not touched."""
    exif = Image.Exif()
    exif[0x0112] = 6
    Image.new("RGB", (900, 600), (200, 90, 30)).save(tmp_path / "turned.jpg", exif=exif)
    Image.new("RGB", (300, 200)).save(tmp_path / "small.jpg")
    before = (tmp_path / "turned.jpg").read_bytes()
    photos = [labelled_photo(str(tmp_path / name)) for name in ("turned.jpg", "small.jpg")]
    progress: list[None] = []
    (tmp_path / "copies").mkdir()
    copies = make_copies(photos, "450", tmp_path / "copies", lambda: progress.append(None))
    assert list(copies.values()) == photos[:1]
    assert len(progress) == 2
    copy = read_photo(next(iter(copies)))
    assert (copy.width, copy.height, copy.capture.orientation) == (300, 450, 1)
    assert (tmp_path / "turned.jpg").read_bytes() == before


def test_camera_size_is_the_photo_itself(tmp_path: Path) -> None:
    """Nothing is written."""
    photo = labelled_photo(str(tmp_path / "a.jpg"))
    assert make_copies([photo], "camera", tmp_path, lambda: None) == {photo.path: photo}
    assert list(tmp_path.iterdir()) == []


def test_unreadable_photo_stays_itself(tmp_path: Path) -> None:
    """So that measuring reports it."""
    (tmp_path / "broken.jpg").write_bytes(b"no photo")
    photo = labelled_photo(str(tmp_path / "broken.jpg"))
    assert make_copies([photo], "500", tmp_path, lambda: None) == {photo.path: photo}


def test_copies_keep_what_the_camera_recorded(tmp_path: Path) -> None:
    """Brackets and nights are recognised by it."""
    Image.new("RGB", (64, 48)).save(tmp_path / "a.jpg", exif=make_exif(CAPTURE))
    assert read_photo(tmp_path / "a.jpg").capture == CAPTURE


def test_a_time_that_is_only_the_files_is_not_written(tmp_path: Path) -> None:
    """The copy would otherwise seem to have one of the camera."""
    exif = make_exif(Capture(taken="2024-05-01T10:11:12", taken_from="file"))
    Image.new("RGB", (64, 48)).save(tmp_path / "a.jpg", exif=exif)
    assert read_photo(tmp_path / "a.jpg").capture.taken_from == "file"
