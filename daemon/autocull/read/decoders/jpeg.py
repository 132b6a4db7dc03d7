"""JPEG: decoded once, at full resolution, into the worker's arena."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from io import BytesIO
from math import ceil

import simplejpeg
from PIL import Image

from autocull.read.colour import fitting_profile
from autocull.read.decoded_image import Picture
from autocull.read.decoders.buffer import Arena
from autocull.read.decoders.errors import DAMAGED, FULL_PIXELS, UnreadableError, check_pixels, decoding

_STANDALONE = {0x01, *range(0xD0, 0xDA)}
_FRAMES = set(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_PROGRESSIVE = {0xC2, 0xC6, 0xCA, 0xCE}
_SCAN = 0xDA
_END = b"\xff\xd9"
_ICC = b"ICC_PROFILE\0"
SPARE_ROWS = 2
"""Rows that the arena holds beyond a picture: Pillow maps whole steps of rows."""


@dataclass(frozen=True, slots=True)
class JpegHeader:
    """What a JPEG says of itself before its pixels: size in pixels, progressive or not, colour profile.

    `scan` is where its pixels' data start (0 where they cannot be found).
    """

    width: int = 0
    height: int = 0
    channels: int = 0
    progressive: bool = False
    profile: bytes | None = None
    scan: int = 0


def read_jpeg_header(jpeg: bytes) -> JpegHeader:
    """Return the header of a JPEG; sizes are 0 where its frame cannot be found."""
    width = height = channels = scan = 0
    progressive = False
    pieces: dict[int, bytes] = {}
    for marker, start, end in _segments(jpeg):
        if marker in _FRAMES and end - start >= 6:
            height, width = (
                int.from_bytes(jpeg[start + 1 : start + 3]),
                int.from_bytes(jpeg[start + 3 : start + 5]),
            )
            channels, progressive = jpeg[start + 5], marker in _PROGRESSIVE
        elif marker == 0xE2 and jpeg.startswith(_ICC, start):
            pieces[jpeg[start + len(_ICC)]] = jpeg[start + len(_ICC) + 2 : end]
        elif marker == _SCAN:
            scan = end
    profile = b"".join(pieces[number] for number in sorted(pieces)) or None
    return JpegHeader(width, height, channels, progressive, profile, scan)


def _segments(jpeg: bytes) -> Iterator[tuple[int, int, int]]:
    """Yield (marker, start, end) of each segment before the pixels, stepping over rubbish between them."""
    at = 2
    while True:
        at = jpeg.find(b"\xff", at)
        if at < 0 or at + 4 > len(jpeg):
            return
        marker = jpeg[at + 1]
        if marker in (0x00, 0xFF) or marker in _STANDALONE:
            at += 1 if marker == 0xFF else 2
            continue
        end = at + 2 + int.from_bytes(jpeg[at + 2 : at + 4])
        yield marker, at + 4, min(end, len(jpeg))
        if marker == _SCAN:
            return
        at = end


def decode_jpeg(jpeg: bytes, arena: Arena) -> Picture:
    """Decode a JPEG once; pictures over about 64 MP are decoded at a half, a quarter or an eighth.

    `UnreadableError` for what cannot be decoded whole: half a picture is an error.
    """
    header = read_jpeg_header(jpeg)
    check_pixels("progressive" if header.progressive else "jpeg", header.width, header.height, len(jpeg))
    every: Callable[[int], Image.Image] | None = None
    remarks: tuple[str, ...] = ()
    try:
        every = _decode_fast(jpeg, header, arena)
        image = every(1)
    except ValueError as problem:
        image = _decode_patient(jpeg, header)
        remarks = ("maybe_damaged",) if "Corrupt" in str(problem) else ()
    profile, colour_remarks = fitting_profile(header.profile, image.mode)
    remarks += colour_remarks
    if max(image.size) < max(header.width, header.height):
        remarks += ("scaled_down",)
    return Picture(image, profile=profile, remarks=remarks, every=every)


def _decode_fast(jpeg: bytes, header: JpegHeader, arena: Arena) -> Callable[[int], Image.Image]:
    """Decode into the arena, as grey or as RGB with a spare byte, which Pillow maps without a copy.

    Returns what maps each n-th row of the pixels.
    """
    if header.channels not in (1, 3):
        raise ValueError("only grey and three-colour JPEGs go the fast way")
    factor = _shrink_factor(header)
    least = {"min_height": header.height // factor, "min_width": header.width // factor, "min_factor": factor}
    height, width, _, _ = simplejpeg.decode_jpeg_header(jpeg, **least)
    space, mode, depth = ("GRAY", "L", 1) if header.channels == 1 else ("RGBX", "RGBX", 4)
    line = width * depth
    room = arena.room((height + SPARE_ROWS) * line)
    simplejpeg.decode_jpeg(jpeg, space, buffer=room[: height * line], **least)
    return lambda n: Image.frombuffer(mode, (width, ceil(height / n)), room, "raw", mode, n * line, 1)


def _decode_patient(jpeg: bytes, header: JpegHeader) -> Image.Image:
    """Decode with Pillow, which takes CMYK and steps over rubbish between segments, but no half pictures.

    Pillow takes zeros after a failed copy for dark pixels; a whole JPEG has an end mark behind its pixels.
    """
    if jpeg.find(_END, header.scan) < 0:
        raise UnreadableError("damaged", DAMAGED)
    factor = _shrink_factor(header)
    with decoding():
        image = Image.open(BytesIO(jpeg), formats=["JPEG", "MPO"])
        if factor > 1:
            image.draft(image.mode, (image.width // factor, image.height // factor))
        image.load()
    return image if image.mode in ("L", "CMYK") else image.convert("RGB")


def _shrink_factor(header: JpegHeader) -> int:
    """Return how much smaller each side is to be decoded so that the picture fits in memory: 1, 2, 4 or 8."""
    pixels = header.width * header.height
    return next((factor for factor in (1, 2, 4) if pixels <= FULL_PIXELS * factor**2), 8)
