"""Saliency: the subject is among sharp cells in the middle, or in the textured middle if none is sharp."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray

from autocull.arrays import Doubles
from autocull.measure.saliency import (
    border_contrast,
    compute_attention,
    find_aim,
    find_best_rectangle,
    find_sharpest_tenth,
    find_subject,
    interpolate_map,
)
from autocull.read.photo import Box, Pixels

ROWS, COLUMNS = 4, 5


def everywhere(value: float) -> Doubles:
    """Return the same number in every cell."""
    return np.full((ROWS, COLUMNS), value)


def middle(inside: float, outside: float) -> Doubles:
    """Return one number in the six cells of the middle, another around them."""
    cells = everywhere(outside)
    cells[1:3, 1:4] = inside
    return cells


def scene() -> Pixels:
    """Make a red object in the middle of a green background."""
    picture = np.full((200, 250, 3), (60, 140, 60), np.uint8)
    picture[60:140, 80:170] = (200, 40, 40)
    return picture


def predictions_of(sharp: Doubles) -> NDArray[np.float64]:
    """Return predictions with this P(sharp), the rest rather defocus than motion."""
    return np.stack([sharp, 0.75 * (1 - sharp), 0.25 * (1 - sharp)], -1)


def sharpness(sharp: Doubles, picture: Pixels | None = None, texture: Doubles | None = None) -> float:
    """Return P(sharp) of the subject in the scene (or another picture), with uniform texture (or another)."""
    rich = everywhere(1.0) if texture is None else texture
    weights = compute_attention(scene() if picture is None else picture, rich)
    return float(find_subject(predictions_of(sharp), weights).prediction[0])


def test_attention_sums_to_one() -> None:
    """Attention is never negative."""
    weights = compute_attention(scene(), everywhere(0.5))
    assert weights.shape == (ROWS, COLUMNS)
    assert weights.sum() == pytest.approx(1)
    assert weights.min() >= 0


@given(st.floats(0, 1), st.floats(0, 1))
@example(1.0, 1.0)
@example(1.0, 0.0)
@example(0.0, 1.0)
def test_results_are_probabilities(inside: float, outside: float) -> None:
    """For any tiles, the result sums to 1, defocus and motion in their proportion."""
    weights = compute_attention(scene(), everywhere(1.0))
    sharp, defocus, moved = find_subject(predictions_of(middle(inside, outside)), weights).prediction
    assert sharp + defocus + moved == pytest.approx(1, abs=1e-6)
    assert min(sharp, defocus, moved) >= 0
    assert defocus == pytest.approx(3 * moved, abs=1e-6)


def test_attention_prefers_middle_texture_and_contrast() -> None:
    """Each of the three raises the attention of a cell."""
    baseline = compute_attention(np.full((200, 250, 3), 90, np.uint8), everywhere(1.0))
    assert baseline[1, 2] > 2 * baseline[0, 0]
    rich = everywhere(0.2)
    rich[0, 0] = 1.0
    assert compute_attention(np.full((200, 250, 3), 90, np.uint8), rich)[0, 0] > baseline[0, 0]
    assert compute_attention(scene(), everywhere(1.0))[1, 2] > baseline[1, 2]


def test_border_contrast() -> None:
    """A red object on green has contrast, the green around it has none; neither has a uniform picture."""
    contrast = border_contrast(scene(), ROWS, COLUMNS)
    assert contrast[1, 2] > 0.8
    assert contrast[0].max() < 0.2
    assert border_contrast(np.full((100, 100, 3), 77, np.uint8), 3, 3).max() == pytest.approx(0)


def test_uniform_predictions_are_kept() -> None:
    """If all tiles agree, so does the result."""
    assert sharpness(everywhere(0.97)) > 0.95
    assert sharpness(everywhere(0.03)) < 0.05


def test_sharp_subject_with_soft_background_is_sharp() -> None:
    """Bokeh and panning: most of the picture is soft, the subject is not."""
    assert sharpness(middle(0.97, 0.03)) > 0.85


def test_soft_subject_before_sharp_background_is_soft() -> None:
    """Missed focus: the background is sharp, the subject is not."""
    assert sharpness(middle(0.03, 0.97)) < 0.5


def test_softer_spots_need_a_larger_difference() -> None:
    """A sharp spot is soon the subject; a soft one on a sharp background may be uniform."""
    sharper = sharpness(middle(0.6, 0.2)) - sharpness(everywhere(0.2))
    softer = sharpness(everywhere(0.8)) - sharpness(middle(0.4, 0.8))
    assert sharper > 1.2 * softer > 0


def test_spot_is_where_the_sharpness_differs() -> None:
    """Of two cells with equal attention, the one that differs from the border is the subject."""
    grey = np.full((200, 250, 3), 90, np.uint8)
    sharp = everywhere(0.9)
    sharp[1, 1] = 0.05
    mirrored = sharp[:, ::-1]
    weights = compute_attention(grey, everywhere(1.0))
    first, other = (find_subject(predictions_of(each), weights).prediction[0] for each in (sharp, mirrored))
    assert first == pytest.approx(other)
    assert first < 0.3 < float((weights * sharp).sum())


def test_sharpness_rises_with_that_of_the_subject() -> None:
    """The sharper the subject, the sharper the result, on any background."""
    for ground in (0.05, 0.5, 0.95):
        results = [sharpness(middle(sharp, ground)) for sharp in (0.05, 0.35, 0.65, 0.95)]
        assert results == sorted(results)
        assert results[-1] - results[0] > 0.3


def test_subject_off_the_middle_is_found() -> None:
    """A subject at a third of the picture is found too."""
    sharp = everywhere(0.05)
    sharp[1:4, 0:2] = 0.95
    picture = np.full((200, 250, 3), (60, 140, 60), np.uint8)
    picture[55:195, 10:95] = (200, 40, 40)
    weights = compute_attention(picture, everywhere(1.0))
    subject = find_subject(predictions_of(sharp), weights)
    assert subject.prediction[0] > 0.6
    assert subject.box == (0, 1 / 4, 2 / 5, 1)


def test_box_of_the_subject() -> None:
    """The sharp region if there is one, else the textured middle."""
    weights = compute_attention(scene(), everywhere(1.0))
    assert find_subject(predictions_of(middle(0.97, 0.03)), weights).box == (1 / 5, 1 / 4, 4 / 5, 3 / 4)
    x0, y0, x1, y1 = find_subject(predictions_of(everywhere(0.02)), weights).box
    assert x0 <= 2 / 5
    assert x1 >= 3 / 5
    assert y0 <= 1 / 2 <= y1


def test_cells_without_texture_do_not_count() -> None:
    """A sky that appears soft does not make a sharp photo soft."""
    sharp, texture = everywhere(0.95), everywhere(1.0)
    sharp[:2] = 0.05
    texture[:2] = 0.0
    assert sharpness(sharp, np.full((200, 250, 3), 90, np.uint8), texture) > 0.8


@given(arrays(np.float64, (3, 4), elements=st.floats(-1, 1)))
def test_best_rectangle_has_the_largest_sum(scores: Doubles) -> None:
    """No other rectangle of cells has a larger sum."""
    top, left, bottom, right = find_best_rectangle(scores)
    best = scores[top:bottom, left:right].sum()
    assert bottom > top
    assert right > left
    for y0 in range(3):
        for x0 in range(4):
            for y1 in range(y0 + 1, 4):
                for x1 in range(x0 + 1, 5):
                    assert scores[y0:y1, x0:x1].sum() <= best + 1e-9


def test_grid_of_one_cell() -> None:
    """A tiny photo has one tile, which is the subject."""
    weights = compute_attention(np.full((40, 40, 3), 90, np.uint8), np.ones((1, 1)))
    subject = find_subject(predictions_of(np.array([[0.4]])), weights)
    assert subject.box == (0, 0, 1, 1)
    assert subject.prediction == pytest.approx([0.4, 0.45, 0.15])


def test_photo_without_texture_has_a_result() -> None:
    """A uniform wall has no subject, but a finite result."""
    weights = compute_attention(np.full((200, 250, 3), 90, np.uint8), everywhere(0.0))
    assert find_subject(predictions_of(everywhere(0.5)), weights).prediction[0] == pytest.approx(0.5)


@pytest.mark.parametrize("shape", [(1, 4000), (4000, 1), (1, 1), (2, 700)])
def test_picture_of_one_line_has_a_subject(shape: tuple[int, int]) -> None:
    """Pictures of one pixel's height or width cause no error."""
    working = np.zeros((*shape, 3), np.uint8)
    weights = compute_attention(working, np.ones((1, 1)))
    assert weights.tolist() == [[1.0]]


