"""Builders of evidence: a good photo, and what to change in it. Import with `from builders import ...`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from autocull.measure.embedding import DESCRIPTOR_SIZE, PREPROCESSING, VECTOR_SIZE, pack
from autocull.measure.evidence import Embedding, Evidence, Exposure, Eye, Face, Focus
from autocull.read.photo import Box, Capture
from autocull.vocabulary import CATEGORIES, DEFECTS

MODELS = {"faces": "1", "eyes": "1", "focus": "1", "defects": "1", "category": "1", "likeness": "1"}


def eye(open: float = 0.97, **changes: Any) -> Eye:  # noqa: A002 - the field's own name
    """Make an eye, 40 px wide and open; `changes` are fields of `Eye`."""
    return replace(Eye(Box(0.42, 0.32, 0.46, 0.36), 40.0, open, 0.3), **changes)


def face(open: float | tuple[float, float] = 0.97, **changes: Any) -> Face:  # noqa: A002
    """Make a face that looks into the camera with both eyes (left, right) as `open` as told.

    `size` and `aspect` go to both eyes, the other `changes` are fields of `Face`.
    """
    left, right = open if isinstance(open, tuple) else (open, open)
    looks = {name: changes.pop(name) for name in ("size", "aspect") if name in changes}
    eyes = (eye(left, **looks), eye(right, box=Box(0.54, 0.32, 0.58, 0.36), **looks))
    return replace(Face(Box(0.35, 0.2, 0.65, 0.6), 0.95, 1.0, 0.98, eyes=eyes), **changes)


def focus(sharp: float = 0.97, motion: float = 0.0, **changes: Any) -> Focus:
    """Make a focus: `sharp` and `motion` as told, the rest is defocus; all tiles as sharp as the subject."""
    made = Focus(
        sharp=sharp,
        defocus=max(0.0, 1 - sharp - motion),
        motion=motion,
        subject=Box(0.35, 0.2, 0.65, 0.6),
        found_by="eyes",
        tiles=((sharp,) * 4,) * 3,
        texture=((0.6,) * 4,) * 3,
    )
    return replace(made, **changes)


def exposure(**changes: float) -> Exposure:
    """Make a well exposed photo's light; `changes` are fields of `Exposure`."""
    return replace(
        Exposure(median=0.45, low=0.08, high=0.9, clipped_dark=0.01, clipped_bright=0.01), **changes
    )


def likeness(scene: int = 0, *, taken: int = 0, apart: float = 0.0) -> Embedding:
    """Make what a scene looks like: numbers by chance, each scene unlike any other.

    `apart` (0-1) is how far take number `taken` of it is from the first one, in vector and in every patch.
    """
    first, other = (np.random.default_rng([scene, take]) for take in (0, 1 + taken))
    cells = PREPROCESSING["grid"] ** 2
    bits = first.integers(256, size=8, dtype=np.uint8)
    rows = [
        _unit(_unit(first.normal(size=shape)) * (1 - apart) + _unit(other.normal(size=shape)) * apart)
        for shape in ((1, VECTOR_SIZE), (cells, DESCRIPTOR_SIZE))
    ]
    return Embedding(bits.tobytes().hex(), *(pack(each.astype(np.float32)) for each in rows))


def _unit(rows: NDArray[np.float64]) -> NDArray[np.float64]:
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def evidence(
    *,
    faces: tuple[Face, ...] = (),
    defects: Mapping[str, float] | None = None,
    category: Mapping[str, float] | None = None,
    **changes: Any,
) -> Evidence:
    """Make a good photo's evidence: 24 MP, sharp, well exposed, without faces, and change what is told.

    `defects` and `category` are added to the good photo's; the other `changes` are fields of `Evidence`.
    A photo with faces is one of people, and one without is a landscape.
    """
    scene = "people" if faces else "landscape"
    made = Evidence(
        kind="jpeg",
        width=6000,
        height=4000,
        capture=Capture(taken="2024-05-01T10:11:12.340+02:00", taken_from="exif", camera="Example One"),
        faces=faces,
        focus=focus(),
        exposure=exposure(),
        defects={**dict.fromkeys(DEFECTS, 0.02), **(defects or {})},
        category={**dict.fromkeys(CATEGORIES, 0.01), scene: 0.94, **(category or {})},
        likeness=likeness(),
        models=dict(MODELS),
    )
    return replace(made, **changes)
