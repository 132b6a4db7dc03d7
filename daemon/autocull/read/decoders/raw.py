"""Camera RAW files: the preview first, else the sensor at half size, else whatever preview can be found.

The preview is 7 to 31 times faster than the sensor's data and shows what the photographer saw on the camera.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from io import BytesIO
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import rawpy
from PIL import Image

from autocull.read.decoded_image import Picture
from autocull.read.decoders.buffer import Arena
from autocull.read.decoders.errors import UnreadableError, check_pixels, decoding
from autocull.read.decoders.jpeg import decode_jpeg, read_jpeg_header
from autocull.read.file_access import reachable
from autocull.read.file_type import RAW_SIGNS
from autocull.read.metadata.capture import capture_from_tags, strongest
from autocull.read.metadata.exif import orientation_of, read_raw_tags, read_tags
from autocull.read.metadata.raw_containers import embedded_jpegs
from autocull.read.metadata.tiff import PANASONIC_RAW_OFFSET, PHOTOMETRIC, data_ranges, read_directories
from autocull.read.orientation import QUARTER_TURNS
from autocull.read.photo import Capture

ENOUGH_SIDE = 512
"""A preview with this long side (px) is judged; a smaller one only where the sensor gives nothing larger."""

WANTED_SIDE = 1024
"""Below this long side (px), and half the sensor's, the preview gets the remark `low_resolution_preview`."""

_LEAST_SIDE = 256
_FLAT = 0.5  # grey levels of spread: below it, a "developed" picture is the sign of missing data
_ORIENTATIONS = {0: 1, 1: 2, 3: 3, 2: 4, 4: 5, 6: 6, 7: 7, 5: 8}  # LibRaw's flip: EXIF's orientation
_USUAL_SENSOR = (3000, 2000)  # where LibRaw does not know the camera: lying, as nearly all are
_CUT = "The RAW file is damaged or incomplete, and it holds no preview that is large enough. Copy it again."
_UNKNOWN = (
    "Autocull cannot develop this RAW file, and it holds no preview that is large enough: its camera is not"
    " known, or the beginning of the file is damaged. Convert it to DNG, or keep a JPEG beside it."
)


@dataclass(frozen=True, slots=True)
class _RawFile:
    """One RAW file while it is read."""

    path: Path
    file: BinaryIO
    size: int
    arena: Arena


def decode_raw(path: Path, file: BinaryIO, size: int, arena: Arena) -> tuple[Picture, Capture]:
    """Read a camera file of `size` bytes; `UnreadableError` where neither preview nor sensor can be had."""
    source = _RawFile(path, file, size, arena)
    tags = read_raw_tags(file, size)
    known = capture_from_tags(tags, "exif")
    try:
        with decoding(_CUT):
            raw = rawpy.imread(_libraw_source(path, file))
        with raw:  # the sensor's memory goes as soon as the picture is made
            thumb = _thumb(raw)
            return _picture(source, raw, thumb), _with_libraw_facts(known, raw, thumb)
    except UnreadableError as problem:
        picture_found = _salvaged(source, orientation_of(tags), _USUAL_SENSOR)
        if picture_found is None:
            raise _explained(problem) from problem
        return picture_found, known