def test_attention_is_rather_low_than_high() -> None:
    """Where cells differ in nothing else, the lower half has more attention."""
    weights = compute_attention(np.full((200, 250, 3), 90, np.uint8), everywhere(1.0))
    half = len(weights) // 2
    assert weights[-half:].sum() > weights[:half].sum() * 1.2
    assert weights.sum() == pytest.approx(1)


def test_the_learned_aim_moves_attention() -> None:
    """Where the aim is higher by 1, a cell has e squared times the attention; a constant has no influence."""
    plain = compute_attention(scene(), everywhere(1.0))
    aim = np.zeros_like(plain)
    aim[0, 0] = 1.0
    aimed = compute_attention(scene(), everywhere(1.0), aim)
    assert aimed[0, 0] / aimed[1, 1] == pytest.approx(np.e**2 * plain[0, 0] / plain[1, 1])
    assert np.allclose(compute_attention(scene(), everywhere(1.0), aim + 7), aimed)


def test_aim_is_linear_in_the_maps_at_the_boxes_centres() -> None:
    """Each map has its own weights, in the order of the maps, whatever its resolution."""
    coarse, fine = np.zeros((2, 2, 1), np.float32), np.zeros((4, 4, 2), np.float32)
    coarse[0, 0, 0], fine[0, 0, 1] = 1.0, 1.0
    boxes = [Box(0, 0, 0.25, 0.25), Box(0.75, 0.75, 1, 1), Box(0, 0, 0.5, 0.5)]
    aim = find_aim([coarse, fine], np.array([2, 10, 3], np.float32), boxes)
    assert aim == pytest.approx([2 + 3, 0, 2 + 0.25 * 3])


def test_maps_are_interpolated_between_their_cells() -> None:
    """At a cell's centre its value, halfway between two their mean, beyond the outer centres the rim."""
    values = np.array([[0.0, 4.0], [8.0, 12.0]], np.float32)
    x, y = np.array([0.25, 0.5, 0.0, 1.0]), np.array([0.25, 0.25, 0.0, 1.0])
    assert interpolate_map(values, x, y).tolist() == [0, 2, 0, 12]
    channels = interpolate_map(np.stack([values, -values], -1), x, y)
    assert channels.tolist() == [[0, 0], [2, -2], [0, 0], [12, -12]]


@pytest.mark.parametrize(
    ("weights", "expected"),
    [([0.25] * 4, 0.9), ([0.3, 0.3, 0.35, 0.05], 0.6), ([1, 0, 0, 0], 0.1), ([0.0, 0.9, 0.1, 0.0], 0.3)],
)
def test_sharpest_tenth_is_that_of_the_attention(weights: list[float], expected: float) -> None:
    """A sharp tile without attention does not count, and a tenth of the attention is enough."""
    sharp = np.array([[0.1, 0.3], [0.6, 0.9]])
    assert find_sharpest_tenth(sharp, np.array(weights).reshape(2, 2)) == expected
