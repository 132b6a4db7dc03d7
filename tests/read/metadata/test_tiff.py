"""TIFF directories are read, and malformed ones raise no error."""

from __future__ import annotations

import struct
from io import BytesIO

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from skimage import data

from autocull.read.metadata.tiff import data_ranges, read_directories
from support.raw_files import ASCII, LONG, SHORT, Tag, TiffWriter, jpeg_of, raw_file


def directories(content: bytes) -> list[dict[int, tuple[int, ...]]]:
    """Read the directories of bytes."""
    return read_directories(BytesIO(content))


def test_raw_file_has_three_directories() -> None:
    """Main directory, preview and sensor are read, with their integers; texts have no values."""
    stored = np.asarray(data.astronaut())[:64, :96]
    preview = jpeg_of(stored)
    result = directories(raw_file(stored, orientation=6, preview=preview))
    assert [directory.get(256) for directory in result] == [(24,), (96,), (96,)]
    assert result[0][274] == (6,)
    assert result[0][271] == ()
    assert result[0][258] == (8, 8, 8)
    assert [size for _, size in data_ranges(result[1])] == [len(preview)]
    assert list(data_ranges(result[2])) == [(8, 64 * 96 * 2)]


def test_big_endian_is_read() -> None:
    """Motorola's byte order is read too."""
    entry = struct.pack(">HHIHH", 274, SHORT, 1, 8, 0)
    content = b"MM\0*" + struct.pack(">IH", 8, 1) + entry + bytes(4)
    assert directories(content) == [{274: (8,)}]


def test_consecutive_directories_are_read() -> None:
    """Directories in a row (pages, Canon's previews) are all read."""
    writer = TiffWriter()
    last = writer.directory([Tag(256, LONG, (3,))])
    middle = writer.directory([Tag(256, LONG, (2,))], after=last)
    result = directories(writer.finish(writer.directory([Tag(256, LONG, (1,))], after=middle)))
    assert [directory[256] for directory in result] == [(1,), (2,), (3,)]


def test_looping_directories_are_read_once() -> None:
    """A directory that is its own successor, or its own child, is read once."""
    content = b"II*\0" + struct.pack("<IHHHIII", 8, 1, 330, LONG, 1, 8, 8)
    assert directories(content) == [{330: (8,)}]


def test_number_of_directories_is_limited() -> None:
    """A long chain is cut after a few directories."""
    writer, after = TiffWriter(), 0
    for _ in range(100):
        after = writer.directory([Tag(256, LONG, (1,))], after=after)
    assert 10 < len(directories(writer.finish(after))) < 50


def test_missing_values_are_empty() -> None:
    """A tag that points outside the file, or declares a billion values, has none."""
    content = b"II*\0" + struct.pack("<IHHHIIHHIII", 8, 2, 273, LONG, 5, 10**6, 279, LONG, 10**9, 8, 0)
    assert directories(content) == [{273: (), 279: ()}]


def test_panasonics_offset_replaces_the_strips() -> None:
    """RW2 files have an invalid strip offset, and the valid one in a tag of their own."""
    directory = {273: (2**32 - 1,), 279: (500,), 0x118: (1000,)}
    assert list(data_ranges(directory)) == [(1000, 500)]


@pytest.mark.parametrize("content", [b"", b"II*\0", b"II*\0\x08", b"\xff\xd8\xff\xe0rest", b"II*\0\0\0\0\0"])
def test_other_files_have_no_directories(content: bytes) -> None:
    """Truncated and other files have none."""
    assert directories(content) == []


@given(st.binary(max_size=200))
def test_any_bytes_are_read_without_error(content: bytes) -> None:
    """Whatever follows the magic number, reading raises no error."""
    for magic in (b"II*\0", b"MM\0*", b"IIU\0"):
        assert len(directories(magic + content)) < 50


def test_text_has_no_values() -> None:
    """A text in place of a number has no values."""
    writer = TiffWriter()
    result = directories(writer.finish(writer.directory([Tag(259, ASCII, "one")])))
    assert result == [{259: ()}]
