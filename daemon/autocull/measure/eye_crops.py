"""The eye crops as the eyes network saw them, to be shown beside what it said."""

from __future__ import annotations

from dataclasses import dataclass

from autocull.measure.evidence import Evidence, Eye
from autocull.measure.eyes import eye_views
from autocull.measure.oriented_crops import cut_native
from autocull.read.photo import Photo, Pixels

SIDE = 144
"""The side of a crop in pixels; it shows what the network saw, larger."""


@dataclass(frozen=True, slots=True)
class EyeCrop:
    """One eye: the place of its face in the evidence, what was measured of it, and its upright square
    `(SIDE, SIDE, 3)`."""

    face: int
    eye: Eye
    pixels: Pixels


def eye_crops(photo: Photo, evidence: Evidence, framing: float) -> list[EyeCrop]:
    """Cut out every eye that was judged, face by face in the evidence's order, the eye on the left first.

    `framing` is that of the eyes network's configuration; `evidence` is what was measured in this photo.
    """
    crops: list[EyeCrop] = []
    for place, face in enumerate(evidence.faces):
        views = {
            view.square.box(photo.width, photo.height): view.square
            for view in eye_views(face, photo.width, photo.height, framing)
        }
        judged = ((eye, views[eye.box]) for eye in face.eyes if eye.box in views)
        crops.extend(EyeCrop(place, eye, cut_native(photo, square, SIDE)) for eye, square in judged)
    return crops
