"""The iris network: lids close and the iris moves, on either side, at any size and angle."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageDraw
from skimage import data

from autocull.measure import iris
from autocull.measure.evidence import Eye
from autocull.measure.eyes import EyeDetector
from autocull.measure.faces import FaceDetector
from autocull.measure.models import models_root
from autocull.measure.oriented_crops import OrientedCrop
from autocull.read.photo import Photo, Pixels

PUPILS = ((203, 101), (247, 102))  # the astronaut's, in pixels of 512 x 512


def measure_eyes(picture: Pixels) -> tuple[Eye, ...]:
    """Return the eyes of the one face of a picture."""
    photo = Photo.from_pixels(np.ascontiguousarray(picture))
    (eyes,) = EyeDetector(models_root()).measure(photo, FaceDetector(models_root()).measure(photo))
    return eyes


def lids_of(eyes: Sequence[Eye]) -> list[float]:
    """Return the distance of the lids of each eye."""
    return [eye.lids for eye in eyes if eye.lids is not None]


@pytest.fixture(scope="module")
def closed() -> Pixels:
    """Return the astronaut with skin and lashes drawn over the eyes."""
    picture = Image.fromarray(data.astronaut())
    draw = ImageDraw.Draw(picture)
    for x, y in PUPILS:
        draw.ellipse((x - 12, y - 6, x + 12, y + 7), fill=(205, 155, 135))
        draw.arc((x - 12, y - 6, x + 12, y + 5), 20, 160, fill=(70, 45, 40), width=2)
    return np.asarray(picture)


def test_closed_lids_are_nearer_than_open_ones(closed: Pixels) -> None:
    """Both eyes, both states; the lids of the mesh do not differ."""
    opened = lids_of(measure_eyes(data.astronaut()))
    assert len(opened) == 2
    assert min(opened) > 0.25
    assert max(lids_of(measure_eyes(closed))) < 0.12


def test_mirroring_swaps_the_eyes_and_turns_the_gaze() -> None:
    """The network was trained on one side; the other eye is mirrored for it."""
    picture = data.astronaut()
    left, right = measure_eyes(picture)
    other_left, other_right = measure_eyes(picture[:, ::-1])
    assert lids_of((other_left, other_right)) == pytest.approx(lids_of((right, left)), abs=0.03)
    assert (other_left.gaze, other_right.gaze) == pytest.approx((-right.gaze, -left.gaze), abs=0.06)


@pytest.mark.parametrize("side", [300, 1800])
def test_size_does_not_matter(closed: Pixels, side: int) -> None:
    """A small and a large copy of a picture have the same lids."""
    for picture in (data.astronaut(), closed):
        copy = np.asarray(Image.fromarray(picture).resize((side, side)))
        assert lids_of(measure_eyes(copy)) == pytest.approx(lids_of(measure_eyes(picture)), abs=0.08)


def test_turned_head_has_the_same_lids() -> None:
    """The square is turned with the eyes."""
    turned = np.asarray(Image.fromarray(data.astronaut()).rotate(20, Image.Resampling.BICUBIC))
    assert lids_of(measure_eyes(turned)) == pytest.approx(lids_of(measure_eyes(data.astronaut())), abs=0.05)


def test_square_is_2_3_times_as_large_as_the_eye() -> None:
    """Centre and angle are those of the eye; an eye without a width has a square of one pixel."""
    square = OrientedCrop(30.0, 40.0, 90.0, 0.2)
    assert iris.iris_square(square, 20.0) == OrientedCrop(30.0, 40.0, 46.0, 0.2)
    assert iris.iris_square(square, 0.0).side == 1.0


class FixedPoints:
    """A network that returns an eye 20 wide, with lids 5 apart and the iris 4 from the middle."""

    def __init__(self) -> None:
        self.inputs: list[NDArray[np.float32]] = []

    def __call__(self, *inputs: NDArray[np.float32]) -> list[NDArray[np.float32]]:
        """Return the iris (1, 15) and the contour (1, 213), in the order of the smaller first."""
        self.inputs.append(inputs[0])
        contour, centre = np.zeros((71, 3), np.float32), np.zeros((5, 3), np.float32)
        contour[0], contour[8] = (22, 32, 0), (42, 32, 0)
        contour[1:8, 1], contour[9:16, 1] = 34.5, 29.5
        contour[1:8, 0] = contour[9:16, 0] = np.linspace(24, 40, 7)
        centre[0] = (36, 31, 0)
        return [centre.reshape(1, 15), contour.reshape(1, 213)]


@pytest.mark.parametrize(("mirrored", "gaze"), [(False, 0.2), (True, -0.2)])
def test_shape_follows_from_the_networks_points(mirrored: bool, gaze: float) -> None:
    """Distances are in widths of the eye; what is mirrored for the network is turned back."""
    network = FixedPoints()
    crop = np.zeros((iris.SIZE, iris.SIZE, 3), np.uint8)
    crop[:, -1] = 255
    shape = iris.predict_shape(network, crop, mirrored=mirrored)  # type: ignore[arg-type]
    assert shape == pytest.approx((0.25, gaze), abs=1e-6)
    assert network.inputs[0].shape == (1, iris.SIZE, iris.SIZE, 3)
    assert network.inputs[0][0, :, 0 if mirrored else -1].min() == 1.0
