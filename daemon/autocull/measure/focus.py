"""The focus detector: a small network judges tiles; the subject's tiles decide the result.

A photo is judged as it is viewed: tiles are cut from the working picture and from the same picture reduced
to 500 px, never from an enlarged one. In each, the subject rule, the mean of the tiles, weighted by
attention, and the sharpest tenth of the attention give their log-odds of being sharp; their mean is scaled to
a probability. The network of the whole frame counts beside them, with less weight. At the eyes of faces,
tiles of the photo's own pixels are judged besides.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from io import BytesIO
from math import hypot
from typing import Any, ClassVar, NamedTuple

import numpy as np
from numpy.typing import NDArray

from autocull.arrays import Doubles, Floats
from autocull.measure.blur_extent import measure_blur_width
from autocull.measure.evidence import Face, Focus, Point, midpoint
from autocull.measure.models import Detector
from autocull.measure.network_io import log_odds, sigmoid
from autocull.measure.saliency import (
    compute_attention,
    find_aim,
    find_sharpest_tenth,
    find_subject,
    replace_sharp,
)
from autocull.measure.tiles import (
    crop_tile,
    make_grid,
    make_views,
    measure_texture,
    reference_scale,
    tile_around,
    to_grey,
)
from autocull.read import Box, Photo, Pixels

FOCUS_PREPROCESSING: dict[str, Any] = {"size": 96, "colour": "grey", "most_tiles": 12}
"""Preprocessing of a newly trained focus network, stored in its `config.json`.

`size` is the side of a tile in pixels; `most_tiles` the maximum number of grid cells of each viewing size.
"""

_MIN_CONTRAST = 6.0  # grey levels: lower standard deviations are not stretched, which would amplify noise
_MAX_STRETCH = 4.0  # standard deviations kept on each side
_MIN_FACE_WIDTH = 28  # px of face width at the reference scale: smaller faces are not judged
_MIN_TEXTURE = 0.10  # tiles of a face with less texture are ignored
_MAX_FACES = 8  # only the most prominent faces are judged, to limit the time
_MAX_SUBJECT_FACES = 4  # of them, the most prominent ones decide the photo's focus
_MIN_PROMINENCE = 0.4  # faces of at least this prominence decide the photo's focus
_MIN_FACE_SHARE = 0.015  # of the frame: a smaller face is in the background
_MIN_PROBABILITY = 0.002  # probabilities are moved this far from 0 and 1 before their log-odds are taken
AIM = "aim.npy"
"""The file of the learned aim's weights in the model folder, see `find_aim`."""

_FRAME_WEIGHT = 0.5  # weight of the whole frame's log-odds; that of the tiles is 1
_SHARP = 0.5  # of a subject with this P(sharp) or more, no blur is measured
_UNSCALED = {"bias": 0.0, "slope": 1.0}  # of a network whose log-odds were not fitted to photos yet


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


class FocusView(NamedTuple):
    """The photo at one viewing size: P(sharp, defocus, motion) `(rows, columns, 3)` and texture of its tiles.

    `attention` `(rows, columns)` sums to 1.
    """

    photo: Photo
    predictions: NDArray[np.float64]
    texture: Doubles
    attention: Doubles


class _JudgedSubject(NamedTuple):
    """P(sharp, defocus, motion) `(3,)` of the subject, its box, and how it was found."""

    prediction: NDArray[np.float64]
    box: Box
    found_by: str


