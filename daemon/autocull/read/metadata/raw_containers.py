"""JPEGs and EXIF blocks inside camera files, found without LibRaw: TIFF directories, Canon boxes, Fujifilm.

Canon's CR3 is made of ISO base media boxes (ISO/IEC 14496-12): the box "moov" holds Canon's own with the EXIF
blocks CMT1 and CMT2, another one of Canon's holds the preview PRVW.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO, NamedTuple

from autocull.read.metadata.tiff import data_ranges, read_directories

_CANON_FACTS = bytes.fromhex("85c0b687820f11e08111f4ce462b6a48")
_CANON_PREVIEW = bytes.fromhex("eaf42b5e1c984b88b9fbb7dc406e4d16")
_FUJI = b"FUJIFILMCCD-RAW"
_MOST_BOXES = 200


class Span(NamedTuple):
    """A run of bytes in a file."""

    start: int
    size: int

    def read(self, file: BinaryIO) -> bytes:
        """Return the bytes; fewer where the file ends before."""
        file.seek(self.start)
        return file.read(self.size)


def embedded_jpegs(file: BinaryIO, size: int) -> list[Span]:
    """Return what may be whole JPEG previews inside a file of `size` bytes, the largest first."""
    spans = [Span(*found) for directory in read_directories(file) for found in data_ranges(directory)]
    spans += [*_canon_preview(file, size), *fuji_jpeg(file)]
    whole = {span for span in spans if span.size > 4 and span.start + span.size <= size}
    return [span for span in sorted(whole, key=lambda span: -span.size) if _starts_jpeg(file, span)]


def canon_exif(file: BinaryIO, size: int) -> Iterator[bytes]:
    """Yield the EXIF blocks of a CR3 file, each a small TIFF of its own; nothing for other files."""
    for kind, span in _boxes(file, Span(0, size)):
        if kind == b"moov":
            for inner, facts in _boxes(file, span):
                if inner == b"uuid" and Span(facts.start, 16).read(file) == _CANON_FACTS:
                    yield from _exif_blocks(file, Span(facts.start + 16, facts.size - 16))


def fuji_jpeg(file: BinaryIO) -> Iterator[Span]:
    """Yield where a RAF file says that its JPEG lies (big-endian offset and length at byte 84)."""
    head = Span(0, 92).read(file)
    if head.startswith(_FUJI) and len(head) == 92:
        yield Span(int.from_bytes(head[84:88]), int.from_bytes(head[88:92]))


def _exif_blocks(file: BinaryIO, span: Span) -> Iterator[bytes]:
    """Yield the contents of CMT1 (the picture) and CMT2 (the exposure)."""
    for kind, block in _boxes(file, span):
        if kind in (b"CMT1", b"CMT2"):
            yield block.read(file)


def _canon_preview(file: BinaryIO, size: int) -> Iterator[Span]:
    """Yield where the preview of a CR3 file lies: it starts after a short header of Canon's own."""
    for kind, span in _boxes(file, Span(0, size)):
        if kind == b"uuid" and Span(span.start, 16).read(file) == _CANON_PREVIEW:
            start = Span(span.start, 128).read(file).find(b"\xff\xd8\xff")
            if start > 0:
                yield Span(span.start + start, span.size - start)


def _boxes(file: BinaryIO, within: Span) -> Iterator[tuple[bytes, Span]]:
    """Yield (kind, contents) of the boxes that follow one another; stops at the first broken one."""
    at, end = within.start, within.start + within.size
    for _ in range(_MOST_BOXES):
        head = Span(at, 16).read(file)
        if at + 8 > end or len(head) < 8:
            return
        length, kind, skip = int.from_bytes(head[:4]), head[4:8], 8
        if length == 1:  # the length did not fit and follows in eight bytes
            length, skip = int.from_bytes(head[8:16]), 16
        if length < skip:
            return
        yield kind, Span(at + skip, min(length, end - at) - skip)
        at += length


def _starts_jpeg(file: BinaryIO, span: Span) -> bool:
    """Tell whether the span starts as JPEGs do."""
    return Span(span.start, 3).read(file) == b"\xff\xd8\xff"
