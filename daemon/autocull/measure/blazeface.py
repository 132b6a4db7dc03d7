"""BlazeFace: converts a picture into the network's input, and its output into candidate faces.

The network is BlazeFace full range (Bazarevsky et al., "BlazeFace: Sub-millisecond Neural Face Detection on
Mobile GPUs", CVPR workshop 2019): one anchor in each cell of a 48 x 48 grid over a square picture.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from autocull.measure.models import Network
from autocull.measure.network_io import scale_pixels, sigmoid
from autocull.read import Pixels

SIZE = 192
"""Side of the network's square input in pixels."""

_GRID = 48


@dataclass(frozen=True, slots=True)
class Candidates:
    """Candidate faces, in pixels of the picture.

    `corners` (n, 8, 2) holds x0,y0 and x1,y1 of the box, then six key points: the eye on the picture's left,
    the one on its right, nose tip, mouth, and the ears left and right; `scores` (n,) are 0-1.
    """

    corners: NDArray[np.float64]
    scores: NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.scores)

    def take(self, index: NDArray[np.bool_] | NDArray[np.intp]) -> Candidates:
        """Return the candidates selected by an index or a mask."""
        return Candidates(self.corners[index], self.scores[index])

    def moved(self, x: float, y: float) -> Candidates:
        """Return the candidates shifted by `x`, `y` pixels to the right and down."""
        return Candidates(self.corners + np.array([x, y]), self.scores)

    def scaled(self, scale: float) -> Candidates:
        """Return the candidates in a picture that is `scale` times as large."""
        return Candidates(self.corners * scale, self.scores)

    def turned_back(self, quarters: int, width: int, height: int) -> Candidates:
        """Return the candidates of a picture turned by `np.rot90(picture, quarters)`, in the unturned one.

        `width` and `height` are those of the unturned picture; `quarters` is 0, 1 or 3.
        """
        if quarters == 0:
            return self
        x, y = self.corners[..., 0], self.corners[..., 1]
        points = np.stack([width - y, x] if quarters == 1 else [y, height - x], axis=-1)
        box = points[:, :2]
        low_high = np.stack([box.min(axis=1), box.max(axis=1)], axis=1)
        return Candidates(np.concatenate([low_high, points[:, 2:]], axis=1), self.scores)

    def sides(self) -> NDArray[np.float64]:
        """Return the longer side of each box (n,), in pixels."""
        sides: NDArray[np.float64] = (self.corners[:, 1] - self.corners[:, 0]).max(axis=1, initial=0.0)
        return sides


def concatenate_candidates(groups: list[Candidates]) -> Candidates:
    """Concatenate the candidates of several detections in one picture."""
    return Candidates(
        np.concatenate([group.corners for group in groups]),
        np.concatenate([group.scores for group in groups]),
    )


def detect(network: Network, picture: Pixels, min_score: float, shrink_factor: float = 1.0) -> Candidates:
    """Detect the candidates of at least `min_score` in one picture with one run of the network.

    With a `shrink_factor` above 1 the picture takes a smaller part of the network's input: this finds faces
    that fill the picture, which did not occur in its training. Candidates of one face are not merged yet.
    """
    (candidates,) = detect_turned(network, picture, (0,), min_score, shrink_factor)
    return candidates


def detect_turned(
    network: Network,
    picture: Pixels,
    turns: Sequence[int],
    min_score: float,
    shrink_factor: float = 1.0,
) -> list[Candidates]:
    """Detect the candidates of a picture turned by each of `turns` (quarters: 0, 1 or 3).

    One run of the network takes all of them, in columns of its input, if they are small enough for that; else
    each takes a run. Returns the candidates for each turn, in pixels of the unturned picture.
    """
    height, width = picture.shape[:2]
    small, scale = shrink(picture, shrink_factor)
    turned = [np.rot90(small, turn) for turn in turns]  # the large picture would be slow to turn
    per_run = len(turns) if max(small.shape) <= SIZE // len(turns) else 1
    groups: list[Candidates] = []
    for start in range(0, len(turns), per_run):
        square, corners = arrange(turned[start : start + per_run])
        raw_corners, raw_scores = network(square)
        candidates = decode(raw_corners, raw_scores, min_score)
        columns = (candidates.corners[:, :2, 0].mean(axis=1) // (SIZE // per_run)).clip(0, per_run - 1)
        for column, (x, y) in enumerate(corners):
            groups.append(candidates.take(columns == column).moved(-x, -y).scaled(1 / scale))
    return [each.turned_back(turn, width, height) for each, turn in zip(groups, turns, strict=True)]


def shrink(picture: Pixels, shrink_factor: float = 1.0) -> tuple[NDArray[np.float32], float]:
    """Reduce `picture` so that its long side is that of the network's square, divided by `shrink_factor`.

    Returns its pixels `(h, w, 3)` from -1 to 1, and the scale (its pixels per pixel of the picture).
    """
    height, width = picture.shape[:2]
    scale = SIZE / (max(height, width) * shrink_factor)
    size = max(1, round(width * scale)), max(1, round(height * scale))
    image = Image.fromarray(np.ascontiguousarray(picture))
    return scale_pixels(image.resize(size, Image.Resampling.BILINEAR, reducing_gap=1.01)), scale


def arrange(
    pictures: Sequence[NDArray[np.float32]],
) -> tuple[NDArray[np.float32], list[tuple[int, int]]]:
    """Put small pictures (-1 to 1) into the network's square on black: each in the middle of its own column.

    Returns the input (1, 192, 192, 3), and the position (x, y) of each picture's top left corner in it.
    """
    square = np.full((1, SIZE, SIZE, 3), -1.0, np.float32)
    width = SIZE // len(pictures)
    corners = []
    for index, picture in enumerate(pictures):
        rows, columns = picture.shape[:2]
        left, top = index * width + (width - columns) // 2, (SIZE - rows) // 2
        square[0, top : top + rows, left : left + columns] = picture
        corners.append((left, top))
    return square, corners


def decode(raw_corners: NDArray[np.float32], raw_scores: NDArray[np.float32], min_score: float) -> Candidates:
    """Decode the network's output into candidates of at least `min_score`, in pixels of its input.

    `raw_corners` (1, 2304, 16) holds centre, size and six key points, all but the size relative to the middle
    of the anchor's cell; `raw_scores` (1, 2304, 1) are logits.
    """
    scores = sigmoid(raw_scores.reshape(-1))
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
    """Merge overlapping candidates into one face each: the mean of their corners, weighted by their scores.

    Two candidates overlap if their intersection takes more than `overlap` of the smaller box: so half a face
    at the edge of a tile is merged with the whole one. The merged face keeps the best score. This is the
    blending of the BlazeFace paper (in place of non-maximum suppression), with another measure of overlap.
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
    """Return (n,) intersections of one box (8, 2) and `others` (n, 8, 2), as shares of the smaller box."""
    low = np.maximum(corners[0], others[:, 0])
    high = np.minimum(corners[1], others[:, 1])
    common = np.prod(np.clip(high - low, 0.0, None), axis=1)
    areas = np.prod(others[:, 1] - others[:, 0], axis=1)
    shares: NDArray[np.float64] = common / np.minimum(np.prod(corners[1] - corners[0]), areas)
    return shares
