"""What was measured in a photo: numbers and places, no opinion. All of it is stored and judged later."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

from autocull.read.photo import Box, Capture

Point = tuple[float, float]
"""A place in the photo: x and y in fractions (0-1) of its width and height, beyond 0-1 where cut off."""


class EyePoints(NamedTuple):
    """Where one eye lies: its corners and the middle of its lids."""

    outer: Point
    inner: Point
    upper: Point
    lower: Point


@dataclass(frozen=True, slots=True)
class Eye:
    """One eye of a face.

    `box` is the square that the network saw, turned by the face's roll; `size` the distance between the eye's
    corners in native pixels; `open` the probability (0-1) that it is open; `aspect` the lid distance over the
    corner distance, from the mesh (about 0.3 for an open eye).
    """

    box: Box
    size: float
    open: float
    aspect: float


@dataclass(frozen=True, slots=True)
class Face:
    """One face: where it is, how much of the photo's attention it takes, how it is turned, and its eyes.

    `score` is the detector's confidence (0-1), `prominence` 0-1 relative to the photo's most prominent face;
    `mesh_score` the mesh's confidence that it sits on a face; `yaw`, `pitch` and `roll` are degrees
    (0 looks into the camera; positive yaw turns to the picture's right, pitch up, roll clockwise).
    `eye_points` say where the mesh sees the eye on the picture's left, and the one on its right.
    """

    box: Box
    score: float
    prominence: float
    mesh_score: float = 1.0
    yaw: float = 0.0
    pitch: float = 0.0
    roll: float = 0.0
    eye_points: tuple[EyePoints, ...] = ()
    eyes: tuple[Eye, ...] = ()


@dataclass(frozen=True, slots=True)
class Focus:
    """How sharp the subject is, and the map it comes from.

    `sharp`, `defocus` and `motion` are the subject's probabilities (they sum to 1); `subject` is where it was
    looked for and `found_by` how ("eyes", "face", "region"); `tiles` holds P(sharp) of each tile, row by row
    over the whole picture, `texture` (same shape, 0-1) how much there is to be judged in it; `faces` holds
    P(sharp) at the eyes of each face of the evidence, None where a face is too small or plain to tell.
    """

    sharp: float
    defocus: float
    motion: float
    subject: Box | None
    found_by: str
    tiles: tuple[tuple[float, ...], ...]
    texture: tuple[tuple[float, ...], ...]
    faces: tuple[float | None, ...] = ()


@dataclass(frozen=True, slots=True)
class Exposure:
    """Light, from the working picture's luma (0-1): median, 5th and 95th percentile, and clipped shares."""

    median: float
    low: float
    high: float
    clipped_dark: float
    clipped_bright: float


@dataclass(frozen=True, slots=True)
class Embedding:
    """What the photo looks like, packed: `autocull.measure.embedding` reads it.

    `hash` is its difference hash (16 hex digits), `vector` and `patches` are base64 of signed bytes. All are
    "" in a photo that is not to be compared with others: one in a fixture, which holds nothing of its look.
    """

    hash: str = ""
    vector: str = ""
    patches: str = ""


@dataclass(frozen=True, slots=True)
class Evidence:
    """All that the ensemble measured in one photo; `models` names the version of every member that spoke."""

    kind: str
    width: int
    height: int
    capture: Capture
    faces: tuple[Face, ...]
    focus: Focus
    exposure: Exposure
    defects: dict[str, float]
    category: dict[str, float]
    likeness: Embedding
    models: dict[str, str]
    remarks: tuple[str, ...] = field(default=())
