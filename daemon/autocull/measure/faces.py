"""The face detector: BlazeFace at several scales, confirmed by the face mesh, with eye points and pose."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from math import atan2, radians
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from autocull.measure import blazeface, face_mesh
from autocull.measure.blazeface import Candidates
from autocull.measure.evidence import EyePoints, Face
from autocull.measure.face_mesh import Mesh
from autocull.measure.models import Detector, Network
from autocull.measure.oriented_crops import crop_native, crop_working
from autocull.read import Box, Photo, Pixels

_BLAZEFACE_FILE = "face_detection_full_range.tflite"
_MESH_FILE = "face_landmark.tflite"
_UPRIGHT = radians(35.0)  # a face that is turned further within the picture is searched for in turned ones
_TURNS = (1, 3)  # quarters, to the left, by which the picture is turned for faces on their side


@dataclass(frozen=True, slots=True, kw_only=True)
class FaceLimits:
    """The limits of the face detector, stored under "limits" in `models/faces/config.json`.

    A candidate needs BlazeFace's `least_score` (`least_score_from_afar` in the reduced picture) and the
    mesh's `least_mesh_score`, all 0-1; two candidates that share more than `overlap` of the smaller one are
    one face. If no candidate reaches the score `hint`, no tiles are searched; if none, of both pictures,
    reaches `turned_hint`, the picture is not turned. A turned picture needs `least_score_turned`. The reduced
    picture is `afar` times smaller; tiles take `tile` of each side of the picture, and are searched if the
    largest face is narrower than `tiles_below` of the picture's long side. At most `most_faces` are measured,
    the largest ones. A face below the share `main_share` of the picture is no main face, unless `group_size`
    faces or more are at least half as large as the largest.
    """

    least_score: float
    least_score_from_afar: float
    least_mesh_score: float
    hint: float
    turned_hint: float
    least_score_turned: float
    overlap: float
    afar: float
    tile: float
    tiles_below: float
    most_faces: int
    main_share: float
    group_size: int


@dataclass(frozen=True, slots=True)
class Detection:
    """A confirmed face: BlazeFace's corners (8, 2) in the working picture and score (0-1), and the mesh.

    The mesh is in native pixels.
    """

    corners: NDArray[np.float64]
    score: float
    mesh: Mesh

    @property
    def side(self) -> float:
        """Return the longer side of BlazeFace's box, in the same pixels as the corners."""
        return float((self.corners[1] - self.corners[0]).max())

    @property
    def upright(self) -> bool:
        """Whether the line between the eyes is level enough for networks that learned upright faces."""
        left, right = self.mesh.eyes().mean(axis=1)
        return abs(atan2(right[1] - left[1], right[0] - left[0])) <= _UPRIGHT


