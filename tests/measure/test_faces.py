"""The face detector: faces are found in scaled, turned and mirrored pictures, and nowhere else."""

from __future__ import annotations

import csv
import hashlib
import json
import shutil
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from skimage import data

from autocull.errors import ModelError
from autocull.measure.evidence import Face
from autocull.measure.faces import FaceDetector, main_prominence
from autocull.measure.models import Network, models_root
from autocull.read.photo import Photo, Pixels

EYES = ((203.8, 101.2), (246.5, 103.6))  # the astronaut's pupils, read by hand, in pixels of 512 x 512


@pytest.fixture(scope="module")
def detector() -> FaceDetector:
    """Return the detector with the shipped weights."""
    return FaceDetector(models_root())


@pytest.fixture
def astronaut() -> Pixels:
    """Return a frontal portrait, 512 x 512."""
    return np.asarray(data.astronaut())


def find(detector: FaceDetector, pixels: Pixels, orientation: int = 1) -> tuple[Face, ...]:
    """Measure the faces of a picture."""
    return detector.measure(Photo.from_pixels(pixels, orientation))


def eye_centres(face: Face, pixels: Pixels) -> list[tuple[float, float]]:
    """Return the middles between the corners of both eyes in pixels."""
    height, width = pixels.shape[:2]
    return [(eye.centre[0] * width, eye.centre[1] * height) for eye in face.eye_points]


def resized(pixels: Pixels, width: int, height: int) -> Pixels:
    """Scale a picture."""
    return np.asarray(Image.fromarray(pixels).resize((width, height), Image.Resampling.LANCZOS))


def with_limits(folder: Path, **limits: float) -> FaceDetector:
    """Make a detector whose configuration differs in some limits."""
    shutil.copytree(models_root() / "faces", folder / "faces")
    path = folder / "faces" / "config.json"
    config = json.loads(path.read_text("utf-8"))
    config["limits"] |= limits
    path.write_text(json.dumps(config), "utf-8")
    return FaceDetector(folder)


def test_name_and_version(detector: FaceDetector) -> None:
    """The detector has the name of its model folder, and its model's version."""
    assert detector.name == "faces"
    assert detector.version


def test_face_of_a_portrait_is_found_with_its_eyes(detector: FaceDetector, astronaut: Pixels) -> None:
    """One frontal face, eyes within a tenth of their distance, the most prominent one."""
    (face,) = find(detector, astronaut)
    for position, truth in zip(eye_centres(face, astronaut), EYES, strict=True):
        assert position == pytest.approx(truth, abs=4)
    assert abs(face.yaw) < 10
    assert abs(face.pitch) < 15
    assert face.roll == pytest.approx(3, abs=4)
    assert face.prominence == 1.0
    assert min(face.score, face.mesh_score) > 0.8
    assert face.eyes == ()
    for eye in face.eye_points:
        assert eye.upper[1] < eye.lower[1]
    assert face.eye_points[0].outer[0] < face.eye_points[0].inner[0] < face.eye_points[1].inner[0]


@pytest.mark.parametrize(("width", "height"), [(200, 200), (3000, 3000), (700, 512)])
def test_size_of_the_picture_does_not_matter(
    detector: FaceDetector, astronaut: Pixels, width: int, height: int
) -> None:
    """Small, large and slightly squeezed: the eyes are at the same fractions of the picture."""
    (face,) = find(detector, resized(astronaut, width, height))
    (plain,) = find(detector, astronaut)
    assert np.ravel(face.box) == pytest.approx(np.ravel(plain.box), abs=0.03)
    assert np.ravel(face.eye_points) == pytest.approx(np.ravel(plain.eye_points), abs=0.012)


@pytest.mark.parametrize("degrees", [-30, 20])
def test_turned_head_has_its_roll(detector: FaceDetector, astronaut: Pixels, degrees: int) -> None:
    """Roll is positive clockwise, and the eyes turn with the picture."""
    turned = np.asarray(Image.fromarray(astronaut).rotate(-degrees, Image.Resampling.BICUBIC))
    (face,) = find(detector, turned)
    assert face.roll == pytest.approx(3 + degrees, abs=5)
    assert abs(face.yaw) < 12


def test_mirroring_changes_the_sign_of_the_pose(detector: FaceDetector) -> None:
    """Yaw and roll change their sign; the man in `camera` faces right."""
    cameraman = np.repeat(data.camera()[..., None], 3, axis=2)
    (face,), (mirrored,) = find(detector, cameraman), find(detector, cameraman[:, ::-1])
    assert face.yaw > 15
    assert mirrored.yaw == pytest.approx(-face.yaw, abs=12)
    assert mirrored.roll == pytest.approx(-face.roll, abs=8)
    assert mirrored.box.x0 == pytest.approx(1 - face.box.x1, abs=0.03)


