"""Flare: only ever adds light, the more the stronger, and always with a shape in it."""

from __future__ import annotations

import numpy as np
import pytest

from autocull.train.synthesis import flare as flares
from autocull.train.synthesis.flare import render_flare


def dice(seed: int) -> np.random.Generator:
    """Make dice that fall the same in every run."""
    return np.random.default_rng(seed)


@pytest.mark.parametrize("seed", range(12))
def test_flare_adds_light_and_never_takes_any(seed: int) -> None:
    """Whatever parts are drawn, the added light is finite, not negative, and not nothing."""
    added = render_flare(90, 130, 0.7, dice(seed))
    assert added.shape == (90, 130, 3)
    assert added.dtype == np.float32
    assert np.isfinite(added).all()
    assert added.min() >= 0
    assert added.max() > 0.01


def test_strength_scales_the_light() -> None:
    """Twice the strength is twice the light of the same flare."""
    assert np.allclose(render_flare(60, 80, 0.8, dice(1)), 2 * render_flare(60, 80, 0.4, dice(1)), atol=1e-5)


def test_no_flare_is_a_mere_veil() -> None:
    """There is always an edge or a core in it: a smooth veil alone would be fog."""
    for seed in range(30):
        added = render_flare(120, 160, 1.0, dice(seed)).sum(2)
        steps = max(np.abs(np.diff(added, axis=axis)).max() for axis in (0, 1))
        veil = flares.render_veil(flares._sample_scene(120, 160, dice(seed)), dice(seed))
        assert steps > np.abs(np.diff(veil, axis=1)).max(), seed


def test_ghosts_lie_on_the_line_through_the_middle() -> None:
    """The centre of a ghost, the light and the picture's middle are in one line."""
    for seed in range(10):
        scene = flares._sample_scene(200, 300, dice(seed))
        ghost = flares.render_ghost(scene, dice(seed + 100))
        if ghost[0].any() or ghost[-1].any() or ghost[:, 0].any() or ghost[:, -1].any() or not ghost.any():
            continue  # cut by the frame: its centre is not that of the ghost
        x, y = ((scene.x, scene.y)[axis][ghost > 0].mean() for axis in (0, 1))
        to_middle = np.subtract(scene.middle, scene.light)
        off = abs(x * to_middle[1] - y * to_middle[0]) / np.hypot(*to_middle)
        assert off < 0.02


def test_the_spot_is_brightest_at_the_light() -> None:
    """Spot, bloom, rays and veil fall off with the distance from the light."""
    scene = flares._sample_scene(100, 150, dice(2))
    distance = np.hypot(scene.x, scene.y)
    near, far = distance < np.quantile(distance, 0.1), distance > np.quantile(distance, 0.9)
    for part in (flares.render_spot, flares.render_bloom, flares.render_rays, flares.render_veil):
        light = part(scene, dice(3))
        assert light[near].mean() > light[far].mean(), part.__name__


def test_the_streak_is_a_line() -> None:
    """A streak is long and thin: bright along a row, dark a few rows off."""
    scene = flares._Scene(
        *np.meshgrid(np.linspace(-0.5, 0.5, 200), np.linspace(-0.5, 0.5, 100)), (0.5, 0.5), (0.5, 0.5)
    )
    light = flares.render_streak(scene, dice(4))
    rows = light.mean(1)
    assert rows.max() > 5 * np.median(rows)
