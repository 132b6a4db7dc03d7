"""Tests of the augmentations: what each does to a picture, and that only the generator introduces chance."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from skimage import data

from autocull.arrays import Floats
from autocull.train.synthesis import augment

GREY = data.camera()[100:196, 180:276].astype(np.float32)
COLOUR = data.astronaut()[20:116, 180:276].astype(np.float32)
GREY_OR_COLOUR = (
    augment.vary_light,
    augment.add_side_light,
    augment.add_glare,
    augment.cover,
    augment.soften,
    augment.add_grain,
    augment.compress,
)


CASES = [(augmentation, picture) for augmentation in GREY_OR_COLOUR for picture in (GREY, COLOUR)] + [
    (augment.shift_colour, COLOUR)
]


@pytest.mark.parametrize(("augmentation", "picture"), CASES)
def test_augmentation_keeps_shape_type_and_range(
    augmentation: Callable[[Floats, np.random.Generator], Floats], picture: Floats
) -> None:
    """Shape, type and range stay, the result differs, and the input is not modified."""
    before = picture.copy()
    changed = augmentation(picture, np.random.default_rng(3))
    assert changed.shape == picture.shape
    assert changed.dtype == np.float32
    assert 0 <= changed.min() <= changed.max() <= 255
    assert np.abs(changed - picture).max() > 1
    assert (picture == before).all()


@pytest.mark.parametrize("augmentation", GREY_OR_COLOUR, ids=lambda function: function.__name__)
def test_augmentation_depends_on_the_generator_alone(
    augmentation: Callable[[Floats, np.random.Generator], Floats],
) -> None:
    """The same seed gives the same picture, another seed a different one."""
    first, repeated, other = (augmentation(GREY, np.random.default_rng(seed)) for seed in (1, 1, 2))
    assert (first == repeated).all()
    assert (first != other).any()


def test_vary_light_keeps_the_order_of_tones() -> None:
    """A brighter pixel stays at least as bright at any gamma and contrast."""
    ramp = np.linspace(0, 255, 64, dtype=np.float32).reshape(8, 8)
    for seed in range(20):
        assert (np.diff(augment.vary_light(ramp, np.random.default_rng(seed)).ravel()) >= -1e-3).all()


def test_soften_reduces_and_grain_adds_detail() -> None:
    """Neighbour pixels differ less after softening and more after adding grain."""

    def roughness(picture: Floats) -> float:
        return float(np.abs(np.diff(picture, axis=1)).mean())

    rng = np.random.default_rng(0)
    assert roughness(augment.soften(GREY, rng)) < roughness(GREY) < roughness(augment.add_grain(GREY, rng))


def test_cover_hides_a_part_only() -> None:
    """Most of the picture is unchanged, and the covered part has one tone."""
    for seed in range(30):
        covered = augment.cover(GREY, np.random.default_rng(seed))
        hidden = covered != GREY
        assert hidden.mean() < 0.4
        assert len(np.unique(covered[hidden])) <= 1


def test_to_bytes_rounds_and_clips() -> None:
    """Values are rounded to the nearest integer and do not wrap around."""
    assert augment.to_bytes(np.array([-5, 0.4, 254.6, 300], dtype=np.float32)).tolist() == [0, 0, 255, 255]
