"""The focus detector: tiles are judged one by one, faces at their eyes, and the subject decides."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageFilter
from skimage import data

from autocull.measure.evidence import EyePoints, Face, Focus
from autocull.measure.focus import (
    FOCUS_PREPROCESSING,
    FocusDetector,
    find_eye_boxes,
    join_frame,
    prepare_focus_tiles,
)
from autocull.measure.models import Model, models_root
from autocull.read.photo import Box, Photo, Pixels

SIZE = int(FOCUS_PREPROCESSING["size"])


class ByDetail:
    """A network that predicts "sharp" by the differences between pixels, else "motion"; counts its calls."""

    def __init__(self) -> None:
        self.calls = 0

    def __call__(self, *inputs: NDArray[np.float32]) -> list[NDArray[np.float32]]:
        """Return (1, 3) probabilities in the configuration's order: motion, sharp, defocus."""
        (tile,) = inputs
        assert tile.shape == (1, SIZE, SIZE, 1)
        assert tile.dtype == np.float32
        self.calls += 1
        detail = float(np.abs(np.diff(tile[0, ..., 0], axis=1)).mean())
        sharp = min(max((detail - 0.06) / 0.1, 0.0), 1.0)
        return [np.array([[1 - sharp, sharp, 0]], np.float32)]


@pytest.fixture
def network() -> ByDetail:
    """Return a new network."""
    return ByDetail()


@pytest.fixture
def detector(tmp_path: Path, network: ByDetail, monkeypatch: pytest.MonkeyPatch) -> FocusDetector:
    """Return a detector with that network in place of the trained one, its classes in another order."""
    (tmp_path / "focus").mkdir()
    config = {
        "name": "focus",
        "version": "9",
        "classes": ["motion", "sharp", "defocus"],
        "preprocessing": FOCUS_PREPROCESSING,
    }
    (tmp_path / "focus" / "config.json").write_text(json.dumps(config), "utf-8")
    monkeypatch.setattr(Model, "network", lambda model: network)
    return FocusDetector(tmp_path)


def busy(height: int, width: int, seed: int = 0) -> Pixels:
    """Make a picture full of sharp blocks, small and large."""
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
    result = np.array(picture)
    y = slice(round(box.y0 * height), round(box.y1 * height))
    x = slice(round(box.x0 * width), round(box.x1 * width))
    blurred = np.asarray(Image.fromarray(picture).filter(ImageFilter.GaussianBlur(radius)))
    result[y, x] = blurred[y, x]
    return result


def face(box: Box, prominence: float = 1.0, *, points: bool = True) -> Face:
    """Make a face that fills `box`, with eyes at the usual positions."""
    width, height = box.x1 - box.x0, box.y1 - box.y0
    y = box.y0 + 0.4 * height
    eyes = []
    for part in (0.3, 0.7):
        outer, middle, inner = ((box.x0 + (part + step) * width, y) for step in (-0.1, 0.0, 0.1))
        eyes.append(EyePoints(outer, inner, middle, middle))
    return Face(box, 0.9, prominence, eye_points=tuple(eyes) if points else ())


def measured(detector: FocusDetector, picture: Pixels, *faces: Face) -> Focus:
    """Return the focus of a picture with these faces."""
    return detector.measure(Photo.from_pixels(picture), faces)


def test_prepared_tiles_are_standardised() -> None:
    """Lighting and contrast have no influence, and the noise of a uniform tile is not amplified."""
    rng = np.random.default_rng(0)
    tiles = np.stack([60 + 20 * rng.standard_normal((96, 96)), 200 + 9 * rng.standard_normal((96, 96))])
    result = prepare_focus_tiles(tiles.astype(np.float32))
    assert result.shape == (2, 96, 96, 1)
    assert result.dtype == np.float32
    assert np.allclose(result.mean((1, 2, 3)), 0, atol=0.01)
    assert np.allclose(result.std((1, 2, 3)), 1, atol=0.01)
    plain = prepare_focus_tiles((100 + rng.standard_normal((1, 96, 96))).astype(np.float32))
    assert plain.std() < 0.3


def test_a_photo_is_judged_at_its_viewing_sizes(detector: FocusDetector, network: ByDetail) -> None:
    """Blur of the same share of the picture has the same result, however many pixels the camera has."""
    fine, results = busy(480, 720), []
    for factor in (1, 3, 5):
        enlarged = np.kron(fine, np.ones((factor, factor, 1), np.uint8))
        results.append(measured(detector, soft(enlarged, radius=4.0 * factor)).sharp)
    assert max(results) < 0.3
    assert measured(detector, soft(enlarged, radius=4.0)).sharp > 0.8
    calls = network.calls
    measured(detector, busy(2000, 3000))
    assert network.calls - calls == 2 * FOCUS_PREPROCESSING["most_tiles"]


