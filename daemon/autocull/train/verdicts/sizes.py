"""Reduced copies of photos, to measure what changes with the size."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from pathlib import Path

from PIL import ExifTags, Image, TiffImagePlugin

from autocull.errors import PhotoError
from autocull.read import Box, Capture, DecodeBuffer, read_photo
from autocull.train.verdicts.labels import VerdictSample

CAMERA_SIZE = "camera"
"""The size of photos as they are."""

_QUALITY = 95


def parse_sizes(text: str) -> tuple[str, ...]:
    """Parse sizes joined by commas: long sides in px (100 or more), or `camera`; raises ValueError."""
    sizes = tuple(part.strip() for part in text.split(",") if part.strip())
    for size in sizes:
        if size != CAMERA_SIZE and not (size.isdecimal() and int(size) >= 100):
            raise ValueError(f"{size!r} is neither a long side of 100 px or more nor {CAMERA_SIZE}")
    if not sizes:
        raise ValueError("there is no size")
    return tuple(dict.fromkeys(sizes))


def make_copies(
    photos: Sequence[VerdictSample], size: str, folder: Path, on_progress: Callable[[], None]
) -> Mapping[Path, VerdictSample]:
    """Return the files to measure at a size, with their photos: the photos themselves, or reduced copies.

    Copies are written into `folder`, as JPEG files of high quality with what the camera recorded. A photo
    smaller than the size is left out, since nothing is enlarged; one that cannot be read stays itself, so
    that it is reported when it is measured.
    """
    files: dict[Path, VerdictSample] = {}
    buffer = DecodeBuffer()
    for index, photo in enumerate(photos):
        file: Path | None = photo.path
        if size != CAMERA_SIZE:
            file = _make_copy(photo.path, int(size), folder / f"{index:06}.jpg", buffer)
        if file is not None:
            files[file] = photo
        on_progress()
    return files


def _make_copy(path: Path, side: int, target: Path, buffer: DecodeBuffer) -> Path | None:
    """Write a copy with this long side; returns its path, None where the photo is smaller."""
    try:
        photo = read_photo(path, buffer=buffer)
        long_side = max(photo.width, photo.height)
        if long_side < side:
            return None
        image = Image.fromarray(photo.crop(Box(0, 0, 1, 1)))
    except PhotoError:
        return path
    scale = side / long_side
    size = (max(1, round(image.width * scale)), max(1, round(image.height * scale)))
    reduced = image.resize(size, Image.Resampling.LANCZOS, reducing_gap=3.0)
    reduced.save(target, "JPEG", quality=_QUALITY, subsampling=0, exif=make_exif(photo.capture))
    return target


def make_exif(capture: Capture) -> Image.Exif:
    """Make the EXIF data of what the camera recorded; times that are only the file's are left out."""
    exif = Image.Exif()
    details = exif.get_ifd(ExifTags.IFD.Exif)
    if capture.camera:
        exif[ExifTags.Base.Model] = capture.camera
    if capture.taken and capture.taken_from != "file":
        details |= _time_tags(capture.taken)
    values = {
        ExifTags.Base.ExposureTime: capture.shutter,
        ExifTags.Base.FNumber: capture.aperture,
        ExifTags.Base.FocalLength: capture.focal_length,
        ExifTags.Base.ExposureBiasValue: capture.exposure_bias,
    }
    details |= {int(tag): _to_rational(value) for tag, value in values.items() if value is not None}
    if capture.iso is not None:
        details[int(ExifTags.Base.ISOSpeedRatings)] = min(capture.iso, 65_535)
    if capture.lens:
        details[int(ExifTags.Base.LensModel)] = capture.lens
    return exif


def _time_tags(taken: str) -> dict[int, str]:
    """Return the tags of a time in ISO 8601, with its sub-seconds and its offset."""
    date, _, clock = taken.partition("T")
    tags = {int(ExifTags.Base.DateTimeOriginal): f"{date.replace('-', ':')} {clock[:8]}"}
    rest = clock[8:]
    if rest.startswith("."):
        digits = rest[1:].split("+")[0].split("-")[0].rstrip("Z")
        tags[int(ExifTags.Base.SubsecTimeOriginal)] = digits
        rest = rest[1 + len(digits) :]
    if rest[:1] in ("+", "-"):
        tags[int(ExifTags.Base.OffsetTimeOriginal)] = rest
    return tags


def _to_rational(value: float) -> TiffImagePlugin.IFDRational:
    fraction = Fraction(value).limit_denominator(100_000)
    return TiffImagePlugin.IFDRational(fraction.numerator, fraction.denominator)
