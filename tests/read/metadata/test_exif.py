"""EXIF tags: found in every container, and never in the way."""

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
def test_orientation(value: int) -> None:
    """Each of the eight is read back."""
    assert orientation_of(read_tags(BytesIO(with_orientation(value)))) == value


@pytest.mark.parametrize("value", [0, 9, 1000])
def test_impossible_orientations(value: int) -> None:
    """What is not 1-8 is 1."""
    assert orientation_of(read_tags(BytesIO(with_orientation(value)))) == 1


def test_orientation_without_a_number() -> None:
    """A missing tag, one without values and one of text are 1."""

    class Odd:
        values = "no number"

    assert orientation_of({}) == orientation_of({"Image Orientation": Odd()}) == 1
    Odd.values = ""
    assert orientation_of({"Image Orientation": Odd()}) == 1


@pytest.mark.parametrize("content", [raw_file(GREY), cr3_file(jpeg_of(GREY))])
def test_camera_files(content: bytes) -> None:
    """The exposure is found in NEF-like files and in Canon's boxes, with its sub-seconds."""
    tags = read_raw_tags(BytesIO(content), len(content))
    found = {name.split(" ", 1)[1]: str(tag) for name, tag in tags.items()}
    assert found["DateTimeOriginal"] == "2024:05:06 07:08:09"
    assert found["SubSecTimeOriginal"] == "42"
    assert "50mm" in found["LensModel"]
    assert found["Model"] in ("NIKON D7100", "Canon EOS R6")


def test_fujis_file() -> None:
    """The EXIF of the JPEG inside a RAF is its own."""
    content = raf_file(with_orientation(8))
    assert orientation_of(read_raw_tags(BytesIO(content), len(content))) == 8


@pytest.mark.parametrize("content", [b"", b"II*\0", b"rubbish", jpeg_of(GREY)[:30]])
def test_no_tags(content: bytes, caplog: pytest.LogCaptureFixture) -> None:
    """Files without EXIF have none, without an error or a line in the log."""
    assert not read_tags(BytesIO(content))
    assert not caplog.records


@pytest.mark.parametrize("problem", [UnicodeError(), EOFError(), NotImplementedError(), IndexError()])
def test_the_readers_exceptions_stay_inside(problem: Exception, monkeypatch: pytest.MonkeyPatch) -> None:
    """ExifRead raises what it likes on broken tags: the photo is then one without facts."""

    def broken(*_: object, **__: object) -> None:
        raise problem

    monkeypatch.setattr(exifread, "process_file", broken)
    assert read_tags(BytesIO(with_orientation(6))) == {}


def test_tags_in_a_loop_end() -> None:
    """A directory whose sub-directory is itself is read."""
    writer = TiffWriter()
    exif = writer.directory(exif_tags("2024:05:06 07:08:09"))
    first = writer.directory([Tag(274, SHORT, (3,)), Tag(34665, LONG, (exif,))], after=exif)
    assert orientation_of(read_tags(BytesIO(writer.finish(first)))) == 3
