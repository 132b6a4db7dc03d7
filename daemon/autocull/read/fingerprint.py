"""Fingerprints of pictures: digests that stay the same when another program writes only metadata into a file.

Lightroom and others write marks into JPEG, TIFF, DNG, PSD, PNG and WebP files, which changes their size and
time. What a photo's measurement depends on stays: the stored picture, its colour profile, its orientation and
what the camera recorded. Only these are digested; no pixel is decoded. Sources: ITU T.81 (JPEG), TIFF 6.0,
DNG 1.7, PNG (W3C), WebP container (RFC 9649), Adobe Photoshop File Formats.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator
from hashlib import blake2b
from io import BytesIO
from itertools import pairwise
from pathlib import Path
from typing import BinaryIO

from autocull.errors import PhotoError
from autocull.read.file_access import file_identity, reachable
from autocull.read.file_type import detect_kind
from autocull.read.metadata import (
    DNG_VERSION,
    capture_from_tags,
    data_ranges,
    orientation_of,
    read_directories,
    read_tags,
    tag_range,
)
from autocull.read.photo import Frame

_VERSION = b"2"
_BLOCK = 1 << 20
_MAX_CHUNKS = 100_000
_SAMPLE_BYTES, _SAMPLED_RANGES = 4096, 32  # at the beginning and at the end of so many ranges
_ICC, _ICC_TAG, _PSD_ICC = b"ICC_PROFILE\0", 34675, 1039
_APP2, _APP14, _COMMENT, _START_OF_SCAN = 0xE2, 0xEE, 0xFE, 0xDA
_SUBFILE = 254
_PICTURE_TAGS = (_SUBFILE, 256, 257, 258, 259, 262, 266, 277, 278, 284, 317, 320, 322, 323, 338, 339)
"""Tags of a TIFF directory that say how its data are decoded: size, bits, compression, planes, prediction."""

_PNG_METADATA = {b"tEXt", b"zTXt", b"iTXt", b"eXIf", b"tIME"}
_WEBP_METADATA = {b"EXIF", b"XMP ", b"VP8X"}  # the last has flags that say which metadata there are


def fingerprint_frame(frame: Frame) -> bytes | None:
    """Return a digest of the frame's pictures, the same after metadata were written into its files.

    A file of a format without a fingerprint counts with its size and time. None if that holds for all files,
    or if one cannot be read.
    """
    digest, is_useful = blake2b(_VERSION, digest_size=16), False
    for path in frame.files:
        try:
            identity, picture = file_identity(path), fingerprint_picture(path)
        except PhotoError:
            return None
        is_useful = is_useful or picture is not None
        digest.update(picture or b"%d %d" % identity)
    return digest.digest() if is_useful else None


def fingerprint_picture(path: Path) -> bytes | None:
    """Return a digest of a file's picture; None for a format without one, or if the file cannot be parsed."""
    digest = blake2b(digest_size=16)
    try:
        with reachable(path).open("rb") as file:
            kind = detect_kind(file, path.suffix)
            directories = read_directories(file) if kind in ("tiff", "raw") else []
            if kind == "raw" and not any(DNG_VERSION in directory for directory in directories):
                return None
            add = _ADDERS.get(kind or "")
            if add is None:
                return None
            digest.update(kind.encode() if kind else b"")
            add(file, digest)
    except (OSError, ValueError, IndexError, struct.error, MemoryError):
        return None
    return digest.digest()


def _add_jpeg(file: BinaryIO, digest: blake2b) -> None:
    """Add tables, colour profile, and length and samples of the scans: all but metadata before them.

    The scans are compressed without gaps: another picture has another length, or other bytes throughout. What
    follows them in the file counts as if it belonged to them, as finding their end would mean to search all.
    """
    segments = list(_jpeg_segments(file))
    for is_application in (True, False):  # programs move application segments to other places
        for marker, offset, length in segments:
            if _belongs_to_picture(file, marker, offset) and (0xE0 <= marker <= 0xEF) == is_application:
                _add_range(file, offset, length, digest)
    start = segments[-1][1]
    _add_samples(file, _split_range(start, file.seek(0, 2) - start), digest)
    _add_capture(file, digest)


def _jpeg_segments(file: BinaryIO) -> Iterator[tuple[int, int, int]]:
    """Yield marker, offset and length of each segment up to the first scan; raises ValueError without one."""
    offset = 2
    for _ in range(_MAX_CHUNKS):
        file.seek(offset)
        head = file.read(4)
        if len(head) < 4 or head[0] != 0xFF:
            break
        marker, length = head[1], int.from_bytes(head[2:]) + 2
        if marker == 0xFF:  # padding
            offset += 1
            continue
        yield marker, offset, length
        if marker == _START_OF_SCAN:
            return
        offset += length
    raise ValueError("the JPEG has no scan")


def _belongs_to_picture(file: BinaryIO, marker: int, offset: int) -> bool:
    if marker == _APP2:
        file.seek(offset + 4)
        return file.read(len(_ICC)) == _ICC
    return marker == _APP14 or not (0xE0 <= marker <= 0xEF or marker in (_COMMENT, _START_OF_SCAN))


