"""The eye detector: squares on both eyes at native resolution, the network's input, one result per eye."""

from __future__ import annotations

import json
import shutil
from math import cos, radians
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from skimage import data

from autocull.measure.evidence import EyePoints, Face
from autocull.measure.eyes import (
    EYE_PREPROCESSING,
    EyeDetector,
    build_eye_views,
    crop_middle,
    fuse_opinions,
    prepare_eye,
)
from autocull.measure.faces import FaceDetector
from autocull.measure.iris import EyeShape
from autocull.measure.models import Model, models_root
from autocull.read.photo import Box, Photo, Pixels

SIZE = 48


class ByBrightness:
    """A network that predicts "open" by the share of its input that is bright, and records its inputs."""

    def __init__(self) -> None:
        self.inputs: list[NDArray[np.float32]] = []

    def __call__(self, *inputs: NDArray[np.float32]) -> list[NDArray[np.float32]]:
        """Return (1, 2) probabilities: closed, open."""
        (eye,) = inputs
        assert eye.shape == (1, SIZE, SIZE, 1)
        assert eye.dtype == np.float32
        self.inputs.append(eye[0])
        bright = float((eye[0, :, : SIZE // 2] > 0).mean())
        return [np.array([[1 - bright, bright]], np.float32)]


@pytest.fixture
def network() -> ByBrightness:
    """Return a new network."""
    return ByBrightness()


def make_detector(
    root: Path, network: ByBrightness, monkeypatch: pytest.MonkeyPatch, preprocessing: dict[str, Any]
) -> EyeDetector:
    """Make a detector with that network in place of the trained one, and that configuration."""
    folder = root / "eyes"
    folder.mkdir()
    config = {"name": "eyes", "version": "7", "classes": ["closed", "open"], "preprocessing": preprocessing}
    (folder / "config.json").write_text(json.dumps(config), "utf-8")
    shutil.copytree(models_root() / "faces", root / "faces")
    monkeypatch.setattr(Model, "network", lambda model: network)
    return EyeDetector(root)


@pytest.fixture
def detector(tmp_path: Path, network: ByBrightness, monkeypatch: pytest.MonkeyPatch) -> EyeDetector:
    """Return a detector with the configuration of a newly trained one."""
    return make_detector(tmp_path, network, monkeypatch, EYE_PREPROCESSING)


def face_at(left: tuple[float, float], right: tuple[float, float], half: float, yaw: float = 0.0) -> Face:
    """Make a face with its eyes at two positions (fractions of a square picture), each 2 x `half` wide."""

    def eye(x: float, y: float, outer: int) -> EyePoints:
        """Make an eye whose lids are a third as far apart as its corners."""
        return EyePoints((x + outer * half, y), (x - outer * half, y), (x, y - half / 3), (x, y + half / 3))

    return Face(Box(0, 0, 1, 1), 1, 1, yaw=yaw, eye_points=(eye(*left, -1), eye(*right, 1)))


def uniform(value: int) -> Pixels:
    """Make a uniform grey crop."""
    return np.full((30, 30, 3), value, np.uint8)


def test_version_is_the_models_version(detector: EyeDetector) -> None:
    """The version comes from the model's configuration."""
    assert detector.version == "7"


@pytest.mark.parametrize("shape", [(24, 24), (48, 48), (130, 97), (1, 1)])
def test_prepared_crops_have_the_networks_shape(shape: tuple[int, int]) -> None:
    """Any crop becomes 48 x 48 grey with mean 0 and standard deviation 1, within -3 to 3."""
    crop = np.random.default_rng(2).integers(0, 256, (*shape, 3), np.uint8)
    prepared = prepare_eye([crop, crop], SIZE)
    assert prepared.shape == (2, SIZE, SIZE, 1)
    assert prepared.dtype == np.float32
    assert np.abs(prepared).max() <= 3
    if shape != (1, 1):
        assert prepared.mean() == pytest.approx(0, abs=0.02)
        assert prepared.std() == pytest.approx(1, abs=0.05)


def test_light_and_contrast_do_not_matter() -> None:
    """The same eye, darker and with less contrast, gives the same input."""
    eye = np.asarray(data.astronaut()[90:114, 190:216])
    darker = (eye * 0.4 + 20).astype(np.uint8)
    one, other = prepare_eye([eye, darker], SIZE)
    assert np.abs(one - other).max() < 0.1


def test_colour_does_not_matter() -> None:
    """A grey copy gives the same input."""
    eye = np.asarray(data.astronaut()[90:114, 190:216])
    luma = np.round(eye @ [0.299, 0.587, 0.114]).astype(np.uint8)
    one, other = prepare_eye([eye, np.repeat(luma[..., None], 3, axis=2)], SIZE)
    assert np.abs(one - other).max() < 0.1


def test_uniform_crop_is_not_stretched() -> None:
    """One grey level of difference stays small."""
    almost = uniform(100)
    almost[::2] += 1
    assert np.abs(prepare_eye([almost], SIZE)).max() < 0.3
    assert not prepare_eye([uniform(9)], SIZE).any()


def test_no_crops_give_an_empty_input() -> None:
    """An empty batch keeps its shape."""
    assert prepare_eye([], SIZE).shape == (0, SIZE, SIZE, 1)


def test_square_is_framed_by_the_distance_between_the_eyes() -> None:
    """Its side is 0.7 of that distance, in native pixels; size and aspect come from corners and lids."""
    left, right = build_eye_views(face_at((0.4, 0.5), (0.6, 0.5), 0.04), 1000, 1000, 0.7)
    assert (left.square.x, left.square.y, left.square.side) == pytest.approx((400, 500, 140))
    assert right.square.x == pytest.approx(600)
    assert (left.size, right.size) == pytest.approx((80, 80))
    assert left.aspect == pytest.approx(1 / 3)
    assert left.square.angle == 0


def test_distances_are_measured_in_pixels() -> None:
    """In an oblong picture they differ from those of the fractions."""
    left, _ = build_eye_views(face_at((0.4, 0.5), (0.6, 0.5), 0.04), 2000, 1000, 0.7)
    assert left.square.side == pytest.approx(280)
    assert left.aspect == pytest.approx(1 / 6)


def test_square_is_turned_with_the_eyes() -> None:
    """The line between the eyes is level in the crop."""
    left, right = build_eye_views(face_at((0.4, 0.4), (0.6, 0.6), 0.04), 1000, 1000, 0.7)
    assert left.square.angle == right.square.angle == pytest.approx(radians(45))


@pytest.mark.parametrize(("yaw", "corrected"), [(0, 0), (30, 30), (-30, 30), (60, 60), (89, 60)])
def test_framing_is_corrected_for_yaw(yaw: float, corrected: float) -> None:
    """The eyes of a turned head appear closer to each other; up to 60 degrees this is corrected."""
    left, _ = build_eye_views(face_at((0.45, 0.5), (0.55, 0.5), 0.04, yaw), 1000, 1000, 0.7)
    assert left.square.side == pytest.approx(70 / cos(radians(corrected)))


def test_face_without_eye_points_has_no_views() -> None:
    """No position is guessed; and eyes at the same position cause no division by zero."""
    assert build_eye_views(Face(Box(0, 0, 1, 1), 1, 1), 100, 100, 0.7) == ()
    for view in build_eye_views(face_at((0.5, 0.5), (0.5, 0.5), 0.0), 100, 100, 0.7):
        assert view.aspect == 0
        assert view.square.side == 1


def test_each_face_has_its_own_eyes(detector: EyeDetector, network: ByBrightness) -> None:
    """One tuple per face, in the faces' order; the box surrounds the eye."""
    bright_left = np.zeros((400, 400, 3), np.uint8)
    bright_left[:, :100] = 255
    faces = (face_at((0.25, 0.3), (0.65, 0.3), 0.05), face_at((0.7, 0.7), (0.9, 0.7), 0.03))
    first, second = detector.measure(Photo.from_pixels(bright_left), faces)
    assert [len(first), len(second)] == [2, 2]
    assert np.mean(first[0].box[::2]) == pytest.approx(0.25)
    assert np.mean(second[1].box[::2]) == pytest.approx(0.9)
    assert first[0].open == pytest.approx(2 / 3, abs=0.05)  # bright on the left, except in the mirrored crop
    assert first[1].open == second[0].open == 0.0
    assert first[0].size == pytest.approx(40)
    assert len(network.inputs) == 4 * len(EYE_PREPROCESSING["looks"])


def test_predictions_are_averaged_over_the_configured_augmentations(
    tmp_path: Path, network: ByBrightness, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each is the whole crop or its middle, mirrored or not; the result is their mean."""
    augmentations = [
        {"share": 1.0, "mirrored": False},
        {"share": 1.0, "mirrored": True},
        {"share": 0.5, "mirrored": True},
    ]
    detector = make_detector(tmp_path, network, monkeypatch, {**EYE_PREPROCESSING, "looks": augmentations})
    crop = uniform(0)
    crop[:, :15] = 255
    crop[:2] = 90  # a rim that only the whole crop shows
    (probability,) = detector.open_probability([crop])
    whole, mirrored, middle = network.inputs
    np.testing.assert_array_equal(whole, mirrored[:, ::-1])
    np.testing.assert_array_equal(middle, prepare_eye([crop_middle(crop, 0.5)], SIZE)[0][:, ::-1])
    assert probability == pytest.approx(
        np.mean([float((eye[:, : SIZE // 2] > 0).mean()) for eye in network.inputs])
    )


def test_shipped_configuration_is_that_of_a_new_training() -> None:
    """So the documented metrics are those of the same augmentations."""
    assert Model.open(models_root(), "eyes").config["preprocessing"] == EYE_PREPROCESSING


def test_shipped_augmentations_leave_the_border_out(detector: EyeDetector, network: ByBrightness) -> None:
    """They are whole, mirrored and smaller: each shows less of the border."""
    crop = uniform(200)
    crop[:2] = crop[-2:] = crop[:, :2] = crop[:, -2:] = 0
    detector.open_probability([crop])
    dark = [float((eye < -1).mean()) for eye in network.inputs]
    assert len(dark) == 3
    assert dark[0] > dark[1] > dark[2]


@pytest.mark.parametrize(("share", "side"), [(0.5, 20), (0.8, 32), (0.01, 1)])
def test_middle_of_a_crop_keeps_the_centre(share: float, side: int) -> None:
    """A square of that share of the shorter side, around the same centre, never empty."""
    crop = np.zeros((40, 60, 3), np.uint8)
    crop[:, :, 0], crop[:, :, 1] = np.arange(60), np.arange(40)[:, None]
    middle = crop_middle(crop, share)
    assert middle.shape == (side, side, 3)
    assert middle[..., 0].mean() == pytest.approx(29.5, abs=0.6)
    assert middle[..., 1].mean() == pytest.approx(19.5, abs=0.6)


def test_whole_crop_is_not_resampled() -> None:
    """A share of 1 returns every pixel unchanged, also of an oblong crop."""
    crop = np.random.default_rng(4).integers(0, 256, (13, 21, 3), np.uint8)
    assert crop_middle(crop, 1.0) is crop


def test_probabilities_are_in_the_order_of_the_crops(detector: EyeDetector) -> None:
    """Each is the mean over its own augmentations."""
    half = uniform(0)
    half[:15] = 255
    quarter = uniform(0)
    quarter[:7] = 255
    alone = [detector.open_probability([crop])[0] for crop in (half, quarter)]
    assert detector.open_probability([half, quarter]).tolist() == alone
    assert alone[0] > alone[1] > 0


def test_no_crops_run_no_network(detector: EyeDetector, network: ByBrightness) -> None:
    """A photo without faces costs nothing."""
    assert detector.open_probability([]).shape == (0,)
    assert detector.measure(Photo.from_pixels(uniform(0)), ()) == ()
    assert network.inputs == []


def test_small_eyes_are_left_out(detector: EyeDetector) -> None:
    """Under 10 native pixels between the corners there is no result; in a larger photo the face has one."""
    face = face_at((0.4, 0.5), (0.6, 0.5), 0.02)
    small = detector.measure(Photo.from_pixels(np.zeros((240, 240, 3), np.uint8)), (face,))
    large = detector.measure(Photo.from_pixels(np.zeros((260, 260, 3), np.uint8)), (face,))
    assert [len(eyes) for eyes in (*small, *large)] == [0, 2]


@pytest.mark.parametrize("beyond", [(-0.02, 0.5), (1.02, 0.5), (0.5, -0.02), (0.5, 1.02)])
def test_eye_outside_the_picture_is_left_out(detector: EyeDetector, beyond: tuple[float, float]) -> None:
    """A face that is cut off keeps the other eye."""
    photo = Photo.from_pixels(np.zeros((500, 500, 3), np.uint8))
    ((eye,),) = detector.measure(photo, (face_at((0.4, 0.5), beyond, 0.03),))
    assert np.mean(eye.box[1::2]) == pytest.approx(0.5)


def test_eye_is_upright_in_the_middle_of_the_input(detector: EyeDetector, network: ByBrightness) -> None:
    """The astronaut's irises, darker than their surroundings, are in the middle of the input."""
    photo = Photo.from_pixels(np.asarray(data.astronaut()))
    faces = FaceDetector(models_root()).measure(photo)
    ((left, right),) = detector.measure(photo, faces)
    assert left.size == pytest.approx(19, abs=3)
    assert right.aspect == pytest.approx(0.25, abs=0.1)
    for eye in network.inputs[:2]:
        iris, around = eye[19:29, 19:29].mean(), [eye[19:29, 5:14].mean(), eye[34:44, 19:29].mean()]
        assert iris < -0.8
        assert min(around) > iris + 0.8


def test_native_pixels_are_used(detector: EyeDetector, network: ByBrightness) -> None:
    """Detail that the working picture does not hold reaches the network."""
    fine = np.zeros((4096, 4096, 3), np.uint8)
    fine[:, ::2] = 255
    face = face_at((0.499, 0.5), (0.513, 0.5), 0.002)
    ((left, _),) = detector.measure(Photo.from_pixels(fine), (face,))
    assert left.size < 20
    assert network.inputs[0].std() > 0.8
    assert prepare_eye([Photo.from_pixels(fine).working[500:524, 500:524]], SIZE).std() < 0.1


FUSION = {"bias": -2.0, "network": 1.0, "lids": 10.0, "least_size": 20.0}


@pytest.mark.parametrize(("half", "fused"), [(0.06, True), (0.04, False)])
@pytest.mark.usefixtures("detector")
def test_lids_count_from_a_width_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, half: float, *, fused: bool
) -> None:
    """Eyes of 24 px get a probability of both numbers, eyes of 16 px the network's."""
    path = tmp_path / "eyes" / "config.json"
    config = json.loads(path.read_text("utf-8"))
    path.write_text(json.dumps(config | {"fusion": FUSION}), "utf-8")
    photo = Photo.from_pixels(np.random.default_rng(0).integers(0, 255, (200, 200, 3), np.uint8))
    face = face_at((0.3, 0.5), (0.7, 0.5), half)
    monkeypatch.setattr(EyeDetector, "measure_shape", lambda self, photo, view: EyeShape(0.3, 0.0))
    with_fusion = EyeDetector(tmp_path)
    alone = with_fusion.view_probability(photo, with_fusion.judgeable_views(face, photo))
    expected = [fuse_opinions(value, 0.3, FUSION) if fused else value for value in alone]
    (eyes,) = with_fusion.measure(photo, [face])
    assert [eye.open for eye in eyes] == pytest.approx(expected)
    assert (
        all(abs(value - probability) > 0.1 for value, probability in zip(expected, alone, strict=True))
        == fused
    )


def test_fused_probability_is_a_logistic_of_both_numbers() -> None:
    """It rises with both; a network that is entirely sure can still be outvoted."""
    assert fuse_opinions(0.5, 0.2, FUSION) == pytest.approx(0.5)
    assert fuse_opinions(0.9, 0.2, FUSION) == pytest.approx(0.9)
    assert fuse_opinions(0.5, 0.3, FUSION) == pytest.approx(1 / (1 + np.exp(-1)))
    assert 0.0 < fuse_opinions(0.0, 0.3, FUSION) < fuse_opinions(0.0, 1.5, FUSION)
    assert fuse_opinions(0.0, 1.5, FUSION) > 0.5
