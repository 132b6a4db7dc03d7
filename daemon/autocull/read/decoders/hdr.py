"""Conversion of HDR pictures (PQ and HLG, ITU-R BT.2100) to 8 bits in sRGB.

White is 203 cd/m2 (ITU-R BT.2408), and what is brighter is clipped, as a screen without HDR shows it.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from autocull.arrays import Floats

_TRANSFERS = {16: "pq", 18: "hlg"}
_BT2020 = 9
"""Code points of ITU-T H.273, as in the colour information of HEIF."""

_WHITE = 203.0
_HLG_PEAK, _HLG_GAMMA = 1000.0, 1.2
_TO_SRGB = np.array(
    [[1.6605, -0.5876, -0.0728], [-0.1246, 1.1329, -0.0083], [-0.0182, -0.1006, 1.1187]], np.float32
)
"""Linear BT.2020 to linear sRGB (ITU-R BT.2087)."""

_LUMA = np.array([0.2627, 0.6780, 0.0593], np.float32)
_ROWS = 256


def hdr_transfer(nclx: Mapping[str, int] | None) -> str | None:
    """Return "pq" or "hlg" for the colour information of a HEIF picture; None for all other transfers."""
    return _TRANSFERS.get(nclx.get("transfer_characteristics", 0)) if nclx else None


def hdr_to_srgb(pixels: NDArray[np.uint16], transfer: str, primaries: int) -> NDArray[np.uint8]:
    """Return 16-bit RGB pixels `(h, w, 3)` of an HDR picture as 8 bits in sRGB, row by row."""
    codes = np.linspace(0, 1, 1 << 16, dtype=np.float32)
    table = _decode_pq(codes) if transfer == "pq" else _decode_hlg(codes)
    result = np.empty(pixels.shape, np.uint8)
    for start in range(0, len(pixels), _ROWS):
        light = table[pixels[start : start + _ROWS]]
        if transfer == "hlg":
            scene = (light @ _LUMA)[..., None]
            light *= np.maximum(scene, 1e-6) ** (_HLG_GAMMA - 1) * (_HLG_PEAK / _WHITE)
        if primaries == _BT2020:
            light = light @ _TO_SRGB.T
        result[start : start + _ROWS] = np.rint(encode_srgb(light) * 255)
    return result


def encode_srgb(linear: Floats) -> Floats:
    """Return linear light as sRGB values (IEC 61966-2-1), both clipped to 0-1."""
    clipped = np.clip(linear, 0, 1)
    return np.where(clipped <= 0.0031308, 12.92 * clipped, 1.055 * clipped ** (1 / 2.4) - 0.055)


def _decode_pq(codes: Floats) -> Floats:
    """Return the light of PQ codes (0-1), in units of white (SMPTE ST 2084)."""
    power = codes.astype(np.float64) ** (1 / 78.84375)
    light = np.maximum(power - 0.8359375, 0) / (18.8515625 - 18.6875 * power)
    return np.asarray(10_000 / _WHITE * light ** (1 / 0.1593017578125), np.float32)


def _decode_hlg(codes: Floats) -> Floats:
    """Return the light of the scene (0-1) of HLG codes (0-1)."""
    a, b, c = 0.17883277, 0.28466892, 0.55991073
    return np.asarray(np.where(codes <= 0.5, codes**2 / 3, (np.exp((codes - c) / a) + b) / 12), np.float32)
