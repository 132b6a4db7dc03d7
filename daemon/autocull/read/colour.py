"""Colour: from the picture's own profile to sRGB, for small pieces of a picture."""

from __future__ import annotations

from functools import lru_cache
from io import BytesIO
from typing import NamedTuple

import numpy as np
from PIL import Image, ImageCms

_MODES = {"RGB": "RGB", "GRAY": "L", "CMYK": "CMYK"}
_COMPATIBLE_MODES = {"RGB": {"RGB", "RGBX", "L"}, "L": {"L"}, "CMYK": {"CMYK"}}
_VISIBLE_SHIFT = 3  # grey levels: a profile that moves no colour further than this is sRGB under another name


class _ColourConversion(NamedTuple):
    """The way from a profile's colours to sRGB: the mode that it takes, and whether it changes anything."""

    mode: str
    transform: ImageCms.ImageCmsTransform
    changes: bool


def to_srgb(piece: Image.Image, profile: bytes | None) -> Image.Image:
    """Return the piece as RGB in sRGB; without a profile its numbers are taken as sRGB already.

    The profile is one that `fitting_profile` let through. CMYK without a profile is converted by the plain
    formula, which is what other viewers show.
    """
    conversion = None if profile is None else _build_conversion(profile)
    if conversion is None:
        return piece.convert("RGB")
    return conversion.transform.apply(
        piece if piece.mode == conversion.mode else piece.convert(conversion.mode)
    )


def fitting_profile(profile: bytes | None, mode: str) -> tuple[bytes | None, tuple[str, ...]]:
    """Return the profile that pieces of `mode` must be converted with, or None, and the remarks on it.

    None without a remark where there is no profile or it is sRGB; with `profile_ignored` where it is
    corrupt or describes another kind of picture.
    """
    if not profile:
        return None, ()
    conversion = _build_conversion(profile)
    if conversion is None or mode not in _COMPATIBLE_MODES[conversion.mode]:
        return None, ("profile_ignored",)
    return (profile if conversion.changes else None), ()


@lru_cache(maxsize=8)
def _build_conversion(profile: bytes) -> _ColourConversion | None:
    """Return the way from a profile to sRGB; None for a corrupt profile or one of another colour space."""
    try:
        source = ImageCms.ImageCmsProfile(BytesIO(profile))
        mode = _MODES[source.profile.xcolor_space.strip()]
        srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB"))
        transform = ImageCms.ImageCmsTransform(source, srgb, mode, "RGB")
    except (ImageCms.PyCMSError, OSError, KeyError, ValueError):
        return None
    return _ColourConversion(mode, transform, mode != "RGB" or _shifts_visibly(transform))


def _shifts_visibly(transform: ImageCms.ImageCmsTransform) -> bool:
    """Tell whether colours all over the RGB cube (9 steps each way) move visibly."""
    steps = np.linspace(0, 255, 9).astype(np.uint8)
    cube = np.stack(np.meshgrid(steps, steps, steps), axis=-1).reshape(27, 27, 3)
    converted = np.asarray(transform.apply(Image.fromarray(cube)))
    return int(np.abs(converted.astype(np.int16) - cube).max()) > _VISIBLE_SHIFT
