"""Focus: tiles judged one by one, faces at their eyes, and one answer about what matters in the photo."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageFilter
from skimage import data

from autocull.measure.evidence import EyePoints, Face, Focus
from autocull.measure.focus import PREPROCESSING, FocusDetector, adjust_for_size, find_eye_boxes, prepare
from autocull.measure.models import Model, models_root
from autocull.read.photo import Box, Photo, Pixels

SIZE = int(PREPROCESSING["size"])


class ByDetail:
    """A network that says "sharp" by how much happens between pixels, else "motion"; counts its calls."""

    def __init__(self) -> None:
        self.calls = 0

    def __call__(self, *inputs: NDArray[np.float32]) -> list[NDArray[np.float32]]:
        """Answer (1, 3) in the configuration's order: motion, sharp, defocus."""
        (tile,) = inputs
        assert tile.shape == (1, SIZE, SIZE, 1)
        assert tile.dtype == np.float32
        self.calls += 1
        detail = float(np.abs(np.diff(tile[0, ..., 0], axis=1)).mean())
        sharp = min(max((detail - 0.06) / 0.1, 0.0), 1.0)
        return [np.array([[1 - sharp, sharp, 0]], np.float32)]


@pytest.fixture
def network() -> ByDetail:
    """A fresh network."""
    return ByDetail()


@pytest.fixture
def member(tmp_path: Path, network: ByDetail, monkeypatch: pytest.MonkeyPatch) -> FocusDetector:
    """A member with that network in the place of the trained one, its classes in another order."""
    (tmp_path / "focus").mkdir()
    config = {
        "name": "focus",
        "version": "9",
        "classes": ["motion", "sharp", "defocus"],
        "preprocessing": PREPROCESSING,
    }
    (tmp_path / "focus" / "config.json").write_text(json.dumps(config), "utf-8")
    monkeypatch.setattr(Model, "network", lambda model: network)
    return FocusDetector(tmp_path)


