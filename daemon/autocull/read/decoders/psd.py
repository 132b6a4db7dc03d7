"""Decodes the merged picture of Photoshop files of 16 and 32 bits, which Pillow does not read.

Source: Adobe Photoshop File Formats Specification (2019), sections "File Header", "Image Resources" and
"Image Data". The layers are not read: Photoshop writes the merged picture, unless that is switched off.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from autocull.read.decoders.errors import DAMAGED_MESSAGE, UnreadableError, check_memory, check_pixels

_HEADER_BYTES = 26
_RAW, _RLE, _ZIP, _ZIP_PREDICTED = range(4)
_PROFILE_RESOURCE, _VERSION_RESOURCE, _EXIF_RESOURCE = 1039, 1057, 1058
_MAX_RESOURCE_BYTES = 1 << 26
_PLANES = {1: 1, 3: 3, 4: 4, 8: 1, 9: 3}
"""Colour planes by mode: grey, RGB, CMYK, duotone (shown in grey), Lab."""

CMYK_MODE, LAB_MODE = 4, 9
_UNKNOWN_MODE_MESSAGE = "Autocull does not read Photoshop files in this colour mode. Save this one as RGB."
_NOT_MERGED_MESSAGE = (
    "This Photoshop file holds layers only. Save it again with Maximize Compatibility switched on."
)


@dataclass(frozen=True, slots=True)
class PsdHeader:
    """Size in pixels, bits per value, colour mode, and where the parts of a Photoshop file are."""

    width: int
    height: int
    channels: int
    depth: int
    mode: int
    resources: dict[int, tuple[int, int]]
    """Offset and length of each image resource, by its number."""
    data_start: int


@dataclass(frozen=True, slots=True)
class PsdPicture:
    """The merged picture: values `(h, w, planes)`, uint8 of 16-bit files and float32 of 32-bit files."""

    values: NDArray[Any]
    mode: int
    profile: bytes | None


def read_psd_header(file: BinaryIO) -> PsdHeader:
    """Return the header of a Photoshop file; lengths that the file does not have count as damage."""
    file.seek(0)
    head = _read(file, _HEADER_BYTES)
    channels = int.from_bytes(head[12:14])
    height, width = int.from_bytes(head[14:18]), int.from_bytes(head[18:22])
    depth, mode = int.from_bytes(head[22:24]), int.from_bytes(head[24:26])
    _skip_section(file)  # colour table
    resources_start = file.tell() + 4
    resources_end = _skip_section(file)
    resources = {
        number: (start, size) for number, start, size in _iter_resources(file, resources_start, resources_end)
    }
    file.seek(resources_end)
    data_start = _skip_section(file)  # layers
    return PsdHeader(width, height, channels, depth, mode, resources, data_start)


def read_psd_exif(file: BinaryIO, header: PsdHeader) -> bytes:
    """Return the EXIF block of a Photoshop file, b"" without one."""
    return _read_resource(file, header, _EXIF_RESOURCE) or b""


def refuse_layers_only(file: BinaryIO, header: PsdHeader) -> None:
    """Raise UnreadableError for a file whose merged picture is a white page: it was not written."""
    version = _read_resource(file, header, _VERSION_RESOURCE)
    if version is not None and len(version) > 4 and not version[4]:
        raise UnreadableError("unsupported", _NOT_MERGED_MESSAGE)


def decode_deep_psd(file: BinaryIO, size: int, header: PsdHeader) -> PsdPicture:
    """Return the merged picture of a file of 16 or 32 bits and `size` bytes, without transparency.

    Raises UnreadableError for other depths, unknown colour modes, and for files that are cut off.
    """
    check_pixels("psd", header.width, header.height, size)
    planes = _PLANES.get(header.mode, 0)
    if header.depth not in (16, 32) or not planes or (header.depth == 32 and header.mode not in (1, 3)):
        raise UnreadableError("unsupported", _UNKNOWN_MODE_MESSAGE)
    if header.channels < planes:
        raise UnreadableError("damaged", DAMAGED_MESSAGE)
    dtype = np.uint8 if header.depth == 16 else np.float32
    check_memory(header.width * header.height, planes * np.dtype(dtype).itemsize)
    values = np.empty((header.height, header.width, planes), dtype)
    rows = _iter_rows(file, header)
    for plane in range(planes):
        for row in range(header.height):
            content = np.frombuffer(next(rows), np.uint8)
            if header.depth == 16:
                values[row, :, plane] = content[::2]  # the high byte
            else:
                values[row, :, plane] = content.view(">f4")
    return PsdPicture(values, header.mode, _read_resource(file, header, _PROFILE_RESOURCE))


def _iter_rows(file: BinaryIO, header: PsdHeader) -> Iterator[bytes]:
    """Yield the unpacked rows of all planes, one plane after the other."""
    row_bytes = header.width * header.depth // 8
    count = header.height * header.channels
    file.seek(header.data_start)
    compression = int.from_bytes(_read(file, 2))
    if compression == _RAW:
        yield from (_read(file, row_bytes) for _ in range(count))
    elif compression == _RLE:
        lengths = np.frombuffer(_read(file, 2 * count), ">u2")
        yield from (_unpack_bits(_read(file, int(length)), row_bytes) for length in lengths)
    elif compression in (_ZIP, _ZIP_PREDICTED):
        rows = _inflate_rows(file, row_bytes, count)
        yield from rows if compression == _ZIP else (_add_up(row, header) for row in rows)
    else:
        raise UnreadableError("damaged", DAMAGED_MESSAGE)


def _unpack_bits(packed: bytes, size: int) -> bytes:
    """Return a row of `size` bytes that was packed by PackBits: copies and repetitions of up to 128 bytes."""
    row, position = bytearray(), 0
    while position < len(packed) and len(row) < size:
        code = packed[position]
        if code < 128:
            row += packed[position + 1 : position + 2 + code]
            position += 2 + code
        else:
            if code > 128:
                row += packed[position + 1 : position + 2] * (257 - code)
            position += 2 if code > 128 else 1
    if len(row) != size:
        raise UnreadableError("damaged", DAMAGED_MESSAGE)
    return bytes(row)


def _inflate_rows(file: BinaryIO, row_bytes: int, count: int) -> Iterator[bytes]:
    """Yield rows of a zlib stream without unfolding it as a whole."""
    stream = zlib.decompressobj()
    packed = b""
    for _ in range(count):
        row = bytearray()
        while len(row) < row_bytes:
            packed = packed or file.read(1 << 16)
            part = stream.decompress(packed, row_bytes - len(row))
            packed = stream.unconsumed_tail
            if not part and not packed and (stream.eof or not (packed := file.read(1 << 16))):
                raise UnreadableError("damaged", DAMAGED_MESSAGE)
            row += part
        yield bytes(row)


def _add_up(row: bytes, header: PsdHeader) -> bytes:
    """Return a row that was stored as differences between neighbours; of 32 bits those of separated bytes."""
    if header.depth == 16:
        return np.cumsum(np.frombuffer(row, ">u2"), dtype=np.uint16).astype(">u2").tobytes()
    separated = np.cumsum(np.frombuffer(row, np.uint8), dtype=np.uint8)
    return separated.reshape(4, header.width).T.tobytes()


def _iter_resources(file: BinaryIO, start: int, end: int) -> Iterator[tuple[int, int, int]]:
    """Yield number, offset and length of each image resource."""
    offset = start
    while offset + 12 <= end:
        file.seek(offset)
        head = file.read(7)
        if len(head) < 7 or head[:4] != b"8BIM":
            return
        name_length = head[6] + 1
        content = offset + 6 + name_length + name_length % 2
        file.seek(content)
        size = int.from_bytes(file.read(4))
        yield int.from_bytes(head[4:6]), content + 4, size
        offset = content + 4 + size + size % 2


def _read_resource(file: BinaryIO, header: PsdHeader, number: int) -> bytes | None:
    start, size = header.resources.get(number, (0, 0))
    if not size or size > _MAX_RESOURCE_BYTES:
        return None
    file.seek(start)
    return _read(file, size)


def _skip_section(file: BinaryIO) -> int:
    """Go to the end of a section that begins with its length in 4 bytes, and return that position."""
    length = int.from_bytes(_read(file, 4))
    return file.seek(length, 1)


def _read(file: BinaryIO, size: int) -> bytes:
    """Read exactly `size` bytes; raises UnreadableError where the file is shorter."""
    content = file.read(size)
    if len(content) != size:
        raise UnreadableError("damaged", DAMAGED_MESSAGE)
    return content
