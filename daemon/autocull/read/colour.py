"""Colour: from the picture's own profile to sRGB, for small pieces of a picture."""

from __future__ import annotations

from functools import lru_cache
from io import BytesIO

from PIL import Image, ImageCms

_MODES = {"RGB": "RGB", "GRAY": "L", "CMYK": "CMYK"}


def to_srgb(piece: Image.Image, profile: bytes | None) -> Image.Image:
    """Return the piece as RGB in sRGB; without a usable profile its numbers are taken as sRGB already.

    A profile is usable when `usable_profile` let it through. CMYK without a profile is converted by the plain
    formula, which is what other viewers show.
    """
    transform = None if profile is None else _transform(profile)
    if transform is None:
        return piece.convert("RGB")
    mode, convert = transform
    return convert.apply(piece if piece.mode == mode else piece.convert(mode))


def usable_profile(profile: bytes | None, mode: str) -> bytes | None:
    """Return the profile if it is sound and describes pictures of `mode`; otherwise None."""
    if not profile:
        return None
    found = _transform(profile)
    if found is None:
        return None
    fits = found[0] == mode or {found[0], mode} <= {"RGB", "RGBX", "L"}
    return profile if fits else None


@lru_cache(maxsize=8)
def _transform(profile: bytes) -> tuple[str, ImageCms.ImageCmsTransform] | None:
    """Return the mode that the profile describes and the way from it to sRGB; None for a corrupt profile."""
    try:
        source = ImageCms.ImageCmsProfile(BytesIO(profile))
        mode = _MODES[source.profile.xcolor_space.strip()]
        return mode, ImageCms.ImageCmsTransform(
            source, ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")), mode, "RGB"
        )
    except (ImageCms.PyCMSError, OSError, KeyError, ValueError):
        return None
