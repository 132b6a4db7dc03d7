"""The subject: found among sharp tiles in the middle, and in the textured middle where nothing is sharp."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray

from autocull.arrays import Doubles
from autocull.measure.saliency import border_contrast, compute_attention, find_best_rectangle, find_subject
from autocull.read.photo import Pixels

ROWS, COLUMNS = 4, 5


def everywhere(value: float) -> Doubles:
    """The same number in every cell."""
    return np.full((ROWS, COLUMNS), value)


def middle(inside: float, outside: float) -> Doubles:
    """One number in the six cells of the middle, another around them."""
    cells = everywhere(outside)
    cells[1:3, 1:4] = inside
    return cells


def scene() -> Pixels:
    """A red thing in the middle of a green ground."""
    picture = np.full((200, 250, 3), (60, 140, 60), np.uint8)
    picture[60:140, 80:170] = (200, 40, 40)
    return picture


def answers_of(sharp: Doubles) -> NDArray[np.float64]:
    """Answers of tiles that are sharp so far, and else out of focus rather than moved."""
    return np.stack([sharp, 0.75 * (1 - sharp), 0.25 * (1 - sharp)], -1)


def answer(sharp: Doubles, picture: Pixels | None = None, texture: Doubles | None = None) -> float:
    """P(sharp) of the subject in the scene (or another picture), everything equally textured (or not)."""
    rich = everywhere(1.0) if texture is None else texture
    weights = compute_attention(scene() if picture is None else picture, rich)
    return float(find_subject(answers_of(sharp), weights).prediction[0])


def test_attention_is_shared_out() -> None:
    """Attention sums to 1 and is never negative."""
    weights = compute_attention(scene(), everywhere(0.5))
    assert weights.shape == (ROWS, COLUMNS)
    assert weights.sum() == pytest.approx(1)
    assert weights.min() >= 0


@given(st.floats(0, 1), st.floats(0, 1))
@example(1.0, 1.0)
@example(1.0, 0.0)
@example(0.0, 1.0)
def test_answers_are_probabilities(inside: float, outside: float) -> None:
    """Whatever the tiles say, the answer sums to 1, defocus and motion in their proportion."""
    weights = compute_attention(scene(), everywhere(1.0))
    sharp, defocus, moved = find_subject(answers_of(middle(inside, outside)), weights).prediction
    assert sharp + defocus + moved == pytest.approx(1, abs=1e-6)
    assert min(sharp, defocus, moved) >= 0
    assert defocus == pytest.approx(3 * moved, abs=1e-6)


def test_the_middle_the_textured_and_the_odd_get_attention() -> None:
    """Each of the three moves attention to a cell."""
    even = compute_attention(np.full((200, 250, 3), 90, np.uint8), everywhere(1.0))
    assert even[1, 2] > 2 * even[0, 0]
    rich = everywhere(0.2)
    rich[0, 0] = 1.0
    assert compute_attention(np.full((200, 250, 3), 90, np.uint8), rich)[0, 0] > even[0, 0]
    assert compute_attention(scene(), everywhere(1.0))[1, 2] > even[1, 2]


def test_what_is_unlike_the_border_is_odd() -> None:
    """A red thing before green is odd, the green around it is not; a plain picture has nothing odd in it."""
    odd = border_contrast(scene(), ROWS, COLUMNS)
    assert odd[1, 2] > 0.8
    assert odd[0].max() < 0.2
    assert border_contrast(np.full((100, 100, 3), 77, np.uint8), 3, 3).max() == pytest.approx(0)


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


def test_a_spot_has_to_stand_out_more_when_it_is_softer() -> None:
    """A sharp thing is soon the subject; a soft one before a sharp ground might be a plain one."""
    sharper = answer(middle(0.6, 0.2)) - answer(everywhere(0.2))
    softer = answer(everywhere(0.8)) - answer(middle(0.4, 0.8))
    assert sharper > 1.2 * softer > 0


def test_a_spot_is_found_where_the_sharpness_differs() -> None:
    """Of two places that get the same attention, the one that is unlike the rim is the subject."""
    grey = np.full((200, 250, 3), 90, np.uint8)
    sharp = everywhere(0.9)
    sharp[1, 1] = 0.05
    mirrored = sharp[:, ::-1]
    weights = compute_attention(grey, everywhere(1.0))
    one, other = (find_subject(answers_of(each), weights).prediction[0] for each in (sharp, mirrored))
    assert one == pytest.approx(other)
    assert one < 0.3 < float((weights * sharp).sum())


def test_sharper_subjects_answer_sharper() -> None:
    """The sharper the subject, the sharper the answer, whatever the ground."""
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
    weights = compute_attention(picture, everywhere(1.0))
    subject = find_subject(answers_of(sharp), weights)
    assert subject.prediction[0] > 0.6
    assert subject.box == (0, 1 / 4, 2 / 5, 1)


def test_the_box_is_where_the_subject_was_looked_for() -> None:
    """Around the sharp region where there is one, around the textured middle where there is none."""
    weights = compute_attention(scene(), everywhere(1.0))
    assert find_subject(answers_of(middle(0.97, 0.03)), weights).box == (1 / 5, 1 / 4, 4 / 5, 3 / 4)
    x0, y0, x1, y1 = find_subject(answers_of(everywhere(0.02)), weights).box
    assert x0 <= 2 / 5
    assert x1 >= 3 / 5
    assert y0 <= 1 / 2 <= y1


def test_plain_tiles_do_not_count() -> None:
    """A sky that seems soft does not make a sharp photo soft."""
    sharp, texture = everywhere(0.95), everywhere(1.0)
    sharp[:2] = 0.05
    texture[:2] = 0.0
    assert answer(sharp, np.full((200, 250, 3), 90, np.uint8), texture) > 0.8


@given(arrays(np.float64, (3, 4), elements=st.floats(-1, 1)))
def test_the_best_rectangle_is_the_best(worth: Doubles) -> None:
    """No other rectangle of cells sums to more."""
    top, left, bottom, right = find_best_rectangle(worth)
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
    weights = compute_attention(np.full((40, 40, 3), 90, np.uint8), np.ones((1, 1)))
    subject = find_subject(answers_of(np.array([[0.4]])), weights)
    assert subject.box == (0, 0, 1, 1)
    assert subject.prediction == pytest.approx([0.4, 0.45, 0.15])


def test_a_photo_without_any_texture_still_answers() -> None:
    """A plain wall has no subject, but the answer is a number."""
    weights = compute_attention(np.full((200, 250, 3), 90, np.uint8), everywhere(0.0))
    assert find_subject(answers_of(everywhere(0.5)), weights).prediction[0] == pytest.approx(0.5)


@pytest.mark.parametrize("shape", [(1, 4000), (4000, 1), (1, 1), (2, 700)])
def test_a_line_of_pixels_has_a_subject_too(shape: tuple[int, int]) -> None:
    """Pictures of one pixel's height or width are odd, but no error."""
    working = np.zeros((*shape, 3), np.uint8)
    weights = compute_attention(working, np.ones((1, 1)))
    assert weights.tolist() == [[1.0]]
