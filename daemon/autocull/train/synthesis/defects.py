"""Photos with the defects that photographers reject, each as strong as it came out: target means severity."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np
from PIL import Image
from scipy import ndimage

from autocull.arrays import Floats, Rng
from autocull.measure.defects import LABELS
from autocull.read.photo import Pixels
from autocull.train.synthesis import blur_kernels, isp
from autocull.train.synthesis.camera_models import Camera, any_camera, defocus_kernel, motion_kernel, take
from autocull.train.synthesis.flare import flare
from autocull.train.synthesis.hard_negatives import LIGHT_MOODS, MOODS, subject_mask

# From which measure a defect is noticed, and from which nobody would keep the photo for it.
_DARK_EV, _BRIGHT_EV = (0.5, 2.1), (0.3, 1.5)
_DARK_MEDIAN, _BRIGHT_MEDIAN = (0.44, 0.24), (0.48, 0.70)
_BURNT = (0.04, 0.25)  # share of pixels
_SPREAD = (0.8, 2.4)
_QUALITY = (42.0, 14.0)
_NOISE = (5.0, 15.0)
_FLARE = (0.010, 0.100)

_WHITE = 250  # luma from which nothing is drawn any more

MEANT = 0.35
"""The most that a dark or a bright picture counts as too dark or too bright where its exposure was meant."""

_SHARE_OF_MOODS = 0.3
_SHARE_OF_BACKLIT = 0.3
_SHARE_OF_GRAINY = 0.5
_SHARE_OF_RESIZED = 0.3
_SHARE_OF_GREY = 0.12  # in black and white there is no noise of colour, and that is no loss
_HOW_MANY = (0.34, 0.44, 0.16, 0.06)  # the shares of photos with none, one, two, three defects


class Faulty(NamedTuple):
    """A photo, and the severity (0-1) of each of `LABELS` in it."""

    pixels: Pixels
    target: Floats


def _ramp(value: float, limits: tuple[float, float]) -> float:
    """0 at the first limit, 1 at the second, straight in between (the first may be the larger)."""
    return float(np.clip((value - limits[0]) / (limits[1] - limits[0]), 0, 1))


def any_photo(linear: Floats, rng: Rng) -> Faulty:
    """Take good linear light again with no, one or several defects at random, at times in a mood."""
    barred: set[str] = set()
    if rng.random() < _SHARE_OF_MOODS:
        mood = MOODS[int(rng.integers(len(MOODS)))]
        linear = mood(linear, rng)
        if mood in LIGHT_MOODS:
            barred = {"too_dark", "too_bright"}
    pool = [label for label in LABELS if label not in barred]
    count = int(rng.choice(len(_HOW_MANY), p=_HOW_MANY))
    wanted = [str(label) for label in rng.choice(pool, count, replace=False)]
    return with_faults(linear, wanted, rng)


def with_faults(linear: Floats, wanted: Sequence[str], rng: Rng) -> Faulty:
    """Take `linear` light with the `wanted` defects, each of a random strength, which the target tells."""
    severity = dict.fromkeys(LABELS, 0.0)
    settings = any_camera(rng)
    for label, kernel in (("defocus", defocus_kernel), ("motion_blur", motion_kernel)):
        if label in wanted:
            smear = kernel(rng, 1.0, (0.7, 8.0) if label == "defocus" else (3.0, 45.0))
            linear = blur_kernels.lay(linear, smear)
            severity[label] = _ramp(blur_kernels.spread_of(smear), _SPREAD)
    if "lens_flare" in wanted:
        linear, severity["lens_flare"] = _with_flare(linear, rng)
    stops = _stops(wanted, rng)
    linear = linear * _exposure(linear, stops, backlit="too_dark" in wanted, rng=rng)
    if "noise" in wanted:
        settings = _noisy(settings, rng)
    if "low_quality" in wanted:
        settings = _lossy(settings, rng)
        severity["low_quality"] = _ramp(min(settings.qualities), _QUALITY)
    severity["noise"] = _noise_severity(settings, linear)
    photo = take(linear, settings, rng)
    if "low_quality" in wanted and rng.random() < _SHARE_OF_RESIZED:
        photo = _resized(photo, rng)
    if rng.random() < _SHARE_OF_GREY:
        photo = np.asarray(Image.fromarray(photo).convert("L").convert("RGB"))
    severity |= _light_severity(photo, stops)
    return Faulty(photo, np.array([severity[label] for label in LABELS], np.float32))


def _stops(wanted: Sequence[str], rng: Rng) -> float:
    """By how many stops the exposure is off: a little always, much where it is wanted."""
    if "too_dark" in wanted:
        return -float(rng.uniform(0.5, 5.0))
    if "too_bright" in wanted:
        return float(rng.uniform(0.4, 4.0))
    return float(rng.normal(0, 0.2))


def _exposure(linear: Floats, stops: float, *, backlit: bool, rng: Rng) -> Floats:
    """By how much each place's light is multiplied; a `backlit` photo may keep a bright window or sky."""
    factor = np.full((*linear.shape[:2], 1), 2.0**stops, np.float32)
    if not backlit or rng.random() >= _SHARE_OF_BACKLIT:
        return factor
    high, wide = linear.shape[:2]
    opening = subject_mask(high, wide, rng, size=(0.3, 0.7))
    rolled = np.roll(opening, [int(rng.integers(high)), int(rng.integers(wide))], (0, 1))
    soft = ndimage.gaussian_filter(rolled, rng.uniform(0.005, 0.06) * min(high, wide))[..., None]
    return np.asarray(factor + soft * (np.float32(rng.uniform(0.5, 1.5)) - factor), np.float32)


