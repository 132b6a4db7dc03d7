"""File types: the content decides; the suffix is used only if the content is ambiguous."""

from __future__ import annotations

from io import BytesIO

import numpy as np
import pytest
from PIL import Image

from autocull.read.file_type import (
    PICTURE_SUFFIXES,
    RAW_SUFFIXES,
    detect_kind,
    has_photo_magic,
    unsupported_reason,
)
from support.raw_files import LONG, SHORT, Tag, TiffWriter, cr3_file, jpeg_of, raf_file, raw_file

GREY = np.full((32, 48, 3), 128, np.uint8)


def saved(kind: str) -> bytes:
    """Save a small picture as Pillow's `kind`."""
    file = BytesIO()
    Image.fromarray(GREY).save(file, kind)
    return file.getvalue()


@pytest.mark.parametrize("suffix", [".jpg", ".NEF", ".cr2", ".txt", ""])
@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (jpeg_of(GREY), "jpeg"),
        (saved("PNG"), "png"),
        (saved("GIF"), "gif"),
        (saved("WEBP"), "webp"),
        (b"8BPS\0\1" + bytes(40), "psd"),
        (b"\0\0\0\x18ftypheic" + bytes(40), "heic"),
        (b"\0\0\0\x18ftypmif1" + bytes(40), "heic"),
        (cr3_file(jpeg_of(GREY)), "raw"),
        (raf_file(jpeg_of(GREY)), "raw"),
        (b"IIU\0" + bytes(40), "raw"),
        (b"IIRO" + bytes(40), "raw"),
        (b"II\x1a\0\0\0HEAPCCDR" + bytes(40), "raw"),
        (b"FOVb" + bytes(40), "raw"),
        (raw_file(GREY, preview=jpeg_of(GREY)), "raw"),
        (raw_file(GREY, dng=True), "raw"),
    ],
)
def test_content_overrides_the_suffix(content: bytes, kind: str, suffix: str) -> None:
    """A JPEG named .NEF is a JPEG, a NEF named .jpg is a RAW file."""
    assert detect_kind(BytesIO(content), suffix) == kind
    assert has_photo_magic(content[:64])


@pytest.mark.parametrize(
    ("suffix", "kind"), [(".tif", "tiff"), (".jpg", "tiff"), (".KDC", "raw"), (".nef", "raw")]
)
def test_suffix_decides_for_standard_tiff(suffix: str, kind: str) -> None:
    """A TIFF without signs of sensor data is a picture, unless it has a RAW file's suffix."""
    assert detect_kind(BytesIO(saved("TIFF")), suffix) == kind


@pytest.mark.parametrize(
    "tag",
    [
        Tag(259, SHORT, (34713,)),
        Tag(262, SHORT, (32803,)),
        Tag(262, SHORT, (34892,)),
        Tag(50706, LONG, (1,)),
    ],
)
def test_tiff_with_sensor_data_is_raw(tag: Tag) -> None:
    """Nikon's compression, a colour filter array, linear RAW and a DNG version are RAW under any suffix."""
    writer = TiffWriter()
    below = writer.directory([tag])
    content = writer.finish(writer.directory([Tag(330, LONG, (below,))]))
    assert detect_kind(BytesIO(content), ".tif") == "raw"


def test_cr2_is_recognised() -> None:
    """A CR2 has its magic number after the header."""
    assert detect_kind(BytesIO(b"II*\0\x10\0\0\0CR\2\0" + bytes(40)), ".jpg") == "raw"


def test_unknown_content_with_raw_suffix_is_raw() -> None:
    """LibRaw reads formats without a magic number; under other suffixes the kind is None."""
    assert detect_kind(BytesIO(b"some camera of 1999"), ".RAW") == "raw"
    assert detect_kind(BytesIO(b"some camera of 1999"), ".jpg") is None


@pytest.mark.parametrize(
    ("content", "code", "word"),
    [
        (b"\0\5\x16\7\0\2\0\0", "not_a_photo", "macOS"),
        (b" \n<!DOCTYPE html><p>404", "not_a_photo", "web page"),
        (b"<HTML>", "not_a_photo", "web page"),
        (b"<svg xmlns=''>", "not_a_photo", "drawing"),
        (b"\0\0\0\x18ftypisom", "not_a_photo", "video"),
        (b"\0\0\0\x18ftypqt  ", "not_a_photo", "video"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1", "not_a_photo", "thumbnails"),
        (b"%PDF-1.7", "not_a_photo", "PDF"),
        (b"BM\0\0\0", "unsupported", "BMP"),
        (b"\0\0\1\0\1", "unsupported", "icon"),
        (b"8BPS\0\2", "unsupported", "PSB"),
        (b"\xff\x0a\0", "unsupported", "JPEG XL"),
        (b"\0\0\0\x18ftypavif", "unsupported", "AVIF"),
        (b"hello", "not_a_photo", "not a photo"),
        (b"", "not_a_photo", "not a photo"),
    ],
)
@pytest.mark.parametrize("suffix", [".jpg", ".CR2"])
def test_unsupported_files_are_described(content: bytes, code: str, word: str, suffix: str) -> None:
    """A file that is no photo is described, also under a RAW file's suffix."""
    reason = unsupported_reason(content)
    assert reason[0] == code
    assert word in reason[1]
    if word != "not a photo":
        assert detect_kind(BytesIO(content), suffix) is None


def test_suffixes_are_lower_case_and_disjoint() -> None:
    """The two sets do not overlap and are in the case in which they are compared."""
    both = RAW_SUFFIXES | PICTURE_SUFFIXES
    assert not RAW_SUFFIXES & PICTURE_SUFFIXES
    assert all(suffix.startswith(".") and suffix == suffix.lower() for suffix in both)
    assert {".nef", ".cr2", ".cr3", ".arw", ".dng", ".raf", ".orf", ".rw2", ".pef"} <= RAW_SUFFIXES
