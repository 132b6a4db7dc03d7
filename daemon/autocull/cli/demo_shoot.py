"""The demonstration shoot: scikit-image's pictures, and the same with simulated faults.

The faults are simulated in linear light with fixed seeds: the same shoot every time. They share no code with
`train.synthesis` and `train.evaluation.corruptions`: the regression tests of the networks use them as faults
that neither training nor evaluation has used.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import datetime, timedelta
from fractions import Fraction
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import ExifTags, Image, ImageDraw, ImageFilter
from PIL.TiffImagePlugin import IFDRational
from skimage import data

from autocull.arrays import Floats
from autocull.read import Pixels

_START = datetime(2024, 6, 1, 10, 0, 0)  # noqa: DTZ001 - cameras write local time
_SIZE = 800  # px: maximum of the long side; larger ones would have to be enlarged, and be soft


def make_shoot(folder: Path) -> list[Path]:
    """Write the shoot's JPEG files (about 30, under a megapixel) into `folder`; returns the written ones.

    Existing files are left as they are. Every photo has plausible EXIF; the last one is damaged.
    """
    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    capture_time = _START
    for number, frame in enumerate(_make_frames(), 1):
        capture_time += timedelta(seconds=frame.delay)
        path = folder / f"DEMO_{number:04d}_{frame.name}.jpg"
        content = _encode_jpeg(frame, _make_exif(capture_time, frame))
        if frame.name == "damaged":
            content = content[: len(content) // 2]
        try:
            with path.open("xb") as file:
                file.write(content)
        except FileExistsError:
            continue
        paths.append(path)
    return paths


class _Frame(NamedTuple):
    """One frame: its picture, JPEG quality, seconds since the previous frame, exposure time in seconds."""

    name: str
    picture: Image.Image
    quality: int = 92
    delay: float = 7.4
    shutter: Fraction = Fraction(1, 250)


def _make_frames() -> Iterator[_Frame]:
    """Yield the frames in the order of their capture times."""
    pictures: Any = data  # scikit-image's loaders have no types
    portrait = _make_picture(pictures.astronaut())
    yield from (_Frame("portrait", portrait), _Frame("portrait_again", portrait, quality=91, delay=0))
    yield _Frame("portrait_soft", defocus(portrait))
    yield _Frame("portrait_moved", shake(portrait))
    yield _Frame("portrait_dark", underexpose(portrait))
    yield _Frame("portrait_blown", overexpose(portrait))
    pixels_by_name = {
        "cat": pictures.chelsea(),
        "coffee": pictures.coffee(),
        "rocket": pictures.rocket(),
        "garage": pictures.stereo_motorcycle()[0],
        "grass": pictures.grass(),
        "photographer": pictures.camera(),
        "night_sky": pictures.hubble_deep_field(),
    }
    scenes = {name: _make_picture(pixels) for name, pixels in pixels_by_name.items()}
    yield from (_Frame(name, picture) for name, picture in scenes.items())
    for name, fault in (
        ("cat_soft", defocus),
        ("cat_noisy", add_noise),
        ("coffee_dark", underexpose),
        ("coffee_moved", shake),
        ("rocket_soft", defocus),
        ("rocket_blown", overexpose),
        ("garage_moved", shake),
        ("garage_noisy", add_noise),
    ):
        yield _Frame(name, fault(scenes[name.split("_")[0]]))
    yield _Frame("garage_crushed", scenes["garage"], quality=4)
    yield _Frame("cat_crushed", scenes["cat"], quality=3)
    yield from _make_burst(scenes["coffee"])
    yield from _make_bracket(scenes["garage"])
    yield _Frame("damaged", scenes["coffee"])


def _make_burst(picture: Image.Image) -> Iterator[_Frame]:
    """Yield a burst: the view drifts a little, and only the middle frame is fully sharp."""
    for number, softness in enumerate((0.9, 0.0, 1.3)):
        drift = 4 * number
        view = picture.crop((drift, drift, picture.width - 16 + drift, picture.height - 16 + drift))
        view = view.filter(ImageFilter.GaussianBlur(softness * picture.width / 600))
        yield _Frame(f"burst_{number + 1}", view, delay=0.25 if number else 7.4)


def _make_bracket(picture: Image.Image) -> Iterator[_Frame]:
    """Yield a bracket: the scene three times, two stops apart."""
    for number, stops in enumerate((-2, 0, 2)):
        shutter = Fraction(1, 250) * Fraction(2) ** stops
        delay = 0.4 if number else 7.4
        yield _Frame(f"bracket_{number + 1}", _expose(picture, 2.0**stops), delay=delay, shutter=shutter)


def _make_picture(pixels: Pixels) -> Image.Image:
    """Return a picture of at most `_SIZE` px."""
    picture = Image.fromarray(pixels).convert("RGB")
    picture.thumbnail((_SIZE, _SIZE), Image.Resampling.LANCZOS)
    return picture


def defocus(picture: Image.Image) -> Image.Image:
    """Simulate missed focus: every point becomes a disc."""
    radius = max(picture.size) // 100
    disc = Image.new("L", (2 * radius + 1,) * 2)
    ImageDraw.Draw(disc).ellipse((0, 0, 2 * radius, 2 * radius), fill=255)
    return _convolve(picture, np.asarray(disc, np.float32))


def shake(picture: Image.Image) -> Image.Image:
    """Simulate camera shake along a slightly curved path."""
    length = max(picture.size) // 40
    path = Image.new("L", (2 * length + 1,) * 2)
    ImageDraw.Draw(path).arc((0, length // 2, 2 * length, 2 * length), 200, 320, fill=255, width=2)
    return _convolve(picture, np.asarray(path, np.float32))


def underexpose(picture: Image.Image) -> Image.Image:
    """Simulate an exposure that is four and a half stops too dark."""
    return _expose(picture, 2**-4.5)


def overexpose(picture: Image.Image) -> Image.Image:
    """Simulate an exposure that is almost three stops too bright."""
    return _expose(picture, 2**2.8)


def add_noise(picture: Image.Image) -> Image.Image:
    """Simulate an ISO far beyond the sensor's range."""
    light = _to_linear(picture)
    return _to_srgb(light + _sample_noise(light.shape) * np.sqrt(light * 2e-2 + 8e-4))


