"""Decodes JPEGs once, at full resolution, into the worker's decode buffer."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from io import BytesIO
from math import ceil

import simplejpeg
from PIL import Image

from autocull.read.colour import fitting_profile
from autocull.read.decoded_image import DecodedImage
from autocull.read.decoders.buffer import DecodeBuffer
from autocull.read.decoders.errors import (
    DAMAGED_MESSAGE,
    FULL_PIXELS,
    UnreadableError,
    check_pixels,
    translate_decode_errors,
)

_STANDALONE_MARKERS = {0x01, *range(0xD0, 0xDA)}
_FRAME_MARKERS = set(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_PROGRESSIVE_MARKERS = {0xC2, 0xC6, 0xCA, 0xCE}
_SCAN_MARKER = 0xDA
_END_OF_IMAGE = b"\xff\xd9"
_ICC_PREFIX = b"ICC_PROFILE\0"
SPARE_ROWS = 2
"""Rows allocated beyond a picture: Pillow maps whole steps of rows."""


@dataclass(frozen=True, slots=True)
class JpegHeader:
    """The header of a JPEG: size in pixels, progressive or not, colour profile.

    `scan_start` is the offset of the pixel data (0 if not found).
    """

    width: int = 0
    height: int = 0
    channels: int = 0
    progressive: bool = False
    profile: bytes | None = None
    scan_start: int = 0


def read_jpeg_header(jpeg: bytes) -> JpegHeader:
    """Return the header of a JPEG; sizes are 0 if it has no frame header."""
    width = height = channels = scan_start = 0
    progressive = False
    icc_chunks: dict[int, bytes] = {}
    for marker, start, end in _iter_segments(jpeg):
        if marker in _FRAME_MARKERS and end - start >= 6:
            height, width = (
                int.from_bytes(jpeg[start + 1 : start + 3]),
                int.from_bytes(jpeg[start + 3 : start + 5]),
            )
            channels, progressive = jpeg[start + 5], marker in _PROGRESSIVE_MARKERS
        elif marker == 0xE2 and jpeg.startswith(_ICC_PREFIX, start):
            icc_chunks[jpeg[start + len(_ICC_PREFIX)]] = jpeg[start + len(_ICC_PREFIX) + 2 : end]
        elif marker == _SCAN_MARKER:
            scan_start = end
    profile = b"".join(icc_chunks[number] for number in sorted(icc_chunks)) or None
    return JpegHeader(width, height, channels, progressive, profile, scan_start)


def _iter_segments(jpeg: bytes) -> Iterator[tuple[int, int, int]]:
    """Yield (marker, start, end) of each segment before the pixel data, skipping garbage between segments."""
    offset = 2
    while True:
        offset = jpeg.find(b"\xff", offset)
        if offset < 0 or offset + 4 > len(jpeg):
            return
        marker = jpeg[offset + 1]
        if marker in (0x00, 0xFF) or marker in _STANDALONE_MARKERS:
            offset += 1 if marker == 0xFF else 2
            continue
        end = offset + 2 + int.from_bytes(jpeg[offset + 2 : offset + 4])
        yield marker, offset + 4, min(end, len(jpeg))
        if marker == _SCAN_MARKER:
            return
        offset = end


def decode_jpeg(jpeg: bytes, buffer: DecodeBuffer) -> DecodedImage:
    """Decode a JPEG once; pictures over about 64 MP are decoded at a half, a quarter or an eighth.

    Raises UnreadableError for what cannot be decoded completely: half a picture is an error.
    """
    header = read_jpeg_header(jpeg)
    check_pixels("progressive" if header.progressive else "jpeg", header.width, header.height, len(jpeg))
    subsample_rows: Callable[[int], Image.Image] | None = None
    remarks: tuple[str, ...] = ()
    try:
        subsample_rows = _decode_fast(jpeg, header, buffer)
        image = subsample_rows(1)
    except ValueError as problem:
        if jpeg.find(_END_OF_IMAGE, header.scan_start) < 0:
            subsample_rows = _decode_without_end(jpeg, header, buffer)
            image, remarks = subsample_rows(1), ("maybe_damaged",)
        else:
            image = _decode_tolerant(jpeg, header)
            remarks = ("maybe_damaged",) if "Corrupt" in str(problem) else ()
    profile, colour_remarks = fitting_profile(header.profile, image.mode)
    remarks += colour_remarks
    if max(image.size) < max(header.width, header.height):
        remarks += ("scaled_down",)
    return DecodedImage(image, profile=profile, remarks=remarks, subsample_rows=subsample_rows)


def _decode_fast(jpeg: bytes, header: JpegHeader, buffer: DecodeBuffer) -> Callable[[int], Image.Image]:
    """Decode into the buffer as L or RGBX, which Pillow maps without a copy.

    Returns a function of n that maps every n-th row of the pixels. Raises ValueError if that is not possible.
    """
    if header.channels not in (1, 3):
        raise ValueError("only JPEGs with one or three channels can be decoded into the buffer")
    factor = _shrink_factor(header)
    minimum = {
        "min_height": header.height // factor,
        "min_width": header.width // factor,
        "min_factor": factor,
    }
    height, width, _, _ = simplejpeg.decode_jpeg_header(jpeg, **minimum)
    colourspace, mode, bytes_per_pixel = ("GRAY", "L", 1) if header.channels == 1 else ("RGBX", "RGBX", 4)
    row_bytes = width * bytes_per_pixel
    block = buffer.allocate((height + SPARE_ROWS) * row_bytes)
    simplejpeg.decode_jpeg(jpeg, colourspace, buffer=block[: height * row_bytes], **minimum)
    return lambda n: Image.frombuffer(mode, (width, ceil(height / n)), block, "raw", mode, n * row_bytes, 1)


def _decode_without_end(
    jpeg: bytes, header: JpegHeader, buffer: DecodeBuffer
) -> Callable[[int], Image.Image]:
    """Decode a JPEG without an end marker, which some programs forget; truncated pictures are an error.

    The decoder reports rows that it had to fill. Pillow would decode them, and zeros after an interrupted
    copy, as dark pixels.
    """
    try:
        return _decode_fast(jpeg + _END_OF_IMAGE, header, buffer)
    except ValueError as problem:
        raise UnreadableError("damaged", DAMAGED_MESSAGE) from problem


def _decode_tolerant(jpeg: bytes, header: JpegHeader) -> Image.Image:
    """Decode with Pillow, which accepts CMYK and garbage between segments."""
    factor = _shrink_factor(header)
    with translate_decode_errors():
        image = Image.open(BytesIO(jpeg), formats=["JPEG", "MPO"])
        if factor > 1:
            image.draft(image.mode, (image.width // factor, image.height // factor))
        image.load()
    return image if image.mode in ("L", "CMYK") else image.convert("RGB")


def _shrink_factor(header: JpegHeader) -> int:
    """Return the factor by which each side is reduced so that the picture fits in memory: 1, 2, 4 or 8."""
    pixels = header.width * header.height
    return next((factor for factor in (1, 2, 4) if pixels <= FULL_PIXELS * factor**2), 8)
