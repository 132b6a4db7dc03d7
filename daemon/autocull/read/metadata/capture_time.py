"""The time of a photo alone, read from a few hundred bytes, to compare the files of one name."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime
from io import BytesIO
from pathlib import Path
from typing import BinaryIO

from autocull.read.file_access import reachable
from autocull.read.metadata.raw_containers import FUJI_MAGIC, ByteRange, canon_exif, fuji_jpeg
from autocull.read.metadata.tiff import MAGICS, tag_range

_EXIF_POINTER, _DATE_TIME_ORIGINAL = 34665, 36867
_HEADER_BYTES = 1 << 16
_DATE = re.compile(rb"(\d{4}):(\d\d):(\d\d) (\d\d):(\d\d):(\d\d)")
_EXIF_PREFIX = b"Exif\0\0"


def capture_time(path: Path) -> datetime | None:
    """Return the time at which a JPEG or RAW file was taken, by its camera's clock; None if unknown."""
    try:
        with reachable(path).open("rb") as file:
            return next(filter(None, map(_time_in, _tiff_blocks(file))), None)
    except (OSError, ValueError):
        return None


def _tiff_blocks(file: BinaryIO) -> Iterator[BinaryIO]:
    """Yield the TIFF structures in a file that may hold its time."""
    head = file.read(16)
    if head[:4] in MAGICS:
        yield file
    elif head.startswith(b"\xff\xd8"):
        yield from _in_jpeg(ByteRange(0, _HEADER_BYTES).read(file))
    elif head.startswith(FUJI_MAGIC):
        for jpeg in fuji_jpeg(file):
            yield from _in_jpeg(ByteRange(jpeg.start, _HEADER_BYTES).read(file))
    elif head[4:8] == b"ftyp":
        yield from map(BytesIO, canon_exif(file, 1 << 62))


def _in_jpeg(jpeg: bytes) -> Iterator[BinaryIO]:
    start = jpeg.find(_EXIF_PREFIX)
    if start >= 0:
        yield BytesIO(jpeg[start + len(_EXIF_PREFIX) :])


def _time_in(file: BinaryIO) -> datetime | None:
    """Return the time in a TIFF structure: in the EXIF directory, or in the main one (CR3, DNG)."""
    for directory in (_EXIF_POINTER, None):
        span = tag_range(file, _DATE_TIME_ORIGINAL, directory)
        match = _DATE.match(ByteRange(*span).read(file)) if span is not None else None
        if match:
            return datetime(*map(int, match.groups()))  # type: ignore[arg-type] # noqa: DTZ001 - the camera's clock has no zone
    return None
