"""Builders of small colour profiles (ICC.1:2001-04, version 2)."""

from __future__ import annotations

import struct

ADOBE_RGB = ((0.60974, 0.31111, 0.01947), (0.20528, 0.62567, 0.06087), (0.14919, 0.06322, 0.74457))
"""Adobe RGB (1998): XYZ of red, green and blue, adapted to D50."""

SRGB = ((0.43607, 0.22249, 0.01392), (0.38515, 0.71687, 0.09708), (0.14307, 0.06061, 0.71410))
"""sRGB's, adapted to D50."""


def rgb_profile(primaries: tuple[tuple[float, float, float], ...], gamma: float) -> bytes:
    """Make an RGB profile of three primaries (XYZ) and one gamma."""
    tags = {b"rXYZ": _xyz(primaries[0]), b"gXYZ": _xyz(primaries[1]), b"bXYZ": _xyz(primaries[2])}
    curve = struct.pack(">4s4xIHxx", b"curv", 1, round(gamma * 256))
    return _profile(b"RGB ", tags | {b"rTRC": curve, b"gTRC": curve, b"bTRC": curve})


def grey_profile(gamma: float) -> bytes:
    """Make a grey profile of one gamma."""
    return _profile(b"GRAY", {b"kTRC": struct.pack(">4s4xIHxx", b"curv", 1, round(gamma * 256))})


def _xyz(values: tuple[float, float, float]) -> bytes:
    return struct.pack(">4s4x3i", b"XYZ ", *(round(value * 65536) for value in values))


def _profile(space: bytes, tags: dict[bytes, bytes]) -> bytes:
    text = b"made\0"
    named = {
        b"desc": struct.pack(">4s4xI", b"desc", len(text)) + text + bytes(79),
        b"cprt": struct.pack(">4s4x", b"text") + text,
        b"wtpt": _xyz((0.9642, 1.0, 0.8249)),
        **tags,
    }
    offset, table, contents = 128 + 4 + 12 * len(named), struct.pack(">I", len(named)), b""
    for name, content in named.items():
        padded = content + bytes(-len(content) % 4)
        table += struct.pack(">4sII", name, offset, len(content))
        offset += len(padded)
        contents += padded
    head = struct.pack(
        ">I4sI4s4s4s12s4s", offset, b"lcms", 0x02100000, b"mntr", space, b"XYZ ", bytes(12), b"acsp"
    )
    head = head.ljust(68, b"\0") + struct.pack(">3i", 0xF6D6, 0x10000, 0xD32D)
    return head.ljust(128, b"\0") + table + contents