def test_turned_photo_is_measured_upright(detector: FaceDetector, astronaut: Pixels) -> None:
    """The faces of a photo with orientation 6 are those of the upright one."""
    (upright,) = find(detector, astronaut)
    (turned,) = find(detector, np.rot90(astronaut), 6)
    assert np.ravel(turned.eye_points) == pytest.approx(np.ravel(upright.eye_points), abs=0.01)


def test_largest_face_is_the_most_prominent(detector: FaceDetector, astronaut: Pixels) -> None:
    """Prominence is the squared ratio to the largest face's size; the faces are in its order."""
    head = astronaut[20:260, 110:350]
    picture = np.full((1200, 1800, 3), 127, np.uint8)
    for x, y, side in ((100, 700, 240), (1000, 300, 480), (300, 100, 340)):
        picture[y : y + side, x : x + side] = resized(head, side, side)
    faces = find(detector, picture)
    assert [face.prominence for face in faces] == pytest.approx([1.0, 0.5, 0.25], abs=0.1)
    assert [round(face.box.x0 * 1800 / 100) for face in faces] == pytest.approx([11, 4, 1], abs=1)


def test_small_faces_of_a_group_are_found_in_tiles(
    detector: FaceDetector, astronaut: Pixels, tmp_path: Path
) -> None:
    """Fifteen faces of 5 % of the picture's width: tiles find them, the whole picture alone does not."""
    head = resized(astronaut[20:260, 110:350], 360, 360)
    picture = np.full((2000, 3000, 3), 127, np.uint8)
    for x in range(60, 2800, 580):
        for y in range(60, 1700, 640):
            picture[y : y + 360, x : x + 360] = head
    without = with_limits(tmp_path, tiles_below=0.0)
    assert len(find(detector, picture)) == 15
    assert len(find(without, picture)) < 10


def test_face_that_fills_the_picture_is_found(detector: FaceDetector, astronaut: Pixels) -> None:
    """A crop from brow to chin is a face too."""
    (face,) = find(detector, astronaut[80:165, 182:267])
    assert face.box.x1 - face.box.x0 > 0.6


@pytest.mark.parametrize("side", [62, 900])
def test_face_beyond_the_edges_is_found_without_a_hint(
    detector: FaceDetector, astronaut: Pixels, tmp_path: Path, side: int
) -> None:
    """A crop from brow to lip has no candidate in the whole picture; the reduced picture finds the face."""
    crop = resized(astronaut[88:150, 195:257], side, side)
    (face,) = find(detector, crop)
    assert face.box.x1 - face.box.x0 > 0.8
    assert len(face.eye_points) == 2
    assert find(with_limits(tmp_path, afar=1.0), crop) == ()


@pytest.mark.parametrize("quarters", [1, 3])
@pytest.mark.parametrize("part", [slice(None), slice(80, 165)])
def test_face_on_its_side_is_found(
    detector: FaceDetector, astronaut: Pixels, part: slice, quarters: int
) -> None:
    """The eyes of a picture turned by a quarter are where they were; the roll is that of the turn."""
    picture = astronaut[part, 182:267] if part.start else astronaut
    (upright,) = find(detector, picture)
    (face,) = find(detector, np.rot90(picture, quarters))
    assert face.roll == pytest.approx(upright.roll + (-90 if quarters == 1 else 90), abs=6)
    for eye, original in zip(face.eye_points, upright.eye_points, strict=True):
        x, y = original.centre
        expected = (y, 1 - x) if quarters == 1 else (1 - y, x)
        assert eye.centre == pytest.approx(expected, abs=0.04)


@pytest.mark.parametrize("limit", ["turned_hint", "least_score_turned"])
def test_limits_of_the_turned_picture_are_applied(tmp_path: Path, astronaut: Pixels, limit: str) -> None:
    """With a strict limit, a face on its side that fills the picture is missed."""
    strict = with_limits(tmp_path, **{limit: 1.01, "tiles_below": 0.0})
    assert find(strict, np.rot90(astronaut[80:165, 182:267], 3)) == ()


