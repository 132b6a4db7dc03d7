"""TIFF directories: found where they are, harmless where they are hostile."""

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


def test_a_camera_file_has_three() -> None:
    """Main directory, preview and sensor are found, with their numbers; texts have no numbers."""
    stored = np.asarray(data.astronaut())[:64, :96]
    preview = jpeg_of(stored)
    found = directories(raw_file(stored, orientation=6, preview=preview))
    assert [directory.get(256) for directory in found] == [(24,), (96,), (96,)]
    assert found[0][274] == (6,)
    assert found[0][271] == ()
    assert found[0][258] == (8, 8, 8)
    assert [size for _, size in data_ranges(found[1])] == [len(preview)]
    assert list(data_ranges(found[2])) == [(8, 64 * 96 * 2)]


def test_big_endian() -> None:
    """Motorola's byte order is read too."""
    entry = struct.pack(">HHIHH", 274, SHORT, 1, 8, 0)
    content = b"MM\0*" + struct.pack(">IH", 8, 1) + entry + bytes(4)
    assert directories(content) == [{274: (8,)}]


def test_the_next_directory_follows() -> None:
    """Directories in a row (pages, Canon's previews) are all found."""
    writer = TiffWriter()
    last = writer.directory([Tag(256, LONG, (3,))])
    middle = writer.directory([Tag(256, LONG, (2,))], after=last)
    found = directories(writer.finish(writer.directory([Tag(256, LONG, (1,))], after=middle)))
    assert [directory[256] for directory in found] == [(1,), (2,), (3,)]


def test_loops_end() -> None:
    """A directory that names itself as the next one, or as its own child, is read once."""
    content = b"II*\0" + struct.pack("<IHHHIII", 8, 1, 330, LONG, 1, 8, 8)
    assert directories(content) == [{330: (8,)}]


def test_many_directories_end() -> None:
    """A chain without end is cut after a few directories."""
    writer, after = TiffWriter(), 0
    for _ in range(100):
        after = writer.directory([Tag(256, LONG, (1,))], after=after)
    assert 10 < len(directories(writer.finish(after))) < 50


def test_values_that_are_not_there() -> None:
    """A tag that points outside the file, or promises a billion values, has none."""
    content = b"II*\0" + struct.pack("<IHHHIIHHIII", 8, 2, 273, LONG, 5, 10**6, 279, LONG, 10**9, 8, 0)
    assert directories(content) == [{273: (), 279: ()}]


def test_panasonics_offset_replaces_the_strips() -> None:
    """RW2 files write a useless strip offset and the true one in a tag of their own."""
    directory = {273: (2**32 - 1,), 279: (500,), 0x118: (1000,)}
    assert list(data_ranges(directory)) == [(1000, 500)]


@pytest.mark.parametrize("content", [b"", b"II*\0", b"II*\0\x08", b"\xff\xd8\xff\xe0rest", b"II*\0\0\0\0\0"])
def test_no_directories(content: bytes) -> None:
    """Stubs and other files have none."""
    assert directories(content) == []


@given(st.binary(max_size=200))
def test_any_bytes_are_harmless(content: bytes) -> None:
    """Whatever follows the magic number, reading ends without an error."""
    for magic in (b"II*\0", b"MM\0*", b"IIU\0"):
        assert len(directories(magic + content)) < 50


def test_text_is_no_number() -> None:
    """A text where a number is expected gives no number."""
    writer = TiffWriter()
    found = directories(writer.finish(writer.directory([Tag(259, ASCII, "one")])))
    assert found == [{259: ()}]
