"""Faces: found where they are, however the picture is scaled, turned or mirrored, and nowhere else."""

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
from autocull.measure.faces import FaceDetector
from autocull.measure.models import Network, models_root
from autocull.read.photo import Photo, Pixels

EYES = ((203.8, 101.2), (246.5, 103.6))  # the astronaut's pupils, seen by eye, in pixels of 512 x 512


@pytest.fixture(scope="module")
def member() -> FaceDetector:
    """The member that ships."""
    return FaceDetector(models_root())


@pytest.fixture
def astronaut() -> Pixels:
    """One woman who looks into the camera, 512 x 512."""
    return np.asarray(data.astronaut())


def find(member: FaceDetector, pixels: Pixels, orientation: int = 1) -> tuple[Face, ...]:
    """Measure the faces of a picture."""
    return member.measure(Photo.from_pixels(pixels, orientation))


def eye_middles(face: Face, pixels: Pixels) -> list[tuple[float, float]]:
    """Give the middles between the corners of both eyes in pixels."""
    height, width = pixels.shape[:2]
    return [
        ((eye.outer[0] + eye.inner[0]) / 2 * width, (eye.outer[1] + eye.inner[1]) / 2 * height)
        for eye in face.eye_points
    ]


def resized(pixels: Pixels, width: int, height: int) -> Pixels:
    """Scale a picture."""
    return np.asarray(Image.fromarray(pixels).resize((width, height), Image.Resampling.LANCZOS))


def with_limits(folder: Path, **limits: float) -> FaceDetector:
    """Make a member whose configuration differs in some limits."""
    shutil.copytree(models_root() / "faces", folder / "faces")
    path = folder / "faces" / "config.json"
    config = json.loads(path.read_text("utf-8"))
    config["limits"] |= limits
    path.write_text(json.dumps(config), "utf-8")
    return FaceDetector(folder)


def test_name_and_version(member: FaceDetector) -> None:
    """The detector has the name of its model folder, and its model's version."""
    assert member.name == "faces"
    assert member.version


def test_the_astronaut_is_found_with_her_eyes(member: FaceDetector, astronaut: Pixels) -> None:
    """One face, eyes within a tenth of their distance, looking into the camera, the most prominent one."""
    (face,) = find(member, astronaut)
    for place, truth in zip(eye_middles(face, astronaut), EYES, strict=True):
        assert place == pytest.approx(truth, abs=4)
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
def test_the_size_of_the_picture_does_not_matter(
    member: FaceDetector, astronaut: Pixels, width: int, height: int
) -> None:
    """Small, large and a little squeezed: the eyes lie at the same fractions of the picture."""
    (face,) = find(member, resized(astronaut, width, height))
    (plain,) = find(member, astronaut)
    assert np.ravel(face.box) == pytest.approx(np.ravel(plain.box), abs=0.03)
    assert np.ravel(face.eye_points) == pytest.approx(np.ravel(plain.eye_points), abs=0.012)


@pytest.mark.parametrize("degrees", [-30, 20])
def test_a_turned_head_has_its_roll(member: FaceDetector, astronaut: Pixels, degrees: int) -> None:
    """Roll is positive clockwise, and the eyes turn with the picture."""
    turned = np.asarray(Image.fromarray(astronaut).rotate(-degrees, Image.Resampling.BICUBIC))
    (face,) = find(member, turned)
    assert face.roll == pytest.approx(3 + degrees, abs=5)
    assert abs(face.yaw) < 12


def test_the_mirror_image_looks_the_other_way(member: FaceDetector) -> None:
    """Yaw and roll change their sign: the photographer of `camera` looks right, at his camera."""
    cameraman = np.repeat(data.camera()[..., None], 3, axis=2)
    (face,), (mirrored,) = find(member, cameraman), find(member, cameraman[:, ::-1])
    assert face.yaw > 15
    assert mirrored.yaw == pytest.approx(-face.yaw, abs=12)
    assert mirrored.roll == pytest.approx(-face.roll, abs=8)
    assert mirrored.box.x0 == pytest.approx(1 - face.box.x1, abs=0.03)


