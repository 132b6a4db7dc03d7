"""Previews and EXIF blocks inside RAW files, found without LibRaw."""

from __future__ import annotations

from io import BytesIO

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from skimage import data

from autocull.read.metadata.raw_containers import ByteRange, canon_exif, embedded_jpegs, fuji_jpeg
from support.raw_files import LONG, Tag, TiffWriter, box, cr3_file, jpeg_of, raf_file, raw_file

PREVIEW = jpeg_of(np.asarray(data.astronaut())[:200, :300])


def jpegs(content: bytes) -> list[bytes]:
    """Return the JPEGs found inside bytes."""
    file = BytesIO(content)
    return [span.read(file) for span in embedded_jpegs(file, len(content))]


@pytest.mark.parametrize("wide", [False, True])
def test_cr3_blocks_and_preview_are_found(wide: bool) -> None:
    """Both EXIF blocks and the preview are found, also after a box with a 64-bit length."""
    content = cr3_file(PREVIEW, wide=wide)
    blocks = list(canon_exif(BytesIO(content), len(content)))
    assert len(blocks) == 2
    assert b"Canon EOS R6" in blocks[0]
    assert b"2024:05:06" in blocks[1]
    assert jpegs(content)[0].startswith(PREVIEW)


def test_raf_jpeg_is_found() -> None:
    """The header holds the JPEG's offset and length."""
    content = raf_file(PREVIEW)
    assert jpegs(content) == [PREVIEW]
    assert list(fuji_jpeg(BytesIO(content[:80]))) == []


def test_tiff_previews_are_sorted_by_size() -> None:
    """All JPEGs of the directories are found, the largest first; what does not start as a JPEG is ignored."""
    small = jpeg_of(np.asarray(data.astronaut())[:20, :30])
    writer = TiffWriter()
    second = writer.directory([Tag(513, LONG, (writer.add(small),)), Tag(514, LONG, (len(small),))])
    strip = writer.add(bytes(10**5))
    third = writer.directory([Tag(273, LONG, (strip,)), Tag(279, LONG, (10**5,))], after=second)
    first = [Tag(273, LONG, (writer.add(PREVIEW),)), Tag(279, LONG, (len(PREVIEW),))]
    assert jpegs(writer.finish(writer.directory(first, after=third))) == [PREVIEW, small]


def test_truncated_previews_are_ignored() -> None:
    """A preview that ends after the file's end is ignored."""
    content = raf_file(PREVIEW)
    assert jpegs(content[:-1]) == []


def test_other_files_have_no_previews() -> None:
    """A JPEG, an empty file and a RAW file without a preview give nothing."""
    for content in (
        b"",
        PREVIEW,
        raw_file(np.zeros((16, 16, 3), np.uint8)),
        box(b"moov", box(b"uuid", b"x")),
    ):
        assert jpegs(content) == []
        assert list(canon_exif(BytesIO(content), len(content))) == []


@given(st.binary(max_size=120), st.booleans())
def test_malformed_boxes_are_ignored(content_bytes: bytes, wide: bool) -> None:
    """Lengths of zero, too long or without bounds raise no error."""
    content = box(b"ftyp", b"crx ") + box(b"moov", content_bytes, wide=wide) + content_bytes
    assert list(canon_exif(BytesIO(content), len(content))) == []
    assert jpegs(content) == []


def test_number_of_boxes_is_limited() -> None:
    """A file of only empty boxes is not read to its end."""
    content = box(b"free", b"") * 5000
    file = BytesIO(content)
    assert embedded_jpegs(file, len(content)) == []
    assert file.tell() < len(content) // 2


def test_range_beyond_the_end_is_shortened() -> None:
    """A range beyond the end gives fewer bytes."""
    assert ByteRange(3, 10).read(BytesIO(b"abcdef")) == b"def"
