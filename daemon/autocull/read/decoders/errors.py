"""Why a picture cannot be read, before it is known whose picture it is."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager

DAMAGED_MESSAGE = "The file is damaged or incomplete. Copy it again from the card or the backup."


class UnreadableError(Exception):
    """A decoder's refusal: `code` is one of `PhotoError`'s, the message says what happened and what to do."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


@contextmanager
def translate_decode_errors(damaged_message: str = DAMAGED_MESSAGE) -> Iterator[None]:
    """Turn whatever a decoding library raises inside into `UnreadableError`; the disk's errors pass.

    Pillow, libheif and LibRaw raise nearly any kind of exception on hostile files (IndexError, SyntaxError,
    EOFError, struct.error ...) and warn about what the photographer cannot change.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    except UnreadableError:
        raise
    except MemoryError as problem:
        message = "There is not enough memory for this picture. Close other programs or export it smaller."
        raise UnreadableError("out_of_memory", message) from problem
    except Exception as problem:  # the decoders' own choice of exceptions is without bounds, see above
        if isinstance(problem, OSError) and problem.errno is not None:
            raise
        raise UnreadableError("damaged", damaged_message) from problem


FULL_PIXELS = 64_000_000
"""Pictures up to this many pixels are kept whole; larger ones are made smaller while decoding."""

_MAX_PIXELS = {"jpeg": 500_000_000}
_MAX_PIXELS_DEFAULT = 200_000_000
_MIN_BYTES_PER_PIXEL = {"jpeg": 1 / 500, "progressive": 1 / 500, "raw": 1 / 50}
_MIN_BYTES_PER_PIXEL_DEFAULT = 1 / 4000
_HARMLESS_PIXELS = 4_000_000


def check_pixels(kind: str, width: int, height: int, stored_bytes: int) -> None:
    """Refuse (`UnreadableError`) what would not fit in memory, and headers that lie about their size.

    A baseline JPEG can be decoded smaller, so it may have 500 MP; all other kinds unfold whole (a progressive
    JPEG too: its coefficients are kept for the whole picture) and may have 200 MP. `stored_bytes` is the
    size in bytes: a picture of more than 4 MP in fewer bytes than a flat one needs has a wrong header.
    """
    pixels = width * height
    max_pixels = _MAX_PIXELS.get(kind, _MAX_PIXELS_DEFAULT)
    if pixels > max_pixels:
        raise UnreadableError(
            "too_large",
            f"The picture has {pixels / 1e6:.0f} million pixels; this kind of file is read up to"
            f" {max_pixels / 1e6:.0f} million. Export it smaller to have it judged.",
        )
    min_bytes_per_pixel = _MIN_BYTES_PER_PIXEL.get(kind, _MIN_BYTES_PER_PIXEL_DEFAULT)
    if pixels > _HARMLESS_PIXELS and stored_bytes < pixels * min_bytes_per_pixel:
        raise UnreadableError(
            "damaged",
            f"The file says that it holds {pixels / 1e6:.0f} million pixels, "
            f"but it has only {stored_bytes} bytes:"
            " its header is wrong. Copy it again from the card or the backup.",
        )
