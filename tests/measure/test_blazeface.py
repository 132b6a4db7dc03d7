"""BlazeFace: the input keeps the picture's proportions, the output is in the picture's pixels."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from autocull.measure.blazeface import (
    SIZE,
    Candidates,
    arrange,
    concatenate_candidates,
    decode,
    detect,
    detect_turned,
    merge_overlapping,
    overlaps,
    shrink,
)


def square_face(x: float, y: float, side: float) -> NDArray[np.float64]:
    """Make a square face with its middle at (x, y) and all key points there."""
    half = side / 2
    return np.array([[x - half, y - half], [x + half, y + half], *([[x, y]] * 6)])


def candidates(*faces: tuple[float, float, float, float]) -> Candidates:
    """Make candidates of (x, y, side, score) each."""
    corners = [square_face(x, y, side) for x, y, side, _ in faces]
    return Candidates(np.array(corners).reshape(-1, 8, 2), np.array([score for *_, score in faces]))


def network_output(cell: int, logit: float) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Make the network's output for one face in one cell: 40 x 60 px, one px right of the cell's middle."""
    corners = np.zeros((1, 2304, 16), np.float32)
    corners[0, cell, :4] = (1, 0, 40, 60)
    corners[0, cell, 4:6] = (-10, -5)
    scores = np.full((1, 2304, 1), -100.0, np.float32)
    scores[0, cell] = logit
    return corners, scores


@pytest.mark.parametrize(("height", "width"), [(100, 400), (400, 100), (192, 192), (3, 900), (1, 1)])
def test_arrangement_keeps_proportions(height: int, width: int) -> None:
    """A white picture becomes a white rectangle of its proportions in the middle of a black square."""
    small, scale = shrink(np.full((height, width, 3), 255, np.uint8))
    square, ((left, top),) = arrange([small])
    white = square[0, :, :, 0] > 0.9
    assert square.shape == (1, SIZE, SIZE, 3)
    assert scale == pytest.approx(SIZE / max(height, width))
    assert white[top, left]
    assert white.any(axis=1).sum() == max(1, round(height * scale))
    assert white.any(axis=0).sum() == max(1, round(width * scale))
    assert (square[0][~white] == -1).all()


