"""Detects the type of a file by its content: suffixes may be wrong (a JPEG named .NEF, a page named .jpg)."""

from __future__ import annotations

from typing import BinaryIO

from autocull.read.metadata import (
    COMPRESSION,
    DNG_VERSION,
    FUJI_MAGIC,
    MAGICS,
    PHOTOMETRIC,
    RAW_MAGICS,
    Directory,
    read_directories,
)

RAW_SUFFIXES = frozenset({
    ".3fr", ".ari", ".arw", ".bay", ".cap", ".cr2", ".cr3", ".crw", ".dcr", ".dng", ".erf", ".fff",
    ".gpr", ".iiq", ".k25", ".kdc", ".mef", ".mos", ".mrw", ".nef", ".nrw", ".orf", ".ori", ".pef",
    ".ptx", ".pxn", ".r3d", ".raf", ".raw", ".rw2", ".rwl", ".rwz", ".sr2", ".srf", ".srw", ".sti",
    ".x3f",
})  # fmt: skip
"""Suffixes of camera RAW files that LibRaw may support."""

PICTURE_SUFFIXES = frozenset({
    ".jpg", ".jpeg", ".jpe", ".jfif", ".mpo", ".png", ".tif", ".tiff", ".webp", ".heic", ".heif",
    ".hif", ".psd", ".gif", ".avif", ".bmp", ".ico", ".jp2", ".jxl", ".psb",
})  # fmt: skip
"""Suffixes of pictures; the last six are reported as unsupported rather than ignored."""

PHOTO_SUFFIXES = RAW_SUFFIXES | PICTURE_SUFFIXES
"""Suffixes of photos of any kind."""

RAW_PHOTOMETRICS = {32803, 34892}
"""Photometric values of sensor data: colour filter array and linear RAW (DNG specification 1.7)."""

_RAW_COMPRESSIONS = {32767, 34713, 52546, 65000, 65535}  # Sony, Nikon, JPEG XL, Kodak, Pentax

_MAGICS = (
    (b"\xff\xd8", "jpeg"),
    (b"\x89PNG\r\n\x1a\n", "png"),
    (b"GIF87a", "gif"),
    (b"GIF89a", "gif"),
    (b"8BPS\0\1", "psd"),
    (FUJI_MAGIC, "raw"),
    (b"FOVb", "raw"),
    (b"\0MRM", "raw"),
    *((magic, "raw") for magic in RAW_MAGICS),
    (b"II\x1a\0\0\0HEAP", "raw"),
)
_BRANDS = {
    b"crx ": "raw",
    b"heic": "heic", b"heix": "heic", b"hevc": "heic", b"hevx": "heic", b"heim": "heic", b"heis": "heic",
    b"mif1": "heic", b"msf1": "heic",
}  # fmt: skip
_FOREIGN_MESSAGES = (
    (b"\0\5\x16\7", "This is a companion file that macOS made, not the photo itself. It can be ignored."),
    (b"<!doctype", "This is a web page, not a photo. The download went wrong: fetch the photo again."),
    (b"<html", "This is a web page, not a photo. The download went wrong: fetch the photo again."),
    (b"<svg", "This is a drawing (SVG), not a photo."),
    (b"\xd0\xcf\x11\xe0", "This is a database of Windows thumbnails or an Office document, not a photo."),
    (b"%pdf", "This is a PDF document, not a photo."),
)
_UNSUPPORTED = (
    (b"BM", "BMP"),
    (b"\0\0\1\0", "icon"),
    (b"8BPS\0\2", "large Photoshop (PSB)"),
    (b"\xff\x0a", "JPEG XL"),
    (b"\0\0\0\x0cJXL ", "JPEG XL"),
    (b"\0\0\0\x0cjP  ", "JPEG 2000"),
)
_UNSUPPORTED_BRANDS = {b"avif": "AVIF", b"avis": "AVIF"}
HEAD_BYTES = 64
"""Number of bytes at the start of a file that decide its kind."""


def detect_kind(file: BinaryIO, suffix: str) -> str | None:
    """Return the kind of the content: jpeg, png, gif, webp, heic, psd, tiff, raw, or None.

    The suffix (".nef", in any case) is used only to distinguish a RAW file from a picture if the content
    starts like a TIFF, or like no registered format: some RAW formats have no magic number.
    """
    file.seek(0)
    head = file.read(HEAD_BYTES)
    kind = _kind_from_magic(head)
    has_raw_suffix = suffix.lower() in RAW_SUFFIXES
    if kind is None and head[:4] in (*MAGICS, b"II+\0", b"MM\0+"):
        return "raw" if has_raw_suffix or is_raw(head, read_directories(file)) else "tiff"
    if (
        kind is None
        and has_raw_suffix
        and unsupported_reason(head)[0] == "not_a_photo"
        and not _describe_foreign(head)
    ):
        return "raw"
    return kind


def has_photo_magic(head: bytes) -> bool:
    """Return whether the first bytes are those of a kind of photo that Autocull reads."""
    return _kind_from_magic(head) is not None or head[:4] in MAGICS


def is_raw(head: bytes, directories: list[Directory]) -> bool:
    """Return whether a TIFF holds sensor data, by photometric value, DNG version or maker's compression."""
    return head[8:10] == b"CR" or any(
        DNG_VERSION in directory
        or RAW_PHOTOMETRICS.intersection(directory.get(PHOTOMETRIC, ()))
        or _RAW_COMPRESSIONS.intersection(directory.get(COMPRESSION, ()))
        for directory in directories
    )


def unsupported_reason(head: bytes) -> tuple[str, str]:
    """Return the error code and message for a file whose first bytes are not those of a photo."""
    message = _describe_foreign(head)
    if message:
        return "not_a_photo", message
    name = next(
        (name for magic, name in _UNSUPPORTED if head.startswith(magic)),
        _UNSUPPORTED_BRANDS.get(_iso_brand(head)),
    )
    if name:
        return "unsupported", f"Autocull does not read {name} pictures. Export this one as JPEG or TIFF."
    return "not_a_photo", "The content of this file is not a photo in a supported format."


def _kind_from_magic(head: bytes) -> str | None:
    """Return the kind by the first bytes alone; None if they are ambiguous."""
    for magic, kind in _MAGICS:
        if head.startswith(magic):
            return kind
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "webp"
    return _BRANDS.get(_iso_brand(head))


def _iso_brand(head: bytes) -> bytes:
    """Return the major brand of an ISO base media file (HEIC, CR3, video ...); empty for other files."""
    return head[8:12] if head[4:8] == b"ftyp" else b""


def _describe_foreign(head: bytes) -> str | None:
    """Return the message for files of registered types that are no photos; None for others."""
    brand = _iso_brand(head)
    if brand and brand not in (_BRANDS.keys() | _UNSUPPORTED_BRANDS.keys()):
        return "This is a video, not a photo."
    start = head.lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    return next(
        (text for magic, text in _FOREIGN_MESSAGES if start.startswith(magic) or head.startswith(magic)), None
    )