def test_a_photo_that_was_stored_turned_is_measured_upright(member: FaceDetector, astronaut: Pixels) -> None:
    """The faces of a photo with orientation 6 are those of the upright one."""
    (upright,) = find(member, astronaut)
    (turned,) = find(member, np.rot90(astronaut), 6)
    assert np.ravel(turned.eye_points) == pytest.approx(np.ravel(upright.eye_points), abs=0.01)


def test_the_largest_face_is_the_most_prominent(member: FaceDetector, astronaut: Pixels) -> None:
    """Prominence is the squared share of the largest face's size; the faces come in its order."""
    head = astronaut[20:260, 110:350]
    picture = np.full((1200, 1800, 3), 127, np.uint8)
    for x, y, side in ((100, 700, 240), (1000, 300, 480), (300, 100, 340)):
        picture[y : y + side, x : x + side] = resized(head, side, side)
    faces = find(member, picture)
    assert [face.prominence for face in faces] == pytest.approx([1.0, 0.5, 0.25], abs=0.1)
    assert [round(face.box.x0 * 1800 / 100) for face in faces] == pytest.approx([11, 4, 1], abs=1)


def test_small_faces_of_a_group_are_found_in_tiles(
    member: FaceDetector, astronaut: Pixels, tmp_path: Path
) -> None:
    """Fifteen faces of 5 % of the picture's width: tiles find them, the whole picture alone does not."""
    head = resized(astronaut[20:260, 110:350], 360, 360)
    picture = np.full((2000, 3000, 3), 127, np.uint8)
    for x in range(60, 2800, 580):
        for y in range(60, 1700, 640):
            picture[y : y + 360, x : x + 360] = head
    without = with_limits(tmp_path, tiles_below=0.0)
    assert len(find(member, picture)) == 15
    assert len(find(without, picture)) < 10


def test_a_face_that_fills_the_picture_is_found_from_afar(member: FaceDetector, astronaut: Pixels) -> None:
    """A crop from brow to chin is a face too."""
    (face,) = find(member, astronaut[80:165, 182:267])
    assert face.box.x1 - face.box.x0 > 0.6


@pytest.mark.parametrize("name", ["coins", "page", "brick", "grass", "gravel", "coffee", "rocket"])
def test_things_have_no_faces(member: FaceDetector, name: str) -> None:
    """Coins with heads on them, print, textures, a cup and a rocket: nobody."""
    pixels = np.asarray(getattr(data, name)())
    assert find(member, np.repeat(pixels[..., None], 3, axis=2) if pixels.ndim == 2 else pixels) == ()


def test_a_cat_is_no_person(member: FaceDetector) -> None:
    """Nor is a plain or a one-pixel picture."""
    assert find(member, np.asarray(data.chelsea())) == ()
    assert find(member, np.zeros((600, 800, 3), np.uint8)) == ()
    assert find(member, np.zeros((1, 1, 3), np.uint8)) == ()


def test_a_face_at_the_edge_stays_in_the_picture(member: FaceDetector, astronaut: Pixels) -> None:
    """The box is clipped; the eyes stay where they are."""
    (face,) = find(member, astronaut[:, 190:])
    assert face.box.x0 == 0.0
    assert face.eye_points[1].outer[0] * 322 == pytest.approx(256 - 190, abs=6)


def test_the_same_photo_gives_the_same_faces(member: FaceDetector, astronaut: Pixels) -> None:
    """To the last bit, also after another photo."""
    first = find(member, astronaut)
    find(member, astronaut[:, ::-1])
    assert find(member, astronaut) == first


LIMITS: list[tuple[str, float]] = [
    ("least_score", 0.99),
    ("least_mesh_score", 1.1),
    ("most_faces", 0),
    ("hint", 0.999),
]


