"""Where in a photo a label shows: the networks of the whole picture are asked about its parts.

The method is that of RISE (Petsiuk, Das and Saenko, "RISE: Randomized Input Sampling for Explanation of
Black-box Models", BMVC 2018): a place is as hot as the mean answer to those masked pictures in which it
can be seen. Two things differ. The masks are windows laid evenly over the picture, as Sermanet et al. laid
them ("OverFeat", ICLR 2014), so that the same photo always gives the same map. And what a mask hides is cut
off instead of blackened: here black and grey are answers themselves ("too dark", "nothing to judge"). Neither
gradients nor the insides of a network are needed, so a map remains right when a network is replaced.

The cost is one answer per window, 36 for each network: about 0.4 s for both of a small photo and 1.5 s of
a 24 MP one. That is why maps are made only for the photo that is to be explained.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace

import numpy as np
from PIL import Image

from autocull.arrays import Doubles
from autocull.measure.evidence import Face
from autocull.measure.member import Detector
from autocull.measure.tiles import reference_scale
from autocull.read.decoded_image import DecodedImage
from autocull.read.photo import Box, Photo

CELLS = 8
"""Rows and columns of a map."""

_WINDOW = 3  # cells: smaller windows show less than a network needs, larger ones blur the map
_MIN_VISIBLE_SHARE = 0.5  # a face of which a window shows less than this is none there


def compute_occlusion_maps(
    photo: Photo, predict: Callable[[Photo, Box], Mapping[str, float]]
) -> dict[str, Doubles]:
    """Map every label of `predict` over the photo: in each cell the mean of what is said of the windows
    there.

    `predict` is asked about each window (a photo of its own) and told where in `photo` it lies; it gives a
    probability per label. So a map's numbers are probabilities too: 0.9 in a cell means that parts with this
    place in them are called so with 90 %.
    """
    sums: dict[str, Doubles] = {}
    counts = np.zeros((CELLS, CELLS))
    reduced = crop_photo(photo, Box(0.0, 0.0, 1.0, 1.0))  # reduced once, not anew for every window
    for rows, columns, box in _iter_windows():
        for label, probability in predict(crop_photo(reduced, box), box).items():
            sums.setdefault(label, np.zeros((CELLS, CELLS)))[rows, columns] += probability
        counts[rows, columns] += 1
    return {label: total / counts for label, total in sums.items()}


def defect_occlusion_maps(photo: Photo, detector: Detector) -> dict[str, Doubles]:
    """Map each defect over the photo; raises ModelError where the model is not usable."""
    return compute_occlusion_maps(photo, lambda window, _: detector.measure(window, {}))


def category_occlusion_maps(photo: Photo, faces: Sequence[Face], detector: Detector) -> dict[str, Doubles]:
    """Map each category over the photo; a window hears of those of its `faces` that it shows.

    Raises ModelError where the model is not usable.
    """
    return compute_occlusion_maps(
        photo, lambda window, box: detector.measure(window, {"faces": faces_within(faces, box)})
    )


def crop_photo(photo: Photo, box: Box) -> Photo:
    """The part of a photo as a photo of its own, at the scale at which the whole one is judged.

    A part has fewer pixels: without that, it would be looked at more closely than the whole, and be softer.
    """
    pixels = photo.crop(box, reference_scale(photo.width, photo.height))
    picture = DecodedImage(Image.fromarray(pixels))
    width, height = picture.size
    return replace(photo, width=width, height=height, working=picture.render_working(), cropper=picture.crop)


def faces_within(faces: Sequence[Face], box: Box) -> tuple[Face, ...]:
    """The faces of which `box` shows at least half, with their boxes in its fractions and clipped to it."""
    clipped_faces = ((face, _clip(face.box, box)) for face in faces)
    return tuple(
        replace(face, box=_relative_to(clipped_box, box))
        for face, clipped_box in clipped_faces
        if _area(clipped_box) > 0 and _area(clipped_box) >= _MIN_VISIBLE_SHARE * _area(face.box)
    )


def _iter_windows() -> Iterator[tuple[slice, slice, Box]]:
    """Yield each window: its rows and columns of the map, and its place in the photo."""
    starts = range(CELLS - _WINDOW + 1)
    for top in starts:
        for left in starts:
            box = Box(left / CELLS, top / CELLS, (left + _WINDOW) / CELLS, (top + _WINDOW) / CELLS)
            yield slice(top, top + _WINDOW), slice(left, left + _WINDOW), box


def _clip(box: Box, bounds: Box) -> Box:
    return Box(max(box.x0, bounds.x0), max(box.y0, bounds.y0), min(box.x1, bounds.x1), min(box.y1, bounds.y1))


def _relative_to(box: Box, outer: Box) -> Box:
    """A box of the photo in fractions of `outer`."""
    width, height = outer.x1 - outer.x0, outer.y1 - outer.y0
    x0, x1 = ((x - outer.x0) / width for x in (box.x0, box.x1))
    y0, y1 = ((y - outer.y0) / height for y in (box.y0, box.y1))
    return Box(x0, y0, x1, y1)


def _area(box: Box) -> float:
    return max(0.0, box.x1 - box.x0) * max(0.0, box.y1 - box.y0)
