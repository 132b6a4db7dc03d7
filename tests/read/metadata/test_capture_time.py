"""The time of a photo alone: of JPEG, TIFF-based RAW, CR3 and RAF; None where there is none."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from autocull.read.metadata.capture_time import capture_time
from support.raw_files import TAKEN, cr3_file, jpeg_of, raf_file

PIXELS = np.full((16, 16, 3), 90, np.uint8)


def dated_jpeg(text: str | None = TAKEN) -> bytes:
    """Make a JPEG with this DateTimeOriginal."""
    exif = Image.Exif()
    if text is not None:
        exif.get_ifd(0x8769)[36867] = text
    return jpeg_of(PIXELS, exif=exif)


@pytest.mark.parametrize(
    "content",
    [dated_jpeg(), cr3_file(dated_jpeg(None)), raf_file(dated_jpeg())],
    ids=["jpeg", "cr3", "raf"],
)
def test_time_is_that_of_the_camera(tmp_path: Path, content: bytes) -> None:
    """To the second, without a zone."""
    (tmp_path / "photo").write_bytes(content)
    assert capture_time(tmp_path / "photo") == datetime.strptime(TAKEN, "%Y:%m:%d %H:%M:%S")  # noqa: DTZ007


@pytest.mark.parametrize(
    "content",
    [dated_jpeg(None), dated_jpeg("0000:00:00 00:00:00"), dated_jpeg("    :  :     :  :  "), b"", b"text"],
    ids=["no date", "zeros", "blanks", "empty", "text"],
)
def test_unknown_time_is_none(tmp_path: Path, content: bytes) -> None:
    """Nor is there an error for what is no photo."""
    (tmp_path / "photo").write_bytes(content)
    assert capture_time(tmp_path / "photo") is None
    assert capture_time(tmp_path / "gone") is None
