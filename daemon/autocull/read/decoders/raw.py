"""Decodes camera RAW files: the preview, else the sensor data at half size, else any embedded JPEG.

The preview is 7 to 31 times faster than the sensor data, and is what the camera displayed.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from io import BytesIO
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import rawpy
from numpy.typing import NDArray
from PIL import Image

from autocull.read.decoded_image import DecodedImage
from autocull.read.decoders.buffer import DecodeBuffer
from autocull.read.decoders.errors import UnreadableError, check_pixels, translate_decode_errors
from autocull.read.decoders.jpeg import decode_jpeg, read_jpeg_header
from autocull.read.file_access import reachable
from autocull.read.file_type import RAW_PHOTOMETRICS
from autocull.read.metadata import (
    PANASONIC_RAW_OFFSET,
    PHOTOMETRIC,
    capture_from_tags,
    data_ranges,
    embedded_jpegs,
    merge_metadata,
    orientation_of,
    read_directories,
    read_raw_tags,
    read_tags,
)
from autocull.read.orientation import QUARTER_TURNS
from autocull.read.photo import Capture

MIN_PREVIEW_SIDE = 512
"""Minimum long side (px) of a preview; a smaller one is used only if the sensor data give nothing larger."""

LOW_RESOLUTION_SIDE = 1024
"""Below this long side (px), and half the sensor's, a preview gets the remark `low_resolution_preview`."""

_MIN_FALLBACK_SIDE = 256
_SENSOR_STEP = 3  # of so many rows and columns of the sensor one is counted: odd, so that all colours are
_SATURATED = 0.98  # of the white level: noise spreads saturated values a little
_WHITE_LEVEL = 251  # of a preview's channel (0-255)
_WHITE_SHARE = 0.02  # of a preview's pixels: where fewer are white, the sensor data are not read
_GLANCE_SIDE = 128  # px: the preview's pixels are counted in a picture of this side
_MIN_SPREAD = 0.5  # grey levels (standard deviation): a developed picture with less indicates missing data
_ORIENTATION_BY_FLIP = {0: 1, 1: 2, 3: 3, 2: 4, 4: 5, 6: 6, 7: 7, 5: 8}  # LibRaw's flip: EXIF's orientation
_DEFAULT_SENSOR = (3000, 2000)  # if LibRaw does not support the camera: landscape, as nearly all sensors
_TRUNCATED_MESSAGE = (
    "The RAW file is damaged or incomplete, and it holds no preview that is large enough. Copy it again."
)
_UNKNOWN_CAMERA_MESSAGE = (
    "Autocull cannot develop this RAW file, and it holds no preview that is large enough: its camera is not"
    " supported, or the beginning of the file is damaged. Convert it to DNG, or keep a JPEG next to it."
)


@dataclass(frozen=True, slots=True)
class _RawFile:
    """An open RAW file of `size` bytes, and the buffer for its pixels."""

    path: Path
    file: BinaryIO
    size: int
    buffer: DecodeBuffer


def decode_raw(path: Path, file: BinaryIO, size: int, buffer: DecodeBuffer) -> tuple[DecodedImage, Capture]:
    """Decode a RAW file of `size` bytes; raises UnreadableError without a usable preview or sensor data."""
    source = _RawFile(path, file, size, buffer)
    tags = read_raw_tags(file, size)
    capture = capture_from_tags(tags, "exif")
    try:
        with translate_decode_errors(_TRUNCATED_MESSAGE):
            raw = rawpy.imread(_libraw_source(path, file))
        with raw:  # frees LibRaw's memory as soon as the picture is decoded
            thumb = _extract_thumb(raw)
            return _decode_best(source, raw, thumb), _add_libraw_metadata(capture, raw, thumb)
    except UnreadableError as problem:
        salvaged = _salvage_preview(source, orientation_of(tags), _DEFAULT_SENSOR)
        if salvaged is None:
            raise _explain_error(problem) from problem
        return salvaged, capture


