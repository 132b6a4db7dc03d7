"""The focus detector: a small network judges tiles; the subject's tiles decide the result."""

from __future__ import annotations

from collections.abc import Sequence
from math import exp, hypot, log2
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from autocull.arrays import Floats
from autocull.measure.evidence import Face, Focus, Point, midpoint
from autocull.measure.models import Detector
from autocull.measure.saliency import compute_attention, find_subject
from autocull.measure.tiles import (
    crop_tile,
    make_grid,
    measure_texture,
    reference_scale,
    tile_around,
    to_grey,
)
from autocull.read import Box, Photo, Pixels

FOCUS_PREPROCESSING: dict[str, Any] = {"size": 96, "colour": "grey", "most_tiles": 20}
"""Preprocessing of a newly trained focus network, stored in its `config.json`.

`size` is the side of a tile in pixels at the reference scale; `most_tiles` the maximum number of grid cells.
"""

_MIN_CONTRAST = 6.0  # grey levels: lower standard deviations are not stretched, which would amplify noise
_MAX_STRETCH = 4.0  # standard deviations kept on each side
_MIN_FACE_WIDTH = 28  # px of face width at the reference scale: smaller faces are not judged
_MIN_TEXTURE = 0.10  # tiles of a face with less texture are ignored
_MAX_FACES = 8  # only the most prominent faces are judged, to limit the time
_MIN_PROMINENCE = 0.4  # faces of at least this prominence decide the photo's focus
_TRAINING_LONG_SIDE = 480  # px: the long side of the training photos
_LOG_ODDS_PER_DOUBLING = 1.0  # log-odds of being sharp that each doubling of the long side adds


def prepare_focus_tiles(light: Floats) -> Floats:
    """Convert grey tiles `(n, side, side)` (0-255) into the network's input `(n, side, side, 1)`.

    Each tile is standardised to mean 0 and standard deviation 1 and clipped to -4 and 4, so that lighting and
    contrast have no influence.
    """
    flat = light.reshape(len(light), -1)
    centred = flat - flat.mean(1, keepdims=True)
    spread = np.sqrt(np.einsum("ij,ij->i", centred, centred) / flat.shape[1])[:, None]
    centred /= np.maximum(spread, _MIN_CONTRAST)
    stretched: Floats = centred.clip(-_MAX_STRETCH, _MAX_STRETCH).astype(np.float32)
    return stretched.reshape(*light.shape, 1)


def adjust_for_size(predictions: NDArray[np.float64], long_side: float) -> NDArray[np.float64]:
    """Raise P(sharp) in P(sharp, defocus, motion) `(n, 3)` for pictures of more pixels.

    Viewed at the same size, a larger picture tolerates more pixels of blur (the circle of confusion is a
    fraction of the frame). `long_side` is in px at the reference scale; up to that of the training photos
    nothing changes.
    """
    doublings = max(0.0, log2(long_side / _TRAINING_LONG_SIDE))
    adjusted = predictions * [exp(_LOG_ODDS_PER_DOUBLING * doublings), 1.0, 1.0]
    return np.asarray(adjusted / adjusted.sum(1, keepdims=True), np.float64)


