"""The face detector's two ends: a picture into its input, its output into faces with key points.

The network is BlazeFace full range (Bazarevsky et al., "BlazeFace: Sub-millisecond Neural Face Detection on
Mobile GPUs", CVPR workshop 2019): one anchor in each cell of a 48 x 48 grid over a square picture.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from autocull.measure.models import Network
from autocull.read.photo import Pixels

SIZE = 192
_GRID = 48
_MAX_LOGIT = 80.0  # beyond it the exponential leaves float32


@dataclass(frozen=True, slots=True)
class Candidates:
    """Places that may be faces, in pixels of the picture that was looked at.

    `corners` (n, 8, 2) holds x0,y0 and x1,y1 of the box, then six key points: the eye on the picture's left,
    the one on its right, nose tip, mouth, and the ears left and right; `scores` (n,) are 0-1.
    """

    corners: NDArray[np.float64]
    scores: NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.scores)

    def take(self, index: NDArray[np.bool_] | NDArray[np.intp]) -> Candidates:
        """The candidates that an index or a mask names."""
        return Candidates(self.corners[index], self.scores[index])

    def moved(self, x: float, y: float) -> Candidates:
        """The same candidates in a picture whose origin lies `x`, `y` pixels to the left and above."""
        return Candidates(self.corners + np.array([x, y]), self.scores)

    def scaled(self, scale: float) -> Candidates:
        """The same candidates in a picture that is `scale` times as large."""
        return Candidates(self.corners * scale, self.scores)

    def sides(self) -> NDArray[np.float64]:
        """The longer side of each box (n,), in pixels."""
        sides: NDArray[np.float64] = (self.corners[:, 1] - self.corners[:, 0]).max(axis=1, initial=0.0)
        return sides


def concatenate_candidates(groups: list[Candidates]) -> Candidates:
    """All candidates of several looks at one picture."""
    return Candidates(
        np.concatenate([group.corners for group in groups]),
        np.concatenate([group.scores for group in groups]),
    )


def detect(network: Network, picture: Pixels, min_score: float, shrink_factor: float = 1.0) -> Candidates:
    """Find the candidates of at least `least_score` in one picture, all of it in one look.

    From `shrink_factor` the picture takes less of the detector's square: so it finds a face that fills the
    picture, which it never met in training. Candidates that are one face are not merged yet.
    """
    square, scale, corner = letterbox(picture, shrink_factor)
    raw_corners, raw_scores = network(square)
    candidates = decode(raw_corners, raw_scores, min_score)
    return candidates.moved(-corner[0], -corner[1]).scaled(1 / scale)


def letterbox(
    picture: Pixels, shrink_factor: float = 1.0
) -> tuple[NDArray[np.float32], float, tuple[int, int]]:
    """Fit `picture` into the middle of the detector's square, or `shrink_factor` times smaller; black
    around it.

    Returns the input (1, 192, 192, 3) from -1 to 1, the scale (its pixels per pixel of the picture), and
    where in it the picture's top left corner lies (x, y).
    """
    height, width = picture.shape[:2]
    scale = SIZE / (max(height, width) * shrink_factor)
    columns, rows = max(1, round(width * scale)), max(1, round(height * scale))
    image = Image.fromarray(np.ascontiguousarray(picture))
    resized = image.resize((columns, rows), Image.Resampling.BILINEAR, reducing_gap=1.01)
    left, top = (SIZE - columns) // 2, (SIZE - rows) // 2
    square = np.full((1, SIZE, SIZE, 3), -1.0, np.float32)
    square[0, top : top + rows, left : left + columns] = np.asarray(resized, np.float32) / 127.5 - 1.0
    return square, scale, (left, top)


def decode(
    raw_corners: NDArray[np.float32], raw_scores: NDArray[np.float32], min_score: float
) -> Candidates:
    """Turn the detector's answer into candidates of at least `least_score`, in pixels of its input.

    `raw_corners` (1, 2304, 16) holds centre, size and six key points, all but the size relative to the middle
    of the anchor's cell; `raw_scores` (1, 2304, 1) are logits.
    """
    logits = np.clip(raw_scores.reshape(-1).astype(np.float64), -_MAX_LOGIT, _MAX_LOGIT)
    scores = 1.0 / (1.0 + np.exp(-logits))
    likely = np.flatnonzero(scores >= min_score)
    corners = raw_corners.reshape(-1, 8, 2)[likely].astype(np.float64)
    cells = np.stack([likely % _GRID, likely // _GRID], axis=-1) + 0.5
    anchors = cells * (SIZE / _GRID)
    middle, half = corners[:, 0] + anchors, corners[:, 1] / 2
    corners[:, 2:] += anchors[:, None]
    corners[:, 0], corners[:, 1] = middle - half, middle + half
    valid: NDArray[np.bool_] = np.all(half > 0, axis=1)
    return Candidates(corners, scores[likely]).take(valid)


def merge_overlapping(candidates: Candidates, overlap: float) -> Candidates:
    """Make one face of all candidates that overlap: the mean of their places, weighted by their scores.

    Two candidates are one face where their intersection takes more than `overlap` of the smaller of both: so
    a half face from the edge of a tile joins the whole one. The merged face keeps the best score. This is the
    weighted overlap removal of the BlazeFace paper, with another measure of overlap.
    """
    remaining = candidates.take(np.argsort(-candidates.scores, kind="stable"))
    faces: list[NDArray[np.float64]] = []
    scores: list[float] = []
    while len(remaining):
        overlapping = overlaps(remaining.corners[0], remaining.corners) > overlap
        overlapping[0] = True
        group = remaining.take(overlapping)
        faces.append(np.average(group.corners, axis=0, weights=group.scores))
        scores.append(float(remaining.scores[0]))
        remaining = remaining.take(~overlapping)
    return Candidates(np.array(faces).reshape(-1, 8, 2), np.array(scores))


def overlaps(corners: NDArray[np.float64], others: NDArray[np.float64]) -> NDArray[np.float64]:
    """The share (n,) of the smaller box that one box (8, 2) and each of `others` (n, 8, 2) have in common."""
    low = np.maximum(corners[0], others[:, 0])
    high = np.minimum(corners[1], others[:, 1])
    common = np.prod(np.clip(high - low, 0.0, None), axis=1)
    areas = np.prod(others[:, 1] - others[:, 0], axis=1)
    shares: NDArray[np.float64] = common / np.minimum(np.prod(corners[1] - corners[0]), areas)
    return shares
