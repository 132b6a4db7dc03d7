"""EXIF tags of a file or of a block of bytes, including malformed ones."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from io import BytesIO
from typing import Any, BinaryIO

import exifread

from autocull.read.metadata.raw_containers import ByteRange, canon_exif, fuji_jpeg

Tags = Mapping[str, Any]
"""Maps ExifRead's tag names ("EXIF FNumber") to its tag objects."""

_FUJI_HEADER_BYTES = 1 << 16


def read_tags(file: BinaryIO) -> Tags:
    """Return the EXIF tags of an open file; {} if there are none or they cannot be read.

    Maker notes are skipped: they cost 40-150 ms per file and none of them is needed.
    """
    logging.getLogger("exifread").setLevel(logging.CRITICAL)  # it logs every malformed file
    try:
        file.seek(0)
        tags: Tags = exifread.process_file(file, details=False)
    except Exception:  # noqa: BLE001 - broken EXIF raises anything; the photo is then read without metadata
        return {}
    return tags


def read_raw_tags(file: BinaryIO, size: int) -> Tags:
    """Return the EXIF tags of a RAW file, including those inside CR3 (Canon) and RAF (Fujifilm) files."""
    blocks = [*canon_exif(file, size)]
    blocks += [ByteRange(jpeg.start, _FUJI_HEADER_BYTES).read(file) for jpeg in fuji_jpeg(file)]
    if not blocks:
        return read_tags(file)
    merged: dict[str, Any] = {}
    for block in blocks:
        for name, tag in read_tags(BytesIO(block)).items():
            merged.setdefault(name, tag)
    return merged


def orientation_of(tags: Tags) -> int:
    """Return the EXIF orientation 1-8; 1 if it is missing or invalid."""
    values = getattr(tags.get("Image Orientation"), "values", None)
    try:
        value = int(values[0]) if values else 1
    except (TypeError, ValueError):
        return 1
    return value if 1 <= value <= 8 else 1
