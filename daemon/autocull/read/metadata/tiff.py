"""The directories of a TIFF file (TIFF 6.0), as far as needed to distinguish RAW files from pictures.

Many RAW formats are based on TIFF: NEF, CR2, ARW, DNG, PEF, RW2. Only integers are read, and their number is
limited so that a hostile file cannot cause long reads.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import BinaryIO

Directory = dict[int, tuple[int, ...]]
"""One directory: tag number to its integer values; tags of other types have no values."""

COMPRESSION, PHOTOMETRIC, STRIP_OFFSETS, STRIP_BYTES = 259, 262, 273, 279
SUB_DIRECTORIES, TILE_OFFSETS, TILE_BYTES, JPEG_OFFSET, JPEG_BYTES = 330, 324, 325, 513, 514
DNG_VERSION, PANASONIC_RAW_OFFSET = 0xC612, 0x118

RAW_MAGICS = (b"IIU\0", b"IIRO", b"IIRS", b"MMOR")
"""First bytes of the TIFF variants of Panasonic and Olympus, which are RAW files."""

MAGICS = (b"II*\0", b"MM\0*", *RAW_MAGICS)
"""First bytes of TIFF files, standard and variants."""

_TYPE_CODES = {1: "B", 3: "H", 4: "I", 13: "I"}
_MAX_DIRECTORIES = 24
_MAX_TAGS = 400
_MAX_VALUES = 20_000


def read_directories(file: BinaryIO) -> list[Directory]:
    """Return the main directories and their sub-directories, in file order; [] if there are none."""
    file.seek(0)
    head = file.read(8)
    if head[:4] not in MAGICS:
        return []
    order = "<" if head[:2] == b"II" else ">"
    directories: list[Directory] = []
    pending, visited = [_unpack(order + "I", head[4:8])], set[int]()
    while pending and len(directories) < _MAX_DIRECTORIES:
        offset = pending.pop(0)
        if offset in visited or offset == 0:
            continue
        visited.add(offset)
        directory, next_offset = _read_directory(file, order, offset)
        if directory:
            directories.append(directory)
            pending += [*directory.get(SUB_DIRECTORIES, ()), next_offset]
    return directories


def tag_range(file: BinaryIO, tag: int, pointer: int | None = None) -> tuple[int, int] | None:
    """Return offset and length in bytes of a tag of type BYTE, ASCII or UNDEFINED in the first directory.

    With `pointer`, the tag is looked for in the directory that this tag of the first one refers to.
    """
    file.seek(0)
    head = file.read(8)
    order = "<" if head[:2] == b"II" else ">"
    entries = _read_entries(file, order, _unpack(order + "I", head[4:8]))
    if pointer is not None:
        offsets = [offset for number, _, _, offset in entries if number == pointer]
        entries = _read_entries(file, order, offsets[0]) if offsets else []
    spans = (
        (offset, length)
        for number, kind, length, offset in entries
        if number == tag and kind in (1, 2, 7) and length > 4
    )
    return next(spans, None)


def _read_entries(file: BinaryIO, order: str, offset: int) -> list[tuple[int, int, int, int]]:
    """Return tag, type, number of values and offset of each entry of the directory at an offset."""
    file.seek(offset)
    count = min(_unpack(order + "H", file.read(2)), _MAX_TAGS)
    entries = file.read(12 * count)
    return [struct.unpack_from(order + "HHII", entries, start) for start in range(0, len(entries) - 11, 12)]


def data_ranges(directory: Directory) -> Iterator[tuple[int, int]]:
    """Yield (offset, byte count) of each strip, tile and embedded JPEG of the directory."""
    pairs = ((STRIP_OFFSETS, STRIP_BYTES), (TILE_OFFSETS, TILE_BYTES), (JPEG_OFFSET, JPEG_BYTES))
    for offsets, counts in pairs:
        starts = directory.get(offsets, ())
        if offsets == STRIP_OFFSETS:
            starts = directory.get(PANASONIC_RAW_OFFSET, starts)
        yield from zip(starts, directory.get(counts, ()), strict=False)


def _read_directory(file: BinaryIO, order: str, offset: int) -> tuple[Directory, int]:
    """Return the directory at an offset and the offset of the next one; empty if the file ends before it."""
    file.seek(offset)
    count = min(_unpack(order + "H", file.read(2)), _MAX_TAGS)
    entries = file.read(12 * count + 4)
    directory: Directory = {}
    for start in range(0, min(len(entries) - 11, 12 * count), 12):
        tag, kind, length = struct.unpack_from(order + "HHI", entries, start)
        directory[tag] = _read_values(file, order, kind, length, entries[start + 8 : start + 12])
    return directory, _unpack(order + "I", entries[12 * count :])


def _read_values(file: BinaryIO, order: str, kind: int, length: int, field: bytes) -> tuple[int, ...]:
    """Return a tag's integers, from its field or from the offset in the field."""
    type_code = _TYPE_CODES.get(kind)
    if type_code is None or length > _MAX_VALUES:
        return ()
    layout = f"{order}{length}{type_code}"
    size = struct.calcsize(layout)
    if size > 4:
        file.seek(_unpack(order + "I", field))
        field = file.read(size)
    return struct.unpack(layout, field[:size]) if len(field) >= size else ()


def _unpack(layout: str, field: bytes) -> int:
    """Return one integer; 0 if bytes are missing."""
    return int(struct.unpack(layout, field)[0]) if len(field) == struct.calcsize(layout) else 0
