"""Augmentation: what each disturbance does to a picture, and that the generator alone decides it."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from skimage import data

from autocull.arrays import Floats
from autocull.train.synthesis import augment

GREY = data.camera()[100:196, 180:276].astype(np.float32)
COLOUR = data.astronaut()[20:116, 180:276].astype(np.float32)
BOTH = (
    augment.vary_light,
    augment.add_side_light,
    augment.add_glare,
    augment.cover,
    augment.soften,
    augment.add_grain,
    augment.compress,
)


KINDS = [(disturb, picture) for disturb in BOTH for picture in (GREY, COLOUR)] + [
    (augment.shift_colour, COLOUR)
]


@pytest.mark.parametrize(("disturb", "picture"), KINDS)
def test_a_disturbance_is_a_picture_of_the_same_kind(
    disturb: Callable[[Floats, np.random.Generator], Floats], picture: Floats
) -> None:
    """Shape, range and kind stay, something changes, and the picture that was given does not."""
    before = picture.copy()
    changed = disturb(picture, np.random.default_rng(3))
    assert changed.shape == picture.shape
    assert changed.dtype == np.float32
    assert 0 <= changed.min() <= changed.max() <= 255
    assert np.abs(changed - picture).max() > 1
    assert (picture == before).all()


@pytest.mark.parametrize("disturb", BOTH, ids=lambda function: function.__name__)
def test_the_generator_decides(disturb: Callable[[Floats, np.random.Generator], Floats]) -> None:
    """The same seed gives the same picture, another seed another one."""
    one, again, other = (disturb(GREY, np.random.default_rng(seed)) for seed in (1, 1, 2))
    assert (one == again).all()
    assert (one != other).any()


def test_light_keeps_the_order_of_tones() -> None:
    """A brighter place stays at least as bright, whatever gamma and contrast."""
    ramp = np.linspace(0, 255, 64, dtype=np.float32).reshape(8, 8)
    for seed in range(20):
        assert (np.diff(augment.vary_light(ramp, np.random.default_rng(seed)).ravel()) >= -1e-3).all()


def test_soft_is_softer_and_grain_is_rougher() -> None:
    """Neighbours differ less after the one and more after the other."""

    def roughness(picture: Floats) -> float:
        return float(np.abs(np.diff(picture, axis=1)).mean())

    rng = np.random.default_rng(0)
    assert roughness(augment.soften(GREY, rng)) < roughness(GREY) < roughness(augment.add_grain(GREY, rng))


def test_a_cover_hides_a_part_and_no_more() -> None:
    """Most of the picture stays as it was, and what is covered has one tone."""
    for seed in range(30):
        covered = augment.cover(GREY, np.random.default_rng(seed))
        hidden = covered != GREY
        assert hidden.mean() < 0.4
        assert len(np.unique(covered[hidden])) <= 1


def test_bytes_are_rounded_and_clipped() -> None:
    """254.6 is 255, and nothing wraps around."""
    assert augment.to_bytes(np.array([-5, 0.4, 254.6, 300], dtype=np.float32)).tolist() == [0, 0, 255, 255]