class FocusDetector(Detector):
    """Measures the sharpness of the subject: at the eyes of prominent faces, else in the salient region."""

    name: ClassVar[str] = "focus"

    def measure(
        self,
        photo: Photo,
        faces: Sequence[Face],
        maps: Sequence[Floats] = (),
        frame_blur: float | None = None,
    ) -> Focus:
        """Measure the photo's focus; raises ModelError if the model is not usable.

        `maps` are those of the category's backbone, without which attention has no learned aim; `frame_blur`
        is the probability (0-1) by the whole-frame network that the photo is blurred, None where it does not
        count.
        """
        views = [self.judge_view(view, maps) for view in make_views(photo)]
        own_pixels = self._judge_faces(photo, faces)
        subject = self._combine_faces(views, faces, own_pixels) or self._combine_regions(views)
        if frame_blur is not None:
            subject = self._join_frame(subject, frame_blur)
        p_sharp, p_defocus, p_motion = subject.prediction
        is_defocused = p_sharp < _SHARP and p_defocus >= p_motion
        return Focus(
            sharp=float(p_sharp),
            defocus=float(p_defocus),
            motion=float(p_motion),
            subject=subject.box,
            found_by=subject.found_by,
            tiles=tuple(map(tuple, views[0].predictions[..., 0].tolist())),
            texture=tuple(map(tuple, views[0].texture.tolist())),
            faces=tuple(None if prediction is None else float(prediction[0]) for prediction in own_pixels),
            blur=measure_blur_width(photo.working, subject.box) if is_defocused else 0.0,
        )

    def judge_view(self, view: Photo, maps: Sequence[Floats] = ()) -> FocusView:
        """Judge the tiles of a photo at one viewing size (`make_views`); `maps` as for `measure`."""
        grid = make_grid(view, self.tile_side, self._model.config["preprocessing"]["most_tiles"])
        predictions, richness = self._judge_boxes(view, grid.boxes)
        shape = (grid.rows, grid.columns)
        texture = richness.reshape(shape)
        aim = find_aim(maps, self._aim_weights, grid.boxes).reshape(shape) if maps else None
        attention = compute_attention(view.working, texture, aim)
        return FocusView(view, predictions.reshape(*shape, 3), texture, attention)

    def judge_tiles(self, tiles: Sequence[Pixels]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return P(sharp, defocus, motion) `(n, 3)` and texture `(n,)` (0-1) of tiles."""
        if not tiles:
            return np.empty((0, 3)), np.empty(0)
        light = to_grey(np.stack(tiles))
        order = [self._model.classes.index(name) for name in ("sharp", "defocus", "motion")]
        # One tile per call: LiteRT gains nothing from batches, and each new batch size costs an allocation.
        predictions = [self._network(tile[None])[0][0, order] for tile in prepare_focus_tiles(light)]
        return np.asarray(predictions, np.float64), measure_texture(light).astype(np.float64)

    @cached_property
    def _aim_weights(self) -> Floats:
        return np.asarray(np.load(BytesIO(self._model.read_file(AIM))), np.float32)

    @property
    def tile_side(self) -> int:
        """Return the side of a tile in pixels."""
        return int(self._model.config["preprocessing"]["size"])

    def _judge_boxes(
        self, photo: Photo, boxes: Sequence[Box]
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Apply `judge_tiles` to these boxes of the photo."""
        return self.judge_tiles([crop_tile(photo, box, self.tile_side) for box in boxes])

    def _judge_faces(self, photo: Photo, faces: Sequence[Face]) -> list[NDArray[np.float64] | None]:
        """Return P(sharp, defocus, motion) of each face, in their order; None where it is not judged."""
        most_prominent = sorted(range(len(faces)), key=lambda index: -faces[index].prominence)[:_MAX_FACES]
        predictions: list[NDArray[np.float64] | None] = [None] * len(faces)
        for index in most_prominent:
            boxes = find_eye_boxes(photo, faces[index], self.tile_side, both=len(faces) <= 2)
            box_predictions, richness = self._judge_boxes(photo, boxes)
            box_predictions = box_predictions[richness >= _MIN_TEXTURE]
            if len(box_predictions):
                sharpest = box_predictions[:, 0].argmax()  # one eye in focus is enough
                predictions[index] = box_predictions[sharpest]
        return predictions

    def _combine_faces(
        self,
        views: Sequence[FocusView],
        faces: Sequence[Face],
        own_pixels: Sequence[NDArray[np.float64] | None],
    ) -> _JudgedSubject | None:
        """Combine the faces that are the subject, by prominence squared; None without any.

        A face is soft where it is so at the viewing sizes and in its own pixels.
        """
        main = [
            (face, own)
            for face, own in sorted(zip(faces, own_pixels, strict=True), key=lambda pair: -pair[0].prominence)
            if own is not None and _may_be_subject(face)
        ][:_MAX_SUBJECT_FACES]
        if not main:
            return None
        chosen = [face for face, _ in main]
        by_view = [self._judge_faces(view.photo, chosen) for view in views]
        predictions = [
            self._join_face(own, [each for each in of_face if each is not None])
            for (_, own), *of_face in zip(main, *by_view, strict=True)
        ]
        weights = np.array([face.prominence**2 for face in chosen])
        main_face = chosen[0]
        mean = weights @ np.stack(predictions) / weights.sum()
        return _JudgedSubject(mean, main_face.box, "eyes" if len(main_face.eye_points) == 2 else "face")

    def _join_face(
        self, own: NDArray[np.float64], viewed: Sequence[NDArray[np.float64]]
    ) -> NDArray[np.float64]:
        """Join a face's prediction from its own pixels with those at the viewing sizes, if any."""
        sharp = float(log_odds(own[0], _MIN_PROBABILITY))
        if viewed:
            at_views = log_odds([each[0] for each in viewed], _MIN_PROBABILITY)
            sharp = max(sharp, float(at_views.mean()))
        return replace_sharp(own, self._scale_to_probability(sharp))

    def _combine_regions(self, views: Sequence[FocusView]) -> _JudgedSubject:
        """Combine the salient regions of the viewing sizes; the box is that of the largest."""
        subjects = [find_subject(view.predictions, view.attention) for view in views]
        sharp = float(np.mean([score_view(view) for view in views]))
        mean_prediction = np.mean([subject.prediction for subject in subjects], axis=0)
        prediction = replace_sharp(mean_prediction, self._scale_to_probability(sharp))
        return _JudgedSubject(prediction, subjects[0].box, "region")

    def _join_frame(self, subject: _JudgedSubject, frame_blur: float) -> _JudgedSubject:
        """Join the subject's P(sharp) with the whole frame's network."""
        scale = self._model.config.get("joined", _UNSCALED)
        joined = join_frame(float(subject.prediction[0]), frame_blur)
        sharp = float(sigmoid(scale["bias"] + scale["slope"] * joined))
        return subject._replace(prediction=replace_sharp(subject.prediction, sharp))

    def _scale_to_probability(self, sharp_log_odds: float) -> float:
        """Return P(sharp) of a photo for log-odds of its tiles, as fitted to photos."""
        scale = self._model.config.get("scale", _UNSCALED)
        return float(sigmoid(scale["bias"] + scale["slope"] * sharp_log_odds))


def join_frame(sharp: float, frame_blur: float) -> float:
    """Return the weighted mean of the log-odds of sharp, by the tiles' P(sharp) and the frame's P(blur)."""
    by_tiles, by_frame = log_odds([sharp, 1 - frame_blur], _MIN_PROBABILITY)
    return float((by_tiles + _FRAME_WEIGHT * by_frame) / (1 + _FRAME_WEIGHT))


def score_view(view: FocusView) -> float:
    """Return the log-odds of a sharp subject at one viewing size: the mean of three estimates.

    One is the subject rule's, which takes a distinct spot for the subject. The mean of the tiles by attention
    is steadier in evenly blurred photos. The sharpest tenth of the attention is that of a photo in which
    little is in focus.
    """
    sharp = view.predictions[..., 0]
    by_rule = float(find_subject(view.predictions, view.attention).prediction[0])
    by_mean = float((view.attention * sharp).sum())
    estimates = [by_rule, by_mean, find_sharpest_tenth(sharp, view.attention)]
    return float(np.mean(log_odds(estimates, _MIN_PROBABILITY)))


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


def _may_be_subject(face: Face) -> bool:
    """Whether a face is prominent and large enough to decide the photo's focus."""
    share = (face.box.x1 - face.box.x0) * (face.box.y1 - face.box.y0)
    return face.prominence >= _MIN_PROMINENCE and share >= _MIN_FACE_SHARE