def _decode_best(source: _RawFile, raw: Any, thumb: bytes | Image.Image | None) -> DecodedImage:
    """Return a preview that is large enough, else the developed sensor data, else the best small preview."""
    sensor = (int(raw.sizes.width), int(raw.sizes.height))
    orientation = _ORIENTATION_BY_FLIP.get(raw.sizes.flip, 1)
    preview = _decode_preview(thumb, source.buffer, min(MIN_PREVIEW_SIDE, max(sensor) // 2))
    if preview is not None:
        white = _count_saturated(source, raw) if _is_bright(preview.image) else None
        return replace(_orient_preview(preview, orientation, sensor), sensor_white=white)
    try:
        return _develop_sensor(source, raw, sensor)
    except UnreadableError:
        salvaged = _salvage_preview(source, orientation, sensor)
        small = None if salvaged else _decode_preview(thumb, source.buffer, _MIN_FALLBACK_SIDE)
        if small is not None:
            return _orient_preview(small, orientation, sensor)
        if salvaged is None:
            raise
        return salvaged


def _is_bright(image: Image.Image) -> bool:
    """Whether a preview has enough white for the sensor data to be worth the time of reading them."""
    glance = image.resize((_GLANCE_SIDE, _GLANCE_SIDE), Image.Resampling.NEAREST).convert("RGB")
    return float((np.asarray(glance).max(2) >= _WHITE_LEVEL).mean()) >= _WHITE_SHARE


def _count_saturated(source: _RawFile, raw: Any) -> float | None:
    """Return the share (0-1) of saturated sensor values; None where the sensor data cannot be read.

    LibRaw reads missing data as black without an error, so incomplete files are not counted.
    """
    try:
        if _is_truncated(source):
            return None
        values = raw.raw_image_visible[::_SENSOR_STEP, ::_SENSOR_STEP]
        black, white = min(raw.black_level_per_channel), int(raw.white_level)
        if white <= black or float(values.std()) < _MIN_SPREAD:
            return None
    except (rawpy.LibRawError, rawpy.NotSupportedError, ValueError, TypeError, MemoryError):
        return None
    return float((values >= black + _SATURATED * (white - black)).mean())


def _extract_thumb(raw: Any) -> bytes | Image.Image | None:
    """Return the largest preview that LibRaw finds (a JPEG's bytes, or a bitmap), or None."""
    try:
        thumb = raw.extract_thumb()
        if thumb.format == rawpy.ThumbFormat.JPEG:
            return bytes(thumb.data)
        return _to_image(np.array(thumb.data, np.uint8))
    except Exception:  # noqa: BLE001 - whatever is odd about a preview, the sensor data remain
        return None


def _to_image(pixels: NDArray[np.uint8]) -> Image.Image:
    """Return pixels `(h, w)`, `(h, w, 1)` or `(h, w, 3)` as an image."""
    return Image.fromarray(pixels[..., 0] if pixels.shape[2:] == (1,) else pixels)


def _decode_preview(
    thumb: bytes | Image.Image | None, buffer: DecodeBuffer, min_side: int
) -> DecodedImage | None:
    """Decode the preview; None if it is incomplete or its long side has fewer than `min_side` pixels."""
    if isinstance(thumb, Image.Image):
        return DecodedImage(thumb) if max(thumb.size) >= min_side else None
    if thumb is None:
        return None
    header = read_jpeg_header(thumb)
    if max(header.width, header.height) < min_side:
        return None
    try:
        return decode_jpeg(thumb, buffer)
    except UnreadableError:
        return None


def _salvage_preview(source: _RawFile, orientation: int, sensor: tuple[int, int]) -> DecodedImage | None:
    """Return the largest complete JPEG in the file, found without LibRaw; None if all are too small."""
    for span in embedded_jpegs(source.file, source.size):
        picture = _decode_preview(span.read(source.file), source.buffer, MIN_PREVIEW_SIDE)
        if picture is not None:
            return _orient_preview(picture, orientation, sensor)
    return None


def _orient_preview(preview: DecodedImage, orientation: int, sensor: tuple[int, int]) -> DecodedImage:
    """Return the preview with its orientation: that of the RAW file, never that of the preview's EXIF.

    Some cameras store the preview upright already: its long side then differs from that of the unturned
    sensor (libvips PR 5086). A square has no long side: it is turned.
    """
    orientation_differs = _elongation(preview.image.size) * _elongation(sensor) < 0
    turn = 1 if orientation_differs and orientation in QUARTER_TURNS else orientation
    side = max(preview.image.size)
    extra_remarks = ("low_resolution_preview",) if side < min(LOW_RESOLUTION_SIDE, max(sensor) // 2) else ()
    return replace(preview, orientation=turn, remarks=preview.remarks + extra_remarks)


def _elongation(size: tuple[int, int]) -> int:
    """Return 1 for a landscape format, -1 for a portrait format, 0 for a square."""
    width, height = size
    return 0 if abs(width - height) * 50 < max(size) else 1 if width > height else -1


def _develop_sensor(source: _RawFile, raw: Any, sensor: tuple[int, int]) -> DecodedImage:
    """Develop the sensor data at half size, upright, without exposure correction.

    LibRaw develops missing data to black or to a pattern without an error, so both are checked.
    """
    check_pixels("raw", *sensor, source.size)
    if _is_truncated(source):
        raise UnreadableError("damaged", _TRUNCATED_MESSAGE)
    with translate_decode_errors(_TRUNCATED_MESSAGE):
        pixels = raw.postprocess(half_size=True, use_camera_wb=True, no_auto_bright=True, output_bps=8)
    if float(pixels[::4, ::4].std()) < _MIN_SPREAD:
        raise UnreadableError("damaged", _TRUNCATED_MESSAGE)
    return DecodedImage(_to_image(pixels))


def _is_truncated(source: _RawFile) -> bool:
    """Return whether the file ends before the sensor data that its directories declare."""
    return any(
        start + count > source.size
        for directory in read_directories(source.file)
        if PANASONIC_RAW_OFFSET in directory or RAW_PHOTOMETRICS.intersection(directory.get(PHOTOMETRIC, ()))
        for start, count in data_ranges(directory)
    )


def _add_libraw_metadata(capture: Capture, raw: Any, thumb: bytes | Image.Image | None) -> Capture:
    """Complete the capture by the preview's EXIF and, if there is still no time, by LibRaw's metadata.

    LibRaw comes last because reading its metadata unpacks the sensor data (40-100 ms).
    """
    if isinstance(thumb, bytes):
        capture = merge_metadata([capture, capture_from_tags(read_tags(BytesIO(thumb)), "preview")])
    if capture.taken is not None:
        return capture
    try:
        raw_metadata = raw.other
    except (rawpy.LibRawError, rawpy.NotSupportedError):
        return capture
    time = raw_metadata.timestamp.isoformat() if raw_metadata.timestamp.year > 1970 else None
    libraw_capture = Capture(
        taken=time,
        taken_from="raw" if time else None,
        focal_length=raw_metadata.focal_length or None,
        aperture=raw_metadata.aperture or None,
        shutter=raw_metadata.shutter_speed or None,
        iso=int(raw_metadata.iso_speed) or None,
    )
    return merge_metadata([capture, libraw_capture])


def _libraw_source(path: Path, file: BinaryIO) -> str | BinaryIO:
    """Return the path for LibRaw, or the open file if the path cannot be encoded in UTF-8."""
    name = os.fspath(reachable(path))
    try:
        name.encode()
    except UnicodeEncodeError:
        file.seek(0)
        return file
    return name


def _explain_error(problem: UnreadableError) -> UnreadableError:
    """Return a specific error for LibRaw's exception, or the problem itself."""
    cause = problem.__cause__
    if isinstance(cause, rawpy.LibRawFileUnsupportedError | rawpy.NotSupportedError):
        return UnreadableError("unsupported", _UNKNOWN_CAMERA_MESSAGE)
    if isinstance(cause, rawpy.LibRawTooBigError):
        return UnreadableError("too_large", "The RAW file is larger than Autocull can develop.")
    if isinstance(cause, rawpy.LibRawUnsufficientMemoryError):
        return UnreadableError("out_of_memory", "There is not enough memory to develop this RAW file.")
    return problem
