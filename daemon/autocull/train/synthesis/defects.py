"""Simulated photos with the defects that photographers reject; the target of a photo is its severities."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
from PIL import Image
from scipy import ndimage

from autocull.arrays import Floats, Rng
from autocull.read import Pixels
from autocull.train.synthesis import blur_kernels, isp
from autocull.train.synthesis.camera_models import (
    CameraModel,
    sample_camera,
    sample_defocus_kernel,
    sample_motion_kernel,
    simulate_capture,
)
from autocull.train.synthesis.flare import render_flare
from autocull.train.synthesis.hard_negatives import HARD_NEGATIVES, LIGHTING_NEGATIVES, sample_subject_mask
from autocull.vocabulary import DEFECTS

# For each measure, the value up to which a defect is not noticeable (severity 0), and the value from which on
# every photographer would reject the photo for it (severity 1).
_DARK_EV, _BRIGHT_EV = (0.5, 2.1), (0.3, 1.5)
_DARK_MEDIAN, _BRIGHT_MEDIAN = (0.44, 0.24), (0.48, 0.70)
_CLIPPED = (0.04, 0.25)  # share of burnt-out pixels
_SPREAD = (0.8, 2.4)
_QUALITY = (42.0, 14.0)
_NOISE = (5.0, 15.0)

FLARE_RAMP = (0.010, 0.100)
"""Flare: the mean change of the encoded picture (0-1) at severity 0 and 1."""

_WHITE = 250  # luma from which on a pixel counts as burnt out

INTENDED_SEVERITY = 0.35
"""The largest severity of "too_dark" and "too_bright" where the exposure was intended."""

_COUNT_SHARES = (0.34, 0.44, 0.16, 0.06)  # the shares of photos with none, one, two, three defects


@dataclass(frozen=True, slots=True, kw_only=True)
class DefectShares:
    """Shares (0-1) of simulated photos with properties that are no defects.

    `hard_negative` and `grey` (black and white) are shares of all photos, `backlit` of those with "too_dark",
    `grainy` of those with "noise", and `resized` of those with "low_quality". Black and white photos have no
    colour noise, which must not count as compression loss.
    """

    hard_negative: float = 0.3
    backlit: float = 0.3
    grainy: float = 0.5
    resized: float = 0.3
    grey: float = 0.12


_SHARES = DefectShares()


class DefectiveImage(NamedTuple):
    """A photo `pixels` `(h, w, 3)`, and its `target`: the severity (0-1) of each of `DEFECTS` in it."""

    pixels: Pixels
    target: Floats


def _ramp(value: float, limits: tuple[float, float]) -> float:
    """Return 0 at the first limit, 1 at the second, linear in between; the first limit may be the larger."""
    return float(np.clip((value - limits[0]) / (limits[1] - limits[0]), 0, 1))


def sample_defective_image(linear: Floats, rng: Rng, shares: DefectShares = _SHARES) -> DefectiveImage:
    """Simulate a capture of good linear light with 0 to 3 random defects, in part as a hard negative."""
    excluded: set[str] = set()
    if rng.random() < shares.hard_negative:
        hard_negative = HARD_NEGATIVES[int(rng.integers(len(HARD_NEGATIVES)))]
        linear = hard_negative(linear, rng)
        if hard_negative in LIGHTING_NEGATIVES:
            excluded = {"too_dark", "too_bright"}
    pool = [label for label in DEFECTS if label not in excluded]
    count = int(rng.choice(len(_COUNT_SHARES), p=_COUNT_SHARES))
    requested = [str(label) for label in rng.choice(pool, count, replace=False)]
    return add_defects(linear, requested, rng, shares)


def add_defects(
    linear: Floats, requested: Sequence[str], rng: Rng, shares: DefectShares = _SHARES
) -> DefectiveImage:
    """Simulate a capture of `linear` light with the `requested` defects, each of random strength."""
    severity = dict.fromkeys(DEFECTS, 0.0)
    camera_model = sample_camera(rng)
    for label, sample_kernel in (("defocus", sample_defocus_kernel), ("motion_blur", sample_motion_kernel)):
        if label in requested:
            blur_kernel = sample_kernel(rng, 1.0, (0.7, 8.0) if label == "defocus" else (3.0, 45.0))
            linear = blur_kernels.convolve(linear, blur_kernel)
            severity[label] = _ramp(blur_kernels.kernel_spread(blur_kernel), _SPREAD)
    if "lens_flare" in requested:
        linear, severity["lens_flare"] = _add_flare(linear, rng)
    stops = _sample_stops(requested, rng)
    backlit_share = shares.backlit if "too_dark" in requested else 0.0
    linear = linear * exposure_factor(linear, stops, rng, backlit_share=backlit_share)
    if "noise" in requested:
        camera_model = raise_noise(camera_model, rng, shares.grainy)
    if "low_quality" in requested:
        camera_model = _lower_quality(camera_model, rng)
        severity["low_quality"] = _ramp(min(camera_model.qualities), _QUALITY)
    severity["noise"] = noise_severity(camera_model, linear)
    photo = simulate_capture(linear, camera_model, rng)
    if "low_quality" in requested and rng.random() < shares.resized:
        photo = resave_resized(photo, rng)
    if rng.random() < shares.grey:
        photo = np.asarray(Image.fromarray(photo).convert("L").convert("RGB"))
    severity |= light_severity(photo, stops)
    return DefectiveImage(photo, np.array([severity[label] for label in DEFECTS], np.float32))


def _sample_stops(requested: Sequence[str], rng: Rng) -> float:
    """Sample the error of exposure in stops: small unless "too_dark" or "too_bright" is requested."""
    if "too_dark" in requested:
        return -float(rng.uniform(0.5, 5.0))
    if "too_bright" in requested:
        return float(rng.uniform(0.4, 4.0))
    return float(rng.normal(0, 0.2))


def exposure_factor(linear: Floats, stops: float, rng: Rng, *, backlit_share: float = 0.0) -> Floats:
    """Return the factor `(h, w, 1)` of the light; a share `backlit_share` of photos keeps a bright sky."""
    factor = np.full((*linear.shape[:2], 1), 2.0**stops, np.float32)
    if backlit_share == 0 or rng.random() >= backlit_share:
        return factor
    height, width = linear.shape[:2]
    opening = sample_subject_mask(height, width, rng, size=(0.3, 0.7))
    shifted = np.roll(opening, [int(rng.integers(height)), int(rng.integers(width))], (0, 1))
    soft = ndimage.gaussian_filter(shifted, rng.uniform(0.005, 0.06) * min(height, width))[..., None]
    return np.asarray(factor + soft * (np.float32(rng.uniform(0.5, 1.5)) - factor), np.float32)


def light_severity(photo: Pixels, stops: float) -> dict[str, float]:
    """Return the severities of "too_dark" and "too_bright" of a photo exposed `stops` off.

    Both conditions have to hold: the exposure is wrong, and the photo is dark (or bright, or burnt out). A
    photo that is dark on purpose gets at most `INTENDED_SEVERITY`, which is far below any limit.
    """
    light = photo[::2, ::2] @ np.array([0.299, 0.587, 0.114])
    median, clipped = float(np.median(light)) / 255, float((light >= _WHITE).mean())
    bright = max(INTENDED_SEVERITY, _ramp(stops, _BRIGHT_EV)) * _ramp(median, _BRIGHT_MEDIAN)
    return {
        "too_dark": max(_ramp(-stops, _DARK_EV), INTENDED_SEVERITY) * _ramp(median, _DARK_MEDIAN),
        "too_bright": max(bright, _ramp(stops, _BRIGHT_EV) * _ramp(clipped, _CLIPPED)),
    }


def _add_flare(linear: Floats, rng: Rng) -> tuple[Floats, float]:
    strength = float(rng.uniform(0.15, 1.0))
    flared = linear + render_flare(linear.shape[0], linear.shape[1], strength, rng)
    change = np.abs(isp.to_encoded(flared) - isp.to_encoded(linear)).mean()
    return flared, _ramp(float(change), FLARE_RAMP)


def raise_noise(camera_model: CameraModel, rng: Rng, grainy_share: float = _SHARES.grainy) -> CameraModel:
    """Return the camera model at a high sensitivity: strong noise, fine or grainy, in part reduced."""
    shot, read = float(10 ** rng.uniform(-2.7, -1.2)), float(10 ** rng.uniform(-2.4, -1.3))
    reduction = isp.noise_level(shot, read) * float(rng.uniform(0.4, 1.2)) if rng.random() < 0.4 else 0.0
    grain = float(rng.uniform(0.4, 1.2)) if rng.random() < grainy_share else 0.0
    return replace(camera_model, shot=shot, read=read, reduction=reduction, grain=grain)


def noise_severity(camera_model: CameraModel, linear: Floats) -> float:
    """Return the severity of noise at the median light; noise removed by noise reduction counts half."""
    light = float(np.clip(np.median(linear[::4, ::4, 1]), 0.02, 0.6))
    levels = isp.noise_level(camera_model.shot, camera_model.read, light)
    return _ramp(levels - 0.5 * min(camera_model.reduction, levels), _NOISE)


def _lower_quality(camera_model: CameraModel, rng: Rng) -> CameraModel:
    """Return the camera model with strong JPEG compression, applied one to three times."""
    lowest = int(rng.integers(3, 40))
    others = [int(quality) for quality in rng.integers(lowest, 90, int(rng.integers(0, 3)))]
    order = [int(quality) for quality in rng.permutation([lowest, *others])]
    return replace(camera_model, qualities=tuple(order), subsampling=int(rng.choice((0, 2, 2))))


def resave_resized(photo: Pixels, rng: Rng) -> Pixels:
    """Resize a lossy photo and save it with high quality, so that its JPEG blocks are no longer 8 px wide."""
    factor = float(rng.uniform(0.7, 1.3))
    size = (max(16, round(photo.shape[1] * factor)), max(16, round(photo.shape[0] * factor)))
    resized = np.asarray(Image.fromarray(photo).resize(size, Image.Resampling.BICUBIC))
    return isp.recompress_jpeg(resized, int(rng.integers(80, 96)), subsampling=int(rng.choice((0, 2))))
