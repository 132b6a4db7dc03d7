"""JPEGs and EXIF blocks inside RAW files, found without LibRaw: TIFF directories, Canon CR3, Fujifilm RAF.

A CR3 file consists of ISO base media boxes (ISO/IEC 14496-12): the box "moov" contains a Canon box with the
EXIF blocks CMT1 and CMT2; another Canon box contains the preview PRVW.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO, NamedTuple

from autocull.read.metadata.tiff import data_ranges, read_directories

_CANON_EXIF_UUID = bytes.fromhex("85c0b687820f11e08111f4ce462b6a48")
_CANON_PREVIEW_UUID = bytes.fromhex("eaf42b5e1c984b88b9fbb7dc406e4d16")
_JPEG_MAGIC = b"\xff\xd8\xff"
_MAX_BOXES = 200

FUJI_MAGIC = b"FUJIFILMCCD-RAW"
"""First bytes of a Fujifilm RAF file."""


class ByteRange(NamedTuple):
    """A range of bytes in a file."""

    start: int
    size: int

    def read(self, file: BinaryIO) -> bytes:
        """Return the bytes; fewer if the file ends within the range."""
        file.seek(self.start)
        return file.read(self.size)


def embedded_jpegs(file: BinaryIO, size: int) -> list[ByteRange]:
    """Return the ranges of JPEG previews inside a file of `size` bytes, the largest first."""
    ranges = [ByteRange(*extent) for directory in read_directories(file) for extent in data_ranges(directory)]
    ranges += [*_find_canon_preview(file, size), *fuji_jpeg(file)]
    complete = {span for span in ranges if span.size > 4 and span.start + span.size <= size}
    return [span for span in sorted(complete, key=lambda span: -span.size) if _is_jpeg(file, span)]


def canon_exif(file: BinaryIO, size: int) -> Iterator[bytes]:
    """Yield the EXIF blocks of a CR3 file, each a small TIFF; nothing for other files."""
    for kind, span in iter_boxes(file, ByteRange(0, size)):
        if kind == b"moov":
            for inner_kind, inner_span in iter_boxes(file, span):
                if inner_kind == b"uuid" and ByteRange(inner_span.start, 16).read(file) == _CANON_EXIF_UUID:
                    yield from _iter_exif_blocks(file, ByteRange(inner_span.start + 16, inner_span.size - 16))


def fuji_jpeg(file: BinaryIO) -> Iterator[ByteRange]:
    """Yield the range of the JPEG in a RAF file (big-endian offset and length at byte 84)."""
    head = ByteRange(0, 92).read(file)
    if head.startswith(FUJI_MAGIC) and len(head) == 92:
        yield ByteRange(int.from_bytes(head[84:88]), int.from_bytes(head[88:92]))


def _iter_exif_blocks(file: BinaryIO, span: ByteRange) -> Iterator[bytes]:
    """Yield the contents of CMT1 (picture tags) and CMT2 (exposure tags)."""
    for kind, block in iter_boxes(file, span):
        if kind in (b"CMT1", b"CMT2"):
            yield block.read(file)


def _find_canon_preview(file: BinaryIO, size: int) -> Iterator[ByteRange]:
    """Yield the range of the preview in a CR3 file; it follows a short Canon header."""
    for kind, span in iter_boxes(file, ByteRange(0, size)):
        if kind == b"uuid" and ByteRange(span.start, 16).read(file) == _CANON_PREVIEW_UUID:
            start = ByteRange(span.start, 128).read(file).find(_JPEG_MAGIC)
            if start > 0:
                yield ByteRange(span.start + start, span.size - start)


def iter_boxes(file: BinaryIO, container: ByteRange) -> Iterator[tuple[bytes, ByteRange]]:
    """Yield (kind, contents) of consecutive boxes; stop at the first invalid one."""
    offset, end = container.start, container.start + container.size
    for _ in range(_MAX_BOXES):
        head = ByteRange(offset, 16).read(file)
        if offset + 8 > end or len(head) < 8:
            return
        length, kind, header_size = int.from_bytes(head[:4]), head[4:8], 8
        if length == 1:  # a 64-bit length follows
            length, header_size = int.from_bytes(head[8:16]), 16
        if length < header_size:
            return
        yield kind, ByteRange(offset + header_size, min(length, end - offset) - header_size)
        offset += length


def _is_jpeg(file: BinaryIO, span: ByteRange) -> bool:
    """Return whether the span starts with a JPEG marker."""
    return ByteRange(span.start, len(_JPEG_MAGIC)).read(file) == _JPEG_MAGIC