@pytest.mark.parametrize(("limit", "value"), LIMITS)
def test_each_limit_can_refuse_a_face(tmp_path: Path, astronaut: Pixels, limit: str, value: float) -> None:
    """Moved far enough, each limit alone leaves the astronaut unseen."""
    strict = {"least_score_from_afar": 0.99} if limit == "least_score" else {}
    assert find(with_limits(tmp_path, **{limit: value}, **strict), astronaut) == ()


@pytest.mark.parametrize(("limit", "value"), [("afar", 1.0), ("least_score_from_afar", 0.99)])
def test_the_look_from_afar_has_its_limits(
    tmp_path: Path, astronaut: Pixels, limit: str, value: float
) -> None:
    """Without it, or with a strict one, the face that fills the picture is missed."""
    strict = with_limits(tmp_path, **{limit: value, "tiles_below": 0.0})
    assert find(strict, astronaut[80:165, 182:267]) == ()


def test_a_missing_wheel_is_named_with_the_remedy(tmp_path: Path, astronaut: Pixels) -> None:
    """The weights live in a dependency: the remedy is to install it."""
    member = with_carrier(tmp_path, package="no_such_package")
    with pytest.raises(ModelError, match=r"face_detection_full_range\.tflite is missing") as caught:
        find(member, astronaut)
    assert "Install Autocull's dependencies again" in caught.value.message


def test_another_version_of_the_wheel_is_refused(tmp_path: Path, astronaut: Pixels) -> None:
    """The weights must be those that the configuration knows by their checksum."""
    member = with_carrier(tmp_path, files={"face_detection_full_range.tflite": hashlib.sha256().hexdigest()})
    with pytest.raises(ModelError, match="corrupt or another version"):
        find(member, astronaut)


def with_carrier(folder: Path, **changes: Any) -> FaceDetector:
    """Make a member whose configuration names another carrier."""
    member = with_limits(folder)
    path = folder / "faces" / "config.json"
    config = json.loads(path.read_text("utf-8"))
    config["carrier"] |= changes
    path.write_text(json.dumps(config), "utf-8")
    return member


def test_the_networks_are_loaded_at_the_first_photo(monkeypatch: pytest.MonkeyPatch) -> None:
    """Making a member and asking for its version opens no network."""
    monkeypatch.setattr(Network, "__init__", None)
    assert FaceDetector(models_root()).version


def rows(manifest: Path) -> list[dict[str, str]]:
    """Read a manifest."""
    with manifest.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_faces_of_real_groups_and_portraits_are_found(member: FaceDetector, shared_data: Path) -> None:
    """Floors of the share of faces found, per source, against another detector's count."""
    expected: Counter[str] = Counter()
    found: Counter[str] = Counter()
    for row in rows(shared_data / "portraits" / "manifest.csv"):
        if row["source"] in {"dlib", "faceapi"} or hash_share(row["path"]) < 4:
            with Image.open(shared_data / "portraits" / row["path"]) as image:
                count = len(find(member, np.asarray(image.convert("RGB"))))
            expected[row["source"]] += int(row["n_faces_yunet"])
            found[row["source"]] += min(count, int(row["n_faces_yunet"]))
    assert found["dlib"] / expected["dlib"] >= 0.95
    assert found["faceapi"] / expected["faceapi"] >= 0.95
    assert found.total() / expected.total() >= 0.9


def test_photos_without_people_have_no_faces(member: FaceDetector, shared_data: Path) -> None:
    """At most 1 in 100 photos of landscapes, food and plants has a face that is none."""
    scenes = [
        row
        for row in rows(shared_data / "scenes" / "manifest.csv")
        if row["label"] in {"landscape", "food", "macro_plants"} and hash_share(row["path"]) < 4
    ]
    with_faces = 0
    for row in scenes:
        with Image.open(shared_data / "scenes" / row["path"]) as image:
            with_faces += bool(find(member, np.asarray(image.convert("RGB"))))
    assert with_faces <= len(scenes) / 100


def hash_share(text: str, of: int = 64) -> int:
    """Draw a number below `of` from a text, the same everywhere."""
    return hashlib.sha256(text.encode()).digest()[0] % of
