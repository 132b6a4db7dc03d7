"""Reads a file or a frame into a `Photo`."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from typing import BinaryIO

from autocull.errors import PhotoError
from autocull.read.decoded_image import DecodedImage
from autocull.read.decoders import (
    OUT_OF_MEMORY_MESSAGE,
    SELF_ORIENTING,
    DecodeBuffer,
    UnreadableError,
    decode_heic,
    decode_jpeg,
    decode_picture,
    decode_raw,
)
from autocull.read.file_access import FileIdentity, disk_error, file_identity, reachable
from autocull.read.file_type import HEAD_BYTES, detect_kind, unsupported_reason
from autocull.read.metadata import (
    capture_from_tags,
    capture_from_time,
    merge_metadata,
    orientation_of,
    read_tags,
)
from autocull.read.photo import Capture, Frame, Photo

MAX_JPEG_BYTES = 1 << 29
"""Maximum size of a JPEG file: it is held in memory while it is decoded."""


def read_photo(path: Path, *, buffer: DecodeBuffer | None = None) -> Photo:
    """Read one photo file by its content, whatever its suffix; raises PhotoError if that is not possible.

    The pixels are stored in `buffer` (one per worker) and valid until its next read. Nothing is written.
    """
    identity = file_identity(path)
    if not identity.size:
        message = "The file is empty: nothing was copied into it. Copy it again from the card or the backup."
        raise PhotoError(path, message, code="empty")
    with _attach_path(path, identity), reachable(path).open("rb") as file:
        kind, picture, decoded_capture = _decode(path, file, identity.size, buffer or DecodeBuffer())
        working = picture.render_working()
    if file_identity(path) != identity:
        raise _changing_error(path)
    merged_capture = merge_metadata([decoded_capture, capture_from_time(identity.mtime_ns / 1e9, "file")])
    width, height = picture.size
    capture = replace(merged_capture, orientation=picture.orientation)
    remarks, white = picture.remarks, picture.sensor_white
    return Photo(path, kind, width, height, working, capture, picture.crop, remarks, white)


def read_frame(frame: Frame, *, buffer: DecodeBuffer | None = None) -> Photo:
    """Read the frame's photo, or its companion if the RAW file is unreadable or has only a small preview.

    The photo's `path` is the file that was read; a companion's photo has the remark `companion_read`.
    """
    buffer = buffer or DecodeBuffer()
    if not frame.companions:
        return read_photo(frame.path, buffer=buffer)
    try:
        photo = read_photo(frame.path, buffer=buffer)
        if "low_resolution_preview" not in photo.remarks:
            return photo
    except PhotoError:
        pass  # raised again below if no companion can be read either
    companion = _read_first(frame.companions, buffer)
    if companion is not None:
        return replace(companion, remarks=(*companion.remarks, "companion_read"))
    return read_photo(frame.path, buffer=buffer)  # again: a companion may have overwritten the buffer


def _read_first(paths: tuple[Path, ...], buffer: DecodeBuffer) -> Photo | None:
    """Return the first of the photos that can be read, or None."""
    for path in paths:
        try:
            return read_photo(path, buffer=buffer)
        except PhotoError:
            continue
    return None


def _decode(path: Path, file: BinaryIO, size: int, buffer: DecodeBuffer) -> tuple[str, DecodedImage, Capture]:
    """Return the content's kind, the stored picture and its capture metadata."""
    kind = detect_kind(file, path.suffix)
    if kind == "raw":
        return kind, *decode_raw(path, file, size, buffer)
    if kind == "jpeg":
        if size > MAX_JPEG_BYTES:
            raise UnreadableError(
                "too_large", "This JPEG file is larger than 512 MB. Export it again, with fewer pixels."
            )
        file.seek(0)
        jpeg = file.read()
        tags = read_tags(BytesIO(jpeg))
        picture = decode_jpeg(jpeg, buffer)
    elif kind is not None:
        picture, exif = decode_heic(file, size) if kind == "heic" else decode_picture(kind, file, size)
        tags = read_tags(BytesIO(exif.removeprefix(b"Exif\0\0")) if exif else file)
    else:
        file.seek(0)
        raise UnreadableError(*unsupported_reason(file.read(HEAD_BYTES)))
    if kind not in SELF_ORIENTING:
        picture = replace(picture, orientation=orientation_of(tags))
    return kind, picture, capture_from_tags(tags, "exif")


@contextmanager
def _attach_path(path: Path, identity: FileIdentity) -> Iterator[None]:
    """Convert errors into `PhotoError` with the path; a file that changed meanwhile is not called damaged."""
    try:
        yield
    except UnreadableError as problem:
        if file_identity(path) != identity:
            raise _changing_error(path) from problem
        raise PhotoError(path, str(problem), code=problem.code) from problem
    except OSError as problem:
        raise disk_error(path, problem) from problem
    except MemoryError as problem:
        raise PhotoError(path, OUT_OF_MEMORY_MESSAGE, code="out_of_memory") from problem


def _changing_error(path: Path) -> PhotoError:
    """Return the error for a file that is still being written."""
    message = "The file changed while it was being read. Wait until it is copied, then run again."
    return PhotoError(path, message, code="changing")
