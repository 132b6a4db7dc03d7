"""Occlusion maps: which regions of a photo a predicted label depends on, by the method RISE.

RISE (Petsiuk, Das and Saenko, "RISE: Randomized Input Sampling for Explanation of Black-box Models", BMVC
2018) gives each position the mean prediction over those masked pictures in which it is visible. Two things
differ here. The masks are sliding windows in a regular grid (Sermanet et al., "OverFeat", ICLR 2014), so that
the same photo always has the same map. And the occluded part is cropped away instead of blackened, because
black and grey have a meaning of their own here ("too dark", "nothing to judge"). Neither gradients nor
internals of a network are needed, so the maps stay valid when a network is replaced.

The cost is one prediction per window, 36 for each network: about 0.4 s for both networks in a small photo
and 1.5 s in a 24 MP one. Therefore maps are computed only for a photo that is explained.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace

import numpy as np

from autocull.arrays import Doubles
from autocull.measure.category import CategoryDetector
from autocull.measure.defects import DefectDetector
from autocull.measure.evidence import Face
from autocull.measure.tiles import reference_scale
from autocull.read import Box, Photo

CELLS = 8
"""Number of rows and of columns of a map."""

_WINDOW = 3  # cells: smaller windows show less than a network needs, larger ones blur the map
_MIN_VISIBLE_SHARE = 0.5  # faces of which a window shows less are ignored in it


def compute_occlusion_maps(
    photo: Photo, predict: Callable[[Photo, Box], Mapping[str, float]]
) -> dict[str, Doubles]:
    """Compute the map (8 x 8) of every label of `predict`: the mean over the windows that cover each cell.

    `predict` is called with each window, as a photo of its own, and its box in `photo`; it returns a
    probability per label. So the map's values are probabilities: 0.9 in a cell means that windows that cover
    it have the label with 90 %.
    """
    sums: dict[str, Doubles] = {}
    counts = np.zeros((CELLS, CELLS))
    reduced = crop_photo(photo, Box(0.0, 0.0, 1.0, 1.0))  # reduced once, not anew for every window
    for rows, columns, box in _iter_windows():
        for label, probability in predict(crop_photo(reduced, box), box).items():
            sums.setdefault(label, np.zeros((CELLS, CELLS)))[rows, columns] += probability
        counts[rows, columns] += 1
    return {label: total / counts for label, total in sums.items()}


def defect_occlusion_maps(photo: Photo, detector: DefectDetector) -> dict[str, Doubles]:
    """Compute the map of each defect; raises ModelError if the model is not usable."""
    return compute_occlusion_maps(photo, lambda window, _: detector.measure(window))


def category_occlusion_maps(
    photo: Photo, faces: Sequence[Face], detector: CategoryDetector
) -> dict[str, Doubles]:
    """Compute the map of each category; each window is classified with those `faces` that it shows.

    Raises ModelError if the model is not usable.
    """
    return compute_occlusion_maps(
        photo, lambda window, box: detector.measure(window, faces_within(faces, box))
    )


def crop_photo(photo: Photo, box: Box) -> Photo:
    """Return a part of a photo as a photo of its own, at the reference scale of the whole.

    A part has fewer pixels: at its own reference scale it would be less reduced, and appear softer.
    """
    part = Photo.from_pixels(photo.crop(box, reference_scale(photo.width, photo.height)))
    return replace(part, path=photo.path, kind=photo.kind, capture=photo.capture, remarks=photo.remarks)


def faces_within(faces: Sequence[Face], box: Box) -> tuple[Face, ...]:
    """Return the faces of which `box` shows at least half, their boxes clipped to it and in its fractions."""
    clipped_faces = ((face, _clip(face.box, box)) for face in faces)
    return tuple(
        replace(face, box=_relative_to(clipped_box, box))
        for face, clipped_box in clipped_faces
        if _area(clipped_box) > 0 and _area(clipped_box) >= _MIN_VISIBLE_SHARE * _area(face.box)
    )


def _iter_windows() -> Iterator[tuple[slice, slice, Box]]:
    """Yield each window: its rows and columns of the map, and its box in the photo."""
    starts = range(CELLS - _WINDOW + 1)
    for top in starts:
        for left in starts:
            box = Box(left / CELLS, top / CELLS, (left + _WINDOW) / CELLS, (top + _WINDOW) / CELLS)
            yield slice(top, top + _WINDOW), slice(left, left + _WINDOW), box


def _clip(box: Box, bounds: Box) -> Box:
    return Box(max(box.x0, bounds.x0), max(box.y0, bounds.y0), min(box.x1, bounds.x1), min(box.y1, bounds.y1))


def _relative_to(box: Box, outer: Box) -> Box:
    """Convert a box of the photo to fractions of `outer`."""
    width, height = outer.x1 - outer.x0, outer.y1 - outer.y0
    x0, x1 = ((x - outer.x0) / width for x in (box.x0, box.x1))
    y0, y1 = ((y - outer.y0) / height for y in (box.y0, box.y1))
    return Box(x0, y0, x1, y1)


def _area(box: Box) -> float:
    return max(0.0, box.x1 - box.x0) * max(0.0, box.y1 - box.y0)
