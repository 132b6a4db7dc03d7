"""From a path to a `Photo`: the one way in."""

from __future__ import annotations

from pathlib import Path

from autocull.errors import PhotoError
from autocull.read.arena import Arena
from autocull.read.files import disk_error, file_identity, reachable
from autocull.read.jpeg import decode_jpeg
from autocull.read.limits import TooLargeError
from autocull.read.photo import Capture, Photo
from autocull.read.picture import Picture


def read_photo(path: Path, *, arena: Arena | None = None) -> Photo:
    """Read one photo file, whatever its name says; `PhotoError` says why it cannot be judged.

    The pixels live in `arena` (one per worker): they are valid until its next read. Nothing is written.
    """
    before = file_identity(path)
    if not before.size:
        message = "The file is empty: nothing was copied into it. Copy it again from the card."
        raise PhotoError(path, message, code="empty")
    try:
        picture, capture, kind = _decode(path, arena or Arena())
        photo = _photo(path, kind, picture, capture)
    except PhotoError:
        raise
    except TooLargeError as problem:
        raise PhotoError(path, str(problem), code="too_large") from problem
    except OSError as problem:
        if problem.errno is not None:
            raise disk_error(path, problem) from problem
        raise PhotoError(
            path, "The file is damaged or incomplete. Copy it again.", code="damaged"
        ) from problem
    if file_identity(path) != before:
        message = "The file changed while it was being read. Wait until it is copied, then run again."
        raise PhotoError(path, message, code="changing")
    return photo


def _decode(path: Path, arena: Arena) -> tuple[Picture, Capture, str]:
    """Return the stored picture, its capture facts and its kind."""
    content = reachable(path).read_bytes()
    if not content.startswith(b"\xff\xd8"):
        raise PhotoError(path, "The content is not a photo that Autocull knows.", code="not_a_photo")
    return decode_jpeg(content, arena), Capture(), "jpeg"


def _photo(path: Path, kind: str, picture: Picture, capture: Capture) -> Photo:
    """Return the photo with its working picture made."""
    width, height = picture.size
    return Photo(path, kind, width, height, picture.working(), capture, picture.cut, picture.remarks)
