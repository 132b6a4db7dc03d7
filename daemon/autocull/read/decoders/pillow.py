"""Decodes PNG, TIFF, WebP, PSD and GIF with Pillow, other TIFF layouts with tifffile, HEIC with libheif."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from math import ceil, sqrt
from typing import Any, BinaryIO

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
from autocull.read.decoders.psd import (
    CMYK_MODE,
    LAB_MODE,
    decode_deep_psd,
    read_psd_exif,
    read_psd_header,
    refuse_layers_only,
)
from autocull.read.decoders.tiff import UNKNOWN_LAYOUT_MESSAGE, decode_tiff, first_directory, needs_tifffile
from autocull.read.metadata import PHOTOMETRIC

PILLOW_KINDS = {"png": "PNG", "tiff": "TIFF", "webp": "WEBP", "psd": "PSD", "gif": "GIF"}
"""Maps the kinds that Pillow decodes to Pillow's format names."""

SELF_ORIENTING = frozenset({"heic", "tiff"})
"""Kinds whose decoders apply the orientation; applying EXIF's orientation would turn the picture twice."""

_CEILINGS = (1.0, 255.0, 65535.0, float(2**31 - 1), float(2**32 - 1))
_MAX_LIGHT_MEDIAN = 4.0  # two stops above white; of 0-255, nearly black
_ROWS = 256
_SAMPLED_ROWS = 512
_BYTES_PER_PIXEL = {"1": 1, "L": 1, "P": 1, "I;16": 2, "I;16B": 2}  # the others: 4
_WEBP_BYTES_PER_PIXEL = 12  # the decoder holds two more pictures
_HEIC_BYTES_PER_PIXEL = 7  # libheif's 8-bit RGB, and Pillow's
_HDR_BYTES_PER_PIXEL = 9  # 16-bit RGB, and its conversion to 8 bits

Image.MAX_IMAGE_PIXELS = None  # Pillow's limit would reject panoramas; `check_pixels` has a limit per kind


def decode_picture(kind: str, file: BinaryIO, size: int) -> tuple[DecodedImage, bytes]:
    """Decode one of `PILLOW_KINDS` from a file of `size` bytes; return it with its EXIF block (or b"").

    Of several pages or frames the first is used. 16- and 32-bit pictures are scaled to 8 bits by their range;
    transparent pixels are composited over white.
    """
    if kind == "tiff" and needs_tifffile(file):
        return _decode_with_tifffile(file, size), b""
    if kind == "psd":
        return _decode_psd(file, size)
    return _decode_with_pillow(kind, file, size)


def _decode_with_pillow(kind: str, file: BinaryIO, size: int) -> tuple[DecodedImage, bytes]:
    """Decode a file with a layout of Pillow's."""
    is_whole_tiff = kind == "tiff" and PHOTOMETRIC in first_directory(file)
    file.seek(0)
    unknown = UnreadableError("unsupported", UNKNOWN_LAYOUT_MESSAGE) if is_whole_tiff else None
    with (
        translate_decode_errors(unidentified=unknown),
        Image.open(file, formats=[PILLOW_KINDS[kind]]) as image,
    ):
        check_pixels(kind, image.width, image.height, size)
        pixel_bytes = _WEBP_BYTES_PER_PIXEL if kind == "webp" else _BYTES_PER_PIXEL.get(image.mode, 4)
        check_memory(image.width * image.height, pixel_bytes)
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
        is_hdr = transfer is not None and heif.mode.startswith("RGB") and heif.mode.endswith(";16")
        pixel_bytes = _HDR_BYTES_PER_PIXEL if is_hdr else _HEIC_BYTES_PER_PIXEL
        check_memory(heif.size[0] * heif.size[1], pixel_bytes)
        if transfer is not None and is_hdr:
            pixels = hdr_to_srgb(np.asarray(heif)[..., :3], transfer, nclx["color_primaries"])
            return _to_decoded_image(Image.fromarray(pixels), None), exif
        file.seek(0)
        heif = pillow_heif.open_heif(file, convert_hdr_to_8bit=True)
        return _to_decoded_image(heif.to_pillow(), heif.info.get("icc_profile")), exif


