"""The face mesh: poses of synthetic faces are recovered, and points are converted to the picture."""

from __future__ import annotations

from math import cos, pi, radians, sin

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from autocull.measure.face_mesh import Mesh, face_square, predict_mesh
from autocull.measure.oriented_crops import OrientedCrop

PITCH_OFFSET = 8.0  # degrees: inclination of the line from forehead to chin in a frontal face


def rotation(axis: int, degrees: float) -> NDArray[np.float64]:
    """Make the rotation matrix of column vectors about axis 0 (x), 1 (y) or 2 (z)."""
    one, other = [index for index in range(3) if index != axis]
    matrix = np.eye(3)
    angle = radians(degrees)
    matrix[one, one] = matrix[other, other] = cos(angle)
    matrix[one, other], matrix[other, one] = -sin(angle), sin(angle)
    return matrix


def synthetic_face(yaw: float = 0, pitch: float = 0, roll: float = 0) -> Mesh:
    """Make a mesh of the points that define the pose, rotated: x right, y down, z away from the camera."""
    points = np.zeros((468, 3))
    for (left, right), (half, y, z) in {
        (33, 263): (45, -20, 10),
        (234, 454): (75, 0, 60),
        (61, 291): (25, 50, 0),
    }.items():
        points[left], points[right] = (-half, y, z), (half, y, z)
    points[10], points[152] = (0, -90, 0), (0, 90, 0)
    # About z by roll, about y so that what is in front (negative z) goes right, about x so that it goes up.
    rotated = rotation(2, roll) @ rotation(1, yaw) @ rotation(0, -pitch)
    return Mesh((points @ rotated.T) + (300, 200, 0), 1.0)


def test_frontal_face_has_only_the_pitch_offset() -> None:
    """The forehead-chin line of a real frontal face is inclined; a vertical one is pitched up a little."""
    assert synthetic_face().pose() == pytest.approx((0, PITCH_OFFSET, 0), abs=1e-6)


@given(st.floats(-60, 60))
def test_yaw_is_recovered(yaw: float) -> None:
    """Positive to the picture's right; the mirror image has its negative."""
    pose = synthetic_face(yaw=yaw).pose()
    assert pose == pytest.approx((yaw, PITCH_OFFSET, 0), abs=1e-6)
    assert synthetic_face(yaw=-yaw).pose().yaw == pytest.approx(-pose.yaw, abs=1e-6)


@given(st.floats(-50, 50))
def test_pitch_is_recovered(pitch: float) -> None:
    """Positive up."""
    assert synthetic_face(pitch=pitch).pose() == pytest.approx((0, pitch + PITCH_OFFSET, 0), abs=1e-6)


@given(st.floats(-85, 85))
def test_roll_is_recovered(roll: float) -> None:
    """Positive clockwise, from the direction across the face."""
    assert synthetic_face(roll=roll).pose() == pytest.approx((0, PITCH_OFFSET, roll), abs=1e-6)


def test_positive_yaw_moves_the_nose_to_the_right() -> None:
    """The sign of yaw is that of the direction in which a point in front of the face moves."""
    nose = rotation(1, 30) @ np.array([0, 0, -50.0])
    assert nose[0] > 0
    assert synthetic_face(yaw=30).pose().yaw > 0


def test_mesh_without_extent_has_a_finite_pose() -> None:
    """All points at one position cause no division by zero."""
    assert np.isfinite(Mesh(np.zeros((468, 3)), 0.0).pose()).all()


def test_outline_contains_all_points() -> None:
    """x0, y0, x1, y1 of the points in the picture, at any depth."""
    points = np.random.default_rng(1).uniform(0, 100, (468, 3))
    points[5], points[6] = (-7, 50, 900), (130, 140, -900)
    mesh = Mesh(points, 1.0)
    assert mesh.outline() == pytest.approx((-7, points[:, 1].min(), 130, 140))
    assert mesh.side() == pytest.approx(140 - points[:, 1].min())
    assert Mesh(np.zeros((468, 3)), 1.0).side() == 1.0


def test_square_of_a_face_is_larger_and_level_with_the_eyes() -> None:
    """Its side is 1.5 times the box's longer side; its angle is that of the line between the eyes."""
    corners = np.zeros((8, 2))
    corners[:4] = (100, 200), (160, 280), (110, 220), (150, 260)
    assert face_square(corners) == OrientedCrop(130, 240, 120, pi / 4)


def test_mesh_is_converted_to_the_picture() -> None:
    """Points are rotated and scaled with the square, depth is scaled with it."""

    def network(upright: NDArray[np.float32]) -> list[NDArray[np.float32]]:
        """Return a mesh with all points at the middle of the right edge, one side of the square behind it."""
        assert upright.shape == (1, 192, 192, 3)
        assert upright.max() == 1.0
        points = np.tile(np.array([192, 96, 192], np.float32), 468).reshape(1, 1, 1, 1404)
        return [points, np.zeros((1, 1, 1, 1), np.float32)]

    square = OrientedCrop(500, 400, 100, pi / 2)
    white = np.full((192, 192, 3), 255, np.uint8)
    mesh = predict_mesh(network, white, square)  # type: ignore[arg-type]
    np.testing.assert_allclose(mesh.points, np.tile([500, 450, 100], (468, 1)), atol=1e-9)
    assert mesh.score == 0.5


def test_left_eye_comes_first() -> None:
    """Corner and lid points of both eyes are in their order."""
    points = np.arange(468 * 3, dtype=np.float64).reshape(468, 3)
    eyes = Mesh(points, 1.0).eyes()
    assert eyes.shape == (2, 4, 2)
    assert eyes[0, :, 0].tolist() == [3 * index for index in (33, 133, 159, 145)]
    assert eyes[1, :, 0].tolist() == [3 * index for index in (263, 362, 386, 374)]


@pytest.mark.parametrize(("gap", "opening"), [(0.0, 0.0), (10.0, 0.25), (40.0, 1.0)])
def test_mouth_is_the_distance_of_the_lips_over_its_width(gap: float, opening: float) -> None:
    """It does not change with the size of the face and its turn."""
    points = np.zeros((468, 3))
    points[78, 0], points[308, 0] = -20, 20
    points[13, 1], points[14, 1] = -gap / 2, gap / 2
    for scale, degrees in ((1, 0), (3, 40)):
        assert Mesh(scale * points @ rotation(1, degrees).T, 1.0).mouth() == pytest.approx(opening)
    assert Mesh(np.zeros((468, 3)), 1.0).mouth() == 0
