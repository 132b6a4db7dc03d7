"""Errors of the decoders, without the path of the photo, and the limits on a picture's size."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager

from PIL import UnidentifiedImageError

DAMAGED_MESSAGE = "The file is damaged or incomplete. Copy it again from the card or the backup."
OUT_OF_MEMORY_MESSAGE = (
    "There is not enough memory for this picture. Close other programs or export it smaller."
)


UNSUPPORTED_MESSAGE = "Autocull does not read pictures stored in this way. Export this one as JPEG or TIFF."
_UNKNOWN_LAYOUT_TEXTS = ("unknown pixel mode", "imagecodecs", "not implemented", "cannot handle")
"""What libraries write of a file that is whole and that they do not read."""


class UnreadableError(Exception):
    """A picture cannot be decoded: `code` is one of `PhotoError`'s, the message names cause and remedy."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


@contextmanager
def translate_decode_errors(
    damaged_message: str = DAMAGED_MESSAGE, unidentified: UnreadableError | None = None
) -> Iterator[None]:
    """Convert any exception of a decoding library into `UnreadableError`; errors of the disk pass through.

    What a library does not know is "unsupported", and so is what Pillow cannot identify, if `unidentified` is
    given. Pillow, libheif and LibRaw raise nearly any kind of exception on hostile files (IndexError,
    SyntaxError, EOFError, struct.error ...) and issue warnings on which the photographer cannot act.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    except UnreadableError:
        raise
    except MemoryError as problem:
        raise UnreadableError("out_of_memory", OUT_OF_MEMORY_MESSAGE) from problem
    except Exception as problem:  # the libraries raise exceptions of any type, see above
        if isinstance(problem, OSError) and problem.errno is not None:
            raise
        if unidentified is not None and isinstance(problem, UnidentifiedImageError):
            raise unidentified from problem
        if any(text in str(problem).lower() for text in _UNKNOWN_LAYOUT_TEXTS):
            raise UnreadableError("unsupported", UNSUPPORTED_MESSAGE) from problem
        raise UnreadableError("damaged", damaged_message) from problem


FULL_PIXELS = 64_000_000
"""Pictures up to this many pixels are decoded at full size; larger ones are reduced."""

_MAX_DECODED_BYTES = 1_500_000_000
_MAX_PIXELS = {"jpeg": 500_000_000}
_MAX_PIXELS_DEFAULT = 200_000_000
_MIN_BYTES_PER_PIXEL = {"jpeg": 1 / 500, "progressive": 1 / 500, "raw": 1 / 50}
_MIN_BYTES_PER_PIXEL_DEFAULT = 1 / 4000
_HARMLESS_PIXELS = 4_000_000


def check_memory(pixels: int, bytes_per_pixel: int) -> None:
    """Raise UnreadableError for pictures that take too much memory when they are decoded at full size."""
    if pixels * bytes_per_pixel > _MAX_DECODED_BYTES:
        raise UnreadableError(
            "too_large",
            f"The picture takes {pixels * bytes_per_pixel / 1e9:.1f} GB of memory; the limit is"
            f" {_MAX_DECODED_BYTES / 1e9:.1f} GB. Export it with fewer pixels or with 8 bits.",
        )


def check_pixels(kind: str, width: int, height: int, stored_bytes: int) -> None:
    """Raise UnreadableError for pictures that would not fit in memory, and for headers with a wrong size.

    A baseline JPEG can be decoded at reduced size, so it may have 500 MP; all other kinds are decoded at full
    size (a progressive JPEG too: its coefficients are kept for the whole picture) and may have 200 MP.
    `stored_bytes` is the size in bytes: a picture of more than 4 MP in fewer bytes than a uniform one needs
    has a wrong header.
    """
    pixels = width * height
    max_pixels = _MAX_PIXELS.get(kind, _MAX_PIXELS_DEFAULT)
    if pixels > max_pixels:
        raise UnreadableError(
            "too_large",
            f"The picture has {pixels / 1e6:.0f} million pixels; the limit for this kind of file is"
            f" {max_pixels / 1e6:.0f} million. Export it with fewer pixels.",
        )
    min_bytes_per_pixel = _MIN_BYTES_PER_PIXEL.get(kind, _MIN_BYTES_PER_PIXEL_DEFAULT)
    if pixels > _HARMLESS_PIXELS and stored_bytes < pixels * min_bytes_per_pixel:
        raise UnreadableError(
            "damaged",
            f"The header of this file is wrong: it claims {pixels / 1e6:.0f} million pixels, but the file has"
            f" only {stored_bytes} bytes. Copy it again from the card or the backup.",
        )
