"""Decodes the TIFF layouts that Pillow does not know, or decodes to a wrong picture, with tifffile."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from autocull.read.decoders.errors import UnreadableError, check_memory, check_pixels
from autocull.read.metadata import PHOTOMETRIC, Directory, read_directories

_BITS, _SAMPLES, _PLANAR, _SAMPLE_FORMAT, _ORIENTATION = 258, 277, 284, 339, 274
_WHITE_IS_ZERO, _SEPARATE_PLANES, _FLOAT_FORMAT, _MAX_GREY = 0, 2, 3, 2
_GREY_OR_RGB = {0, 1, 2}
UNKNOWN_LAYOUT_MESSAGE = (
    "Autocull does not read TIFF files with this pixel layout. Export this one as JPEG or 16-bit TIFF."
)


@dataclass(frozen=True, slots=True)
class TiffPicture:
    """Stored values of a TIFF `(h, w)` or `(h, w, 3)`, its orientation and colour profile."""

    values: NDArray[Any]
    orientation: int
    profile: bytes | None


def needs_tifffile(file: BinaryIO) -> bool:
    """Return whether Pillow cannot be trusted with the first picture of a TIFF.

    It does not read floating-point colour and 16-bit grey with transparency, and decodes separate planes and
    negatives (WhiteIsZero) of more than 8 bits to wrong pictures.
    """
    directory = first_directory(file)
    if max(directory.get(_BITS, (1,)), default=1) <= 8:
        return False
    samples = _first(directory, _SAMPLES, 1)
    return (
        _FLOAT_FORMAT in directory.get(_SAMPLE_FORMAT, ())
        or (samples > 1 and _first(directory, _PLANAR, 1) == _SEPARATE_PLANES)
        or (samples == _MAX_GREY)
        or _first(directory, PHOTOMETRIC, 1) == _WHITE_IS_ZERO
    )


def first_directory(file: BinaryIO) -> Directory:
    """Return the first directory of a TIFF; {} if it cannot be read."""
    return next(iter(read_directories(file)), {})


def decode_tiff(file: BinaryIO, size: int) -> TiffPicture:
    """Return the first picture of a TIFF of `size` bytes, without transparency, black as the least value."""
    import tifffile  # slow to import, and rarely needed

    file.seek(0)
    with tifffile.TiffFile(file) as container:
        page: Any = container.pages.first
        check_pixels("tiff", page.imagewidth, page.imagelength, size)
        check_memory(page.imagewidth * page.imagelength, page.samplesperpixel * page.dtype.itemsize)
        if page.samplesperpixel > 4 or int(page.photometric) not in _GREY_OR_RGB:
            raise UnreadableError("unsupported", UNKNOWN_LAYOUT_MESSAGE)
        values = page.asarray()
        if page.samplesperpixel > 1 and page.planarconfig == _SEPARATE_PLANES:
            values = np.moveaxis(values, 0, -1)
        if page.samplesperpixel > 1:
            values = values[..., :3] if page.samplesperpixel > _MAX_GREY else values[..., 0]
        if int(page.photometric) == _WHITE_IS_ZERO and values.dtype.kind == "u":
            values = np.invert(values)
        tag = page.tags.get(_ORIENTATION)
        return TiffPicture(np.squeeze(values), int(tag.value) if tag is not None else 1, page.iccprofile)


def _first(directory: Directory, tag: int, default: int) -> int:
    return next(iter(directory.get(tag, ())), default)
