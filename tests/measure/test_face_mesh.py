"""The mesh: poses of made faces come back, and points lie where the network put them."""

from __future__ import annotations

from math import cos, pi, radians, sin

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from autocull.measure.face_mesh import Mesh, face_square, predict_mesh
from autocull.measure.oriented_crops import OrientedCrop

LEAN = 8.0  # a face that looks ahead has its forehead's edge this much behind its chin


def turn(axis: int, degrees: float) -> NDArray[np.float64]:
    """Make the rotation of column vectors about axis 0 (x), 1 (y) or 2 (z)."""
    one, other = [index for index in range(3) if index != axis]
    matrix = np.eye(3)
    angle = radians(degrees)
    matrix[one, one] = matrix[other, other] = cos(angle)
    matrix[one, other], matrix[other, one] = -sin(angle), sin(angle)
    return matrix


def made_face(yaw: float = 0, pitch: float = 0, roll: float = 0) -> Mesh:
    """Make a mesh of the points that the pose comes from, turned: x right, y down, z away from us."""
    points = np.zeros((468, 3))
    for (left, right), (half, y, z) in {
        (33, 263): (45, -20, 10),
        (234, 454): (75, 0, 60),
        (61, 291): (25, 50, 0),
    }.items():
        points[left], points[right] = (-half, y, z), (half, y, z)
    points[10], points[152] = (0, -90, 0), (0, 90, 0)
    # About z by roll, about y so that what is in front (negative z) goes right, about x so that it goes up.
    turned = turn(2, roll) @ turn(1, yaw) @ turn(0, -pitch)
    return Mesh((points @ turned.T) + (300, 200, 0), 1.0)


def test_a_face_that_looks_ahead_has_the_lean_only() -> None:
    """The forehead-chin line of a real face that looks ahead leans; a plumb one looks a little up."""
    assert made_face().pose() == pytest.approx((0, LEAN, 0), abs=1e-6)


@given(st.floats(-60, 60))
def test_yaw_comes_back(yaw: float) -> None:
    """Positive to the picture's right, and the mirror image has its negative."""
    pose = made_face(yaw=yaw).pose()
    assert pose == pytest.approx((yaw, LEAN, 0), abs=1e-6)
    assert made_face(yaw=-yaw).pose().yaw == pytest.approx(-pose.yaw, abs=1e-6)


@given(st.floats(-50, 50))
def test_pitch_comes_back(pitch: float) -> None:
    """Positive up."""
    assert made_face(pitch=pitch).pose() == pytest.approx((0, pitch + LEAN, 0), abs=1e-6)


@given(st.floats(-85, 85))
def test_roll_comes_back(roll: float) -> None:
    """Positive clockwise, from the direction across the face."""
    assert made_face(roll=roll).pose() == pytest.approx((0, LEAN, roll), abs=1e-6)


def test_the_face_that_looks_right_has_its_nose_right() -> None:
    """The sign of yaw is that of where a point in front of the face goes."""
    nose = turn(1, 30) @ np.array([0, 0, -50.0])
    assert nose[0] > 0
    assert made_face(yaw=30).pose().yaw > 0


def test_a_mesh_without_extent_has_a_pose_all_the_same() -> None:
    """All points in one place is no division by zero."""
    assert np.isfinite(Mesh(np.zeros((468, 3)), 0.0).pose()).all()


def test_the_outline_holds_all_points() -> None:
    """x0, y0, x1, y1 of the points in the picture, whatever their depth."""
    points = np.random.default_rng(1).uniform(0, 100, (468, 3))
    points[5], points[6] = (-7, 50, 900), (130, 140, -900)
    mesh = Mesh(points, 1.0)
    assert mesh.outline() == pytest.approx((-7, points[:, 1].min(), 130, 140))
    assert mesh.side() == pytest.approx(140 - points[:, 1].min())
    assert Mesh(np.zeros((468, 3)), 1.0).side() == 1.0


def test_the_square_of_a_face_is_half_as_large_again_and_level_with_the_eyes() -> None:
    """Side 1.5 of the box's longer side; its turn is that of the line between the eyes."""
    corners = np.zeros((8, 2))
    corners[:4] = (100, 200), (160, 280), (110, 220), (150, 260)
    assert face_square(corners) == OrientedCrop(130, 240, 120, pi / 4)


def test_the_mesh_lies_where_the_network_put_it() -> None:
    """Points of the upright square go to the picture by the square's turn and scale, depth by its scale."""

    def network(upright: NDArray[np.float32]) -> list[NDArray[np.float32]]:
        """Answer that every point is at the right edge's middle, one square's side behind."""
        assert upright.shape == (1, 192, 192, 3)
        assert upright.max() == 1.0
        points = np.tile(np.array([192, 96, 192], np.float32), 468).reshape(1, 1, 1, 1404)
        return [points, np.zeros((1, 1, 1, 1), np.float32)]

    square = OrientedCrop(500, 400, 100, pi / 2)
    white = np.full((192, 192, 3), 255, np.uint8)
    mesh = predict_mesh(network, white, square)  # type: ignore[arg-type]
    np.testing.assert_allclose(mesh.points, np.tile([500, 450, 100], (468, 1)), atol=1e-9)
    assert mesh.score == 0.5


def test_the_left_eye_comes_first() -> None:
    """Corner and lid points of both eyes in their order."""
    points = np.arange(468 * 3, dtype=np.float64).reshape(468, 3)
    eyes = Mesh(points, 1.0).eyes()
    assert eyes.shape == (2, 4, 2)
    assert eyes[0, :, 0].tolist() == [3 * index for index in (33, 133, 159, 145)]
    assert eyes[1, :, 0].tolist() == [3 * index for index in (263, 362, 386, 374)]
