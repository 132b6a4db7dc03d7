"""Decodes PNG, TIFF, WebP, PSD and GIF with Pillow, other TIFF layouts with tifffile, HEIC with libheif."""

from __future__ import annotations

from dataclasses import replace
from math import ceil, sqrt
from typing import BinaryIO

import numpy as np
import pillow_heif
from numpy.typing import NDArray
from PIL import Image, ImageCms

from autocull.arrays import Floats
from autocull.read.colour import fitting_profile
from autocull.read.decoded_image import DecodedImage
from autocull.read.decoders.errors import (
    FULL_PIXELS,
    UnreadableError,
    check_memory,
    check_pixels,
    translate_decode_errors,
)
from autocull.read.decoders.hdr import encode_srgb, hdr_to_srgb, hdr_transfer
from autocull.read.decoders.tiff import UNKNOWN_LAYOUT_MESSAGE, decode_tiff, first_directory, needs_tifffile
from autocull.read.metadata import PHOTOMETRIC

PILLOW_KINDS = {"png": "PNG", "tiff": "TIFF", "webp": "WEBP", "psd": "PSD", "gif": "GIF"}
"""Maps the kinds that Pillow decodes to Pillow's format names."""

SELF_ORIENTING = frozenset({"heic", "tiff"})
"""Kinds whose decoders apply the orientation; applying EXIF's orientation would turn the picture twice."""

_CEILINGS = (1.0, 255.0, 65535.0, float(2**31 - 1), float(2**32 - 1))
_MAX_LIGHT_MEDIAN = 4.0  # two stops above white; of 0-255, nearly black
_ROWS = 256
_AVERAGED_MODES = frozenset({"RGB", "RGBA", "L", "LA", "CMYK"})
_BYTES_PER_PIXEL = {"1": 1, "L": 1, "P": 1, "I;16": 2, "I;16B": 2}  # the others: 4
_PSD_HEADER_BYTES = 26
_DEEP_PSD_MESSAGE = (
    "Autocull does not read Photoshop files of {} bits. Save this one with 8 bits, or as TIFF."
)

Image.MAX_IMAGE_PIXELS = None  # Pillow's limit would reject panoramas; `check_pixels` has a limit per kind


def decode_picture(kind: str, file: BinaryIO, size: int) -> tuple[DecodedImage, bytes]:
    """Decode one of `PILLOW_KINDS` from a file of `size` bytes; return it with its EXIF block (or b"").

    Of several pages or frames the first is used. 16- and 32-bit pictures are scaled to 8 bits by their range;
    transparent pixels are composited over white.
    """
    if kind == "tiff" and needs_tifffile(file):
        return _decode_with_tifffile(file, size), b""
    _refuse_unknown_layout(kind, file)
    is_whole_tiff = kind == "tiff" and PHOTOMETRIC in first_directory(file)
    file.seek(0)
    unknown = UnreadableError("unsupported", UNKNOWN_LAYOUT_MESSAGE) if is_whole_tiff else None
    with (
        translate_decode_errors(unidentified=unknown),
        Image.open(file, formats=[PILLOW_KINDS[kind]]) as image,
    ):
        check_pixels(kind, image.width, image.height, size)
        check_memory(image.width * image.height, _BYTES_PER_PIXEL.get(image.mode, 4))
        image.load()
        return _to_decoded_image(image, image.info.get("icc_profile")), image.info.get("exif") or b""


