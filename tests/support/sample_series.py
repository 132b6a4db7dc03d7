"""A small shoot of real pictures with times: a burst, a bracket and a photo of another scene."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image, ImageFilter
from PIL.TiffImagePlugin import IFDRational
from skimage import data

BURST = ("burst1.jpg", "burst2.jpg", "burst3.jpg", "burst4.jpg")
SHARPEST = "burst2.jpg"
BRACKET = ("bracket1.jpg", "bracket2.jpg", "bracket3.jpg")
OTHER = "other.jpg"
_BLUR = (0.9, 0.0, 1.0, 0.8)  # standard deviation for each frame of the burst, in px
_STOPS = (-2, 0, 2)


def write_sample_shoot(folder: Path) -> dict[str, Path]:
    """Write the shoot into an existing folder; returns its files by name."""
    for number, (name, blur) in enumerate(zip(BURST, _BLUR, strict=True)):
        left, top = 4 * number, 2 * number
        frame = Image.fromarray(data.astronaut()).crop((left, top, left + 490, top + 490))
        _save(folder / name, frame.filter(ImageFilter.GaussianBlur(blur)) if blur else frame, 5 + number / 4)
    for number, (name, stops) in enumerate(zip(BRACKET, _STOPS, strict=True)):
        _save(folder / name, _with_exposure(stops), 40 + 0.3 * number, shutter=2.0**stops / 125)
    _save(folder / OTHER, Image.fromarray(data.rocket()), 55)
    return {name: folder / name for name in (*BURST, *BRACKET, OTHER)}


def _with_exposure(stops: float) -> Image.Image:
    """Return a picture with so many stops more exposure, in linear light, clipped."""
    linear = (data.coffee().astype(np.float64) / 255) ** 2.2 * 2.0**stops
    return Image.fromarray(np.rint(np.clip(linear, 0, 1) ** (1 / 2.2) * 255).astype(np.uint8))


def _save(path: Path, picture: Image.Image, second: float, shutter: float | None = None) -> None:
    """Write a JPEG as a camera does, taken `second` seconds (below 60) after ten o'clock."""
    exif = Image.Exif()
    exif[0x010F], exif[0x0110] = "Example", "One"
    exif_details = exif.get_ifd(0x8769)
    exif_details[0x9003] = f"2026:05:01 10:00:{int(second):02}"
    exif_details[0x9291] = f"{round(100 * (second % 1)):02}"
    if shutter is not None:
        exif_details[0x829A] = IFDRational(round(shutter * 4000), 4000)
        exif_details[0x829D], exif_details[0x8827] = IFDRational(8, 1), 100
    picture.save(path, quality=95, exif=exif)
