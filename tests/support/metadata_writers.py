"""Writing marks into photo files, as a host does that keeps its metadata inside them."""

from __future__ import annotations

import struct
from io import BytesIO
from pathlib import Path

import numpy as np
from PIL import Image

XMP = b"http://ns.adobe.com/xap/1.0/\0"
"""The beginning of the APP1 segment that holds a packet."""

PACKET = (
    b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
    b'<rdf:Description rdf:about="" xmlns:xmp="http://ns.adobe.com/xap/1.0/" xmp:Rating="%d"/>'
    b"</rdf:RDF></x:xmpmeta>"
)
"""An XMP packet with a number of stars."""


def with_segments(jpeg: bytes, *segments: tuple[int, bytes]) -> bytes:
    """Return a JPEG in which these (marker, content) follow the first two bytes, as a host writes them."""
    written = b"".join(
        bytes([0xFF, marker]) + struct.pack(">H", len(content) + 2) + content for marker, content in segments
    )
    return jpeg[:2] + written + jpeg[2:]


def write_rating(path: Path, rating: int) -> None:
    """Write stars into a JPEG."""
    path.write_bytes(with_segments(path.read_bytes(), (0xE1, XMP + PACKET % rating)))


def make_jpeg(seed: int = 0) -> bytes:
    """Return a small JPEG; the same `seed` gives the same picture."""
    stream = BytesIO()
    pixels = np.random.default_rng(seed).integers(0, 255, (48, 64, 3), np.uint8)
    Image.fromarray(pixels).save(stream, "JPEG")
    return stream.getvalue()
