"""`Evidence` and its parts: everything measured in a photo, without opinion; stored, and judged later."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

from autocull.read import Box, Capture

Point = tuple[float, float]
"""A position in the photo: x and y in fractions (0-1) of width and height; beyond 0-1 outside the photo."""


def midpoint(first: Point, second: Point) -> Point:
    """Return the point halfway between two points."""
    return (first[0] + second[0]) / 2, (first[1] + second[1]) / 2


class EyePoints(NamedTuple):
    """The position of one eye: its corners and the middle of its lids."""

    outer: Point
    inner: Point
    upper: Point
    lower: Point

    @property
    def centre(self) -> Point:
        """Return the point halfway between the eye's corners."""
        return midpoint(self.outer, self.inner)


@dataclass(frozen=True, slots=True)
class Eye:
    """One eye of a face.

    `box` is the network's square crop before it was turned by the face's roll; `size` the distance between
    the eye's corners in native pixels; `open` the probability (0-1) that it is open; `aspect` the lid
    distance over the corner distance, from the mesh (about 0.3 for an open eye). `lids` is the same from the
    iris network (about 0.28 for an open eye, 0.1 for a closed one), None where it was not measured; `gaze`
    the iris's distance from the middle of the corners over their distance, positive to the picture's right.
    """

    box: Box
    size: float
    open: float
    aspect: float
    lids: float | None = None
    gaze: float = 0.0


@dataclass(frozen=True, slots=True)
class Face:
    """One face: its position, prominence, pose and eyes.

    `score` is the face detector's confidence (0-1), `prominence` 0-1 relative to the photo's most prominent
    face; `mesh_score` the mesh's confidence that it fits a face; `yaw`, `pitch` and `roll` are degrees (0
    faces the camera; positive yaw turns to the picture's right, pitch up, roll clockwise). `eye_points` are
    the mesh's points of the eye on the picture's left, and of the one on its right. `mouth` is the distance
    of the lips' inner edges over the mouth's width (0 for a closed mouth).
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
    mouth: float = 0.0


@dataclass(frozen=True, slots=True)
class Focus:
    """The sharpness of the subject, and of each tile of the photo.

    `sharp`, `defocus` and `motion` are the subject's probabilities (they sum to 1); `subject` is its box and
    `found_by` how it was located ("eyes", "face", "region"); `tiles` holds P(sharp) of each tile, row by row
    over the whole picture, `texture` (same shape, 0-1) how much detail there is to judge in it; `faces` holds
    P(sharp) at the eyes of each face of the evidence, None if a face is too small or has too little texture.
    `blur` is the width of the subject's missed focus as a share (0-1) of the long side; 0 where the subject
    is sharp, or rather moved, and in evidence that was stored before it was measured.
    """

    sharp: float
    defocus: float
    motion: float
    subject: Box | None
    found_by: str
    tiles: tuple[tuple[float, ...], ...]
    texture: tuple[tuple[float, ...], ...]
    faces: tuple[float | None, ...] = ()
    blur: float = 0.0


@dataclass(frozen=True, slots=True)
class SubjectLight:
    """The luma (0-1) of the subject: median, 90th percentile, and the share (0-1) that is burnt out.

    The subject is the most prominent face where `is_face`, else the region whose focus is judged.
    """

    median: float
    high: float
    white: float
    is_face: bool


@dataclass(frozen=True, slots=True)
class Exposure:
    """The exposure, of the working picture's luma (0-1): median, 5th and 95th percentile, clipped shares.

    `lights` is the share (0-1) of small blocks of a dark picture in which a star or a lamp stands out; 0 in a
    picture that is not dark, and in evidence that was stored before it was measured. `subject` is None where
    there is none, and in such evidence. `sensor_white` is that of `Photo`.
    """

    median: float
    low: float
    high: float
    clipped_dark: float
    clipped_bright: float
    lights: float = 0.0
    subject: SubjectLight | None = None
    sensor_white: float | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """What shows that a picture is no photo of a scene, of the working picture.

    `text` is the share (0-1) of blocks that are text on paper; `flat` that of unclipped pixels which equal
    their neighbours exactly, as drawn pixels do, and `blank` that of clipped ones, which may be of any
    picture. All are 0 in evidence that was stored before they were measured.
    """

    text: float = 0.0
    flat: float = 0.0
    blank: float = 0.0


@dataclass(frozen=True, slots=True)
class Embedding:
    """The embedding of a photo, packed; decoded by `autocull.measure.embedding`.

    `hash` is its difference hash (16 hex digits), `vector` and `patches` are base64 of signed bytes. `tones`,
    `detail` and `tints` are base64 of the grids of `autocull.measure.view`. All are "" in a fixture, which
    holds nothing of a photo's appearance: its photos cannot be compared.
    """

    hash: str = ""
    vector: str = ""
    patches: str = ""
    tones: str = ""
    detail: str = ""
    tints: str = ""


@dataclass(frozen=True, slots=True)
class Evidence:
    """Everything that the ensemble measured in one photo; `models` holds the version of every detector."""

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
    page: Page = field(default=Page())
