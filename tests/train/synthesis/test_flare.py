"""Tests of lens flare: it only adds light, in proportion to its strength, and always has a shape."""

from __future__ import annotations

import numpy as np
import pytest

from autocull.train.synthesis import flare
from autocull.train.synthesis.flare import render_flare


def make_rng(seed: int) -> np.random.Generator:
    """Make a seeded random generator."""
    return np.random.default_rng(seed)


@pytest.mark.parametrize("seed", range(12))
def test_flare_only_adds_light(seed: int) -> None:
    """With any layers, the added light is finite, not negative, and visible."""
    added = render_flare(90, 130, 0.7, make_rng(seed))
    assert added.shape == (90, 130, 3)
    assert added.dtype == np.float32
    assert np.isfinite(added).all()
    assert added.min() >= 0
    assert added.max() > 0.01


def test_strength_scales_the_light() -> None:
    """Twice the strength is twice the light of the same flare."""
    assert np.allclose(
        render_flare(60, 80, 0.8, make_rng(1)), 2 * render_flare(60, 80, 0.4, make_rng(1)), atol=1e-5
    )


def test_flare_is_never_a_veil_alone() -> None:
    """It always has an edge or a core: a smooth veil alone would be fog."""
    for seed in range(30):
        added = render_flare(120, 160, 1.0, make_rng(seed)).sum(2)
        steps = max(np.abs(np.diff(added, axis=axis)).max() for axis in (0, 1))
        veil = flare.render_veil(flare.sample_scene(120, 160, make_rng(seed)), make_rng(seed))
        assert steps > np.abs(np.diff(veil, axis=1)).max(), seed


def test_ghosts_are_on_the_line_through_the_centre() -> None:
    """The centre of a ghost, the light and the picture's centre are on one line."""
    for seed in range(10):
        scene = flare.sample_scene(200, 300, make_rng(seed))
        ghost = flare.render_ghost(scene, make_rng(seed + 100))
        if ghost[0].any() or ghost[-1].any() or ghost[:, 0].any() or ghost[:, -1].any() or not ghost.any():
            continue  # cropped by the frame: its centroid is not the centre of the ghost
        x, y = ((scene.x, scene.y)[axis][ghost > 0].mean() for axis in (0, 1))
        to_centre = np.subtract(scene.centre, scene.light)
        distance = abs(x * to_centre[1] - y * to_centre[0]) / np.hypot(*to_centre)
        assert distance < 0.02


def test_light_falls_with_the_distance_from_the_source() -> None:
    """Spot, bloom, rays and veil are weaker far from the light than near it."""
    scene = flare.sample_scene(100, 150, make_rng(2))
    distance = np.hypot(scene.x, scene.y)
    near, far = distance < np.quantile(distance, 0.1), distance > np.quantile(distance, 0.9)
    for render in (flare.render_spot, flare.render_bloom, flare.render_rays, flare.render_veil):
        light = render(scene, make_rng(3))
        assert light[near].mean() > light[far].mean(), render.__name__


def test_streak_is_a_line() -> None:
    """A streak is long and thin: bright along one row, dark in most others."""
    scene = flare.FlareScene(
        *np.meshgrid(np.linspace(-0.5, 0.5, 200), np.linspace(-0.5, 0.5, 100)), (0.5, 0.5), (0.5, 0.5)
    )
    light = flare.render_streak(scene, make_rng(4))
    rows = light.mean(1)
    assert rows.max() > 5 * np.median(rows)


@pytest.mark.parametrize("seed", range(6))
def test_a_disc_is_bare(seed: int) -> None:
    """There is no light outside its radius, which is at most half of the long side."""
    scene = flare.sample_scene(120, 160, make_rng(seed))
    disc = flare.render_disc(scene, make_rng(seed + 100))
    assert disc.shape == (120, 160, 3)
    assert 0 <= disc.min() <= disc.max() <= 1
    outside = np.hypot(scene.x, scene.y) > 0.5
    assert not disc[outside].any()
