"""Heat: a map lies where the label shows, keeps its scale, and asks about parts as they are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from skimage import data

from autocull.measure.category import CategoryDetector
from autocull.measure.defects import DefectDetector
from autocull.measure.evidence import Face
from autocull.measure.models import models_root
from autocull.measure.occlusion_maps import (
    CELLS,
    category_occlusion_maps,
    compute_occlusion_maps,
    crop_photo,
    defect_occlusion_maps,
    faces_within,
)
from autocull.read.photo import Box, Photo, Pixels
from autocull.train.synthesis.flare import render_flare


def brightness(part: Photo, _: Box) -> Mapping[str, float]:
    """Answer with the part's mean level, and with its opposite."""
    level = float(part.working.mean()) / 255
    return {"bright": level, "dark": 1 - level}


def lit(rows: slice, columns: slice) -> Pixels:
    """Make a black picture (160, 240) with a white place."""
    picture = np.zeros((160, 240, 3), np.uint8)
    picture[rows, columns] = 255
    return picture


@pytest.mark.parametrize(
    ("rows", "columns", "hottest"),
    [
        (slice(0, 20), slice(210, 240), (0, 7)),
        (slice(140, 160), slice(0, 30), (7, 0)),
        (slice(0, 20), slice(0, 30), (0, 0)),
    ],
)
def test_the_map_is_hottest_where_the_change_is(
    rows: slice, columns: slice, hottest: tuple[int, int]
) -> None:
    """A bright corner makes its own cell the hottest, and leaves the opposite one cold."""
    warm = compute_occlusion_maps(Photo.from_pixels(lit(rows, columns)), brightness)["bright"]
    assert np.unravel_index(warm.argmax(), warm.shape) == hottest
    assert warm[CELLS - 1 - hottest[0], CELLS - 1 - hottest[1]] == 0


def test_every_label_has_its_map_on_the_same_scale() -> None:
    """What is said everywhere alike is said in every cell, and two labels that sum to 1 do so in each."""
    even = compute_occlusion_maps(Photo.from_pixels(np.full((64, 96, 3), 102, np.uint8)), brightness)
    assert even["bright"].shape == (CELLS, CELLS)
    assert even["bright"] == pytest.approx(0.4)
    assert even["bright"] + even["dark"] == pytest.approx(1)


def test_the_number_of_questions_is_bounded() -> None:
    """36 windows, whatever the photo: the cost that the page promises."""
    asked: list[Box] = []

    def answer(part: Photo, box: Box) -> Mapping[str, float]:
        asked.append(box)
        assert part.width * part.height > 0
        return {"x": 0.0}

    compute_occlusion_maps(Photo.from_pixels(np.zeros((1, 3, 3), np.uint8)), answer)
    assert len(set(asked)) == len(asked) == 36
    assert min(box.x0 for box in asked) == min(box.y0 for box in asked) == 0
    assert max(box.x1 for box in asked) == max(box.y1 for box in asked) == 1


def test_a_part_is_seen_at_the_scale_of_the_whole() -> None:
    """The half of a 6000 px photo is not looked at more closely than the whole: its pixels are averaged."""
    stripes = np.zeros((40, 6000, 3), np.uint8)
    stripes[:, ::2] = 200
    part = crop_photo(Photo.from_pixels(stripes), Box(0.0, 0.0, 0.5, 1.0))
    assert (part.width, part.height) == (1500, 20)
    assert part.crop(Box(0.0, 0.0, 1.0, 1.0)).std() == 0


def test_a_part_holds_the_pixels_of_its_place() -> None:
    """Working picture and crops both show the box, and the capture facts stay."""
    picture = data.astronaut()
    photo = Photo.from_pixels(picture)
    part = crop_photo(photo, Box(0.25, 0.5, 0.75, 1.0))
    assert np.array_equal(part.working, picture[256:, 128:384])
    assert np.array_equal(part.crop(Box(0.0, 0.5, 0.5, 1.0)), picture[384:, 128:256])
    assert part.capture == photo.capture


def test_a_window_hears_of_the_faces_that_it_shows() -> None:
    """One within, one cut off at less than half, one elsewhere; places are in the window's own fractions."""
    boxes = (Box(0.1, 0.1, 0.3, 0.3), Box(0.4, 0.1, 0.7, 0.3), Box(0.8, 0.8, 0.9, 0.9))
    faces = tuple(Face(box, 0.9, 1.0) for box in boxes)
    seen = faces_within(faces, Box(0.0, 0.0, 0.5, 0.5))
    assert [face.box for face in seen] == [pytest.approx((0.2, 0.2, 0.6, 0.6))]
    half = faces_within(faces, Box(0.0, 0.0, 0.55, 0.5))
    assert half[1].box[2] == 1.0


