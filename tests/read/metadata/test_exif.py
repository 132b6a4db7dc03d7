"""EXIF tags are found in every container, and malformed ones raise no error."""

from __future__ import annotations

from io import BytesIO

import exifread
import numpy as np
import pytest
from PIL import Image

from autocull.read.metadata.exif import orientation_of, read_raw_tags, read_tags
from support.raw_files import LONG, SHORT, Tag, TiffWriter, cr3_file, exif_tags, jpeg_of, raf_file, raw_file

GREY = np.full((32, 48, 3), 128, np.uint8)


def with_orientation(value: int) -> bytes:
    """Make a JPEG with an orientation."""
    exif = Image.Exif()
    exif[274] = value
    return jpeg_of(GREY, exif=exif)


@pytest.mark.parametrize("value", range(1, 9))
def test_orientation_is_read(value: int) -> None:
    """Each of the eight orientations is read back."""
    assert orientation_of(read_tags(BytesIO(with_orientation(value)))) == value


@pytest.mark.parametrize("value", [0, 9, 1000])
def test_invalid_orientations_are_1(value: int) -> None:
    """Values outside 1-8 are read as 1."""
    assert orientation_of(read_tags(BytesIO(with_orientation(value)))) == 1


def test_missing_orientation_is_1() -> None:
    """A missing tag, one without values and one of text are read as 1."""

    class Odd:
        values = "no number"

    assert orientation_of({}) == orientation_of({"Image Orientation": Odd()}) == 1
    Odd.values = ""
    assert orientation_of({"Image Orientation": Odd()}) == 1


@pytest.mark.parametrize("content", [raw_file(GREY), cr3_file(jpeg_of(GREY))])
def test_tags_of_raw_files_are_read(content: bytes) -> None:
    """The exposure is found in NEF-like files and in CR3 boxes, with its sub-seconds."""
    tags = read_raw_tags(BytesIO(content), len(content))
    values = {name.split(" ", 1)[1]: str(tag) for name, tag in tags.items()}
    assert values["DateTimeOriginal"] == "2024:05:06 07:08:09"
    assert values["SubSecTimeOriginal"] == "42"
    assert "50mm" in values["LensModel"]
    assert values["Model"] in ("NIKON D7100", "Canon EOS R6")


def test_tags_of_raf_files_are_read() -> None:
    """The EXIF of a RAF file is that of the JPEG inside."""
    content = raf_file(with_orientation(8))
    assert orientation_of(read_raw_tags(BytesIO(content), len(content))) == 8


@pytest.mark.parametrize("content", [b"", b"II*\0", b"rubbish", jpeg_of(GREY)[:30]])
def test_files_without_exif_have_no_tags(content: bytes, caplog: pytest.LogCaptureFixture) -> None:
    """They cause neither an error nor a line in the log."""
    assert not read_tags(BytesIO(content))
    assert not caplog.records


@pytest.mark.parametrize("problem", [UnicodeError(), EOFError(), NotImplementedError(), IndexError()])
def test_exceptions_of_exifread_are_caught(problem: Exception, monkeypatch: pytest.MonkeyPatch) -> None:
    """ExifRead raises any exception on malformed tags: the photo is then read without tags."""

    def broken(*_: object, **__: object) -> None:
        raise problem

    monkeypatch.setattr(exifread, "process_file", broken)
    assert read_tags(BytesIO(with_orientation(6))) == {}


def test_looping_directories_are_read_once() -> None:
    """A directory that follows its own sub-directory is read."""
    writer = TiffWriter()
    exif = writer.directory(exif_tags("2024:05:06 07:08:09"))
    first = writer.directory([Tag(274, SHORT, (3,)), Tag(34665, LONG, (exif,))], after=exif)
    assert orientation_of(read_tags(BytesIO(writer.finish(first)))) == 3