class FaceDetector(Detector):
    """Measures the faces of a photo as `Face` (without eyes), the most prominent first.

    Prominence is the face's size over that of the photo's largest face, squared: the largest face has 1, one
    of half its height a quarter, independent of position and pose. Where even the largest is a passer-by in
    the background, all prominences are smaller, see `main_prominence`.
    """

    name: ClassVar[str] = "faces"

    @cached_property
    def _limits(self) -> FaceLimits:
        return FaceLimits(**self._model.config["limits"])

    @cached_property
    def _blazeface(self) -> Network:
        return self._model.packaged_network(_BLAZEFACE_FILE)

    @cached_property
    def _mesh_network(self) -> Network:
        return self._model.packaged_network(_MESH_FILE)

    def measure(self, photo: Photo) -> tuple[Face, ...]:
        """Measure the photo's faces; raises ModelError if a network is not usable."""
        detections = self._find_faces(photo)
        sides = [face.mesh.side() for face in detections]
        largest = main_prominence(
            [side**2 / (photo.width * photo.height) for side in sides],
            self._limits.main_share,
            self._limits.group_size,
        )
        faces = [
            _to_face(detection, photo, largest * (side / max(sides)) ** 2)
            for detection, side in zip(detections, sides, strict=True)
        ]
        return tuple(sorted(faces, key=lambda face: -face.prominence))

    def _find_faces(self, photo: Photo) -> list[Detection]:
        """Detect faces in the whole picture, without one in the reduced and in turned ones, and in tiles.

        The reduced picture shows faces that fill the frame, of which the whole picture may give no hint;
        tiles show small faces.
        """
        limits, picture = self._limits, photo.working
        candidates = self._find_candidates(picture)
        detections = self._confirm(photo, candidates, limits.least_score, [])
        is_turned = False
        if not detections:
            reduced = blazeface.detect(self._blazeface, picture, limits.hint, limits.afar)
            detections = self._confirm(photo, reduced, limits.least_score_from_afar, [])
            is_turned = not detections and _best_score(candidates, reduced) >= limits.turned_hint
        if is_turned or not all(face.upright for face in detections):
            detections = self._find_turned_faces(photo, detections)
        if not detections and not len(candidates):
            return []
        if max((face.side for face in detections), default=0.0) >= limits.tiles_below * max(picture.shape):
            return detections
        tile_candidates = [
            self._find_candidates(picture[y, x]).moved(x.start, y.start)
            for y, x in _tile_slices(picture, limits.tile)
        ]
        return self._confirm(
            photo, blazeface.concatenate_candidates(tile_candidates), limits.least_score, detections
        )

    def _find_turned_faces(self, photo: Photo, existing: list[Detection]) -> list[Detection]:
        """Detect faces on their side, in the picture turned by a quarter to the left and right.

        The reduced picture shows faces that fill the frame; without one in it, the complete one is turned. Of
        `existing`, those on their side are replaced where they are found again: the mesh of such a face is
        bent where the key points of the unturned picture are wrong.
        """
        limits = self._limits
        detections = [face for face in existing if face.upright]
        sideways = [face for face in existing if not face.upright]
        for shrink_factor in (limits.afar, 1.0):
            candidates = blazeface.detect_turned(
                self._blazeface, photo.working, _TURNS, limits.hint, shrink_factor
            )
            detections = self._confirm(
                photo,
                blazeface.concatenate_candidates(candidates),
                limits.least_score_turned,
                detections,
            )
            if any(not face.upright for face in detections):
                break
        return detections + [face for face in sideways if not self._overlaps_any(face.corners, detections)]

    def _overlaps_any(self, corners: NDArray[np.float64], faces: list[Detection]) -> bool:
        others = np.array([face.corners for face in faces]).reshape(-1, 8, 2)
        return bool((blazeface.overlaps(corners, others) > self._limits.overlap).any())

    def _find_candidates(self, picture: Pixels) -> Candidates:
        """Return BlazeFace's candidates in one picture whose score is at least `hint`."""
        return blazeface.detect(self._blazeface, picture, self._limits.hint)

    def _confirm(
        self, photo: Photo, candidates: Candidates, min_score: float, existing: list[Detection]
    ) -> list[Detection]:
        """Return `existing` and those candidates that are new, of at least `min_score`, and fit the mesh."""
        limits = self._limits
        strong = candidates.take(candidates.scores >= min_score)
        merged = blazeface.merge_overlapping(strong, limits.overlap)
        confirmed = list(existing)
        for index in np.argsort(-merged.sides()):
            corners = merged.corners[index]
            if len(confirmed) == limits.most_faces:
                break
            if self._overlaps_any(corners, confirmed):
                continue
            fitted_mesh = self._fit_mesh(photo, corners)
            if fitted_mesh.score >= limits.least_mesh_score:
                confirmed.append(Detection(corners, float(merged.scores[index]), fitted_mesh))
        return confirmed

    def _fit_mesh(self, photo: Photo, corners: NDArray[np.float64]) -> Mesh:
        """Fit the mesh to a face; from native pixels if the face is too small in the working picture."""
        square = face_mesh.face_square(corners)
        native_square = square.scaled(photo.width / photo.working.shape[1])
        if square.side >= face_mesh.SIZE:
            crop = crop_working(photo.working, square, face_mesh.SIZE)
        else:
            crop = crop_native(photo, native_square, face_mesh.SIZE)
        return face_mesh.predict_mesh(self._mesh_network, crop, native_square)


def main_prominence(shares: Sequence[float], main_share: float, group_size: int) -> float:
    """Return the prominence (0-1) of the largest face, 1 where a photo has a main face or a group.

    `shares` are the squared sizes of all faces over the picture's area. Below `main_share` the prominence
    falls with the square of the share, except in a group: `group_size` faces at least half as large (by
    side) as the largest.
    """
    largest = max(shares, default=0.0)
    grouped = sum(share >= largest / 4 for share in shares) >= group_size
    return 1.0 if grouped or largest >= main_share else (largest / main_share) ** 2


def _best_score(*groups: Candidates) -> float:
    return max(float(group.scores.max(initial=0.0)) for group in groups)


def _tile_slices(picture: Pixels, share: float) -> list[tuple[slice, slice]]:
    """Return rows and columns of 2 x 2 overlapping tiles, each `share` of the picture's height and width."""
    height, width = picture.shape[:2]
    rows, columns = (max(1, round(share * length)) for length in (height, width))
    return [
        (slice(y, y + rows), slice(x, x + columns)) for y in (0, height - rows) for x in (0, width - columns)
    ]


def _to_face(detection: Detection, photo: Photo, prominence: float) -> Face:
    """Convert a detection to evidence: outline, clipped to the picture, pose and eye points."""
    size = (photo.width, photo.height)
    x0, y0, x1, y1 = detection.mesh.outline()
    low, high = (np.clip(np.divide(corner, size), 0, 1) for corner in ((x0, y0), (x1, y1)))
    pose = detection.mesh.pose()
    eyes = (detection.mesh.eyes() / size).tolist()
    return Face(
        box=Box(float(low[0]), float(low[1]), float(high[0]), float(high[1])),
        score=detection.score,
        prominence=prominence,
        mesh_score=detection.mesh.score,
        yaw=pose.yaw,
        pitch=pose.pitch,
        roll=pose.roll,
        eye_points=tuple(EyePoints(*((x, y) for x, y in eye)) for eye in eyes),
        mouth=detection.mesh.mouth(),
    )