fractions = st.floats(0, 1)


@given(*([fractions] * 4))
def test_faces_never_leave_their_window(x: float, y: float, width: float, height: float) -> None:
    """Wherever a face is, what a window hears of it lies in the window."""
    face = Face(Box(x, y, x + width, y + height), 0.9, 1.0)
    for seen in faces_within([face], Box(0.25, 0.25, 0.75, 0.75)):
        assert all(-1e-9 <= edge <= 1 + 1e-9 for edge in seen.box)
        assert seen.box.x1 > seen.box.x0


class FaceCounter(CategoryDetector):
    """A detector that returns the number of faces as the probability of people."""

    def measure(self, photo: Photo, faces: Sequence[Face]) -> dict[str, float]:
        """Return the count."""
        return {"people": float(len(faces))}


def test_category_is_predicted_with_the_faces_of_each_window() -> None:
    """The map of people is high where the face is."""
    face = Face(Box(0.8, 0.0, 1.0, 0.2), 0.9, 1.0)
    people = category_occlusion_maps(Photo.from_pixels(data.coffee()), [face], FaceCounter(Path("unused")))[
        "people"
    ]
    assert people[0, 7] == 1
    assert people[7, 0] == 0


@pytest.fixture(scope="module")
def defects() -> DefectDetector:
    """The defects member that ships."""
    return DefectDetector(models_root())


def test_a_burnt_corner_is_found_by_the_shipped_network(defects: DefectDetector) -> None:
    """A lamp in the upper right corner makes that corner too bright, and not the lower left one."""
    picture = data.coffee().astype(float)
    y, x = np.mgrid[: picture.shape[0], : picture.shape[1]]
    lamp = np.exp(-np.square((x - 520) / 110) - np.square((y - 70) / 110))[..., None]
    lamp_on = np.clip(picture + 300 * lamp, 0, 255).astype(np.uint8)
    before = defect_occlusion_maps(Photo.from_pixels(data.coffee()), defects)["too_bright"]
    after = defect_occlusion_maps(Photo.from_pixels(lamp_on), defects)["too_bright"]
    grown = after - before
    assert grown[:3, 5:].mean() > 0.3
    assert grown[:3, 5:].mean() > grown[5:, :3].mean() + 0.3


@pytest.mark.parametrize(
    "seed",
    [
        25,
        pytest.param(
            2,
            marks=pytest.mark.xfail(
                strict=True, reason="followed in 3 of the takes 0 to 9 only (models/defects/card.md)"
            ),
        ),
    ],
)
def test_a_flare_is_found_at_its_source_by_the_shipped_network(defects: DefectDetector, seed: int) -> None:
    """Light that spills in from a corner: where the map is local, it follows how much of it lies where."""
    picture = data.coffee().astype(float)
    spill = 255 * render_flare(*picture.shape[:2], 0.9, np.random.default_rng(seed))
    heat_of_flare = defect_occlusion_maps(
        Photo.from_pixels((picture + spill).clip(0, 255).astype(np.uint8)), defects
    )
    per_cell = spill.mean(2).reshape(CELLS, 50, CELLS, 75).mean((1, 3))
    found = heat_of_flare["lens_flare"]
    assert found[:2, :2].mean() > found[6:, 6:].mean() + 0.2
    assert np.corrcoef(found.ravel(), per_cell.ravel())[0, 1] > 0.6


def test_noise_in_one_half_is_found_there_by_the_shipped_network(defects: DefectDetector) -> None:
    """The noisy left is hot, the clean right is cold; so a map that is nonsense would be noticed."""
    picture = data.coffee().astype(float)
    picture[:, :300] += np.random.default_rng(0).normal(0, 35, picture[:, :300].shape)
    noise = defect_occlusion_maps(Photo.from_pixels(picture.clip(0, 255).astype(np.uint8)), defects)["noise"]
    assert noise[:, :2].mean() > noise[:, 6:].mean() + 0.4


def test_the_cat_is_where_the_shipped_network_sees_animals() -> None:
    """A cat pasted into the right half of a plain wall: animals are hotter there than on the wall."""
    picture = np.full((300, 900, 3), 150, np.uint8)
    picture[:, 450:] = data.chelsea()[:300, :450]
    animals = category_occlusion_maps(Photo.from_pixels(picture), (), CategoryDetector(models_root()))[
        "animals"
    ]
    assert animals[:, 5:].mean() > animals[:, :3].mean() + 0.1
