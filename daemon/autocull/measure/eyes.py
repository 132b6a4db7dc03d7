"""The eye detector: whether each eye of each face is open, from crops at full resolution.

Two networks measure each eye: one the probability that it is open, the other the distance of its lids.
Where the eye is large enough for both, their two numbers give one probability.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from math import atan2, cos, exp, hypot, log, radians
from typing import Any, ClassVar, NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from autocull.measure import iris
from autocull.measure.evidence import Evidence, Eye, EyePoints, Face, Point
from autocull.measure.iris import EyeShape
from autocull.measure.models import Detector, Model, Network
from autocull.measure.oriented_crops import OrientedCrop, crop_native, crop_working
from autocull.read import Photo, Pixels

EYE_PREPROCESSING: dict[str, Any] = {
    "size": 48,
    "colour": "grey",
    "framing": 0.7,
    "least_corner_distance": 10.0,
    "looks": [
        {"share": 1.0, "mirrored": False},
        {"share": 0.9, "mirrored": True},
        {"share": 0.8, "mirrored": False},
    ],
}
"""Preprocessing of a newly trained eyes network, stored in its `config.json`.

`size` is the side of its input in pixels; `framing` the side of an eye's square over the distance between the
eyes; eyes whose corners are closer than `least_corner_distance` native pixels are left out. Predictions are
averaged over `looks` (test-time augmentation): each is the middle `share` of a crop's sides, mirrored or not.
"""

CROP_SIDE = 144
"""Side in pixels of the crops shown to people: what the network received, enlarged."""

_CARRIER = "faces"  # the model folder that names the package of the iris network
_IRIS_FILE = "iris_landmark.tflite"
_MIN_CONTRAST = 4.0  # grey levels: lower standard deviations are not stretched, which would amplify noise
_MAX_STRETCH = 3.0  # standard deviations kept on each side: a catchlight should not flatten the rest
_SUREST = 1e-4  # probabilities closer to 0 and 1 count as this
_MAX_YAW = 60.0  # degrees: beyond it the mesh's eye distance is unreliable, the square would be too large


def prepare_eye(crops: Sequence[Pixels], size: int) -> NDArray[np.float32]:
    """Convert eye crops into the network's input, for training and inference: `(n, size, size, 1)` float32.

    Each crop (h, w, 3) is converted to grey, resized, and standardised to mean 0 and standard deviation 1, so
    that lighting and skin tone have no influence; values are clipped to -3 and 3.
    """
    stack = np.empty((len(crops), size, size, 1), np.float32)
    for row, crop in zip(stack, crops, strict=True):
        grey = Image.fromarray(crop).convert("L").resize((size, size), Image.Resampling.BILINEAR)
        row[..., 0] = np.asarray(grey, np.float32)
    mean = stack.mean(axis=(1, 2, 3), keepdims=True)
    spread = np.maximum(stack.std(axis=(1, 2, 3), keepdims=True), _MIN_CONTRAST)
    stretched: NDArray[np.float32] = (stack - mean) / spread
    return stretched.clip(-_MAX_STRETCH, _MAX_STRETCH)


def crop_middle(crop: Pixels, share: float) -> Pixels:
    """Crop the middle square of `share` (0-1) of the shorter side; at 1 return the crop unchanged."""
    if share >= 1:
        return crop
    height, width = crop.shape[:2]
    side = min(height, width) * share
    return crop_working(crop, OrientedCrop(width / 2, height / 2, side), max(1, round(side)))


def fuse_opinions(probability: float, lids: float, weights: Mapping[str, float]) -> float:
    """Return P(open) (0-1) by a logistic of the network's P(open) and the distance of the lids (`EyeShape`).

    `weights` holds those of "network" (on the logit of its probability) and "lids", and the "bias"
    (`autocull.train.fitting.eye_fusion`).
    """
    score = weights["bias"] + weights["network"] * open_logit(probability) + weights["lids"] * lids
    return 1 / (1 + exp(-score))


def open_logit(probability: float) -> float:
    """Return the logit of a probability, at most about 9 in size: networks are surer than they may be."""
    clipped = min(max(probability, _SUREST), 1 - _SUREST)
    return log(clipped / (1 - clipped))


class EyeView(NamedTuple):
    """The geometry of one eye: its square and its corner distance in native pixels, and its lids' aspect.

    `on_right` is true for the eye on the picture's right.
    """

    square: OrientedCrop
    size: float
    aspect: float
    on_right: bool


def build_eye_views(face: Face, width: int, height: int, framing: float) -> tuple[EyeView, ...]:
    """Return the view of each eye of `face` in a picture of `width` x `height`; empty without eye points.

    The square's side is `framing` times the distance between the eyes' centres, corrected for the face's yaw;
    it is turned with the line between the eyes.
    """
    if len(face.eye_points) != 2:
        return ()
    eyes = [_to_pixels(points, width, height) for points in face.eye_points]
    (left_x, left_y), (right_x, right_y) = (eye.centre for eye in eyes)
    angle = atan2(right_y - left_y, right_x - left_x)
    yaw = radians(min(abs(face.yaw), _MAX_YAW))
    side = max(1.0, framing * hypot(right_x - left_x, right_y - left_y) / cos(yaw))
    return tuple(_build_view(eye, side, angle, on_right=index == 1) for index, eye in enumerate(eyes))


def _build_view(eye: EyePoints, side: float, angle: float, *, on_right: bool) -> EyeView:
    size = _distance(eye.outer, eye.inner)
    x, y = eye.centre
    aspect = _distance(eye.upper, eye.lower) / size if size > 0 else 0.0
    return EyeView(OrientedCrop(x, y, side, angle), size, aspect, on_right)


def _to_pixels(points: EyePoints, width: int, height: int) -> EyePoints:
    return EyePoints(*((x * width, y * height) for x, y in points))


def _distance(first: Point, second: Point) -> float:
    return hypot(first[0] - second[0], first[1] - second[1])


class EyeDetector(Detector):
    """Measures the eyes of every face: one tuple of `Eye` per face, in the faces' order.

    Eyes that are too small or outside the picture are left out.
    """

    name: ClassVar[str] = "eyes"

    def measure(self, photo: Photo, faces: Sequence[Face]) -> tuple[tuple[Eye, ...], ...]:
        """Measure the eyes of `faces`; raises ModelError if the model is not usable."""
        views = [self.judgeable_views(face, photo) for face in faces]
        probabilities = iter(self.view_probability(photo, [view for of_face in views for view in of_face]))
        return tuple(
            tuple(self._make_eye(photo, view, float(next(probabilities))) for view in face_views)
            for face_views in views
        )

    def judgeable_views(self, face: Face, photo: Photo) -> list[EyeView]:
        """Return the views of those eyes of a face that are large enough and inside the picture."""
        preprocessing = self._model.config["preprocessing"]
        views = build_eye_views(face, photo.width, photo.height, preprocessing["framing"])
        return [
            view
            for view in views
            if view.size >= preprocessing["least_corner_distance"]
            and 0 <= view.square.x < photo.width
            and 0 <= view.square.y < photo.height
        ]

    def view_probability(self, photo: Photo, views: Sequence[EyeView]) -> NDArray[np.float64]:
        """Return the network's P(open) (n,) of eyes, without their lids."""
        most = 2 * self._model.config["preprocessing"]["size"]
        return self.open_probability(
            [crop_native(photo, view.square, min(round(view.square.side), most)) for view in views]
        )

    def measure_shape(self, photo: Photo, view: EyeView) -> EyeShape:
        """Measure lids and gaze of one eye; raises ModelError if the iris network is not usable."""
        crop = crop_native(photo, iris.iris_square(view.square, view.size), iris.SIZE)
        return iris.predict_shape(self._iris_network, crop, mirrored=view.on_right)

    @cached_property
    def _iris_network(self) -> Network:
        return Model.open(self._root, _CARRIER).packaged_network(_IRIS_FILE)

    def _make_eye(self, photo: Photo, view: EyeView, probability: float) -> Eye:
        shape = self.measure_shape(photo, view)
        box = view.square.box(photo.width, photo.height)
        fusion = self._model.config.get("fusion")  # a newly trained network has none yet
        if fusion is not None and view.size >= fusion["least_size"]:
            probability = fuse_opinions(probability, shape.lids, fusion)
        return Eye(box, view.size, probability, view.aspect, shape.lids, shape.gaze)

    def open_probability(self, crops: Sequence[Pixels]) -> NDArray[np.float64]:
        """Return P(open) (n,) of eye crops (h, w, 3) framed as in training, averaged over the augmentations.

        Some datasets frame eyes wider or tighter than the training data; averaging with crops of the middle
        compensates for that (docs/experiments.md, "Eyes").
        """
        if not crops:
            return np.empty(0)
        open_index = self._model.classes.index("open")
        inputs = [
            eye
            for variant in self._model.config["preprocessing"]["looks"]
            for eye in self._prepare_variant(crops, variant)
        ]
        # One crop per call: LiteRT gains nothing from batches, and each new batch size costs an allocation.
        predictions = np.array([self._network(eye[None])[0][0, open_index] for eye in inputs], np.float64)
        probability: NDArray[np.float64] = predictions.reshape(-1, len(crops)).mean(axis=0)
        return probability

    def _prepare_variant(self, crops: Sequence[Pixels], variant: Mapping[str, Any]) -> NDArray[np.float32]:
        middles = [crop_middle(crop, variant["share"]) for crop in crops]
        inputs = prepare_eye(middles, self._model.config["preprocessing"]["size"])
        return inputs[:, :, ::-1] if variant["mirrored"] else inputs


@dataclass(frozen=True, slots=True)
class EyeCrop:
    """One eye for display: the index of its face, its evidence, and its upright crop `(144, 144, 3)`."""

    face_index: int
    eye: Eye
    pixels: Pixels


def crop_eyes(photo: Photo, evidence: Evidence, framing: float) -> list[EyeCrop]:
    """Crop every measured eye, face by face in the evidence's order, the eye on the left first.

    `framing` is that of the eyes network's configuration; `evidence` is that of `photo`.
    """
    crops: list[EyeCrop] = []
    for face_index, face in enumerate(evidence.faces):
        squares = {
            view.square.box(photo.width, photo.height): view.square
            for view in build_eye_views(face, photo.width, photo.height, framing)
        }
        eye_squares = ((eye, squares[eye.box]) for eye in face.eyes if eye.box in squares)
        crops.extend(
            EyeCrop(face_index, eye, crop_native(photo, square, CROP_SIDE)) for eye, square in eye_squares
        )
    return crops
