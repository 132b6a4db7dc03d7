"""A shot: the compact part of a photo's evidence that grouping needs."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import blake2b
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from autocull.measure import Evidence, detail_of, hash_of, patches_of, tints_of, tones_of, vector_of
from autocull.read import Capture

ExposureBasis = Literal["none", "camera", "shutter", "bias"]
"""What an exposure value is based on: nothing, aperture and shutter, the shutter alone, or the bias."""

_SECONDS = re.compile(r"T\d\d:\d\d:\d\d")

INT8_SCALE = 127
"""Value of 1.0 in the int8 vectors and descriptors."""


@dataclass(frozen=True, slots=True, eq=False)
class Shot:
    """One photo as grouping uses it: some kilobytes, so that 100,000 of them fit into memory.

    `clock` names the camera body whose clock was read, "" if unknown; `taken` is the time of that clock in
    seconds since 1970, ignoring its zone, None if no camera wrote a time; `exact` is whether it has
    sub-seconds. `shutter` is in seconds, `exposure` the exposure value at ISO 100 (EV; one more is half the
    light), computed from the facts in `exposure_basis`, and `focal_length` in mm, each None if unknown.
    Exposures can be compared only if their basis is the same. `shape` is the width and height in pixels;
    `light` the median luma (0-1).

    `hash` has 64 bits; `vector` is the embedding, `(64,)` int8, unit length x 127. `positions` `(n, 2)`
    float32 (fractions of the picture) and `descriptors` `(n, d)` int8 belong to the local patches. `sharp`
    `(rows, columns)` uint8 is the sharpness of each tile (255: certainly sharp) and `texture`, of the same
    shape, the amount of structure in it. `tones` `(48, 48)`, `detail` `(16, 16)` and `tints` `(6, 6, 2)`, all
    uint8, are the view (`autocull.measure`).
    """

    path: Path
    clock: str
    taken: float | None
    exact: bool
    shutter: float | None
    exposure: float | None
    exposure_basis: ExposureBasis
    focal_length: float | None
    shape: tuple[int, int]
    light: float
    hash: int
    vector: NDArray[np.int8]
    positions: NDArray[np.float32]
    descriptors: NDArray[np.int8]
    sharp: NDArray[np.uint8]
    texture: NDArray[np.uint8]
    tones: NDArray[np.uint8]
    detail: NDArray[np.uint8]
    tints: NDArray[np.uint8]


def shot_of(path: Path, evidence: Evidence) -> Shot:
    """Return the shot of a photo's evidence; raises ValueError if its embedding is empty."""
    capture = evidence.capture
    taken, exact = clock_time(capture)
    exposure, basis = exposure_value(capture)
    positions, descriptors = patches_of(evidence.likeness)
    return Shot(
        path=path,
        clock=_clock_name(capture),
        taken=taken,
        exact=exact,
        shutter=capture.shutter,
        exposure=exposure,
        exposure_basis=basis,
        focal_length=capture.focal_length,
        shape=(evidence.width, evidence.height),
        light=evidence.exposure.median,
        hash=hash_of(evidence.likeness),
        vector=_to_int8(vector_of(evidence.likeness)),
        positions=positions,
        descriptors=_to_int8(descriptors),
        sharp=_to_uint8(evidence.focus.tiles),
        texture=_to_uint8(evidence.focus.texture),
        tones=tones_of(evidence.likeness),
        detail=detail_of(evidence.likeness),
        tints=tints_of(evidence.likeness),
    )


def digest_shot(path: Path, evidence: Evidence) -> bytes:
    """Return a digest (16 bytes) of all of a photo that its shot, and so its series, depends on."""
    focus = evidence.focus
    facts = (
        str(path),
        evidence.capture,
        (evidence.width, evidence.height),
        evidence.exposure.median,
        evidence.likeness,
        focus.tiles,
        focus.texture,
    )
    return blake2b(repr(facts).encode(), digest_size=16).digest()


def clock_time(capture: Capture) -> tuple[float | None, bool]:
    """Return the time of the camera's clock: seconds since 1970 ignoring its zone, and whether sub-seconds.

    A time of the file system is not a camera's; for that, for an invalid time and for one without seconds:
    `(None, False)`. Cameras without sub-seconds may write ".00", so zeros are none.
    """
    if capture.taken is None or capture.taken_from == "file" or not _SECONDS.search(capture.taken):
        return None, False
    try:
        moment = datetime.fromisoformat(capture.taken)
    except ValueError:
        return None, False
    return moment.replace(tzinfo=UTC).timestamp(), moment.microsecond > 0


def exposure_value(capture: Capture) -> tuple[float | None, ExposureBasis]:
    """Compute the exposure value at ISO 100, log2(N² / t) - log2(ISO / 100), and what it is based on.

    What is missing in all frames of a bracket cancels out, as the aperture of a manual lens: it counts as 1.
    A missing ISO counts as 100: brackets differ in shutter or aperture far more often. Without a shutter time
    the exposure bias is all that tells frames apart. Source: ISO 2720.
    """
    aperture, shutter, iso = capture.aperture or 0.0, capture.shutter or 0.0, capture.iso or 100
    if shutter > 0 and iso > 0:
        value = math.log2((aperture if aperture > 0 else 1.0) ** 2 / shutter) - math.log2(iso / 100)
        return value, "camera" if aperture > 0 else "shutter"
    return (None, "none") if capture.exposure_bias is None else (-capture.exposure_bias, "bias")


def _clock_name(capture: Capture) -> str:
    return " ".join(part for part in (capture.camera, capture.serial) if part)


def _to_int8(unit: NDArray[np.float32]) -> NDArray[np.int8]:
    return np.rint(np.clip(unit, -1, 1) * INT8_SCALE).astype(np.int8)


def _to_uint8(shares: tuple[tuple[float, ...], ...]) -> NDArray[np.uint8]:
    return np.rint(np.clip(np.array(shares, np.float32), 0, 1) * 255).astype(np.uint8)