def _picture(source: _RawFile, raw: Any, thumb: bytes | Image.Image | None) -> Picture:
    """Return a sufficient preview, else the developed sensor, else the best small preview."""
    sensor = (int(raw.sizes.width), int(raw.sizes.height))
    orientation = _ORIENTATIONS.get(raw.sizes.flip, 1)
    preview = _preview(thumb, source.arena, min(ENOUGH_SIDE, max(sensor) // 2))
    if preview is not None:
        return _turned(preview, orientation, sensor)
    try:
        return _developed(source, raw, sensor)
    except UnreadableError:
        found = _salvaged(source, orientation, sensor)
        small = None if found else _preview(thumb, source.arena, _LEAST_SIDE)
        if small is not None:
            return _turned(small, orientation, sensor)
        if found is None:
            raise
        return found


def _thumb(raw: Any) -> bytes | Image.Image | None:
    """Return the largest preview that LibRaw finds: a JPEG's bytes, or a bitmap."""
    try:
        thumb = raw.extract_thumb()
    except (rawpy.LibRawError, rawpy.NotSupportedError):
        return None
    if thumb.format == rawpy.ThumbFormat.JPEG:
        return bytes(thumb.data)
    return Image.fromarray(np.array(thumb.data, np.uint8))


def _preview(thumb: bytes | Image.Image | None, arena: Arena, least: int) -> Picture | None:
    """Return the preview as a picture if its long side has at least `least` pixels and it is whole."""
    if isinstance(thumb, Image.Image):
        return Picture(thumb) if max(thumb.size) >= least else None
    if thumb is None:
        return None
    header = read_jpeg_header(thumb)
    if max(header.width, header.height) < least:
        return None
    try:
        return decode_jpeg(thumb, arena)
    except UnreadableError:
        return None


def _salvaged(source: _RawFile, orientation: int, sensor: tuple[int, int]) -> Picture | None:
    """Return the largest whole JPEG in the file that is large enough, found without LibRaw."""
    for span in embedded_jpegs(source.file, source.size):
        picture = _preview(span.read(source.file), source.arena, ENOUGH_SIDE)
        if picture is not None:
            return _turned(picture, orientation, sensor)
    return None


def _turned(preview: Picture, orientation: int, sensor: tuple[int, int]) -> Picture:
    """Return the preview with the turn it needs, which is the RAW file's and never the preview's own EXIF's.

    Some cameras store the preview upright already: it then lies across the unturned sensor (libvips PR 5086).
    """
    across = (preview.image.width > preview.image.height) != (sensor[0] > sensor[1])
    turn = 1 if across and orientation in QUARTER_TURNS else orientation
    side = max(preview.image.size)
    small = ("low_resolution_preview",) if side < min(WANTED_SIDE, max(sensor) // 2) else ()
    return replace(preview, orientation=turn, remarks=preview.remarks + small)


def _developed(source: _RawFile, raw: Any, sensor: tuple[int, int]) -> Picture:
    """Return the sensor's picture at half size, upright, with the exposure that was shot.

    LibRaw develops missing data to black or to a pattern without an error, so that is looked for here.
    """
    check_pixels("raw", *sensor, source.size)
    if _is_cut(source):
        raise UnreadableError("damaged", _CUT)
    with decoding(_CUT):
        pixels = raw.postprocess(half_size=True, use_camera_wb=True, no_auto_bright=True, output_bps=8)
    if float(pixels[::4, ::4].std()) < _FLAT:
        raise UnreadableError("damaged", _CUT)
    return Picture(Image.fromarray(pixels))


def _is_cut(source: _RawFile) -> bool:
    """Tell whether the file ends before the sensor data that its directories promise."""
    return any(
        start + count > source.size
        for directory in read_directories(source.file)
        if PANASONIC_RAW_OFFSET in directory or RAW_SIGNS.intersection(directory.get(PHOTOMETRIC, ()))
        for start, count in data_ranges(directory)
    )


def _with_libraw_facts(known: Capture, raw: Any, thumb: bytes | Image.Image | None) -> Capture:
    """Return the known facts, completed by the preview's EXIF, and by LibRaw where no time is known yet.

    LibRaw's own facts come last because asking for them makes it unpack the sensor data (40-100 ms).
    """
    if isinstance(thumb, bytes):
        known = strongest([known, capture_from_tags(read_tags(BytesIO(thumb)), "preview")])
    if known.taken is not None:
        return known
    try:
        other = raw.other
    except (rawpy.LibRawError, rawpy.NotSupportedError):
        return known
    time = other.timestamp.isoformat() if other.timestamp.year > 1970 else None
    facts = Capture(
        taken=time,
        taken_from="raw" if time else None,
        focal_length=other.focal_length or None,
        aperture=other.aperture or None,
        shutter=other.shutter_speed or None,
        iso=int(other.iso_speed) or None,
    )
    return strongest([known, facts])


def _libraw_source(path: Path, file: BinaryIO) -> str | BinaryIO:
    """Return the name for LibRaw; the open file where the name cannot be written in UTF-8."""
    name = os.fspath(reachable(path))
    try:
        name.encode()
    except UnicodeEncodeError:
        file.seek(0)
        return file
    return name


def _explained(problem: UnreadableError) -> UnreadableError:
    """Return LibRaw's refusal in the photographer's words."""
    cause = problem.__cause__
    if isinstance(cause, rawpy.LibRawFileUnsupportedError | rawpy.NotSupportedError):
        return UnreadableError("unsupported", _UNKNOWN)
    if isinstance(cause, rawpy.LibRawTooBigError):
        return UnreadableError("too_large", "The RAW file is larger than Autocull can develop.")
    if isinstance(cause, rawpy.LibRawUnsufficientMemoryError):
        return UnreadableError("out_of_memory", "There is not enough memory to develop this RAW file.")
    return problem
