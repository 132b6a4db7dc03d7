"""Builders of evidence: a good photo, and changes to it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from autocull.measure.embedding import DESCRIPTOR_SIZE, EMBEDDING_PREPROCESSING, VECTOR_SIZE, pack
from autocull.measure.evidence import Embedding, Evidence, Exposure, Eye, Face, Focus
from autocull.measure.view import DETAIL_SIDE, TINT_SIDE, TONE_SIDE, pack_bytes
from autocull.read.photo import Box, Capture
from autocull.vocabulary import CATEGORIES, DEFECTS

MODELS = {"faces": "1", "eyes": "1", "focus": "1", "defects": "1", "category": "1", "likeness": "1"}


def eye(open: float = 0.97, **changes: Any) -> Eye:  # noqa: A002 - the field's own name
    """Make an eye, 40 px wide and open, with lids that agree; `changes` are fields of `Eye`."""
    lids = 0.28 if open >= 0.5 else 0.08
    return replace(Eye(Box(0.42, 0.32, 0.46, 0.36), 40.0, open, 0.3, lids), **changes)


def face(open: float | tuple[float, float] = 0.97, **changes: Any) -> Face:  # noqa: A002
    """Make a frontal face with both eyes (left, right) at these probabilities of being open.

    `size`, `aspect`, `lids` and `gaze` are set in both eyes, the other `changes` in the face.
    """
    left, right = open if isinstance(open, tuple) else (open, open)
    eye_changes = {name: changes.pop(name) for name in ("size", "aspect", "lids", "gaze") if name in changes}
    eyes = (eye(left, **eye_changes), eye(right, box=Box(0.54, 0.32, 0.58, 0.36), **eye_changes))
    return replace(Face(Box(0.35, 0.2, 0.65, 0.6), 0.95, 1.0, 0.98, eyes=eyes), **changes)


def focus(sharp: float = 0.97, motion: float = 0.0, **changes: Any) -> Focus:
    """Make a focus with `sharp` and `motion`, the rest defocus; all tiles are as sharp as the subject."""
    default = Focus(
        sharp=sharp,
        defocus=max(0.0, 1 - sharp - motion),
        motion=motion,
        subject=Box(0.35, 0.2, 0.65, 0.6),
        found_by="eyes",
        tiles=((sharp,) * 4,) * 3,
        texture=((0.6,) * 4,) * 3,
    )
    return replace(default, **changes)


def exposure(**changes: float) -> Exposure:
    """Make a well exposed photo's exposure; `changes` are fields of `Exposure`."""
    return replace(
        Exposure(median=0.45, low=0.08, high=0.9, clipped_dark=0.01, clipped_bright=0.01), **changes
    )


def make_embedding(
    scene: int = 0, *, take: int = 0, difference: float = 0.0, stops: float = 0.0
) -> Embedding:
    """Make the embedding of a scene: random numbers, so that scenes are dissimilar.

    `difference` (0-1) is that of take number `take` from the first one: in the vector, in every patch, and in
    the tones and the detail. `stops` (EV) is how much lighter its tones are.
    """
    first, other = (np.random.default_rng([scene, number]) for number in (0, 1 + take))
    cells = EMBEDDING_PREPROCESSING["grid"] ** 2
    bits = first.integers(256, size=8, dtype=np.uint8)
    rows = [
        _unit(
            _unit(first.normal(size=shape)) * (1 - difference) + _unit(other.normal(size=shape)) * difference
        )
        for shape in ((1, VECTOR_SIZE), (cells, DESCRIPTOR_SIZE))
    ]
    grids = [
        _blocks(first, side, steps) * (1 - difference) + _blocks(other, side, steps) * difference
        for side, steps in ((TONE_SIDE, 4), (DETAIL_SIDE, 1))
    ]
    grids[0] = grids[0] * 2 ** (stops / 4.4)
    tints = np.full((TINT_SIDE, TINT_SIDE, 2), 128.0)
    return Embedding(
        bits.tobytes().hex(),
        *(pack(each.astype(np.float32)) for each in rows),
        *(pack_bytes(each) for each in (*grids, tints)),
    )


def _blocks(rng: np.random.Generator, side: int, steps: int) -> NDArray[np.float64]:
    """Return a grid of random blocks, `steps` x `steps` cells each, from 60 to 220."""
    cells = rng.uniform(60, 220, (side // steps, side // steps))
    return cells.repeat(steps, axis=0).repeat(steps, axis=1)


def _unit(rows: NDArray[np.float64]) -> NDArray[np.float64]:
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def evidence(
    *,
    faces: tuple[Face, ...] = (),
    defects: Mapping[str, float] | None = None,
    category: Mapping[str, float] | None = None,
    **changes: Any,
) -> Evidence:
    """Make a good photo's evidence: 24 MP, sharp, well exposed, without faces, with these changes.

    `defects` and `category` are added to the good photo's; the other `changes` are fields of `Evidence`.
    A photo with faces is one of people, and one without is a landscape.
    """
    scene = "people" if faces else "landscape"
    default = Evidence(
        kind="jpeg",
        width=6000,
        height=4000,
        capture=Capture(taken="2024-05-01T10:11:12.340+02:00", taken_from="exif", camera="Example One"),
        faces=faces,
        focus=focus(),
        exposure=exposure(),
        defects={**dict.fromkeys(DEFECTS, 0.02), **(defects or {})},
        category={**dict.fromkeys(CATEGORIES, 0.01), scene: 0.94, **(category or {})},
        likeness=make_embedding(),
        models=dict(MODELS),
    )
    return replace(default, **changes)
