"""Decodes PNG, TIFF, WebP, PSD and GIF with Pillow, floating-point TIFF with tifffile, HEIC with libheif."""

from __future__ import annotations

from dataclasses import replace
from math import ceil, sqrt
from typing import BinaryIO

import numpy as np
import pillow_heif
from numpy.typing import NDArray
from PIL import Image, ImageCms

from autocull.read.colour import fitting_profile
from autocull.read.decoded_image import DecodedImage
from autocull.read.decoders.errors import FULL_PIXELS, UnreadableError, check_pixels, translate_decode_errors
from autocull.read.metadata import read_directories

PILLOW_KINDS = {"png": "PNG", "tiff": "TIFF", "webp": "WEBP", "psd": "PSD", "gif": "GIF"}
"""Maps the kinds that Pillow decodes to Pillow's format names."""

SELF_ORIENTING = frozenset({"heic", "tiff"})
"""Kinds whose decoders apply the orientation; applying EXIF's orientation would turn the picture twice."""

_FLOAT_FORMAT, _SAMPLE_FORMAT_TAG, _ORIENTATION_TAG = 3, 339, 274
_CEILINGS = (1.0, 255.0, 65535.0, float(2**31 - 1), float(2**32 - 1))
_UNKNOWN_LAYOUT_MESSAGE = (
    "Autocull does not read TIFF files with this pixel layout. Export this one as JPEG or 16-bit TIFF."
)

Image.MAX_IMAGE_PIXELS = None  # Pillow's limit would reject panoramas; `check_pixels` has a limit per kind


def decode_picture(kind: str, file: BinaryIO, size: int) -> tuple[DecodedImage, bytes]:
    """Decode one of `PILLOW_KINDS` from a file of `size` bytes; return it with its EXIF block (or b"").

    Of several pages or frames the first is used. 16- and 32-bit pictures are scaled to 8 bits by their range;
    transparent pixels are composited over white.
    """
    if kind == "tiff" and _holds_floats(file):
        return _decode_floats(file, size), b""
    file.seek(0)
    with translate_decode_errors(), Image.open(file, formats=[PILLOW_KINDS[kind]]) as image:
        check_pixels(kind, image.width, image.height, size)
        image.load()
        return _to_decoded_image(image, image.info.get("icc_profile")), image.info.get("exif") or b""


def decode_heic(file: BinaryIO, size: int) -> tuple[DecodedImage, bytes]:
    """Decode a HEIC file of `size` bytes; return the upright picture and its EXIF block (or b"")."""
    file.seek(0)
    with translate_decode_errors():
        heif = pillow_heif.open_heif(file, convert_hdr_to_8bit=True)
        check_pixels("heic", heif.size[0], heif.size[1], size)
        image = heif.to_pillow()
        return _to_decoded_image(image, heif.info.get("icc_profile")), heif.info.get("exif") or b""


def _to_decoded_image(image: Image.Image, profile: object) -> DecodedImage:
    """Return a loaded image in mode RGB, L or CMYK, reduced if it has more than `FULL_PIXELS`."""
    converted = _to_plain_mode(image)
    remarks: tuple[str, ...] = ()
    if converted.width * converted.height > FULL_PIXELS:
        converted = converted.reduce(ceil(sqrt(converted.width * converted.height / FULL_PIXELS)))
        remarks = ("scaled_down",)
    embedded_profile = profile if isinstance(profile, bytes) else None
    usable_profile, colour_remarks = fitting_profile(embedded_profile, converted.mode)
    return DecodedImage(converted, profile=usable_profile, remarks=remarks + colour_remarks)


def _to_plain_mode(image: Image.Image) -> Image.Image:
    """Return the image as RGB, L or CMYK."""
    if image.mode in ("RGB", "L", "CMYK"):
        return image
    if image.mode == "LAB":
        return _convert_lab(image)
    if image.mode == "1":
        return image.convert("L")
    if image.mode.startswith("I") or image.mode == "F":
        return Image.fromarray(to_eight_bits(np.asarray(image)))
    return _flatten_on_white(image) if image.has_transparency_data else image.convert("RGB")


def _convert_lab(image: Image.Image) -> Image.Image:
    """Return a Lab image as sRGB."""
    lab, srgb = ImageCms.createProfile("LAB"), ImageCms.createProfile("sRGB")
    converted = ImageCms.profileToProfile(image, lab, srgb, outputMode="RGB")
    assert converted is not None  # it returns None only when it converts in place
    return converted


def _flatten_on_white(image: Image.Image) -> Image.Image:
    """Return the image composited over white."""
    rgba = image.convert("RGBA")
    background = Image.new("RGB", image.size, "white")
    background.paste(rgba, mask=rgba.getchannel("A"))
    return background


def to_eight_bits(values: NDArray[np.generic]) -> NDArray[np.uint8]:
    """Return 16-bit, 32-bit or floating-point grey or colour values as 0-255.

    The range is that of the type (16 bit), or the smallest usual one (1, 255, 65535 ...) that holds all but
    the brightest hundredth of the values; higher values are clipped.
    """
    if values.dtype == np.uint16:
        return np.right_shift(values.view(np.uint16), 8).astype(np.uint8)
    numbers = np.nan_to_num(values.astype(np.float32), copy=False, posinf=0, neginf=0)
    bright_level = float(np.percentile(numbers[:: max(1, numbers.shape[0] // 512)], 99))
    ceiling = next((top for top in _CEILINGS if bright_level <= top), bright_level)
    scaled: NDArray[np.uint8] = (numbers.clip(0, ceiling) * (255 / ceiling) + 0.5).astype(np.uint8)
    return scaled


def _holds_floats(file: BinaryIO) -> bool:
    """Return whether the first page of a TIFF holds floating-point numbers."""
    directories = read_directories(file)
    return bool(directories) and _FLOAT_FORMAT in directories[0].get(_SAMPLE_FORMAT_TAG, ())


def _decode_floats(file: BinaryIO, size: int) -> DecodedImage:
    """Decode a floating-point TIFF (an HDR export), which Pillow reads only in grey."""
    import tifffile  # slow to import, and rarely needed

    file.seek(0)
    with translate_decode_errors(), tifffile.TiffFile(file) as container:
        page = container.pages.first
        check_pixels("tiff", page.imagewidth, page.imagelength, size)
        if page.samplesperpixel not in (1, 3, 4) or page.planarconfig != 1:
            raise UnreadableError("unsupported", _UNKNOWN_LAYOUT_MESSAGE)
        values = to_eight_bits(np.squeeze(page.asarray()))
        tag = page.tags.get(_ORIENTATION_TAG)
        orientation = int(tag.value) if tag is not None else 1
        return replace(_to_decoded_image(Image.fromarray(values), page.iccprofile), orientation=orientation)