def busy(height: int, width: int, seed: int = 0) -> Pixels:
    """A picture full of crisp blocks, small and large."""
    rng = np.random.default_rng(seed)
    total = np.zeros((height, width))
    for side in (4, 16, 48):
        blocks = rng.integers(0, 2, (height // side + 1, width // side + 1)) * 70
        total += np.kron(blocks, np.ones((side, side)))[:height, :width]
    return (total + 20)[..., None].repeat(3, 2).astype(np.uint8)


WHOLE = Box(0, 0, 1, 1)


def soft(picture: Pixels, box: Box = WHOLE, radius: float = 6.0) -> Pixels:
    """Blur the picture inside `box`."""
    height, width = picture.shape[:2]
    seen = np.array(picture)
    y = slice(round(box.y0 * height), round(box.y1 * height))
    x = slice(round(box.x0 * width), round(box.x1 * width))
    blurred = np.asarray(Image.fromarray(picture).filter(ImageFilter.GaussianBlur(radius)))
    seen[y, x] = blurred[y, x]
    return seen


def face(box: Box, prominence: float = 1.0, *, points: bool = True) -> Face:
    """A face that fills `box`, its eyes where eyes are."""
    width, height = box.x1 - box.x0, box.y1 - box.y0
    y = box.y0 + 0.4 * height
    eyes = []
    for part in (0.3, 0.7):
        outer, middle, inner = ((box.x0 + (part + step) * width, y) for step in (-0.1, 0.0, 0.1))
        eyes.append(EyePoints(outer, inner, middle, middle))
    return Face(box, 0.9, prominence, eye_points=tuple(eyes) if points else ())


def measured(member: FocusDetector, picture: Pixels, *faces: Face) -> Focus:
    """What the member says of a picture with these faces."""
    return member.measure(Photo.from_pixels(picture), faces)


def test_prepared_tiles_have_one_mean_and_one_deviation() -> None:
    """Neither light nor contrast decides, and a plain tile is not blown up to noise."""
    rng = np.random.default_rng(0)
    tiles = np.stack([60 + 20 * rng.standard_normal((96, 96)), 200 + 9 * rng.standard_normal((96, 96))])
    seen = prepare(tiles.astype(np.float32))
    assert seen.shape == (2, 96, 96, 1)
    assert seen.dtype == np.float32
    assert np.allclose(seen.mean((1, 2, 3)), 0, atol=0.01)
    assert np.allclose(seen.std((1, 2, 3)), 1, atol=0.01)
    plain = prepare((100 + rng.standard_normal((1, 96, 96))).astype(np.float32))
    assert plain.std() < 0.3


def test_a_larger_picture_is_judged_more_mildly() -> None:
    """From the size learned from on, each doubling raises P(sharp); the others keep their proportion."""
    answers = np.array([[0.5, 0.4, 0.1], [0.0, 0.0, 1.0], [1.0, 0.0, 0.0]])
    small, learned, twice, large = (adjust_for_size(answers, side) for side in (120, 480, 960, 3000))
    assert np.allclose(small, answers)
    assert np.allclose(learned, answers)
    assert 0.5 < twice[0, 0] < large[0, 0] < 1
    for seen in (twice, large):
        assert np.allclose(seen.sum(1), 1)
        assert seen[0, 1] == pytest.approx(4 * seen[0, 2])
        assert np.allclose(seen[1:], answers[1:])
    assert adjust_for_size(np.empty((0, 3)), 960).shape == (0, 3)


def test_the_size_counts_at_the_faces_and_all_over(
    member: FocusDetector, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where every tile gets the same answer, the larger picture is the sharper one, faces or not."""
    monkeypatch.setattr(Model, "network", lambda _: lambda *_: [np.array([[0.75, 0.25, 0.0]], np.float32)])
    someone = face(Box(0.25, 0.25, 0.75, 0.75))
    small, large = busy(480, 480), busy(960, 960)
    assert measured(member, small).sharp == pytest.approx(0.25)
    assert measured(member, large).sharp == pytest.approx(np.e / (np.e + 3))
    assert measured(member, large).tiles[0][0] == pytest.approx(np.e / (np.e + 3))
    assert measured(member, small, someone).sharp == pytest.approx(0.25)
    assert measured(member, large, someone).sharp == pytest.approx(np.e / (np.e + 3))


def test_the_answer_has_the_shape_of_the_grid(member: FocusDetector, network: ByDetail) -> None:
    """Tiles and texture have one number per cell, the probabilities sum to 1, every tile was seen."""
    focus = measured(member, busy(600, 900))
    assert [len(row) for row in focus.tiles] == [len(row) for row in focus.texture] == [5] * 4
    assert focus.sharp + focus.defocus + focus.motion == pytest.approx(1)
    assert network.calls == 20
    assert focus.found_by == "region"
    assert focus.faces == ()
    json.dumps(focus.tiles), json.dumps(focus.texture)  # plain numbers, as the store needs them


def test_soft_everywhere_is_soft_and_sharp_everywhere_is_sharp(member: FocusDetector) -> None:
    """The classes are taken by name: the network's order is not ours."""
    sharp, blurred = measured(member, busy(600, 900)), measured(member, soft(busy(600, 900)))
    assert sharp.sharp > 0.9
    assert blurred.sharp < 0.4
    assert blurred.motion == pytest.approx(1 - blurred.sharp, abs=1e-5)
    assert blurred.defocus == 0


def test_a_sharp_subject_on_soft_ground_beats_the_opposite(member: FocusDetector) -> None:
    """The answer is about the subject in the middle, not about the larger area."""
    middle = Box(0.2, 0.25, 0.8, 0.75)
    shallow = soft(busy(600, 900))
    y, x = slice(150, 450), slice(180, 720)
    shallow[y, x] = busy(600, 900)[y, x]
    assert measured(member, shallow).sharp > measured(member, soft(busy(600, 900), middle)).sharp + 0.2


def test_a_soft_face_before_sharp_ground_is_soft(member: FocusDetector) -> None:
    """With faces it is their eyes that count, even where everything else is sharp."""
    box = Box(0.4, 0.3, 0.6, 0.7)
    focus = measured(member, soft(busy(600, 900), box), face(box))
    assert focus.sharp < 0.5
    assert focus.found_by == "eyes"
    assert focus.subject == box
    assert focus.faces == (pytest.approx(focus.sharp),)


def test_a_sharp_face_before_soft_ground_is_sharp(member: FocusDetector) -> None:
    """A portrait with a shallow field."""
    box = Box(0.4, 0.3, 0.6, 0.7)
    picture = soft(busy(600, 900))
    picture[180:420, 360:540] = busy(600, 900)[180:420, 360:540]
    assert measured(member, picture, face(box)).sharp > 0.9


def test_one_sharp_eye_is_enough(member: FocusDetector) -> None:
    """Photographers focus on the nearer eye; the other may be soft."""
    box = Box(0.1, 0.1, 0.9, 0.9)
    focus = measured(member, soft(busy(600, 900), Box(0.5, 0, 1, 1)), face(box))
    assert focus.sharp > 0.9


def test_a_bystander_does_not_decide(member: FocusDetector) -> None:
    """Faces of little prominence are told of but do not make the photo's answer; all are in their order."""
    sharp, blurred = Box(0.1, 0.3, 0.3, 0.6), Box(0.6, 0.3, 0.8, 0.6)
    picture = soft(busy(600, 900), Box(0.5, 0, 1, 1))
    focus = measured(member, picture, face(blurred, 0.2), face(sharp))
    assert focus.sharp > 0.9
    soft_one, sharp_one = focus.faces
    assert soft_one is not None
    assert sharp_one is not None
    assert soft_one < 0.5 < sharp_one
    both = measured(member, picture, face(blurred, 1.0), face(sharp, 1.0))
    assert both.sharp < focus.sharp


def test_without_eye_points_the_face_says_where_to_look(member: FocusDetector) -> None:
    """A face that the mesh did not fit is judged in its box."""
    box = Box(0.4, 0.3, 0.6, 0.7)
    focus = measured(member, soft(busy(600, 900), box), face(box, points=False))
    assert focus.found_by == "face"
    assert focus.sharp < 0.5


def test_faces_too_small_or_plain_are_not_told(member: FocusDetector) -> None:
    """Where nothing can be judged there is None, and the region answers for the photo."""
    tiny = face(Box(0.5, 0.5, 0.52, 0.53))
    picture = busy(600, 900)
    picture[180:420, 360:540] = 128
    plain = face(Box(0.4, 0.3, 0.6, 0.7))
    focus = measured(member, picture, tiny, plain)
    assert focus.faces == (None, None)
    assert focus.found_by == "region"


def test_only_the_most_prominent_of_a_crowd_are_judged(member: FocusDetector, network: ByDetail) -> None:
    """The time is bounded: a crowd costs no more than a group."""
    crowd = [face(Box(0.1, 0.1, 0.3, 0.4), 0.1 + 0.05 * number) for number in range(15)]
    focus = measured(member, busy(600, 900), *crowd)
    assert [answer is None for answer in focus.faces] == [True] * 7 + [False] * 8
    assert network.calls <= 20 + 8


def test_eyes_are_looked_for_at_the_reference_scale() -> None:
    """A large face gives a tile per eye, a small one a tile over both that is no larger than the face."""
    photo = Photo.from_pixels(busy(600, 900))
    large = find_eye_boxes(photo, face(Box(0.1, 0.1, 0.9, 0.9)), SIZE, both=True)
    assert len(large) == 2
    assert large[0].x0 < large[1].x0
    assert [round((box.x1 - box.x0) * 900) for box in large] == [SIZE, SIZE]
    (small,) = find_eye_boxes(photo, face(Box(0.5, 0.5, 0.56, 0.59)), SIZE, both=True)
    assert (small.x1 - small.x0) * 900 == pytest.approx(0.8 * 54)
    assert len(find_eye_boxes(photo, face(Box(0.1, 0.1, 0.9, 0.9)), SIZE, both=False)) == 1
    assert find_eye_boxes(photo, face(Box(0.5, 0.5, 0.52, 0.53)), SIZE, both=True) == []


def test_no_faces_is_no_tile(member: FocusDetector) -> None:
    """Judging nothing gives nothing."""
    answers, rich = member.judge_tiles([])
    assert answers.shape == (0, 3)
    assert rich.shape == (0,)


def test_the_version_is_the_model_s(member: FocusDetector) -> None:
    """What is stored beside the evidence is the network's version."""
    assert member.version == "9"


@pytest.fixture(scope="module")
def trained() -> FocusDetector:
    """The member that ships."""
    return FocusDetector(models_root())


def of_size(factor: int) -> Photo:
    """One sharp picture as a camera with `factor` times the pixels on each side would have taken it."""
    base = Image.fromarray(data.astronaut()).crop((0, 0, 1500, 1000))
    base = base.resize((750, 500), Image.Resampling.LANCZOS)
    large = base.resize((750 * factor, 500 * factor), Image.Resampling.NEAREST)
    return Photo.from_pixels(np.asarray(large))


def test_more_megapixels_are_not_softer(trained: FocusDetector, monkeypatch: pytest.MonkeyPatch) -> None:
    """One picture at one, two and three times the pixels of the reference gets about the same answer."""
    monkeypatch.setattr("autocull.measure.tiles.REFERENCE_LONG_SIDE", 512)
    answers = [trained.measure(of_size(factor), ()).sharp for factor in (1, 2, 3)]
    assert max(answers) - min(answers) < 0.1
    assert min(answers) > 0.6


@pytest.mark.parametrize("picture", ["astronaut", "coffee", "camera"])
def test_trained_sharp_beats_soft(trained: FocusDetector, picture: str) -> None:
    """The trained network tells the sharp picture from the same one defocused and moved."""
    loaded = getattr(data, picture)()
    pixels = loaded if loaded.ndim == 3 else loaded[..., None].repeat(3, 2)
    pixels = np.asarray(Image.fromarray(pixels).reduce(1))
    kept = trained.measure(Photo.from_pixels(pixels), ())
    defocused = trained.measure(Photo.from_pixels(soft(pixels, radius=4.0)), ())
    steps = np.cumsum(np.pad(pixels.astype(np.float32), ((0, 0), (15, 0), (0, 0)), mode="edge"), axis=1)
    moved = trained.measure(Photo.from_pixels(((steps[:, 15:] - steps[:, :-15]) / 15).astype(np.uint8)), ())
    assert kept.sharp > 0.5
    assert defocused.sharp < 0.2
    assert defocused.defocus > defocused.motion
    assert moved.sharp < 0.2
    assert moved.motion > moved.defocus
