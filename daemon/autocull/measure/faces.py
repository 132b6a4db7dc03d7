"""The faces of a photo: found in a few looks, confirmed by the mesh, with their eyes' places and pose."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from autocull.measure import blazeface, face_mesh
from autocull.measure.blazeface import Candidates
from autocull.measure.evidence import EyePoints, Face
from autocull.measure.face_mesh import Mesh
from autocull.measure.member import Shipped
from autocull.measure.models import Network
from autocull.measure.oriented_crops import cut_native, cut_working
from autocull.read.photo import Box, Photo, Pixels

_DETECTOR = "face_detection_full_range.tflite"
_MESH = "face_landmark.tflite"


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """The numbers that decide what is a face and how often one looks; `models/faces/config.json` holds them.

    A candidate needs the detector's `least_score` (`least_score_from_afar` in the look from afar) and the
    mesh's `least_mesh_score`, all 0-1; two candidates that share more than `overlap` of the smaller one are
    one face. A photo without a candidate of `hint` gets no second look. The look from afar shows the picture
    `afar` times smaller; tiles take `tile` of each side of the picture, and are worth their time while the
    largest face is narrower than `tiles_below` of the picture's long side. At most `most_faces` are measured,
    the largest ones.
    """

    least_score: float
    least_score_from_afar: float
    least_mesh_score: float
    hint: float
    overlap: float
    afar: float
    tile: float
    tiles_below: float
    most_faces: int


@dataclass(frozen=True, slots=True)
class Found:
    """A confirmed face: the detector's corners (8, 2) in pixels of the working picture, its score (0-1), and
    the mesh in native pixels.
    """

    corners: NDArray[np.float64]
    score: float
    mesh: Mesh

    @property
    def side(self) -> float:
        """The longer side of the detector's box, in the same pixels as the corners."""
        return float((self.corners[1] - self.corners[0]).max())


class FacesMember(Shipped):
    """Every face of a photo as `Face` (its eyes not yet measured), the most prominent first.

    Prominence is the face's size over that of the photo's largest face, squared: the largest face has 1, one
    of half its height a quarter, wherever they are and however they are turned.
    """

    name: ClassVar[str] = "faces"
    needs: ClassVar[tuple[str, ...]] = ()

    @cached_property
    def _limits(self) -> Limits:
        return Limits(**self._model.config["limits"])

    @cached_property
    def _detector(self) -> Network:
        return self._model.carried(_DETECTOR)

    @cached_property
    def _mesh(self) -> Network:
        return self._model.carried(_MESH)

    def measure(self, photo: Photo, parts: Mapping[str, Any]) -> tuple[Face, ...]:  # noqa: ARG002  # protocol
        """Find the faces; raises ModelError where a network is not usable."""
        found = self._find(photo)
        sides = [face.mesh.side() for face in found]
        faces = [
            _describe(one, photo, (side / max(sides)) ** 2) for one, side in zip(found, sides, strict=True)
        ]
        return tuple(sorted(faces, key=lambda face: -face.prominence))

    def _find(self, photo: Photo) -> list[Found]:
        """Look at the whole picture, and where that hints at people, from afar and at tiles."""
        limits, picture = self._limits, photo.working
        whole = self._look(picture)
        found = self._confirm(photo, whole, limits.least_score, [])
        if not found:
            if whole.scores.max(initial=0.0) < limits.hint:
                return []
            afar = self._look(picture, limits.afar)
            found = self._confirm(photo, afar, limits.least_score_from_afar, [])
        if max((face.side for face in found), default=0.0) >= limits.tiles_below * max(picture.shape):
            return found
        tiles = [self._look(picture[y, x]).moved(x.start, y.start) for y, x in _tiles(picture, limits.tile)]
        return self._confirm(photo, blazeface.together(tiles), limits.least_score, found)

    def _look(self, picture: Pixels, afar: float = 1.0) -> Candidates:
        """The detector's candidates in one picture, down to the weakest that still hints at people."""
        return blazeface.look(self._detector, picture, self._limits.hint, afar)

    def _confirm(
        self, photo: Photo, candidates: Candidates, least_score: float, known: list[Found]
    ) -> list[Found]:
        """Add to the `known` faces those candidates that are new, strong, and on which the mesh sits."""
        limits = self._limits
        strong = candidates.take(candidates.scores >= least_score)
        merged = blazeface.merge(strong, limits.overlap)
        found = list(known)
        for index in np.argsort(-merged.sides()):
            corners = merged.corners[index]
            others = np.array([face.corners for face in found]).reshape(-1, 8, 2)
            if len(found) == limits.most_faces:
                break
            if (blazeface.overlaps(corners, others) > limits.overlap).any():
                continue
            laid = self._lay_mesh(photo, corners)
            if laid.score >= limits.least_mesh_score:
                found.append(Found(corners, float(merged.scores[index]), laid))
        return found

    def _lay_mesh(self, photo: Photo, corners: NDArray[np.float64]) -> Mesh:
        """Lay the mesh on a face, from native pixels where the working picture holds too few of it."""
        square = face_mesh.face_square(corners)
        native = square.scaled(photo.width / photo.working.shape[1])
        if square.side >= face_mesh.SIZE:
            upright = cut_working(photo.working, square, face_mesh.SIZE)
        else:
            upright = cut_native(photo, native, face_mesh.SIZE)
        return face_mesh.read_mesh(self._mesh, upright, native)


def _tiles(picture: Pixels, share: float) -> list[tuple[slice, slice]]:
    """The rows and columns of 2 x 2 tiles that overlap, each `share` of the picture's height and width."""
    height, width = picture.shape[:2]
    rows, columns = (max(1, round(share * length)) for length in (height, width))
    return [
        (slice(y, y + rows), slice(x, x + columns)) for y in (0, height - rows) for x in (0, width - columns)
    ]


def _describe(found: Found, photo: Photo, prominence: float) -> Face:
    """What is kept of a face: its outline, clipped to the picture, its pose and its eyes' places."""
    size = (photo.width, photo.height)
    x0, y0, x1, y1 = found.mesh.outline()
    low, high = (np.clip(np.divide(corner, size), 0, 1) for corner in ((x0, y0), (x1, y1)))
    pose = found.mesh.pose()
    eyes = (found.mesh.eyes() / size).tolist()
    return Face(
        box=Box(float(low[0]), float(low[1]), float(high[0]), float(high[1])),
        score=found.score,
        prominence=prominence,
        mesh_score=found.mesh.score,
        yaw=pose.yaw,
        pitch=pose.pitch,
        roll=pose.roll,
        eye_points=tuple(EyePoints(*((x, y) for x, y in eye)) for eye in eyes),
    )