def _expose(picture: Image.Image, factor: float) -> Image.Image:
    """Simulate `factor` times the light, with the sensor's noise."""
    light = _to_linear(picture) * np.float32(factor)
    return _to_srgb(light + _sample_noise(light.shape) * np.sqrt(light * 1e-4 + 4e-7))


def _sample_noise(shape: tuple[int, ...]) -> Floats:
    return np.random.default_rng(7).standard_normal(shape, np.float32)


def _convolve(picture: Image.Image, kernel: Floats) -> Image.Image:
    """Convolve linear light with `kernel`; beyond its edges the picture is mirrored."""
    light, margin = _to_linear(picture), kernel.shape[0] // 2
    height, width = (
        -(-(side + 2 * margin) // 64) * 64 for side in light.shape[:2]
    )  # sizes for which the FFT is fast
    end_padding = (height - light.shape[0] - margin, width - light.shape[1] - margin)
    padded = np.pad(light, ((margin, end_padding[0]), (margin, end_padding[1]), (0, 0)), mode="reflect")
    weights = np.fft.rfft2(kernel / kernel.sum(), (height, width))
    channels = [np.fft.irfft2(np.fft.rfft2(padded[..., c]) * weights, (height, width)) for c in range(3)]
    end = (2 * margin + light.shape[0], 2 * margin + light.shape[1])
    return _to_srgb(np.stack(channels, axis=-1)[2 * margin : end[0], 2 * margin : end[1]])


def _to_linear(picture: Image.Image) -> Floats:
    """Return linear light in 0-1, decoded with gamma 2.2."""
    curve = (np.linspace(0, 1, 256) ** 2.2).astype(np.float32)
    light: Floats = curve[np.asarray(picture)]
    return light


def _to_srgb(light: NDArray[np.floating]) -> Image.Image:
    """Return the picture of linear light: clipped as a sensor does, encoded with gamma 2.2."""
    curve = np.rint(255 * np.linspace(0, 1, 4096) ** (1 / 2.2)).astype(np.uint8)
    return Image.fromarray(curve[np.rint(4095 * np.clip(light, 0, 1)).astype(np.uint16)])


def _make_exif(capture_time: datetime, frame: _Frame) -> Image.Exif:
    """Return EXIF data of a plausible exposure at that time."""
    exif = Image.Exif()
    exif[ExifTags.Base.Make] = "Autocull"
    exif[ExifTags.Base.Model] = "Demonstration"
    exif[ExifTags.Base.DateTime] = capture_time.strftime("%Y:%m:%d %H:%M:%S")
    exif.get_ifd(ExifTags.IFD.Exif).update(
        {
            ExifTags.Base.DateTimeOriginal: capture_time.strftime("%Y:%m:%d %H:%M:%S"),
            ExifTags.Base.SubsecTimeOriginal: f"{capture_time.microsecond // 10_000:02d}",
            ExifTags.Base.ExposureTime: IFDRational(frame.shutter.numerator, frame.shutter.denominator),
            ExifTags.Base.FNumber: IFDRational(28, 10),
            ExifTags.Base.FocalLength: IFDRational(85),
            ExifTags.Base.ISOSpeedRatings: 200,
            ExifTags.Base.LensModel: "Demonstration 85mm f/1.8",
            ExifTags.Base.ExifImageWidth: frame.picture.width,
            ExifTags.Base.ExifImageHeight: frame.picture.height,
        }
    )
    return exif


def _encode_jpeg(frame: _Frame, exif: Image.Exif) -> bytes:
    file = io.BytesIO()
    frame.picture.save(file, "JPEG", quality=frame.quality, exif=exif)
    return file.getvalue()