def decode_heic(file: BinaryIO, size: int) -> tuple[DecodedImage, bytes]:
    """Decode a HEIC file of `size` bytes; return the upright picture and its EXIF block (or b"")."""
    file.seek(0)
    with translate_decode_errors():
        heif = pillow_heif.open_heif(file, convert_hdr_to_8bit=False)
        check_pixels("heic", heif.size[0], heif.size[1], size)
        nclx = heif.info.get("nclx_profile")
        transfer = hdr_transfer(nclx)
        exif = heif.info.get("exif") or b""
        if transfer is not None and heif.mode.startswith("RGB") and heif.mode.endswith(";16"):
            pixels = hdr_to_srgb(np.asarray(heif)[..., :3], transfer, nclx["color_primaries"])
            return _to_decoded_image(Image.fromarray(pixels), None), exif
        file.seek(0)
        heif = pillow_heif.open_heif(file, convert_hdr_to_8bit=True)
        return _to_decoded_image(heif.to_pillow(), heif.info.get("icc_profile")), exif


def _to_decoded_image(image: Image.Image, profile: object) -> DecodedImage:
    """Return a loaded image in mode RGB, L or CMYK, reduced if it has more than `FULL_PIXELS`.

    It is reduced before it is converted, where its mode can be averaged: conversions take further memory.
    """
    remarks: tuple[str, ...] = ()
    factor = ceil(sqrt(image.width * image.height / FULL_PIXELS))
    if factor > 1 and image.mode in _AVERAGED_MODES:
        image = image.reduce(factor)
        remarks = ("scaled_down",)
    converted = _to_plain_mode(image)
    if factor > 1 and not remarks:
        converted = converted.reduce(factor)
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


def to_eight_bits(values: NDArray[np.generic], *, linear: bool = False) -> NDArray[np.uint8]:
    """Return 16-bit, 32-bit or floating-point grey or colour values as 0-255, row by row.

    The range is that of the type (16 bit), 0-1 for floating-point numbers unless their median is far above 1,
    else the smallest usual one (1, 255, 65535 ...) that holds all but the brightest hundredth of the values;
    higher values are clipped. `linear` values get the curve of sRGB if they exceed 1, as only light does.
    """
    result = np.empty(values.shape, np.uint8)
    if values.dtype == np.uint16:
        for rows in _row_slices(values):
            result[rows] = values[rows] >> np.uint16(8)  # type: ignore[operator]
        return result
    sample = _as_numbers(values[:: max(1, values.shape[0] // 512)])
    bright_level = float(np.percentile(sample, 99))
    ceiling = next((top for top in _CEILINGS if bright_level <= top), bright_level)
    is_light = values.dtype.kind == "f" and float(np.median(sample)) <= _MAX_LIGHT_MEDIAN
    has_headroom = is_light and bright_level > 1
    for rows in _row_slices(values):
        scaled: Floats = _as_numbers(values[rows]).clip(0, ceiling)
        scaled /= 1.0 if is_light else ceiling
        encoded = encode_srgb(scaled) if linear and has_headroom else scaled.clip(0, 1)
        result[rows] = encoded * 255 + 0.5
    return result


def _row_slices(values: NDArray[np.generic]) -> list[slice]:
    return [slice(start, start + _ROWS) for start in range(0, len(values), _ROWS)]


def _as_numbers(values: NDArray[np.generic]) -> NDArray[np.float32]:
    """Return values as finite numbers."""
    return np.nan_to_num(values.astype(np.float32), copy=False, posinf=0, neginf=0)


def _decode_with_tifffile(file: BinaryIO, size: int) -> DecodedImage:
    """Decode a TIFF whose layout Pillow does not know."""
    with translate_decode_errors():
        picture = decode_tiff(file, size)
        pixels = to_eight_bits(picture.values, linear=picture.profile is None)
        decoded = _to_decoded_image(Image.fromarray(pixels), picture.profile)
        return replace(decoded, orientation=picture.orientation)


def _refuse_unknown_layout(kind: str, file: BinaryIO) -> None:
    """Raise UnreadableError for a Photoshop file of 16 or 32 bits, which Pillow does not read."""
    file.seek(0)
    depth = int.from_bytes(file.read(_PSD_HEADER_BYTES)[22:24])
    if kind == "psd" and depth > 8:
        raise UnreadableError("unsupported", _DEEP_PSD_MESSAGE.format(depth))
    file.seek(0)
