"""Read photos: from a path to a `Photo` with upright sRGB pixels and capture metadata."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from autocull.read.discovery import ScanResult, find_frames
from autocull.read.file_access import FileIdentity, file_identity
from autocull.read.photo import Box, Capture, Frame, Photo, Pixels

if TYPE_CHECKING:
    from autocull.read.decoders.buffer import DecodeBuffer
    from autocull.read.reader import read_frame, read_photo

__all__ = [
    "Box",
    "Capture",
    "DecodeBuffer",
    "FileIdentity",
    "Frame",
    "Photo",
    "Pixels",
    "ScanResult",
    "file_identity",
    "find_frames",
    "read_frame",
    "read_photo",
]


def __getattr__(name: str) -> Any:
    """Import the decoders on first use: finding photos needs none of them."""
    if name == "DecodeBuffer":
        from autocull.read.decoders.buffer import DecodeBuffer

        return DecodeBuffer
    if name not in ("read_frame", "read_photo"):
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from autocull.read import reader

    return getattr(reader, name)
