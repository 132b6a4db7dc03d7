"""From a path, or a frame, to a `Photo`: the one way in."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from typing import BinaryIO

from autocull.errors import PhotoError
from autocull.read.decoded_image import Picture
from autocull.read.decoders.buffer import Arena
from autocull.read.decoders.errors import UnreadableError
from autocull.read.decoders.jpeg import decode_jpeg
from autocull.read.decoders.pillow import SELF_TURNING, decode_heic, decode_picture
from autocull.read.decoders.raw import decode_raw
from autocull.read.file_access import Identity, disk_error, file_identity, reachable
from autocull.read.file_type import refusal, sniff
from autocull.read.metadata.capture import capture_from_tags, capture_from_time, strongest
from autocull.read.metadata.exif import orientation_of, read_tags
from autocull.read.photo import Capture, Frame, Photo

_HEAD_BYTES = 64
_MOST_JPEG_BYTES = 1 << 29  # a JPEG is held whole while it is decoded


def read_photo(path: Path, *, arena: Arena | None = None) -> Photo:
    """Read one photo file, whatever its name says; `PhotoError` says why it cannot be judged.

    The pixels live in `arena` (one per worker): they are valid until its next read. Nothing is written.
    """
    before = file_identity(path)
    if not before.size:
        message = "The file is empty: nothing was copied into it. Copy it again from the card or the backup."
        raise PhotoError(path, message, code="empty")
    with _named(path, before), reachable(path).open("rb") as file:
        kind, picture, known = _decode(path, file, before.size, arena or Arena())
        working = picture.working()
    if file_identity(path) != before:
        raise _changing(path)
    facts = strongest([known, capture_from_time(before.mtime_ns / 1e9, "file")])
    width, height = picture.size
    capture = replace(facts, orientation=picture.orientation)
    return Photo(path, kind, width, height, working, capture, picture.cut, picture.remarks)


def read_frame(frame: Frame, *, arena: Arena | None = None) -> Photo:
    """Read the frame's photo, or the JPEG beside a RAW that gives nothing or only a small preview.

    The photo's `path` is the file that was read; a companion's photo has the remark `companion_read`.
    """
    arena = arena or Arena()
    if not frame.companions:
        return read_photo(frame.path, arena=arena)
    try:
        photo = read_photo(frame.path, arena=arena)
        if "low_resolution_preview" not in photo.remarks:
            return photo
    except PhotoError:
        pass  # raised again below where no companion can be read either
    companion = _read_first(frame.companions, arena)
    if companion is not None:
        return replace(companion, remarks=(*companion.remarks, "companion_read"))
    return read_photo(frame.path, arena=arena)  # again, because a companion may have overwritten the arena


def _read_first(paths: tuple[Path, ...], arena: Arena) -> Photo | None:
    """Return the first of the photos that can be read, or None."""
    for path in paths:
        try:
            return read_photo(path, arena=arena)
        except PhotoError:
            continue
    return None


def _decode(path: Path, file: BinaryIO, size: int, arena: Arena) -> tuple[str, Picture, Capture]:
    """Return the content's kind, the stored picture and its capture facts."""
    kind = sniff(file, path.suffix)
    if kind == "raw":
        return kind, *decode_raw(path, file, size, arena)
    if kind == "jpeg":
        if size > _MOST_JPEG_BYTES:
            raise UnreadableError(
                "too_large", "This JPEG file is too large. Export it again to have it judged."
            )
        file.seek(0)
        jpeg = file.read()
        tags = read_tags(BytesIO(jpeg))
        picture = decode_jpeg(jpeg, arena)
    elif kind is not None:
        picture, exif = decode_heic(file, size) if kind == "heic" else decode_picture(kind, file, size)
        tags = read_tags(BytesIO(exif.removeprefix(b"Exif\0\0")) if exif else file)
    else:
        file.seek(0)
        raise UnreadableError(*refusal(file.read(_HEAD_BYTES)))
    if kind not in SELF_TURNING:
        picture = replace(picture, orientation=orientation_of(tags))
    return kind, picture, capture_from_tags(tags, "exif")


@contextmanager
def _named(path: Path, before: Identity) -> Iterator[None]:
    """Give every refusal inside the photo's name; a file that changed meanwhile is not called damaged."""
    try:
        yield
    except UnreadableError as problem:
        if file_identity(path) != before:
            raise _changing(path) from problem
        raise PhotoError(path, str(problem), code=problem.code) from problem
    except OSError as problem:
        raise disk_error(path, problem) from problem
    except MemoryError as problem:
        message = "There is not enough memory for this picture. Close other programs or export it smaller."
        raise PhotoError(path, message, code="out_of_memory") from problem


def _changing(path: Path) -> PhotoError:
    """Return the error of a file that is still being written."""
    message = "The file changed while it was being read. Wait until it is copied, then run again."
    return PhotoError(path, message, code="changing")
