"""Colour management: converts small pieces of a picture from its embedded profile to sRGB."""

from __future__ import annotations

from functools import lru_cache
from io import BytesIO
from typing import NamedTuple

import numpy as np
from PIL import Image, ImageCms

_MODES = {"RGB": "RGB", "GRAY": "L", "CMYK": "CMYK"}
_COMPATIBLE_MODES = {"RGB": {"RGB", "RGBX", "L"}, "L": {"L"}, "CMYK": {"CMYK"}}
_VISIBLE_SHIFT = 3  # grey levels: a profile that shifts no colour by more is treated as sRGB


class _ColourConversion(NamedTuple):
    """The transform from a profile to sRGB, its input mode, and whether it changes colours visibly."""

    mode: str
    transform: ImageCms.ImageCmsTransform
    changes: bool


def to_srgb(piece: Image.Image, profile: bytes | None) -> Image.Image:
    """Return the piece as RGB in sRGB; without a profile its values are taken as sRGB.

    The profile is one that `fitting_profile` returned. CMYK without a profile is converted by Pillow's simple
    formula, as other viewers do.
    """
    conversion = None if profile is None else _build_conversion(profile)
    if conversion is None:
        return piece.convert("RGB")
    return conversion.transform.apply(
        piece if piece.mode == conversion.mode else piece.convert(conversion.mode)
    )


def fitting_profile(profile: bytes | None, mode: str) -> tuple[bytes | None, tuple[str, ...]]:
    """Return the profile with which pieces of `mode` must be converted, or None, and the remarks on it.

    None without a remark if there is no profile or it is sRGB; None with `profile_ignored` if it is corrupt
    or belongs to another colour space.
    """
    if not profile:
        return None, ()
    conversion = _build_conversion(profile)
    if conversion is None or mode not in _COMPATIBLE_MODES[conversion.mode]:
        return None, ("profile_ignored",)
    return (profile if conversion.changes else None), ()


@lru_cache(maxsize=8)
def _build_conversion(profile: bytes) -> _ColourConversion | None:
    """Build the conversion from a profile to sRGB; None if it is corrupt or its colour space unsupported."""
    try:
        source = ImageCms.ImageCmsProfile(BytesIO(profile))
        mode = _MODES[source.profile.xcolor_space.strip()]
        srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB"))
        transform = ImageCms.ImageCmsTransform(source, srgb, mode, "RGB")
    except (ImageCms.PyCMSError, OSError, KeyError, ValueError):
        return None
    return _ColourConversion(mode, transform, mode != "RGB" or _shifts_visibly(transform))


def _shifts_visibly(transform: ImageCms.ImageCmsTransform) -> bool:
    """Return whether the transform shifts any colour of a 9 x 9 x 9 grid over the RGB cube visibly."""
    steps = np.linspace(0, 255, 9).astype(np.uint8)
    cube = np.stack(np.meshgrid(steps, steps, steps), axis=-1).reshape(27, 27, 3)
    converted = np.asarray(transform.apply(Image.fromarray(cube)))
    return int(np.abs(converted.astype(np.int16) - cube).max()) > _VISIBLE_SHIFT
