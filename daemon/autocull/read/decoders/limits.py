"""How large a picture may be before it is refused, by kind."""

from __future__ import annotations

from autocull.read.decoders.errors import UnreadableError

FULL_PIXELS = 64_000_000
"""Pictures up to this many pixels are kept whole; larger ones are made smaller while decoding."""

_MOST_PIXELS = {"jpeg": 500_000_000}
_MOST_PIXELS_OTHERS = 200_000_000
_LEAST_BYTES_PER_PIXEL = {"jpeg": 1 / 500, "progressive": 1 / 500, "raw": 1 / 50}
_LEAST_BYTES_PER_PIXEL_OTHERS = 1 / 4000
_HARMLESS_PIXELS = 4_000_000


def check_pixels(kind: str, width: int, height: int, stored: int) -> None:
    """Refuse (`UnreadableError`) what would not fit in memory, and headers that lie about their size.

    A baseline JPEG can be decoded smaller, so it may have 500 MP; all other kinds unfold whole (a progressive
    JPEG too: its coefficients are kept for the whole picture) and may have 200 MP. `stored` is the size in
    bytes: a picture of more than 4 MP in fewer bytes than a flat one needs has a wrong header.
    """
    pixels = width * height
    most = _MOST_PIXELS.get(kind, _MOST_PIXELS_OTHERS)
    if pixels > most:
        raise UnreadableError(
            "too_large",
            f"The picture has {pixels / 1e6:.0f} million pixels; this kind of file is read up to"
            f" {most / 1e6:.0f} million. Export it smaller to have it judged.",
        )
    least = _LEAST_BYTES_PER_PIXEL.get(kind, _LEAST_BYTES_PER_PIXEL_OTHERS)
    if pixels > _HARMLESS_PIXELS and stored < pixels * least:
        raise UnreadableError(
            "damaged",
            f"The file says that it holds {pixels / 1e6:.0f} million pixels, but it has only {stored} bytes:"
            " its header is wrong. Copy it again from the card or the backup.",
        )