class FocusDetector(Detector):
    """Measures the sharpness of the subject: at the eyes of prominent faces, else in the salient region."""

    name: ClassVar[str] = "focus"

    def measure(self, photo: Photo, faces: Sequence[Face]) -> Focus:
        """Measure the photo's focus; raises ModelError if the model is not usable."""
        size, max_tiles = (self._model.config["preprocessing"][key] for key in ("size", "most_tiles"))
        grid = make_grid(photo, size, max_tiles)
        predictions, flat_richness = self._judge_boxes(photo, grid.boxes, size)
        shape = (grid.rows, grid.columns)
        sharp, richness = predictions[:, 0].reshape(shape), flat_richness.reshape(shape)
        face_predictions = self._judge_faces(photo, faces, size)
        overall = _combine_faces(faces, face_predictions)
        if overall is None:
            subject = find_subject(predictions.reshape(*shape, 3), compute_attention(photo.working, richness))
            overall = (subject.prediction, subject.box, "region")
        (p_sharp, p_defocus, p_motion), box, method = overall
        return Focus(
            sharp=float(p_sharp),
            defocus=float(p_defocus),
            motion=float(p_motion),
            subject=box,
            found_by=method,
            tiles=tuple(map(tuple, sharp.tolist())),
            texture=tuple(map(tuple, richness.tolist())),
            faces=tuple(
                None if prediction is None else float(prediction[0]) for prediction in face_predictions
            ),
        )

    def judge_tiles(self, tiles: Sequence[Pixels]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return P(sharp, defocus, motion) `(n, 3)` and texture `(n,)` (0-1) of tiles at reference scale."""
        if not tiles:
            return np.empty((0, 3)), np.empty(0)
        light = to_grey(np.stack(tiles))
        order = [self._model.classes.index(name) for name in ("sharp", "defocus", "motion")]
        # One tile per call: LiteRT gains nothing from batches, and each new batch size costs an allocation.
        predictions = [self._network(tile[None])[0][0, order] for tile in prepare_focus_tiles(light)]
        return np.asarray(predictions, np.float64), measure_texture(light).astype(np.float64)

    def _judge_boxes(
        self, photo: Photo, boxes: Sequence[Box], size: int
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Apply `judge_tiles` to these boxes of the photo, adjusted for its size."""
        predictions, richness = self.judge_tiles([crop_tile(photo, box, size) for box in boxes])
        long_side = max(photo.width, photo.height) / reference_scale(photo.width, photo.height)
        return adjust_for_size(predictions, long_side), richness

    def _judge_faces(
        self, photo: Photo, faces: Sequence[Face], size: int
    ) -> list[NDArray[np.float64] | None]:
        """Return P(sharp, defocus, motion) of each face, in their order; None where it is not judged."""
        most_prominent = sorted(range(len(faces)), key=lambda index: -faces[index].prominence)[:_MAX_FACES]
        predictions: list[NDArray[np.float64] | None] = [None] * len(faces)
        for index in most_prominent:
            boxes = find_eye_boxes(photo, faces[index], size, both=len(faces) <= 2)
            box_predictions, richness = self._judge_boxes(photo, boxes, size)
            box_predictions = box_predictions[richness >= _MIN_TEXTURE]
            if len(box_predictions):
                sharpest = box_predictions[:, 0].argmax()  # one eye in focus is enough
                predictions[index] = box_predictions[sharpest]
        return predictions


def find_eye_boxes(photo: Photo, face: Face, size: int, *, both: bool) -> list[Box]:
    """Return the boxes that decide a face's sharpness: one on each eye of a large face, else one on both.

    No box is larger than the face, so that its background is not judged; a face that is too small has none.
    """
    scale = reference_scale(photo.width, photo.height)
    width = (face.box.x1 - face.box.x0) * photo.width / scale
    if width < _MIN_FACE_WIDTH:
        return []
    points = _eye_centres(face)
    eye_distance = hypot(
        (points[0][0] - points[1][0]) * photo.width, (points[0][1] - points[1][1]) * photo.height
    )
    if not both or eye_distance / scale < size:
        points = [midpoint(*points)]
    return [tile_around(photo, x, y, min(size, 0.8 * width)) for x, y in points]


def _eye_centres(face: Face) -> list[Point]:
    """Return the centres of both eyes (fractions); without eye points, their usual positions in the box."""
    if len(face.eye_points) == 2:
        return [eye.centre for eye in face.eye_points]
    x0, y0, x1, y1 = face.box
    return [(x0 + fraction * (x1 - x0), y0 + 0.4 * (y1 - y0)) for fraction in (0.3, 0.7)]


def _combine_faces(
    faces: Sequence[Face], predictions: Sequence[NDArray[np.float64] | None]
) -> tuple[NDArray[np.float64], Box, str] | None:
    """Return prediction, box and method of the prominent faces, by prominence squared; None without any."""
    prominent = [
        (face, prediction)
        for face, prediction in zip(faces, predictions, strict=True)
        if prediction is not None and face.prominence >= _MIN_PROMINENCE
    ]
    if not prominent:
        return None
    weights = np.array([face.prominence**2 for face, _ in prominent])
    main_face = max(prominent, key=lambda pair: pair[0].prominence)[0]
    mean = weights @ np.stack([prediction for _, prediction in prominent]) / weights.sum()
    return mean, main_face.box, "eyes" if len(main_face.eye_points) == 2 else "face"