def test_shrink_factor_reduces_the_picture() -> None:
    """With a factor of 2 it takes a quarter of the square."""
    small, scale = shrink(np.full((50, 50, 3), 255, np.uint8), 2.0)
    square, (corner,) = arrange([small])
    assert (square[0, :, :, 0] > 0).sum() == (SIZE // 2) ** 2
    assert (scale, corner) == (SIZE / 100, (SIZE // 4, SIZE // 4))


def test_output_is_decoded_at_its_cell() -> None:
    """The box surrounds the cell's middle, its score is the sigmoid of the logit."""
    cell = 10 * 48 + 20  # row 10, column 20: its middle is (82, 42)
    detected = decode(*network_output(cell, 2.0), min_score=0.5)
    assert len(detected) == 1
    assert detected.scores[0] == pytest.approx(0.8808, abs=1e-4)
    np.testing.assert_allclose(detected.corners[0, :3], [[63, 12], [103, 72], [72, 37]])
    assert detected.sides() == pytest.approx([60])


def test_weak_and_invalid_candidates_are_dropped() -> None:
    """Below the minimum score, or with a size that is not positive, there is no candidate."""
    corners, scores = network_output(7, 0.0)
    assert len(decode(corners, scores, 0.5)) == 1
    assert len(decode(corners, scores, 0.51)) == 0
    corners[0, 7, 2] = -3
    assert len(decode(corners, scores, 0.5)) == 0


def test_extreme_logits_stay_finite() -> None:
    """Scores are between 0 and 1 without a warning."""
    corners, scores = network_output(0, 1e30)
    assert decode(corners, scores, 0.0).scores.max() == 1.0
    assert np.isfinite(decode(corners, scores, 0.0).scores).all()


def test_overlapping_candidates_are_merged() -> None:
    """They merge at their weighted mean with the best score; a distant one stays alone."""
    detected = candidates((100, 100, 40, 0.9), (108, 100, 40, 0.3), (300, 100, 40, 0.5))
    merged = merge_overlapping(detected, 0.5)
    assert len(merged) == 2
    assert merged.scores == pytest.approx([0.9, 0.5])
    assert merged.corners[0, 2] == pytest.approx([(100 * 0.9 + 108 * 0.3) / 1.2, 100])


def test_part_of_a_face_is_merged_with_the_whole() -> None:
    """A small box inside a large one is the same face, though its share of their union is small."""
    assert len(merge_overlapping(candidates((100, 100, 80, 0.9), (115, 115, 30, 0.8)), 0.5)) == 1


def test_order_of_candidates_does_not_matter() -> None:
    """Merging the reversed list gives the same faces."""
    rng = np.random.default_rng(3)
    faces = [(*rng.uniform(0, 500, 2), 40.0, rng.uniform(0.3, 1)) for _ in range(40)]
    one, other = merge_overlapping(candidates(*faces), 0.5), merge_overlapping(candidates(*faces[::-1]), 0.5)
    np.testing.assert_allclose(one.corners, other.corners)
    assert (np.diff(one.scores) <= 0).all()


def test_empty_candidates_stay_empty() -> None:
    """An empty set keeps its shape."""
    merged = merge_overlapping(candidates(), 0.5)
    assert merged.corners.shape == (0, 8, 2)
    assert merged.sides().shape == (0,)


def test_overlap_is_the_share_of_the_smaller_box() -> None:
    """Inside is 1, disjoint is 0, half covered is one half; an empty box has no share in anything."""
    others = candidates((100, 100, 20, 1), (300, 300, 20, 1), (120, 100, 40, 1)).corners
    assert overlaps(square_face(100, 100, 40), others) == pytest.approx([1.0, 0.0, 0.5])


def test_candidates_of_tiles_are_moved_and_concatenated() -> None:
    """A tile's candidates are shifted to the tile's position."""
    tile = candidates((10, 10, 8, 0.6)).moved(100, 50)
    both = concatenate_candidates([candidates((5, 5, 8, 0.9)), tile])
    assert both.corners[:, 2].tolist() == [[5, 5], [110, 60]]
    assert both.scaled(2).corners[1, 2].tolist() == [220, 120]


def test_detections_are_in_the_pictures_pixels() -> None:
    """A face in the network's square is returned in the picture's own pixels, also when it was shrunk."""

    def network(square: NDArray[np.float32]) -> list[NDArray[np.float32]]:
        """Detect a face in the middle of the white pixels."""
        rows, columns = np.nonzero(square[0, :, :, 0] > 0)
        cell = int(rows.mean() // 4) * 48 + int(columns.mean() // 4)
        return list(network_output(cell, 3.0))

    picture = np.zeros((300, 600, 3), np.uint8)
    picture[180:220, 480:520] = 255
    for shrink_factor in (1.0, 2.5):
        detected = detect(network, picture, 0.5, shrink_factor)  # type: ignore[arg-type]
        assert detected.corners[0, :2].mean(axis=0) == pytest.approx((500, 200), abs=25 * shrink_factor)


def test_candidates_of_a_turned_picture_are_turned_back() -> None:
    """A point keeps its pixel; box corners stay low and high."""
    picture = np.zeros((30, 50), np.uint8)
    picture[4, 40] = 1
    for quarters in (1, 3):
        row, column = np.argwhere(np.rot90(picture, quarters))[0]
        turned = Candidates(square_face(column + 0.5, row + 0.5, 6)[None], np.array([0.9]))
        (corners,) = turned.turned_back(quarters, 50, 30).corners
        assert corners[2:] == pytest.approx(np.array([[40.5, 4.5]] * 6))
        assert corners[:2] == pytest.approx(np.array([[37.5, 1.5], [43.5, 7.5]]))


def test_pictures_are_arranged_in_columns() -> None:
    """Each is in the middle of its own third, black around it."""
    pictures = [np.full((rows, columns, 3), 1, np.float32) for rows, columns in ((64, 20), (10, 64), (1, 1))]
    square, corners = arrange(pictures)
    assert corners == [(22, 64), (64, 91), (159, 95)]
    assert (square[0, :, :, 0] > 0).sum() == 64 * 20 + 10 * 64 + 1
    assert (square[0, 64:128, 22:42] == 1).all()


@pytest.mark.parametrize(("height", "width"), [(300, 600), (600, 300)])
def test_detections_of_turned_pictures_are_in_the_unturned_one(height: int, width: int) -> None:
    """A white square is detected at its place in every turn; small pictures share one run."""
    squares: list[NDArray[np.float32]] = []

    def network(square: NDArray[np.float32]) -> list[NDArray[np.float32]]:
        """Detect a face in every cell that is white."""
        squares.append(square)
        corners, scores = network_output(0, -100.0)
        for cell in range(48 * 48):
            row, column = divmod(cell, 48)
            if square[0, 4 * row + 2, 4 * column + 2, 0] > 0:
                corners[0, cell, 2:4] = 4
                scores[0, cell] = 3.0
        return [corners, scores]

    picture = np.zeros((height, width, 3), np.uint8)
    picture[30:90, 200:260] = 255
    for shrink_factor, runs in ((1.0, 2), (3.0, 1)):
        squares.clear()
        groups = detect_turned(network, picture, (1, 3), 0.5, shrink_factor)  # type: ignore[arg-type]
        assert (len(groups), len(squares)) == (2, runs)
        for group in groups:
            middles = group.corners[:, :2].mean(axis=1)
            assert middles.mean(axis=0) == pytest.approx((230, 60), abs=8 * shrink_factor)