def test_the_mean_of_the_viewing_sizes_is_scaled_to_a_probability(
    detector: FocusDetector, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Bias and slope of the configuration apply to the log-odds, with and without a face."""
    monkeypatch.setattr(Model, "network", lambda _: lambda *_: [np.array([[0.75, 0.25, 0.0]], np.float32)])
    portrait = face(Box(0.25, 0.25, 0.75, 0.75))
    assert measured(detector, busy(480, 480)).sharp == pytest.approx(0.25)
    assert measured(detector, busy(960, 960), portrait).sharp == pytest.approx(0.25)
    detector._model.config["scale"] = {"bias": 1.0, "slope": 2.0}
    expected = 1 / (1 + np.exp(-(1 + 2 * np.log(1 / 3))))
    for faces in ((), (portrait,)):
        scaled = measured(detector, busy(960, 960), *faces)
        assert scaled.sharp == pytest.approx(expected)
        assert scaled.motion == pytest.approx(1 - expected)
        assert scaled.tiles[0][0] == pytest.approx(0.25)


def test_the_whole_frame_counts_besides_the_tiles(detector: FocusDetector) -> None:
    """A frame that the other network judges blurred is less sharp, with or without a face."""
    photo, portrait = Photo.from_pixels(soft(busy(600, 900), radius=2)), face(Box(0.25, 0.25, 0.75, 0.75))
    for faces in ((), (portrait,)):
        alone, blurred, clear = (
            detector.measure(photo, faces, (), blur).sharp for blur in (None, 0.999, 0.001)
        )
        assert blurred < clear
        assert blurred < alone
        detector._model.config["joined"] = {"bias": -2.0, "slope": 1.0}
        stricter = detector.measure(photo, faces, (), 0.999)
        assert stricter.sharp < blurred
        assert stricter.sharp + stricter.defocus + stricter.motion == pytest.approx(1)
        del detector._model.config["joined"]


def test_joined_is_the_weighted_mean_of_log_odds() -> None:
    """The frame's weight is half that of the tiles; with 0.5 it draws towards no answer."""
    odds = {value: np.log(value / (1 - value)) for value in (0.2, 0.9)}
    assert join_frame(0.2, 0.1) == pytest.approx((odds[0.2] + 0.5 * odds[0.9]) / 1.5)
    assert join_frame(0.2, 0.5) == pytest.approx(odds[0.2] / 1.5)
    assert -10 < join_frame(0.0, 1.0) < 0 < join_frame(1.0, 0.0) < 10


def test_maps_of_the_picture_move_the_attention(
    detector: FocusDetector, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With an aim at the left, the left half decides; with one at the right, the right half."""
    monkeypatch.setattr(Model, "read_file", lambda self, name: (self.folder / name).read_bytes())
    np.save(tmp_path / "focus" / "aim.npy", np.array([3.0], np.float32))
    left = np.array([[[1.0], [-1.0]]], np.float32)
    photo = Photo.from_pixels(soft(busy(600, 900), Box(0.5, 0, 1, 1)))
    by_left, by_right = (detector.measure(photo, (), (maps,)).sharp for maps in (left, -left))
    assert by_left > 0.9
    assert by_right < 0.4


def test_a_face_is_soft_only_where_its_own_pixels_agree(detector: FocusDetector) -> None:
    """A face that is sharp in the photo's own pixels is sharp, even where a viewing size loses its detail."""
    stripes = np.zeros((2400, 3000, 3), np.uint8) + 90
    stripes[:, ::2] = 160
    stripes[::48] = 20
    box = Box(0.3, 0.2, 0.7, 0.8)
    focus = measured(detector, stripes, face(box))
    assert focus.faces[0] is not None
    assert focus.faces[0] > 0.9
    assert focus.sharp == pytest.approx(focus.faces[0], abs=0.05)
    assert measured(detector, soft(stripes), face(box)).sharp < 0.2


def test_a_small_face_in_the_background_is_not_the_subject(detector: FocusDetector) -> None:
    """The only face of a photo has prominence 1.0, but below 1.5 % of the frame the region decides."""
    picture = busy(1000, 1000)
    small, large = Box(0.4, 0.4, 0.5, 0.54), Box(0.4, 0.4, 0.52, 0.54)
    assert measured(detector, picture, face(small)).found_by == "region"
    assert measured(detector, picture, face(large)).found_by == "eyes"
    assert measured(detector, picture, face(small)).faces[0] is not None


def test_result_has_the_shape_of_the_grid(detector: FocusDetector, network: ByDetail) -> None:
    """Tiles and texture have one number per cell, the probabilities sum to 1, each tile is judged once."""
    focus = measured(detector, busy(600, 900))
    assert [len(row) for row in focus.tiles] == [len(row) for row in focus.texture] == [4] * 3
    assert focus.sharp + focus.defocus + focus.motion == pytest.approx(1)
    assert network.calls == 12 + 12
    assert focus.found_by == "region"
    assert focus.faces == ()
    json.dumps(focus.tiles), json.dumps(focus.texture)  # plain numbers, as the store needs them


def test_uniformly_soft_and_sharp_photos(detector: FocusDetector) -> None:
    """The classes are read by name: the network's order differs."""
    sharp, blurred = measured(detector, busy(600, 900)), measured(detector, soft(busy(600, 900)))
    assert sharp.sharp > 0.9
    assert blurred.sharp < 0.4
    assert blurred.motion == pytest.approx(1 - blurred.sharp, abs=1e-5)
    assert blurred.defocus == 0


def test_width_of_a_missed_focus_is_measured_where_the_subject_is_soft(
    detector: FocusDetector, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A sharp subject and a moved one have none."""

    def width(prediction: tuple[float, float, float], picture: Pixels) -> float:
        """Return the width where every tile is motion, sharp, defocus."""
        monkeypatch.setattr(Model, "network", lambda _: lambda *_: [np.array([prediction], np.float32)])
        return measured(FocusDetector(detector._root), picture).blur

    blurred = soft(busy(600, 900), radius=5.0)
    assert width((0.0, 0.1, 0.9), blurred) == pytest.approx(4 * 5 / 900, rel=0.5)
    assert width((0.9, 0.1, 0.0), blurred) == 0
    assert width((0.0, 0.9, 0.1), blurred) == 0


def test_sharp_subject_counts_more_than_a_sharp_background(detector: FocusDetector) -> None:
    """The subject in the middle decides, not the larger area."""
    middle = Box(0.2, 0.25, 0.8, 0.75)
    shallow = soft(busy(600, 900))
    y, x = slice(150, 450), slice(180, 720)
    shallow[y, x] = busy(600, 900)[y, x]
    assert measured(detector, shallow).sharp > measured(detector, soft(busy(600, 900), middle)).sharp + 0.2


def test_soft_face_before_a_sharp_background_is_soft(detector: FocusDetector) -> None:
    """With faces, their eyes decide, even if everything else is sharp."""
    box = Box(0.4, 0.3, 0.6, 0.7)
    focus = measured(detector, soft(busy(600, 900), box), face(box))
    assert focus.sharp < 0.5
    assert focus.found_by == "eyes"
    assert focus.subject == box
    assert focus.faces == (pytest.approx(0),)


def test_sharp_face_before_a_soft_background_is_sharp(detector: FocusDetector) -> None:
    """A portrait with a shallow depth of field is sharp."""
    box = Box(0.4, 0.3, 0.6, 0.7)
    picture = soft(busy(600, 900))
    picture[180:420, 360:540] = busy(600, 900)[180:420, 360:540]
    assert measured(detector, picture, face(box)).sharp > 0.9


def test_one_sharp_eye_is_enough(detector: FocusDetector) -> None:
    """Photographers focus on the nearer eye; the other may be soft."""
    box = Box(0.1, 0.1, 0.9, 0.9)
    focus = measured(detector, soft(busy(600, 900), Box(0.5, 0, 1, 1)), face(box))
    assert focus.sharp > 0.9


def test_face_of_low_prominence_does_not_decide(detector: FocusDetector) -> None:
    """Such faces have results, in their order, but do not decide the photo's focus."""
    sharp, blurred = Box(0.1, 0.3, 0.3, 0.6), Box(0.6, 0.3, 0.8, 0.6)
    picture = soft(busy(600, 900), Box(0.5, 0, 1, 1))
    focus = measured(detector, picture, face(blurred, 0.2), face(sharp))
    assert focus.sharp > 0.9
    soft_one, sharp_one = focus.faces
    assert soft_one is not None
    assert sharp_one is not None
    assert soft_one < 0.5 < sharp_one
    both = measured(detector, picture, face(blurred, 1.0), face(sharp, 1.0))
    assert both.sharp < focus.sharp


def test_face_without_eye_points_is_judged_in_its_box(detector: FocusDetector) -> None:
    """A face that the mesh did not fit is judged in its box."""
    box = Box(0.4, 0.3, 0.6, 0.7)
    focus = measured(detector, soft(busy(600, 900), box), face(box, points=False))
    assert focus.found_by == "face"
    assert focus.sharp < 0.5


def test_faces_that_are_too_small_or_uniform_have_no_result(detector: FocusDetector) -> None:
    """They are None, and the region decides for the photo."""
    tiny = face(Box(0.5, 0.5, 0.52, 0.53))
    picture = busy(600, 900)
    picture[180:420, 360:540] = 128
    plain = face(Box(0.4, 0.3, 0.6, 0.7))
    focus = measured(detector, picture, tiny, plain)
    assert focus.faces == (None, None)
    assert focus.found_by == "region"


def test_number_of_judged_faces_is_limited(detector: FocusDetector, network: ByDetail) -> None:
    """A crowd takes no more time than a group: only the most prominent faces are judged."""
    crowd = [face(Box(0.1, 0.1, 0.3, 0.4), 0.1 + 0.05 * number) for number in range(15)]
    focus = measured(detector, busy(600, 900), *crowd)
    assert [result is None for result in focus.faces] == [True] * 7 + [False] * 8
    assert network.calls <= 12 + 12 + 8 + 2 * 4


def test_eye_boxes_are_at_the_reference_scale() -> None:
    """A large face has a box per eye, a small one a box over both that is no larger than the face."""
    photo = Photo.from_pixels(busy(600, 900))
    large = find_eye_boxes(photo, face(Box(0.1, 0.1, 0.9, 0.9)), SIZE, both=True)
    assert len(large) == 2
    assert large[0].x0 < large[1].x0
    assert [round((box.x1 - box.x0) * 900) for box in large] == [SIZE, SIZE]
    (small,) = find_eye_boxes(photo, face(Box(0.5, 0.5, 0.56, 0.59)), SIZE, both=True)
    assert (small.x1 - small.x0) * 900 == pytest.approx(0.8 * 54)
    assert len(find_eye_boxes(photo, face(Box(0.1, 0.1, 0.9, 0.9)), SIZE, both=False)) == 1
    assert find_eye_boxes(photo, face(Box(0.5, 0.5, 0.52, 0.53)), SIZE, both=True) == []


def test_no_tiles_give_an_empty_result(detector: FocusDetector) -> None:
    """Judging no tiles gives empty arrays."""
    predictions, richness = detector.judge_tiles([])
    assert predictions.shape == (0, 3)
    assert richness.shape == (0,)


def test_version_is_the_models_version(detector: FocusDetector) -> None:
    """The version comes from the model's configuration."""
    assert detector.version == "9"


@pytest.fixture(scope="module")
def trained() -> FocusDetector:
    """Return the detector with the shipped weights."""
    return FocusDetector(models_root())


def of_size(factor: int) -> Photo:
    """Return a sharp picture as taken by a camera with `factor` times the pixels on each side."""
    base = Image.fromarray(data.astronaut()).crop((0, 0, 1500, 1000))
    base = base.resize((750, 500), Image.Resampling.LANCZOS)
    large = base.resize((750 * factor, 500 * factor), Image.Resampling.NEAREST)
    return Photo.from_pixels(np.asarray(large))


def test_more_megapixels_are_not_softer(trained: FocusDetector, monkeypatch: pytest.MonkeyPatch) -> None:
    """One picture at one, two and three times the pixels of the reference has about the same result."""
    monkeypatch.setattr("autocull.measure.tiles.REFERENCE_LONG_SIDE", 512)
    predictions = [trained.measure(of_size(factor), ()).sharp for factor in (1, 2, 3)]
    assert max(predictions) - min(predictions) < 0.1
    assert min(predictions) > 0.6


@pytest.mark.parametrize("picture", ["astronaut", "coffee", "camera"])
def test_trained_network_separates_sharp_defocus_and_motion(trained: FocusDetector, picture: str) -> None:
    """The sharp picture has a higher P(sharp) than the same one defocused or motion-blurred."""
    loaded = getattr(data, picture)()
    pixels = loaded if loaded.ndim == 3 else loaded[..., None].repeat(3, 2)
    pixels = np.asarray(Image.fromarray(pixels).reduce(1))
    original = trained.measure(Photo.from_pixels(pixels), ())
    defocused = trained.measure(Photo.from_pixels(soft(pixels, radius=4.0)), ())
    steps = np.cumsum(np.pad(pixels.astype(np.float32), ((0, 0), (15, 0), (0, 0)), mode="edge"), axis=1)
    moved = trained.measure(Photo.from_pixels(((steps[:, 15:] - steps[:, :-15]) / 15).astype(np.uint8)), ())
    assert original.sharp > 0.5
    assert defocused.sharp < 0.2
    assert defocused.defocus > defocused.motion
    assert moved.sharp < 0.2
    assert moved.motion > moved.defocus