def _add_tiff(file: BinaryIO, digest: blake2b) -> None:
    """Add the layout and the data of every directory; of a DNG's sensor data only lengths and samples."""
    directories = read_directories(file)
    is_dng = any(DNG_VERSION in directory for directory in directories)
    if not any(list(data_ranges(directory)) for directory in directories):
        raise ValueError("there is no picture")  # as in a BigTIFF, which is not parsed here
    for directory in directories:
        digest.update(repr([directory.get(tag) for tag in _PICTURE_TAGS]).encode())
        ranges = list(data_ranges(directory))
        if not ranges and directory.get(256):
            raise ValueError("the data of a picture are not found")
        is_preview = bool(directory.get(_SUBFILE, (0,))[0] & 1)
        if is_dng and not is_preview:
            _add_samples(file, ranges, digest)
        else:
            for offset, length in ranges:
                _add_range(file, offset, length, digest)
    profile = tag_range(file, _ICC_TAG)
    if profile is not None:
        _add_range(file, *profile, digest)
    _add_capture(file, digest)


def _add_psd(file: BinaryIO, digest: blake2b) -> None:
    """Add header, colour table and profile, samples of the layers, and the merged picture."""
    _add_range(file, 0, 26, digest)
    offset = 26
    length = _read_length(file, offset)
    _add_range(file, offset, 4 + length, digest)
    offset += 4 + length
    for identifier, start, size in _psd_resources(file, offset + 4, _read_length(file, offset)):
        if identifier == _PSD_ICC:
            _add_range(file, start, size, digest)
    offset += 4 + _read_length(file, offset)
    length = _read_length(file, offset)
    _add_samples(file, [(offset + 4, length)], digest)
    offset += 4 + length
    _add_range(file, offset, file.seek(0, 2) - offset, digest)
    _add_capture(file, digest)


def _psd_resources(file: BinaryIO, start: int, length: int) -> Iterator[tuple[int, int, int]]:
    """Yield identifier, offset and length of each image resource."""
    offset, end = start, start + length
    while offset + 12 <= end:
        file.seek(offset)
        head = file.read(7)
        name_length = head[6] + 1
        content = offset + 6 + name_length + name_length % 2
        size = _read_length(file, content)
        yield int.from_bytes(head[4:6]), content + 4, size
        offset = content + 4 + size + size % 2


def _add_png(file: BinaryIO, digest: blake2b) -> None:
    """Add all chunks but those of text, time and EXIF."""
    offset, exif = 8, b""
    for _ in range(_MAX_CHUNKS):
        file.seek(offset)
        head = file.read(8)
        length, kind = int.from_bytes(head[:4]), head[4:]
        if kind == b"eXIf":
            exif = file.read(length)
        if kind not in _PNG_METADATA:
            _add_range(file, offset, 8 + length, digest)
        offset += 12 + length
        if kind == b"IEND":
            return _add_capture(BytesIO(exif), digest)
    raise ValueError("the file has too many chunks")


def _add_webp(file: BinaryIO, digest: blake2b) -> None:
    """Add all chunks but those of EXIF and XMP."""
    offset, exif, end = 12, b"", file.seek(0, 2)
    while offset + 8 <= end:
        file.seek(offset)
        head = file.read(8)
        length, kind = int.from_bytes(head[4:], "little"), head[:4]
        if kind == b"EXIF":
            exif = file.read(length)
        if kind not in _WEBP_METADATA:
            _add_range(file, offset, 8 + length, digest)
        offset += 8 + length + length % 2
    _add_capture(BytesIO(exif.removeprefix(b"Exif\0\0")), digest)


def _add_capture(file: BinaryIO, digest: blake2b) -> None:
    """Add the orientation and what the camera recorded."""
    tags = read_tags(file)
    digest.update(f"{orientation_of(tags)} {capture_from_tags(tags, 'exif')}".encode())


def _add_samples(file: BinaryIO, ranges: list[tuple[int, int]], digest: blake2b) -> None:
    """Add all lengths, and beginning and end of some ranges: compressed data change throughout."""
    digest.update(repr([length for _, length in ranges]).encode())
    step = max(1, len(ranges) // _SAMPLED_RANGES)
    for offset, length in ranges[::step]:
        sample = min(length, _SAMPLE_BYTES)
        _add_range(file, offset, sample, digest)
        _add_range(file, offset + length - sample, sample, digest)


def _split_range(start: int, length: int) -> list[tuple[int, int]]:
    """Return (offset, length) of the consecutive ranges in which a large one is sampled."""
    ends = [start + length * number // _SAMPLED_RANGES for number in range(_SAMPLED_RANGES + 1)]
    return [(low, high - low) for low, high in pairwise(ends)]


def _add_range(file: BinaryIO, offset: int, length: int, digest: blake2b) -> None:
    """Add a range of the file; raises ValueError if the file ends before."""
    file.seek(offset)
    while length > 0:
        block = file.read(min(length, _BLOCK))
        if not block:
            raise ValueError("the file ends too early")
        digest.update(block)
        length -= len(block)


def _read_length(file: BinaryIO, offset: int) -> int:
    file.seek(offset)
    return int(struct.unpack(">I", file.read(4))[0])


_ADDERS: dict[str, Callable[[BinaryIO, blake2b], None]] = {
    "jpeg": _add_jpeg,
    "tiff": _add_tiff,
    "raw": _add_tiff,
    "psd": _add_psd,
    "png": _add_png,
    "webp": _add_webp,
}
