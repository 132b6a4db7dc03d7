"""Is the subject sharp: a small network looks at tiles, and the answer is about what matters in the photo."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import exp, hypot, log2
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from autocull.arrays import Floats
from autocull.measure.evidence import Face, Focus
from autocull.measure.member import Shipped
from autocull.measure.saliency import attention, find_subject
from autocull.measure.tiles import cut_tile, grey, lay_grid, reference_scale, texture, tile_around
from autocull.read.photo import Box, Photo, Pixels

PREPROCESSING: dict[str, Any] = {"size": 96, "colour": "grey", "most_tiles": 20}
"""What a newly trained focus network writes into its `config.json`, and what `FocusMember` reads there.

`size` is the side of a tile in pixels at the reference scale; `most_tiles` the number of cells of the grid.
"""

_LEAST_CONTRAST = 6.0  # grey levels: below it a tile is plain, and stretching it would only show its noise
_LARGEST_STRETCH = 4.0  # standard deviations kept on each side
_LEAST_FACE = 28  # px of face width at the reference scale: smaller faces are not judged
_LEAST_TEXTURE = 0.10  # plainer tiles say nothing of a face
_MOST_FACES = 8  # the most prominent faces are judged: time is limited, and the rest are bystanders
_PROMINENT = 0.4  # faces from this prominence on make the photo's answer
_LEARNED_LONG = 480  # px: the long side of the photos that the network learned from
_PER_DOUBLING = 1.0  # log-odds of being sharp that each doubling of the long side adds


def prepare(light: Floats) -> Floats:
    """Turn grey tiles `(n, side, side)` (0-255) into the network's input `(n, side, side, 1)`.

    Each tile has its own mean at 0 and its own deviation at 1 (values end at -4 and 4): neither the light nor
    the subject's contrast decides.
    """
    flat = light.reshape(len(light), -1)
    centred = flat - flat.mean(1, keepdims=True)
    spread = np.sqrt(np.einsum("ij,ij->i", centred, centred) / flat.shape[1])[:, None]
    centred /= np.maximum(spread, _LEAST_CONTRAST)
    stretched: Floats = centred.clip(-_LARGEST_STRETCH, _LARGEST_STRETCH).astype(np.float32)
    return stretched.reshape(*light.shape, 1)


def allow_for_size(answers: NDArray[np.float64], long_side: float) -> NDArray[np.float64]:
    """Judge P(sharp, defocus, motion) `(n, 3)` more mildly in a picture of more pixels.

    Seen at one size, a larger picture hides more pixels of blur (a circle of confusion is a share of the
    frame). Up to the size of the photos learned from (`long_side` in px at reference scale) nothing changes.
    """
    doublings = max(0.0, log2(long_side / _LEARNED_LONG))
    milder = answers * [exp(_PER_DOUBLING * doublings), 1.0, 1.0]
    return np.asarray(milder / milder.sum(1, keepdims=True), np.float64)


class FocusMember(Shipped):
    """How sharp the subject is: at the eyes where there are faces, else in the most likely subject region."""

    name: ClassVar[str] = "focus"
    needs: ClassVar[tuple[str, ...]] = ("faces",)

    def measure(self, photo: Photo, parts: Mapping[str, Any]) -> Focus:
        """Measure the photo's focus; raises ModelError where the model is not usable."""
        size, most = (self._model.config["preprocessing"][key] for key in ("size", "most_tiles"))
        grid = lay_grid(photo, size, most)
        answers, rich = self._judge_places(photo, grid.boxes, size)
        shape = (grid.rows, grid.columns)
        sharp, richness = answers[:, 0].reshape(shape), rich.reshape(shape)
        at_faces = self._judge_faces(photo, parts["faces"], size)
        overall = _of_faces(parts["faces"], at_faces)
        if overall is None:
            subject = find_subject(answers.reshape(*shape, 3), attention(photo.working, richness))
            overall = (subject.answer, subject.box, "region")
        (p_sharp, p_defocus, p_motion), box, found_by = overall
        return Focus(
            sharp=float(p_sharp),
            defocus=float(p_defocus),
            motion=float(p_motion),
            subject=box,
            found_by=found_by,
            tiles=tuple(map(tuple, sharp.tolist())),
            texture=tuple(map(tuple, richness.tolist())),
            faces=tuple(None if answer is None else float(answer[0]) for answer in at_faces),
        )

    def judge_tiles(self, tiles: Sequence[Pixels]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """P(sharp, defocus, motion) `(n, 3)` of tiles at reference scale, and their texture `(n,)` 0-1."""
        if not tiles:
            return np.empty((0, 3)), np.empty(0)
        light = grey(np.stack(tiles))
        order = [self._model.classes.index(name) for name in ("sharp", "defocus", "motion")]
        # One tile per call: LiteRT gains nothing from a batch, and each new batch size costs a set-up.
        answers = [self._network(tile[None])[0][0, order] for tile in prepare(light)]
        return np.asarray(answers, np.float64), texture(light).astype(np.float64)

    def _judge_places(
        self, photo: Photo, boxes: Sequence[Box], size: int
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """What `judge_tiles` says of these places in the photo, allowing for its size."""
        answers, rich = self.judge_tiles([cut_tile(photo, box, size) for box in boxes])
        long_side = max(photo.width, photo.height) / reference_scale(photo.width, photo.height)
        return allow_for_size(answers, long_side), rich

    def _judge_faces(
        self, photo: Photo, faces: Sequence[Face], size: int
    ) -> list[NDArray[np.float64] | None]:
        """P(sharp, defocus, motion) of each face, in their order; None where it cannot be told."""
        judged = sorted(range(len(faces)), key=lambda index: -faces[index].prominence)[:_MOST_FACES]
        answers: list[NDArray[np.float64] | None] = [None] * len(faces)
        for index in judged:
            boxes = eye_places(photo, faces[index], size, both=len(faces) <= 2)
            found, rich = self._judge_places(photo, boxes, size)
            found = found[rich >= _LEAST_TEXTURE]
            if len(found):
                answers[index] = found[found[:, 0].argmax()]  # the nearer eye is in focus: that is enough
        return answers


def eye_places(photo: Photo, face: Face, size: int, *, both: bool) -> list[Box]:
    """Where to look for a face's sharpness: a tile on each eye of a large face, else one over both.

    No tile is larger than the face, so that its background is not judged; a face too small gives none.
    """
    scale = reference_scale(photo.width, photo.height)
    width = (face.box.x1 - face.box.x0) * photo.width / scale
    if width < _LEAST_FACE:
        return []
    points = _eyes(face)
    apart = hypot((points[0][0] - points[1][0]) * photo.width, (points[0][1] - points[1][1]) * photo.height)
    if not both or apart / scale < size:
        points = [((points[0][0] + points[1][0]) / 2, (points[0][1] + points[1][1]) / 2)]
    return [tile_around(photo, x, y, min(size, 0.8 * width)) for x, y in points]


def _eyes(face: Face) -> list[tuple[float, float]]:
    """The middles of both eyes (fractions); without eye points, where they usually are in the face's box."""
    if len(face.eye_points) == 2:
        return [
            ((eye.outer[0] + eye.inner[0]) / 2, (eye.outer[1] + eye.inner[1]) / 2) for eye in face.eye_points
        ]
    x0, y0, x1, y1 = face.box
    return [(x0 + part * (x1 - x0), y0 + 0.4 * (y1 - y0)) for part in (0.3, 0.7)]


def _of_faces(
    faces: Sequence[Face], answers: Sequence[NDArray[np.float64] | None]
) -> tuple[NDArray[np.float64], Box, str] | None:
    """The photo's answer from its prominent faces, the more prominent the weightier; None without any."""
    told = [
        (face, answer)
        for face, answer in zip(faces, answers, strict=True)
        if answer is not None and face.prominence >= _PROMINENT
    ]
    if not told:
        return None
    weights = np.array([face.prominence**2 for face, _ in told])
    first = max(told, key=lambda pair: pair[0].prominence)[0]
    mean = weights @ np.stack([answer for _, answer in told]) / weights.sum()
    return mean, first.box, "eyes" if len(first.eye_points) == 2 else "face"