def _light_severity(photo: Pixels, stops: float) -> dict[str, float]:
    """Wrong light is both: another exposure than was right, and a picture that is dark (or bright, or burnt
    out) by it.

    A dark picture that was meant so keeps a little of it: how dark it is still counts, far below any limit.
    """
    light = photo[::2, ::2] @ np.array([0.299, 0.587, 0.114])
    median, burnt = float(np.median(light)) / 255, float((light >= _WHITE).mean())
    bright = max(MEANT, _ramp(stops, _BRIGHT_EV)) * _ramp(median, _BRIGHT_MEDIAN)
    return {
        "too_dark": max(_ramp(-stops, _DARK_EV), MEANT) * _ramp(median, _DARK_MEDIAN),
        "too_bright": max(bright, _ramp(stops, _BRIGHT_EV) * _ramp(burnt, _BURNT)),
    }


def _with_flare(linear: Floats, rng: Rng) -> tuple[Floats, float]:
    strength = float(rng.uniform(0.15, 1.0))
    flared = linear + flare(linear.shape[0], linear.shape[1], strength, rng)
    seen = np.abs(isp.to_finished(flared) - isp.to_finished(linear)).mean()
    return flared, _ramp(float(seen), _FLARE)


def _noisy(settings: Camera, rng: Rng) -> Camera:
    """A high sensitivity: much noise, fine or in grains, at times smeared by noise reduction."""
    shot, read = float(10 ** rng.uniform(-2.7, -1.2)), float(10 ** rng.uniform(-2.4, -1.3))
    reduction = isp.noise_levels(shot, read) * float(rng.uniform(0.4, 1.2)) if rng.random() < 0.4 else 0.0
    grain = float(rng.uniform(0.4, 1.2)) if rng.random() < _SHARE_OF_GRAINY else 0.0
    return replace(settings, shot=shot, read=read, reduction=reduction, grain=grain)


def _noise_severity(settings: Camera, linear: Floats) -> float:
    """How much noise is seen at the picture's middle light; what reduction took is half forgiven."""
    light = float(np.clip(np.median(linear[::4, ::4, 1]), 0.02, 0.6))
    levels = isp.noise_levels(settings.shot, settings.read, light)
    return _ramp(levels - 0.5 * min(settings.reduction, levels), _NOISE)


def _lossy(settings: Camera, rng: Rng) -> Camera:
    """A file saved too small, at times more than once."""
    worst = int(rng.integers(3, 40))
    again = [int(quality) for quality in rng.integers(worst, 90, int(rng.integers(0, 3)))]
    order = [int(quality) for quality in rng.permutation([worst, *again])]
    return replace(settings, qualities=tuple(order), subsampling=int(rng.choice((0, 2, 2))))


def _resized(photo: Pixels, rng: Rng) -> Pixels:
    """Show a lossy file in another size and save it again, well: its raster is no longer 8 px wide."""
    factor = float(rng.uniform(0.7, 1.3))
    size = (max(16, round(photo.shape[1] * factor)), max(16, round(photo.shape[0] * factor)))
    resized = np.asarray(Image.fromarray(photo).resize(size, Image.Resampling.BICUBIC))
    return isp.jpeg(resized, int(rng.integers(80, 96)), subsampling=int(rng.choice((0, 2))))