def _to_decoded_image(image: Image.Image, profile: object) -> DecodedImage:
    """Return a loaded image in mode RGB, L or CMYK, reduced if it has more than `FULL_PIXELS`."""
    factor = ceil(sqrt(image.width * image.height / FULL_PIXELS))
    if factor > 1:
        converted = _reduce_by_strips(image, factor)
    elif _is_deep(image):
        converted = Image.fromarray(to_eight_bits(np.asarray(image)))
    else:
        converted = _to_plain_mode(image)
    return _with_profile(converted, profile, ("scaled_down",) if factor > 1 else ())


def _with_profile(image: Image.Image, profile: object, remarks: tuple[str, ...]) -> DecodedImage:
    embedded_profile = profile if isinstance(profile, bytes) else None
    usable_profile, colour_remarks = fitting_profile(embedded_profile, image.mode)
    return DecodedImage(image, profile=usable_profile, remarks=remarks + colour_remarks)


def _reduce_by_strips(image: Image.Image, factor: int) -> Image.Image:
    """Return the image converted and averaged over `factor` x `factor` pixels, strip by strip.

    Conversions, and averaging with transparency, take as much memory again as their input.
    """
    convert = _deep_conversion(image) if _is_deep(image) else _to_plain_mode
    rows_per_strip = factor * max(1, _ROWS // factor)
    tops = range(0, image.height, rows_per_strip)
    boxes = [(0, top, image.width, min(top + rows_per_strip, image.height)) for top in tops]
    return _stack((convert(image.crop(box)).reduce(factor) for box in boxes), image.size, factor)


def _deep_conversion(image: Image.Image) -> Callable[[Image.Image], Image.Image]:
    """Return the conversion of parts of an image of 16 or 32 bits to 8 bits."""
    step = max(1, image.height // _SAMPLED_ROWS)
    rows = [np.asarray(image.crop((0, y, image.width, y + 1))) for y in range(0, image.height, step)]
    to_bytes = _scale_of(np.concatenate(rows), linear=False)
    return lambda part: Image.fromarray(to_bytes(np.asarray(part)))


def _reduce_values(values: NDArray[np.generic], factor: int, *, linear: bool) -> Image.Image:
    """Return the values as 8 bits, averaged over `factor` x `factor` pixels, strip by strip."""
    to_bytes = _scale_of(values[:: max(1, values.shape[0] // _SAMPLED_ROWS)], linear=linear)
    rows_per_strip = factor * max(1, _ROWS // factor)
    strips = (values[top : top + rows_per_strip] for top in range(0, values.shape[0], rows_per_strip))
    size = (values.shape[1], values.shape[0])
    return _stack((Image.fromarray(to_bytes(strip)).reduce(factor) for strip in strips), size, factor)


def _stack(strips: Iterable[Image.Image], size: tuple[int, int], factor: int) -> Image.Image:
    """Return reduced strips, from top to bottom, as one image; `size` is that before reducing."""
    stacked: Image.Image | None = None
    top = 0
    for strip in strips:
        if stacked is None:
            stacked = Image.new(strip.mode, (ceil(size[0] / factor), ceil(size[1] / factor)))
        stacked.paste(strip, (0, top))
        top += strip.height
    assert stacked is not None  # a picture has at least one row
    return stacked


def _is_deep(image: Image.Image) -> bool:
    """Return whether an image has one channel of 16 or 32 bits."""
    return image.mode.startswith("I") or image.mode == "F"


def _to_plain_mode(image: Image.Image) -> Image.Image:
    """Return the image as RGB, L or CMYK."""
    if image.mode in ("RGB", "L", "CMYK"):
        return image
    if image.mode == "LAB":
        return _convert_lab(image)
    if image.mode == "1":
        return image.convert("L")
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
    to_bytes = _scale_of(values[:: max(1, values.shape[0] // _SAMPLED_ROWS)], linear=linear)
    result = np.empty(values.shape, np.uint8)
    for rows in _row_slices(values):
        result[rows] = to_bytes(values[rows])
    return result


def _scale_of(
    sample: NDArray[np.generic], *, linear: bool
) -> Callable[[NDArray[np.generic]], NDArray[np.uint8]]:
    """Return the conversion to 8 bits of values of which `sample` are some rows."""
    if sample.dtype == np.uint8:
        return lambda values: np.asarray(values, np.uint8)
    if sample.dtype.kind == "u" and sample.dtype.itemsize == 2:
        return lambda values: np.asarray(values >> np.uint16(8), np.uint8)  # type: ignore[operator]
    numbers = _as_numbers(sample)
    bright_level = float(np.percentile(numbers, 99))
    ceiling = next((top for top in _CEILINGS if bright_level <= top), bright_level)
    is_light = sample.dtype.kind == "f" and float(np.median(numbers)) <= _MAX_LIGHT_MEDIAN
    has_headroom = is_light and bright_level > 1

    def convert(values: NDArray[np.generic]) -> NDArray[np.uint8]:
        scaled: Floats = _as_numbers(values).clip(0, ceiling)
        scaled /= 1.0 if is_light else ceiling
        encoded = encode_srgb(scaled) if linear and has_headroom else scaled.clip(0, 1)
        return np.asarray(encoded * 255 + 0.5, np.uint8)

    return convert


def _row_slices(values: NDArray[np.generic]) -> list[slice]:
    return [slice(start, start + _ROWS) for start in range(0, len(values), _ROWS)]


def _as_numbers(values: NDArray[np.generic]) -> NDArray[np.float32]:
    """Return values as finite numbers."""
    return np.nan_to_num(values.astype(np.float32), copy=False, posinf=0, neginf=0)


def _decode_with_tifffile(file: BinaryIO, size: int) -> DecodedImage:
    """Decode a TIFF whose layout Pillow does not know."""
    with translate_decode_errors():
        picture = decode_tiff(file, size)
        decoded = _decode_values(picture.values, picture.profile)
        return replace(decoded, orientation=picture.orientation)


def _decode_values(values: NDArray[Any], profile: bytes | None) -> DecodedImage:
    """Return values `(h, w)` or `(h, w, 3)` as a picture; without a profile they may be linear light."""
    factor = ceil(sqrt(values.shape[0] * values.shape[1] / FULL_PIXELS))
    if factor > 1:
        return _with_profile(
            _reduce_values(values, factor, linear=profile is None), profile, ("scaled_down",)
        )
    return _with_profile(Image.fromarray(to_eight_bits(values, linear=profile is None)), profile, ())


def _decode_psd(file: BinaryIO, size: int) -> tuple[DecodedImage, bytes]:
    """Decode the merged picture of a Photoshop file, with Pillow where it has up to 8 bits."""
    with translate_decode_errors():
        header = read_psd_header(file)
        refuse_layers_only(file, header)
        exif = read_psd_exif(file, header)
    if header.depth <= 8:
        return _decode_with_pillow("psd", file, size)[0], exif
    with translate_decode_errors():
        picture = decode_deep_psd(file, size, header)
        values = picture.values
        if picture.mode == CMYK_MODE:
            cmyk = Image.frombytes("CMYK", (header.width, header.height), (255 - values).tobytes())
            return _to_decoded_image(cmyk, picture.profile), exif
        if picture.mode == LAB_MODE:
            lab = Image.merge("LAB", [Image.fromarray(values[..., plane]) for plane in range(3)])
            return _to_decoded_image(lab, None), exif
        return _decode_values(values[..., 0] if values.shape[2] == 1 else values, picture.profile), exif
