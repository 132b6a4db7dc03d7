"""Good photos made bad the way cameras do it: light, optics, sensor, development, file, in that order."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from autocull.read.photo import Pixels
from autocull.train import blur, camera
from autocull.train.recipe import Floats

Dice = np.random.Generator

_DEFOCUS_SPREADS = (0.3, 7.0)  # px of the finished picture
_MOTION_LENGTHS = (2.0, 40.0)
_SHARPEST_ENLARGED = 1.8  # pictures are enlarged by so much at most
_CRISP_ENLARGED = 1.08  # from here on an enlarged photo is no longer quite crisp


@dataclass(frozen=True, slots=True, kw_only=True)
class Camera:
    """What happens between the light and the file; see the functions of `camera` for the units.

    `demosaic` None is a sensor whose filter does not show (a reduced picture); `reduction` the noise in
    levels that is smoothed away; `qualities` one JPEG quality per generation.
    """

    shot: float
    read: float
    demosaic: camera.Demosaic | None
    reduction: float
    sharpening: tuple[float, float]
    contrast: float
    gamma: float
    qualities: tuple[int, ...]
    subsampling: int


def any_camera(rng: Dice) -> Camera:
    """Draw a camera in good order: little to moderate noise, common sharpening, JPEG of quality 60-98."""
    shot = float(10 ** rng.uniform(-5, -2.9))
    read = float(10 ** rng.uniform(-3.6, -2.5))
    noise = camera.noise_levels(shot, read)
    ways: tuple[camera.Demosaic | None, ...] = (None, None, "edges", "edges", "bilinear")
    generations = 1 if rng.random() < 0.65 else 2
    return Camera(
        shot=shot,
        read=read,
        demosaic=ways[int(rng.integers(len(ways)))],
        reduction=noise * float(rng.uniform(0.5, 1.8)) if rng.random() < 0.4 else 0.0,
        sharpening=(float(rng.uniform(0.5, 1.5)), float(rng.uniform(0, 1.1)) if rng.random() < 0.6 else 0.0),
        contrast=float(rng.normal(0.05, 0.25)),
        gamma=float(np.exp(rng.normal(0, 0.15))),
        qualities=tuple(int(quality) for quality in rng.integers(60, 99, generations)),
        subsampling=int(rng.choice((0, 1, 2))),
    )


def take(linear: Floats, settings: Camera, rng: Dice) -> Pixels:
    """Take linear light `(h, w, 3)` as `settings` say; returns the photo as it is read from the file."""
    if settings.demosaic is None:
        seen = camera.sensor_noise(linear, settings.shot, settings.read, rng)
    else:
        balance = np.array([rng.uniform(0.5, 0.7), 1.0, rng.uniform(0.6, 0.8)], np.float32)
        raw = camera.sensor_noise(linear * balance, settings.shot, settings.read, rng)
        seen = camera.through_colour_filter(raw, settings.demosaic) / balance
    finished = camera.to_finished(seen)
    if settings.reduction > 0:
        finished = camera.noise_reduction(finished, settings.reduction)
    if settings.sharpening[1] > 0:
        finished = camera.unsharp_mask(finished, *settings.sharpening)
    photo = camera.to_pixels(camera.tone_curve(finished, settings.contrast, settings.gamma))
    for quality in settings.qualities:
        photo = camera.jpeg(photo, quality, subsampling=settings.subsampling)
    return photo


class Blurred(NamedTuple):
    """A photo and how much of it is still in focus: P(sharp, defocus, motion) `(3,)`, soft where mild."""

    pixels: Pixels
    target: Floats


def blurred(picture: Pixels, rng: Dice) -> Blurred:
    """Take a sharp picture again: in focus, out of focus, or moved, each with all else a camera does.

    The blur happens before the picture is reduced; grain, sharpening and JPEG fall on sharp and soft alike,
    so that they do not give the answer away.
    """
    factor = _scale(rng)
    linear = camera.to_linear(picture)
    kind = int(rng.choice(3, p=(0.4, 0.3, 0.3)))
    if factor > 1:
        linear = camera.resize(linear, factor)
    spread = 0.0
    if kind:
        kernel = (defocus_kernel if kind == 1 else motion_kernel)(rng, 1 / min(factor, 1.0))
        spread = blur.spread_of(kernel) * min(factor, 1.0)
        linear = blur.lay(linear, kernel)
    if factor < 1:
        linear = camera.resize(linear, factor)
    linear = linear * np.float32(np.exp(rng.normal(0, 0.35)))
    sharp = blur.still_sharp(spread) * _crispness(factor)
    target = np.zeros(3, np.float32)
    target[0] = sharp
    target[kind or 1] += 1 - sharp
    return Blurred(take(linear, any_camera(rng), rng), target)


def _scale(rng: Dice) -> float:
    """Mostly reduced, sometimes as it is, now and then a little enlarged."""
    chance = rng.random()
    if chance < 0.2:
        return 1.0
    low, high = (0.5, 1.0) if chance < 0.75 else (1.0, _SHARPEST_ENLARGED)
    return float(rng.uniform(low, high))


def _crispness(factor: float) -> float:
    """How sharp an enlarged photo still is: 1 up to a little, then less."""
    beyond = (factor - _CRISP_ENLARGED) / (_SHARPEST_ENLARGED - _CRISP_ENLARGED)
    return 1.0 - 0.3 * float(np.clip(beyond, 0, 1))


def defocus_kernel(rng: Dice, unit: float, spreads: tuple[float, float] = _DEFOCUS_SPREADS) -> Floats:
    """A disc or a gaussian whose spread is drawn evenly in its logarithm; `unit` scales the range's px."""
    spread = unit * float(np.exp(rng.uniform(*np.log(spreads))))
    return blur.disc(2 * spread) if rng.random() < 0.6 else blur.gaussian(spread)


def motion_kernel(rng: Dice, unit: float, lengths: tuple[float, float] = _MOTION_LENGTHS) -> Floats:
    """A shaken or a straight movement whose length is drawn evenly in its logarithm, in `unit` px."""
    length = unit * float(np.exp(rng.uniform(*np.log(lengths))))
    return blur.motion(length, rng, bend=float(rng.choice((0.0, 0.5, 1.0, 1.5))))
