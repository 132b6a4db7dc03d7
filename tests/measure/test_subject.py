"""The subject: found among sharp tiles in the middle, and in the textured middle where nothing is sharp."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from autocull.measure.subject import Map, attention, best_rectangle, find_subject, oddity
from autocull.read.photo import Pixels

ROWS, COLUMNS = 4, 5


def everywhere(value: float) -> Map:
    """The same number in every cell."""
    return np.full((ROWS, COLUMNS), value)


def middle(inside: float, outside: float) -> Map:
    """One number in the six cells of the middle, another around them."""
    cells = everywhere(outside)
    cells[1:3, 1:4] = inside
    return cells


def scene() -> Pixels:
    """A red thing in the middle of a green ground."""
    picture = np.full((200, 250, 3), (60, 140, 60), np.uint8)
    picture[60:140, 80:170] = (200, 40, 40)
    return picture


def answer(sharp: Map) -> float:
    """P(sharp) of the subject in the scene, everything equally textured."""
    subject = find_subject(sharp, attention(scene(), everywhere(1.0)))
    return float((subject.weights * sharp).sum())


def test_weights_are_shares() -> None:
    """Attention and the subject's weights sum to 1 and are never negative."""
    weights = attention(scene(), everywhere(0.5))
    subject = find_subject(middle(0.9, 0.2), weights)
    for shares in (weights, subject.weights):
        assert shares.shape == (ROWS, COLUMNS)
        assert shares.sum() == pytest.approx(1)
        assert shares.min() >= 0


def test_the_middle_the_textured_and_the_odd_get_attention() -> None:
    """Each of the three moves attention to a cell."""
    even = attention(np.full((200, 250, 3), 90, np.uint8), everywhere(1.0))
    assert even[1, 2] > 2 * even[0, 0]
    rich = everywhere(0.2)
    rich[0, 0] = 1.0
    assert attention(np.full((200, 250, 3), 90, np.uint8), rich)[0, 0] > even[0, 0]
    assert attention(scene(), everywhere(1.0))[1, 2] > even[1, 2]


def test_what_is_unlike_the_border_is_odd() -> None:
    """A red thing before green is odd, the green around it is not; a plain picture has nothing odd in it."""
    odd = oddity(scene(), ROWS, COLUMNS)
    assert odd[1, 2] > 0.8
    assert odd[0].max() < 0.2
    assert oddity(np.full((100, 100, 3), 77, np.uint8), 3, 3).max() == pytest.approx(0)


def test_a_sharp_photo_is_sharp_and_a_soft_one_soft() -> None:
    """Where all tiles agree, so does the answer."""
    assert answer(everywhere(0.97)) > 0.95
    assert answer(everywhere(0.03)) < 0.05


def test_a_shallow_field_with_a_sharp_subject_is_sharp() -> None:
    """Bokeh and panning: most of the picture is soft, the subject is not."""
    assert answer(middle(0.97, 0.03)) > 0.85


def test_a_soft_subject_before_a_sharp_ground_is_soft() -> None:
    """Missed focus: the ground is sharp all around, what matters is not."""
    assert answer(middle(0.03, 0.97)) < 0.5


def test_sharper_subjects_answer_sharper() -> None:
    """Of two photos of one scene the one with the focus on the subject is the sharper, whatever the ground."""
    for ground in (0.05, 0.5, 0.95):
        answers = [answer(middle(sharp, ground)) for sharp in (0.05, 0.35, 0.65, 0.95)]
        assert answers == sorted(answers)
        assert answers[-1] - answers[0] > 0.3


def test_a_sharp_subject_off_the_middle_is_found() -> None:
    """A subject in the third of the picture counts too."""
    sharp = everywhere(0.05)
    sharp[1:4, 0:2] = 0.95
    picture = np.full((200, 250, 3), (60, 140, 60), np.uint8)
    picture[55:195, 10:95] = (200, 40, 40)
    subject = find_subject(sharp, attention(picture, everywhere(1.0)))
    assert float((subject.weights * sharp).sum()) > 0.6
    assert subject.box == (0, 1 / 4, 2 / 5, 1)


def test_the_box_is_where_the_subject_was_looked_for() -> None:
    """Around the sharp region where there is one, around the textured middle where there is none."""
    weights = attention(scene(), everywhere(1.0))
    assert find_subject(middle(0.97, 0.03), weights).box == (1 / 5, 1 / 4, 4 / 5, 3 / 4)
    x0, y0, x1, y1 = find_subject(everywhere(0.02), weights).box
    assert x0 <= 2 / 5 and x1 >= 3 / 5
    assert y0 <= 1 / 2 <= y1


def test_plain_tiles_do_not_count() -> None:
    """A sky that seems soft does not make a sharp photo soft."""
    sharp, texture = everywhere(0.95), everywhere(1.0)
    sharp[:2] = 0.05
    texture[:2] = 0.0
    subject = find_subject(sharp, attention(np.full((200, 250, 3), 90, np.uint8), texture))
    assert float((subject.weights * sharp).sum()) > 0.9


@given(arrays(np.float64, (3, 4), elements=st.floats(-1, 1)))
def test_the_best_rectangle_is_the_best(worth: Map) -> None:
    """No other rectangle of cells sums to more."""
    top, left, bottom, right = best_rectangle(worth)
    best = worth[top:bottom, left:right].sum()
    assert bottom > top
    assert right > left
    for y0 in range(3):
        for x0 in range(4):
            for y1 in range(y0 + 1, 4):
                for x1 in range(x0 + 1, 5):
                    assert worth[y0:y1, x0:x1].sum() <= best + 1e-9


def test_a_single_cell_is_a_grid_too() -> None:
    """A tiny photo has one tile, and that is the subject."""
    weights = attention(np.full((40, 40, 3), 90, np.uint8), np.ones((1, 1)))
    subject = find_subject(np.array([[0.4]]), weights)
    assert subject.box == (0, 0, 1, 1)
    assert subject.weights == pytest.approx(1)


def test_a_photo_without_any_texture_still_answers() -> None:
    """A plain wall has no subject, but the answer is a number."""
    weights = attention(np.full((200, 250, 3), 90, np.uint8), everywhere(0.0))
    assert np.isfinite(find_subject(everywhere(0.5), weights).weights).all()
