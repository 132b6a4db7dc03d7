"""Eyes: squares on both eyes at native resolution, the input the network gets, and one answer per eye."""

from __future__ import annotations

import json
from math import cos, radians
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from skimage import data

from autocull.measure.evidence import EyePoints, Face
from autocull.measure.eyes import PREPROCESSING, EyeDetector, build_eye_views, crop_middle, prepare
from autocull.measure.faces import FaceDetector
from autocull.measure.models import Model, models_root
from autocull.read.photo import Box, Photo, Pixels

SIZE = 48


class ByBrightness:
    """A network that says "open" with the share of its input that is bright, and keeps its inputs."""

    def __init__(self) -> None:
        self.seen: list[NDArray[np.float32]] = []

    def __call__(self, *inputs: NDArray[np.float32]) -> list[NDArray[np.float32]]:
        """Answer (1, 2): closed, open."""
        (eye,) = inputs
        assert eye.shape == (1, SIZE, SIZE, 1)
        assert eye.dtype == np.float32
        self.seen.append(eye[0])
        bright = float((eye[0, :, : SIZE // 2] > 0).mean())
        return [np.array([[1 - bright, bright]], np.float32)]


@pytest.fixture
def network() -> ByBrightness:
    """A fresh network."""
    return ByBrightness()


def make_member(
    root: Path, network: ByBrightness, monkeypatch: pytest.MonkeyPatch, preprocessing: dict[str, Any]
) -> EyeDetector:
    """Make a member with that network in the place of the trained one, and that configuration."""
    folder = root / "eyes"
    folder.mkdir()
    config = {"name": "eyes", "version": "7", "classes": ["closed", "open"], "preprocessing": preprocessing}
    (folder / "config.json").write_text(json.dumps(config), "utf-8")
    monkeypatch.setattr(Model, "network", lambda model: network)
    return EyeDetector(root)


@pytest.fixture
def member(tmp_path: Path, network: ByBrightness, monkeypatch: pytest.MonkeyPatch) -> EyeDetector:
    """A member that asks as a newly trained one would."""
    return make_member(tmp_path, network, monkeypatch, PREPROCESSING)


def face_at(left: tuple[float, float], right: tuple[float, float], half: float, yaw: float = 0.0) -> Face:
    """Make a face with its eyes at two places (fractions of a square picture), each 2 x `half` wide."""

    def eye(x: float, y: float, outer: int) -> EyePoints:
        """Make an eye whose lids are a third as far apart as its corners."""
        return EyePoints((x + outer * half, y), (x - outer * half, y), (x, y - half / 3), (x, y + half / 3))

    return Face(Box(0, 0, 1, 1), 1, 1, yaw=yaw, eye_points=(eye(*left, -1), eye(*right, 1)))


def plain(value: int) -> Pixels:
    """Make a crop of one grey."""
    return np.full((30, 30, 3), value, np.uint8)


def test_version_is_the_models_version(member: EyeDetector) -> None:
    """The version comes from the model's configuration."""
    assert member.version == "7"


@pytest.mark.parametrize("shape", [(24, 24), (48, 48), (130, 97), (1, 1)])
def test_prepared_crops_have_the_networks_shape(shape: tuple[int, int]) -> None:
    """Any crop becomes 48 x 48 grey with mean 0 and deviation 1, within -3 to 3."""
    crop = np.random.default_rng(2).integers(0, 256, (*shape, 3), np.uint8)
    prepared = prepare([crop, crop], SIZE)
    assert prepared.shape == (2, SIZE, SIZE, 1)
    assert prepared.dtype == np.float32
    assert np.abs(prepared).max() <= 3
    if shape != (1, 1):
        assert prepared.mean() == pytest.approx(0, abs=0.02)
        assert prepared.std() == pytest.approx(1, abs=0.05)


def test_light_and_contrast_do_not_matter() -> None:
    """The same eye, darker and flatter, is the same input."""
    eye = np.asarray(data.astronaut()[90:114, 190:216])
    darker = (eye * 0.4 + 20).astype(np.uint8)
    one, other = prepare([eye, darker], SIZE)
    assert np.abs(one - other).max() < 0.1


def test_colour_does_not_matter() -> None:
    """A grey copy is the same input."""
    eye = np.asarray(data.astronaut()[90:114, 190:216])
    luma = np.round(eye @ [0.299, 0.587, 0.114]).astype(np.uint8)
    one, other = prepare([eye, np.repeat(luma[..., None], 3, axis=2)], SIZE)
    assert np.abs(one - other).max() < 0.1


def test_a_plain_crop_is_not_stretched_to_noise() -> None:
    """One grey level of difference stays small."""
    almost = plain(100)
    almost[::2] += 1
    assert np.abs(prepare([almost], SIZE)).max() < 0.3
    assert not prepare([plain(9)], SIZE).any()


def test_no_crops_are_no_input() -> None:
    """An empty batch keeps its shape."""
    assert prepare([], SIZE).shape == (0, SIZE, SIZE, 1)


def test_the_square_is_framed_by_the_distance_between_the_eyes() -> None:
    """Side 0.7 of it, in native pixels; size and aspect come from corners and lids."""
    left, right = build_eye_views(face_at((0.4, 0.5), (0.6, 0.5), 0.04), 1000, 1000, 0.7)
    assert (left.square.x, left.square.y, left.square.side) == pytest.approx((400, 500, 140))
    assert right.square.x == pytest.approx(600)
    assert (left.size, right.size) == pytest.approx((80, 80))
    assert left.aspect == pytest.approx(1 / 3)
    assert left.square.angle == 0


def test_an_oblong_picture_is_measured_in_pixels() -> None:
    """Distances are not those of the fractions."""
    left, _ = build_eye_views(face_at((0.4, 0.5), (0.6, 0.5), 0.04), 2000, 1000, 0.7)
    assert left.square.side == pytest.approx(280)
    assert left.aspect == pytest.approx(1 / 6)


def test_the_square_turns_with_the_eyes() -> None:
    """The line between the eyes is level in the crop."""
    left, right = build_eye_views(face_at((0.4, 0.4), (0.6, 0.6), 0.04), 1000, 1000, 0.7)
    assert left.square.angle == right.square.angle == pytest.approx(radians(45))


@pytest.mark.parametrize(("yaw", "counted"), [(0, 0), (30, 30), (-30, 30), (60, 60), (89, 60)])
def test_a_turned_face_keeps_the_framing(yaw: float, counted: float) -> None:
    """Turned away, the eyes look nearer to each other than they are: up to 60 degrees that is made good."""
    left, _ = build_eye_views(face_at((0.45, 0.5), (0.55, 0.5), 0.04, yaw), 1000, 1000, 0.7)
    assert left.square.side == pytest.approx(70 / cos(radians(counted)))


def test_a_face_without_eye_points_has_no_views() -> None:
    """Nothing is guessed; and eyes in one place are no division by zero."""
    assert build_eye_views(Face(Box(0, 0, 1, 1), 1, 1), 100, 100, 0.7) == ()
    for view in build_eye_views(face_at((0.5, 0.5), (0.5, 0.5), 0.0), 100, 100, 0.7):
        assert view.aspect == 0
        assert view.square.side == 1


def test_each_face_gets_its_own_eyes(member: EyeDetector, network: ByBrightness) -> None:
    """One tuple per face, in the faces' order; the box lies around the eye."""
    bright_left = np.zeros((400, 400, 3), np.uint8)
    bright_left[:, :100] = 255
    faces = (face_at((0.25, 0.3), (0.65, 0.3), 0.05), face_at((0.7, 0.7), (0.9, 0.7), 0.03))
    first, second = member.measure(Photo.from_pixels(bright_left), faces)
    assert [len(first), len(second)] == [2, 2]
    assert np.mean(first[0].box[::2]) == pytest.approx(0.25)
    assert np.mean(second[1].box[::2]) == pytest.approx(0.9)
    assert first[0].open == pytest.approx(2 / 3, abs=0.05)  # bright on the left, but in the mirrored look
    assert first[1].open == second[0].open == 0.0
    assert first[0].size == pytest.approx(40)
    assert len(network.seen) == 4 * len(PREPROCESSING["looks"])


def test_the_configuration_says_how_often_an_eye_is_looked_at(
    tmp_path: Path, network: ByBrightness, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each look is what it says, whole or the middle, as it is or mirrored; the answer is their mean."""
    looks = [
        {"share": 1.0, "mirrored": False},
        {"share": 1.0, "mirrored": True},
        {"share": 0.5, "mirrored": True},
    ]
    member = make_member(tmp_path, network, monkeypatch, {**PREPROCESSING, "looks": looks})
    crop = plain(0)
    crop[:, :15] = 255
    crop[:2] = 90  # a rim that only the whole crop shows
    (opened,) = member.open_probability([crop])
    whole, mirrored, middle = network.seen
    np.testing.assert_array_equal(whole, mirrored[:, ::-1])
    np.testing.assert_array_equal(middle, prepare([crop_middle(crop, 0.5)], SIZE)[0][:, ::-1])
    assert opened == pytest.approx(np.mean([float((eye[:, : SIZE // 2] > 0).mean()) for eye in network.seen]))


def test_the_shipped_network_is_asked_as_a_new_one_would_be() -> None:
    """Its configuration is what the training command writes today, so no figure speaks of other looks."""
    assert Model.open(models_root(), "eyes").config["preprocessing"] == PREPROCESSING


def test_a_frame_around_the_eye_changes_the_answer_less_than_its_whole_crop(
    member: EyeDetector, network: ByBrightness
) -> None:
    """The shipped looks are whole, mirrored and in part of the middle: at least one leaves the border out."""
    crop = plain(200)
    crop[:2] = crop[-2:] = crop[:, :2] = crop[:, -2:] = 0
    member.open_probability([crop])
    dark = [float((eye < -1).mean()) for eye in network.seen]
    assert len(dark) == 3
    assert dark[0] > dark[1] > dark[2]


@pytest.mark.parametrize(("share", "side"), [(0.5, 20), (0.8, 32), (0.01, 1)])
def test_the_middle_of_a_crop_is_its_middle(share: float, side: int) -> None:
    """A square of that share of the shorter side, around the same centre, never empty."""
    crop = np.zeros((40, 60, 3), np.uint8)
    crop[:, :, 0], crop[:, :, 1] = np.arange(60), np.arange(40)[:, None]
    middle = crop_middle(crop, share)
    assert middle.shape == (side, side, 3)
    assert middle[..., 0].mean() == pytest.approx(29.5, abs=0.6)
    assert middle[..., 1].mean() == pytest.approx(19.5, abs=0.6)


def test_the_whole_crop_is_not_resampled() -> None:
    """A share of 1 gives back every pixel, also of an oblong crop."""
    crop = np.random.default_rng(4).integers(0, 256, (13, 21, 3), np.uint8)
    assert crop_middle(crop, 1.0) is crop


def test_many_crops_are_answered_in_their_order(member: EyeDetector) -> None:
    """The mean of each one's own looks, not of a neighbour's."""
    half = plain(0)
    half[:15] = 255
    quarter = plain(0)
    quarter[:7] = 255
    alone = [member.open_probability([crop])[0] for crop in (half, quarter)]
    assert member.open_probability([half, quarter]).tolist() == alone
    assert alone[0] > alone[1] > 0


def test_no_crops_need_no_network(member: EyeDetector, network: ByBrightness) -> None:
    """A landscape costs nothing."""
    assert member.open_probability([]).shape == (0,)
    assert member.measure(Photo.from_pixels(plain(0)), ()) == ()
    assert network.seen == []


def test_small_eyes_are_left_out(member: EyeDetector) -> None:
    """Under 10 native pixels between the corners nothing is said; in a larger photo the face is measured."""
    face = face_at((0.4, 0.5), (0.6, 0.5), 0.02)
    small = member.measure(Photo.from_pixels(np.zeros((240, 240, 3), np.uint8)), (face,))
    large = member.measure(Photo.from_pixels(np.zeros((260, 260, 3), np.uint8)), (face,))
    assert [len(eyes) for eyes in (*small, *large)] == [0, 2]


@pytest.mark.parametrize("beyond", [(-0.02, 0.5), (1.02, 0.5), (0.5, -0.02), (0.5, 1.02)])
def test_an_eye_outside_the_picture_is_left_out(member: EyeDetector, beyond: tuple[float, float]) -> None:
    """A face that is cut off keeps the other eye."""
    photo = Photo.from_pixels(np.zeros((500, 500, 3), np.uint8))
    ((eye,),) = member.measure(photo, (face_at((0.4, 0.5), beyond, 0.03),))
    assert np.mean(eye.box[1::2]) == pytest.approx(0.5)


def test_the_network_sees_the_eye_upright_in_its_middle(member: EyeDetector, network: ByBrightness) -> None:
    """The astronaut's irises, darker than all around them, lie in the middle of what the network gets."""
    photo = Photo.from_pixels(np.asarray(data.astronaut()))
    faces = FaceDetector(models_root()).measure(photo)
    ((left, right),) = member.measure(photo, faces)
    assert left.size == pytest.approx(19, abs=3)
    assert right.aspect == pytest.approx(0.25, abs=0.1)
    for eye in network.seen[:2]:
        iris, around = eye[19:29, 19:29].mean(), [eye[19:29, 5:14].mean(), eye[34:44, 19:29].mean()]
        assert iris < -0.8
        assert min(around) > iris + 0.8


def test_native_pixels_are_used(member: EyeDetector, network: ByBrightness) -> None:
    """Detail that the working picture has lost reaches the network."""
    fine = np.zeros((4096, 4096, 3), np.uint8)
    fine[:, ::2] = 255
    face = face_at((0.499, 0.5), (0.513, 0.5), 0.002)
    ((left, _),) = member.measure(Photo.from_pixels(fine), (face,))
    assert left.size < 20
    assert network.seen[0].std() > 0.8
    assert prepare([Photo.from_pixels(fine).working[500:524, 500:524]], SIZE).std() < 0.1