@pytest.mark.parametrize("quarters", [1, 3])
def test_small_face_on_its_side_is_found(detector: FaceDetector, astronaut: Pixels, quarters: int) -> None:
    """The reduced picture shows it too small: it is found in the complete picture, turned to both sides."""
    picture = np.full((800, 1200, 3), 127, np.uint8)
    picture[300:556, 700:956] = resized(astronaut[:256, 96:352], 256, 256)
    picture[300:556, 700:956] = np.rot90(picture[300:556, 700:956], quarters).copy()
    (face,) = find(detector, picture)
    assert abs(face.roll) == pytest.approx(88, abs=9)
    assert (face.box.x0 * 1200 > 690, face.box.x1 * 1200 < 970) == (True, True)


def test_photo_without_a_face_takes_few_runs(detector: FaceDetector, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where a hint of a face appears: complete, reduced, turned in three runs, and four tiles."""
    runs = []
    call = Network.__call__

    def counted(network: Network, *inputs: Any) -> Any:
        """Count a run of the face network."""
        runs.append(inputs[0].shape)
        return call(network, *inputs)

    monkeypatch.setattr(Network, "__call__", counted)
    with_hint = np.asarray(data.coffee())
    assert find(detector, with_hint) == ()
    assert runs.count((1, 192, 192, 3)) <= 5 + 4


def test_mesh_of_a_face_on_its_side_is_not_bent(
    detector: FaceDetector, astronaut: Pixels, tmp_path: Path
) -> None:
    """The unturned picture alone finds this face at a wrong angle; the turned one replaces it."""
    sideways = np.rot90(astronaut[80:165, 182:267])
    (bent,) = find(with_limits(tmp_path, least_score_turned=1.01), sideways)
    (face,) = find(detector, sideways)
    assert bent.roll > -60
    assert face.roll == pytest.approx(-88, abs=6)


def test_passer_by_in_the_background_is_not_prominent(
    detector: FaceDetector, astronaut: Pixels, tmp_path: Path
) -> None:
    """A single face below the share of a main face counts less; three of them are a group."""
    head = resized(astronaut[20:260, 110:350], 320, 320)
    picture = np.full((1200, 1800, 3), 127, np.uint8)
    picture[500:820, 100:420] = head
    strict = with_limits(tmp_path / "strict", main_share=0.03)
    mild = with_limits(tmp_path / "mild", main_share=0.003)
    faces = [find(each, picture)[0] for each in (strict, detector, mild)]
    assert faces[0].prominence < 0.25 < faces[1].prominence < faces[2].prominence == 1.0
    picture[500:820, 700:1020] = picture[500:820, 1300:1620] = head
    assert [other.prominence > 0.8 for other in find(strict, picture)] == [True] * 3


def test_main_prominence_falls_below_the_share_of_a_main_face() -> None:
    """At half the share a quarter remains; photos without faces and groups have the full prominence."""
    assert main_prominence([0.005], 0.01, 3) == pytest.approx(0.25)
    assert main_prominence([0.01], 0.01, 3) == 1.0
    assert main_prominence([0.005, 0.0013, 0.0013], 0.01, 3) == 1.0
    assert main_prominence([0.005, 0.0012, 0.0013], 0.01, 3) == pytest.approx(0.25)
    assert main_prominence([0.0], 0.01, 3) == 0.0


def test_open_mouth_is_measured(detector: FaceDetector, astronaut: Pixels) -> None:
    """The astronaut smiles: the lips are apart by a tenth to a third of the mouth's width."""
    (face,) = find(detector, astronaut)
    assert 0.1 < face.mouth < 0.33


@pytest.mark.parametrize("name", ["coins", "page", "brick", "grass", "gravel", "coffee", "rocket"])
def test_objects_have_no_faces(detector: FaceDetector, name: str) -> None:
    """Coins with heads on them, print, textures, a cup and a rocket have no faces."""
    pixels = np.asarray(getattr(data, name)())
    assert find(detector, np.repeat(pixels[..., None], 3, axis=2) if pixels.ndim == 2 else pixels) == ()


def test_cat_has_no_face(detector: FaceDetector) -> None:
    """Neither has a uniform or a one-pixel picture."""
    assert find(detector, np.asarray(data.chelsea())) == ()
    assert find(detector, np.zeros((600, 800, 3), np.uint8)) == ()
    assert find(detector, np.zeros((1, 1, 3), np.uint8)) == ()


def test_box_of_a_face_at_the_edge_is_clipped(detector: FaceDetector, astronaut: Pixels) -> None:
    """The eyes keep their positions."""
    (face,) = find(detector, astronaut[:, 190:])
    assert face.box.x0 == 0.0
    assert face.eye_points[1].outer[0] * 322 == pytest.approx(256 - 190, abs=6)


def test_results_do_not_depend_on_earlier_photos(detector: FaceDetector, astronaut: Pixels) -> None:
    """The same photo gives exactly the same faces."""
    first = find(detector, astronaut)
    find(detector, astronaut[:, ::-1])
    assert find(detector, astronaut) == first


LIMITS: list[tuple[str, float]] = [
    ("least_score", 0.99),
    ("least_mesh_score", 1.1),
    ("most_faces", 0),
    ("hint", 0.999),
]


@pytest.mark.parametrize(("limit", "value"), LIMITS)
def test_each_limit_can_reject_a_face(tmp_path: Path, astronaut: Pixels, limit: str, value: float) -> None:
    """At an extreme value, each limit alone rejects the astronaut's face."""
    others = ("least_score_from_afar", "least_score_turned")
    strict = dict.fromkeys(others, 0.99) if limit == "least_score" else {}
    assert find(with_limits(tmp_path, **{limit: value}, **strict), astronaut) == ()


@pytest.mark.parametrize(("limit", "value"), [("afar", 1.0), ("least_score_from_afar", 0.99)])
def test_limits_of_the_reduced_picture_are_applied(
    tmp_path: Path, astronaut: Pixels, limit: str, value: float
) -> None:
    """Without reduction, or with a strict limit, the face that fills the picture is missed."""
    others = {"tiles_below": 0.0, "least_score_turned": 1.01}
    strict = with_limits(tmp_path, **{**others, limit: value})
    assert find(strict, astronaut[80:165, 182:267]) == ()


def test_missing_package_is_an_error_with_the_remedy(tmp_path: Path, astronaut: Pixels) -> None:
    """The weights are part of a dependency: the remedy is to install it."""
    detector = with_carrier(tmp_path, package="no_such_package")
    with pytest.raises(ModelError, match=r"face_detection_full_range\.tflite is missing") as caught:
        find(detector, astronaut)
    assert "Install Autocull's dependencies again" in caught.value.message


def test_weights_with_another_checksum_are_refused(tmp_path: Path, astronaut: Pixels) -> None:
    """The weights must have the checksum of the configuration."""
    detector = with_carrier(
        tmp_path, files={"face_detection_full_range.tflite": hashlib.sha256().hexdigest()}
    )
    with pytest.raises(ModelError, match="corrupt or another version"):
        find(detector, astronaut)


def with_carrier(folder: Path, **changes: Any) -> FaceDetector:
    """Make a detector whose configuration names another carrier."""
    detector = with_limits(folder)
    path = folder / "faces" / "config.json"
    config = json.loads(path.read_text("utf-8"))
    config["carrier"] |= changes
    path.write_text(json.dumps(config), "utf-8")
    return detector


def test_networks_are_loaded_at_the_first_photo(monkeypatch: pytest.MonkeyPatch) -> None:
    """Creating a detector and reading its version loads no network."""
    monkeypatch.setattr(Network, "__init__", None)
    assert FaceDetector(models_root()).version


def rows(manifest: Path) -> list[dict[str, str]]:
    """Read a manifest."""
    with manifest.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_faces_of_real_groups_and_portraits_are_found(detector: FaceDetector, shared_data: Path) -> None:
    """Minimum shares of faces found, per source, against the count of another detector."""
    expected: Counter[str] = Counter()
    detected: Counter[str] = Counter()
    for row in rows(shared_data / "portraits" / "manifest.csv"):
        if row["source"] in {"dlib", "faceapi"} or hash_share(row["path"]) < 4:
            with Image.open(shared_data / "portraits" / row["path"]) as image:
                count = len(find(detector, np.asarray(image.convert("RGB"))))
            expected[row["source"]] += int(row["n_faces_yunet"])
            detected[row["source"]] += min(count, int(row["n_faces_yunet"]))
    assert detected["dlib"] / expected["dlib"] >= 0.95
    assert detected["faceapi"] / expected["faceapi"] >= 0.95
    assert detected.total() / expected.total() >= 0.9


def test_photos_without_people_have_no_faces(detector: FaceDetector, shared_data: Path) -> None:
    """At most 1 in 100 photos of landscapes, food and plants has a false face."""
    scenes = [
        row
        for row in rows(shared_data / "scenes" / "manifest.csv")
        if row["label"] in {"landscape", "food", "macro_plants"} and hash_share(row["path"]) < 4
    ]
    with_faces = 0
    for row in scenes:
        with Image.open(shared_data / "scenes" / row["path"]) as image:
            with_faces += bool(find(detector, np.asarray(image.convert("RGB"))))
    assert with_faces <= len(scenes) / 100


def hash_share(text: str, of: int = 64) -> int:
    """Return a number below `of` derived from a text, the same everywhere."""
    return hashlib.sha256(text.encode()).digest()[0] % of
