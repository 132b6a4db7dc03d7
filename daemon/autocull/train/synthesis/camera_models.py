"""Camera models: random parameters of sensor, development and file, and the simulated capture.

Kernels of missed focus and movement with random sizes are sampled here too.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from autocull.arrays import Floats, Rng
from autocull.read import Pixels
from autocull.train.synthesis import blur_kernels, isp

_DEFOCUS_SPREADS = (0.3, 7.0)  # px of the final picture
_MOTION_LENGTHS = (2.0, 40.0)  # px of the final picture
_FILM_FRAMES = (7, 22)  # averaged frames of a video: lowest, and one above the highest


@dataclass(frozen=True, slots=True, kw_only=True)
class CameraModel:
    """Parameters of everything between light and file, in the units of the functions of `isp`.

    `shot` and `read` are the sensor's noise. `demosaic` None is a sensor whose colour filter leaves no trace
    (a reduced picture). `reduction` is the noise (levels of 0-255) that noise reduction removes; `sharpening`
    radius (px) and amount; `contrast` and `gamma` bend the tone curve; `qualities` holds one JPEG quality per
    saving, `subsampling` is theirs; `grain` is the grain size of the noise in px.
    """

    shot: float
    read: float
    demosaic: isp.Demosaic | None
    reduction: float
    sharpening: tuple[float, float]
    contrast: float
    gamma: float
    qualities: tuple[int, ...]
    subsampling: int
    grain: float = 0.0


def sample_camera(rng: Rng) -> CameraModel:
    """Sample any working camera: little to moderate noise, common sharpening, JPEG of quality 60-98."""
    shot = float(10 ** rng.uniform(-5, -2.9))
    read = float(10 ** rng.uniform(-3.6, -2.5))
    noise = isp.noise_level(shot, read)
    methods: tuple[isp.Demosaic | None, ...] = (None, None, "edges", "edges", "bilinear")
    generations = 1 if rng.random() < 0.65 else 2
    return CameraModel(
        shot=shot,
        read=read,
        demosaic=methods[int(rng.integers(len(methods)))],
        reduction=noise * float(rng.uniform(0.5, 1.8)) if rng.random() < 0.4 else 0.0,
        sharpening=(float(rng.uniform(0.5, 1.5)), float(rng.uniform(0, 1.1)) if rng.random() < 0.6 else 0.0),
        contrast=float(rng.normal(0.05, 0.25)),
        gamma=float(np.exp(rng.normal(0, 0.15))),
        qualities=tuple(int(quality) for quality in rng.integers(60, 99, generations)),
        subsampling=int(rng.choice((0, 1, 2))),
    )


def sample_usual_camera(rng: Rng) -> CameraModel:
    """Sample a camera as of most photos: good light, gentle development, JPEG of quality 78-97."""
    shot = float(10 ** rng.uniform(-5.3, -3.8))
    read = float(10 ** rng.uniform(-3.9, -3.0))
    noise = isp.noise_level(shot, read)
    methods: tuple[isp.Demosaic | None, ...] = (None, None, "edges")
    return CameraModel(
        shot=shot,
        read=read,
        demosaic=methods[int(rng.integers(len(methods)))],
        reduction=noise * float(rng.uniform(0.5, 1.5)) if rng.random() < 0.2 else 0.0,
        sharpening=(float(rng.uniform(0.5, 1.2)), float(rng.uniform(0, 0.8)) if rng.random() < 0.6 else 0.0),
        contrast=float(rng.normal(0.05, 0.2)),
        gamma=float(np.exp(rng.normal(0, 0.12))),
        qualities=_sample_qualities(rng, 78, 98, single_share=0.65),
        subsampling=int(rng.choice((0, 1, 2))),
    )


def sample_video_camera(rng: Rng) -> CameraModel:
    """Sample a small video camera: strong noise reduction, then strong sharpening, JPEG of quality 60-91."""
    shot = float(10 ** rng.uniform(-4.5, -3.1))
    read = float(10 ** rng.uniform(-3.6, -2.7))
    return CameraModel(
        shot=shot,
        read=read,
        demosaic="edges",
        reduction=isp.noise_level(shot, read) * float(rng.uniform(1.0, 2.2)),
        sharpening=(float(rng.uniform(0.8, 1.8)), float(rng.uniform(0.4, 1.5))),
        contrast=float(rng.normal(0.1, 0.2)),
        gamma=float(np.exp(rng.normal(0, 0.12))),
        qualities=_sample_qualities(rng, 60, 92, single_share=0.5),
        subsampling=2,
    )


def _sample_qualities(rng: Rng, low: int, high: int, *, single_share: float) -> tuple[int, ...]:
    """Sample one JPEG quality (in a share `single_share` of all cases) or two, from `low` to below `high`."""
    return tuple(int(quality) for quality in rng.integers(low, high, 1 if rng.random() < single_share else 2))


def simulate_capture(linear: Floats, camera_model: CameraModel, rng: Rng) -> Pixels:
    """Return the photo that `camera_model` makes of linear light `(h, w, 3)`, as decoded from its file."""
    if camera_model.demosaic is None:
        demosaiced = isp.add_sensor_noise(
            linear, camera_model.shot, camera_model.read, rng, grain=camera_model.grain
        )
    else:
        balance = np.array([rng.uniform(0.5, 0.7), 1.0, rng.uniform(0.6, 0.8)], np.float32)
        raw = isp.add_sensor_noise(
            linear * balance, camera_model.shot, camera_model.read, rng, grain=camera_model.grain
        )
        demosaiced = isp.apply_colour_filter(raw, camera_model.demosaic) / balance
    encoded = isp.to_encoded(demosaiced)
    if camera_model.reduction > 0:
        encoded = isp.reduce_noise(encoded, camera_model.reduction)
    if camera_model.sharpening[1] > 0:
        encoded = isp.unsharp_mask(encoded, *camera_model.sharpening)
    photo = isp.to_pixels(isp.apply_tone_curve(encoded, camera_model.contrast, camera_model.gamma))
    for quality in camera_model.qualities:
        photo = isp.recompress_jpeg(photo, quality, subsampling=camera_model.subsampling)
    return photo


def sample_defocus_kernel(rng: Rng, unit: float, spreads: tuple[float, float] = _DEFOCUS_SPREADS) -> Floats:
    """Sample a disc or a Gaussian of log-uniform spread; `unit` scales the range in px."""
    spread = unit * float(np.exp(rng.uniform(*np.log(spreads))))
    return (
        blur_kernels.disc_kernel(2 * spread) if rng.random() < 0.6 else blur_kernels.gaussian_kernel(spread)
    )


def sample_motion_kernel(
    rng: Rng, unit: float, lengths: tuple[float, float] = _MOTION_LENGTHS, *, film_share: float = 0.0
) -> Floats:
    """Sample a shaken or a straight movement of log-uniform length; `unit` scales the range in px.

    `film_share` is the share of movements that consist of averaged video frames.
    """
    length = unit * float(np.exp(rng.uniform(*np.log(lengths))))
    bend = float(rng.choice((0.0, 0.5, 1.0, 1.5)))
    frames = int(rng.integers(*_FILM_FRAMES)) if film_share > 0 and rng.random() < film_share else None
    return blur_kernels.motion_kernel(length, rng, bend=bend, frames=frames)
