"""Kinds of photo files, by where Lightroom reads their marks: in a sidecar, or inside the file only."""

from __future__ import annotations

from autocull.read import RAW_SUFFIXES, Frame

RAW_KIND = "RAW"
"""The kind of camera files whose sidecars Lightroom reads; those of all other kinds it does not."""

_NAMES = {
    **dict.fromkeys((".jpg", ".jpe", ".jfif", ".mpo"), "JPEG"),
    ".tif": "TIFF",
    **dict.fromkeys((".heif", ".hif"), "HEIC"),
}


def kind_of(frame: Frame) -> str:
    """Return the kind of a frame's file by its suffix: "RAW", "DNG", "JPEG", "TIFF", "HEIC", "PNG"...

    A RAW file with a JPEG of the same name is "RAW". A DNG, which holds its marks inside, is no "RAW".
    """
    suffix = frame.path.suffix.lower()
    if suffix in RAW_SUFFIXES:
        return "DNG" if suffix == ".dng" else RAW_KIND
    return _NAMES.get(suffix, suffix[1:].upper() or "other")
