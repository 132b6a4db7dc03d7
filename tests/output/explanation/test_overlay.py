"""Tests of overlays: colours are at the positions of their values, and the photo under them is visible."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from autocull.output.explanation.overlay import (
    STATE_COLOURS,
    dim,
    draw_outlines,
    draw_score_bar,
    render_focus_map,
    render_occlusion_map,
    render_occlusion_scale,
    resize_to_fit,
)
from autocull.output.report.cards import SHARP, SOFT
from autocull.read.photo import Box
from support.evidence_builders import face, focus

GREY = Image.new("RGB", (400, 300), (120, 120, 120))


def pixel_at(image: Image.Image, x: float, y: float) -> tuple[int, int, int]:
    """Return the pixel at fractions of the picture."""
    return image.getpixel((int(x * image.width), int(y * image.height)))  # type: ignore[return-value]


def redness(image: Image.Image, x: float, y: float) -> int:
    """Return how much redder than blue a pixel is."""
    levels_there = pixel_at(image, x, y)
    return levels_there[0] - levels_there[2]


@pytest.mark.parametrize("shape", [(30, 60, 3), (60, 30, 3), (1, 1, 3), (900, 1024, 3)])
def test_photo_is_scaled_to_fit(shape: tuple[int, ...]) -> None:
    """Small ones are enlarged, large ones reduced; one side has the full length."""
    image = resize_to_fit(np.zeros(shape, np.uint8), 400, 300)
    assert image.width <= 400
    assert image.height <= 300
    assert image.width == 400 or image.height == 300
    assert image.width / image.height == pytest.approx(shape[1] / shape[0], rel=0.02)


def test_dimmed_photo_has_no_colour() -> None:
    """Only what is picture over it is coloured."""
    assert len(set(pixel_at(dim(Image.new("RGB", (4, 4), "orange")), 0, 0))) == 1


def test_faces_are_outlined_in_the_colour_of_their_eyes() -> None:
    """Each box has its state's colour at its edge, and the face itself is unchanged."""
    faces = (face(box=Box(0.1, 0.2, 0.3, 0.6)), face(0.02, box=Box(0.6, 0.2, 0.8, 0.6)))
    picture = draw_outlines(GREY, faces, ("open", "closed"), focus(subject=None))
    for x, state in ((0.1, "open"), (0.6, "closed")):
        shade = Image.new("RGB", (1, 1), STATE_COLOURS[state]).getpixel((0, 0))  # type: ignore[index]
        assert pixel_at(picture, x + 0.002, 0.4) == shade
        assert pixel_at(picture, x + 0.1, 0.4) == (120, 120, 120)
    assert pixel_at(GREY, 0.1, 0.4) == (120, 120, 120)


@pytest.mark.parametrize(("sharp", "shade"), [(0.9, SHARP), (0.1, SOFT)])
def test_subject_is_dashed_in_the_colour_of_its_sharpness(sharp: float, shade: np.ndarray) -> None:
    """The upper edge begins with a dash: blue where sharp, orange where soft; then there is a gap."""
    picture = np.asarray(draw_outlines(GREY, (), (), focus(sharp, subject=Box(0.1, 0.1, 0.9, 0.9))))
    edge = (picture[30, 40:360] == shade).all(-1)
    assert edge[2]
    assert 0.3 < edge.mean() < 0.8


def test_face_beyond_the_picture_is_drawn_at_its_edge() -> None:
    """A box that is cut off by the picture, or tiny, is no error."""
    faces = (face(box=Box(-0.2, -0.2, 1.3, 1.4)), face(box=Box(1.0, 1.0, 1.0, 1.0)))
    picture = draw_outlines(GREY, faces, ("open", "cannot_tell"), focus(subject=Box(0, 0, 0, 0)))
    assert picture.size == GREY.size


def test_many_faces_have_numbers_instead_of_captions() -> None:
    """Captions would hide a crowd: less of the picture is covered than with few faces."""

    def covered(count: int) -> float:
        crowd = tuple(face(box=Box(0.1, 0.3, 0.2, 0.5)) for _ in range(count))
        picture = np.asarray(draw_outlines(GREY, crowd, ("open",) * count, focus(subject=None)))
        return float((picture != 120).any(-1).mean())

    assert covered(9) < covered(1)


def test_focus_map_is_blue_where_sharp_and_orange_where_soft() -> None:
    """Each tile has its colour at its position, and a plain tile has none."""
    sharpness = focus(tiles=((1.0, 0.0), (0.5, 1.0)), texture=((1.0, 1.0), (1.0, 0.0)), subject=None)
    picture = render_focus_map(GREY, sharpness)
    assert redness(picture, 0.1, 0.1) < -20
    assert redness(picture, 0.9, 0.1) > 20
    assert redness(picture, 0.9, 0.9) == 0


def test_photo_without_tiles_stays_grey() -> None:
    """An empty focus map is no error."""
    picture = render_focus_map(GREY, focus(tiles=(), texture=(), subject=None))
    assert redness(picture, 0.5, 0.5) == 0


@pytest.mark.parametrize("corner", [(0, 7), (7, 0), (7, 7)])
def test_occlusion_map_colours_high_cells(corner: tuple[int, int]) -> None:
    """One high cell reddens its own position, and leaves the opposite corner as it was."""
    levels = np.zeros((8, 8))
    levels[corner] = 1.0
    picture = render_occlusion_map(GREY, levels)
    y, x = ((index + 0.5) / 8 for index in corner)
    assert redness(picture, x, y) > 80
    assert redness(picture, 1 - x, 1 - y) == 0


def test_occlusion_map_is_not_normalised() -> None:
    """An even map of 0.2 is paler than one of 0.9, and even 1.0 hides no edge of the photo."""
    cool, hot = (render_occlusion_map(GREY, np.full((8, 8), level)) for level in (0.2, 0.9))
    assert 0 < redness(cool, 0.5, 0.5) < redness(hot, 0.5, 0.5)
    halves = GREY.copy()
    halves.paste((250, 250, 250), (200, 0, 400, 300))
    picture = render_occlusion_map(halves, np.ones((8, 8)))
    assert pixel_at(picture, 0.9, 0.5)[1] > pixel_at(picture, 0.1, 0.5)[1] + 15


def test_scale_runs_from_transparent_to_red() -> None:
    """Its right end has the strongest colour of a map, its left end none."""
    scale = render_occlusion_scale(200)
    assert redness(scale, 0.0, 0.05) < 5
    assert redness(scale, 0.99, 0.05) > redness(scale, 0.5, 0.05) > 20


def test_score_without_number_or_limits_is_an_empty_bar() -> None:
    """Nothing is filled and nothing marked; with limits, both marks are picture."""
    empty = np.asarray(draw_score_bar(None, None, None, 100))
    assert len(np.unique(empty[0].reshape(-1, 3), axis=0)) == 1
    assert len(np.unique(np.asarray(draw_score_bar(0.5, 0.9, 0.6, 100))[0].reshape(-1, 3), axis=0)) == 3
