"""Lens flare: what a strong light near the frame adds to a picture, in linear light.

Six things, as lenses make them: the sun's spot, its bloom, rays around it, a veil over the picture, ghosts
of the diaphragm on the line through the middle, and the streak of a smeared or anamorphic lens.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from autocull.arrays import Floats, Rng

_WARM, _COOL = np.array([1.0, 0.86, 0.62]), np.array([0.6, 0.8, 1.0])


class _Scene(NamedTuple):
    """Every pixel's place from the light: `x` and `y` in units of the long side; the light's own place."""

    x: Floats
    y: Floats
    light: tuple[float, float]
    middle: tuple[float, float]


def render_flare(height: int, width: int, strength: float, rng: Rng) -> Floats:
    """Make the light `(height, width, 3)` that a flare of `strength` (0-1) adds, 1 being the sensor's full.

    The light stands in the upper part of the picture or a little outside. Which parts show is drawn, but
    never the veil alone: without a shape in it, that would be fog.
    """
    scene = _sample_scene(height, width, rng)
    added = np.zeros((height, width, 3), np.float32)
    layers = (
        (render_veil, 0.85),
        (render_spot, 0.75),
        (render_bloom, 0.4),
        (render_rays, 0.45),
        (render_ghost, 0.7),
        (render_streak, 0.25),
    )
    chosen = [layer for layer, share in layers if rng.random() < share]
    if not set(chosen) - {render_veil}:
        chosen.append(render_ghost)
    for layer in chosen:
        tint = _sample_tint(rng)
        added += (
            layer(scene, rng)[..., None] * tint
            if layer is not render_ghost
            else render_coloured_ghosts(scene, rng)
        )
    return np.asarray(added * np.float32(strength), np.float32)


def _sample_scene(height: int, width: int, rng: Rng) -> _Scene:
    longest = max(height, width)
    right, bottom = width / longest, height / longest
    light = (float(rng.uniform(-0.1, 1.1)) * right, float(rng.uniform(-0.15, 0.6)) * bottom)
    y, x = np.mgrid[:height, :width].astype(np.float32) / np.float32(longest)
    return _Scene(x - np.float32(light[0]), y - np.float32(light[1]), light, (right / 2, bottom / 2))


def _sample_tint(rng: Rng) -> Floats:
    mix = rng.uniform(0, 1)
    return np.asarray(mix * _WARM + (1 - mix) * np.ones(3), np.float32)


def render_spot(scene: _Scene, rng: Rng) -> Floats:
    """The light itself: a burnt-out core and a glow that falls with the square of the distance."""
    core = np.float32(rng.uniform(0.01, 0.05))
    glow = 2.5 / (1 + (scene.x**2 + scene.y**2) / core**2) ** np.float32(1.1)
    return np.asarray(np.minimum(glow, 1.5), np.float32)


def render_bloom(scene: _Scene, rng: Rng) -> Floats:
    """The burnt-out light around a sun in or near the frame, as wide as a part of the picture."""
    reach = np.float32(rng.uniform(0.06, 0.35))
    exponent = np.float32(rng.uniform(1.0, 3.0))
    distance = np.sqrt(scene.x**2 + scene.y**2)
    return np.asarray(
        np.float32(rng.uniform(0.3, 1.5)) * np.exp(-((distance / reach) ** exponent)), np.float32
    )


def render_veil(scene: _Scene, rng: Rng) -> Floats:
    """Light scattered inside the lens: a haze over everything, thickest towards the light."""
    reach = np.float32(rng.uniform(0.25, 0.9))
    height = np.float32(rng.uniform(0.12, 0.6))
    return np.asarray(height * np.exp(-np.sqrt(scene.x**2 + scene.y**2) / reach), np.float32)


def render_rays(scene: _Scene, rng: Rng) -> Floats:
    """The star that the diaphragm's blades draw around the light."""
    blades = int(rng.choice((5, 6, 7, 8, 9))) * 2
    angle = np.arctan2(scene.y, scene.x) + np.float32(rng.uniform(0, np.pi))
    exponent = np.float32(rng.uniform(12, 60))
    distance = np.sqrt(scene.x**2 + scene.y**2)
    falloff = np.exp(-distance / np.float32(rng.uniform(0.06, 0.25)))
    star = np.abs(np.cos(angle * blades / 4)) ** exponent * falloff
    return np.asarray(np.float32(rng.uniform(0.5, 1.3)) * star, np.float32)


def render_streak(scene: _Scene, rng: Rng) -> Floats:
    """A line of light through the source, level or nearly so."""
    tilt = np.float32(rng.normal(0, 0.12))
    across = scene.y - tilt * scene.x
    thickness = np.float32(rng.uniform(0.004, 0.02))
    line = np.exp(-np.abs(across) / thickness - np.abs(scene.x) / 0.6)
    return np.asarray(np.float32(rng.uniform(0.3, 0.9)) * line, np.float32)


def render_ghost(scene: _Scene, rng: Rng) -> Floats:
    """One image of the diaphragm, somewhere on the line from the light through the middle and beyond."""
    position = rng.uniform(0.4, 2.1)
    x = scene.x - np.float32((scene.middle[0] - scene.light[0]) * position)
    y = scene.y - np.float32((scene.middle[1] - scene.light[1]) * position)
    radius = np.float32(rng.uniform(0.015, 0.11))
    edge = np.clip((radius - _aperture_distance(x, y, rng)) / (0.08 * radius), 0, 1)
    ring = 0.5 + 0.5 * np.clip(np.hypot(x, y) / radius, 0, 1) ** 3
    return np.asarray(np.float32(rng.uniform(0.05, 0.35)) * edge * ring, np.float32)


def _aperture_distance(x: Floats, y: Floats, rng: Rng) -> Floats:
    """The distance from the middle, round or measured as in a polygon of the diaphragm's blades."""
    if rng.random() < 0.5:
        return np.asarray(np.hypot(x, y), np.float32)
    blades = int(rng.integers(5, 9))
    angles = np.arange(blades) * (2 * np.pi / blades) + rng.uniform(0, np.pi)
    sides = [x * np.float32(np.cos(angle)) + y * np.float32(np.sin(angle)) for angle in angles]
    return np.asarray(np.maximum.reduce(sides), np.float32)


def render_coloured_ghosts(scene: _Scene, rng: Rng) -> Floats:
    """Two to seven ghosts, each with the colour of its coating."""
    total = np.zeros((*scene.x.shape, 3), np.float32)
    for _ in range(int(rng.integers(2, 8))):
        colour = np.asarray(rng.uniform(0.15, 1.0, 3), np.float32)
        total += render_ghost(scene, rng)[..., None] * colour
    return total
