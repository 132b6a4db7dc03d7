"""Lens flare: the linear light that a strong light source near the frame adds to a picture.

Six layers, as lenses make them: the spot of the source, its bloom, rays around it, a veil over the picture,
ghosts of the diaphragm on the line through the centre, and the streak of a smeared or anamorphic lens.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from autocull.arrays import Floats, Rng

_WARM, _COOL = np.array([1.0, 0.86, 0.62]), np.array([0.6, 0.8, 1.0])


class FlareScene(NamedTuple):
    """Offsets `x` and `y` `(h, w)` of every pixel from the light, and the positions of light and centre.

    The unit is the long side of the picture.
    """

    x: Floats
    y: Floats
    light: tuple[float, float]
    centre: tuple[float, float]


def render_flare(height: int, width: int, strength: float, rng: Rng) -> Floats:
    """Return the light `(height, width, 3)` that a flare of `strength` (0-1) adds; 1 saturates the sensor.

    The source is in the upper part of the picture or a little outside. The layers are sampled, but never the
    veil alone: without a shape in it, it would be fog.
    """
    scene = sample_scene(height, width, rng)
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


def sample_scene(height: int, width: int, rng: Rng) -> FlareScene:
    """Sample the position of a light in the upper part of a picture or a little outside."""
    longest = max(height, width)
    right, bottom = width / longest, height / longest
    light = (float(rng.uniform(-0.1, 1.1)) * right, float(rng.uniform(-0.15, 0.6)) * bottom)
    y, x = np.mgrid[:height, :width].astype(np.float32) / np.float32(longest)
    return FlareScene(x - np.float32(light[0]), y - np.float32(light[1]), light, (right / 2, bottom / 2))


def _sample_tint(rng: Rng) -> Floats:
    mix = rng.uniform(0, 1)
    return np.asarray(mix * _WARM + (1 - mix) * np.ones(3), np.float32)


def render_spot(scene: FlareScene, rng: Rng) -> Floats:
    """Return the light source `(h, w)`: a burnt-out core and a glow that falls with the distance squared."""
    core = np.float32(rng.uniform(0.01, 0.05))
    glow = 2.5 / (1 + (scene.x**2 + scene.y**2) / core**2) ** np.float32(1.1)
    return np.asarray(np.minimum(glow, 1.5), np.float32)


def render_bloom(scene: FlareScene, rng: Rng) -> Floats:
    """Return the bloom `(h, w)` around a sun in or near the frame: 6 to 35 % of the long side wide."""
    reach = np.float32(rng.uniform(0.06, 0.35))
    exponent = np.float32(rng.uniform(1.0, 3.0))
    distance = np.sqrt(scene.x**2 + scene.y**2)
    return np.asarray(
        np.float32(rng.uniform(0.3, 1.5)) * np.exp(-((distance / reach) ** exponent)), np.float32
    )


def render_veil(scene: FlareScene, rng: Rng) -> Floats:
    """Return the veil `(h, w)`: light scattered inside the lens, strongest towards the source."""
    reach = np.float32(rng.uniform(0.25, 0.9))
    height = np.float32(rng.uniform(0.12, 0.6))
    return np.asarray(height * np.exp(-np.sqrt(scene.x**2 + scene.y**2) / reach), np.float32)


def render_rays(scene: FlareScene, rng: Rng) -> Floats:
    """Return the rays `(h, w)`: the star of the diaphragm's blades around the source."""
    blades = int(rng.choice((5, 6, 7, 8, 9))) * 2
    angle = np.arctan2(scene.y, scene.x) + np.float32(rng.uniform(0, np.pi))
    exponent = np.float32(rng.uniform(12, 60))
    distance = np.sqrt(scene.x**2 + scene.y**2)
    falloff = np.exp(-distance / np.float32(rng.uniform(0.06, 0.25)))
    star = np.abs(np.cos(angle * blades / 4)) ** exponent * falloff
    return np.asarray(np.float32(rng.uniform(0.5, 1.3)) * star, np.float32)


def render_streak(scene: FlareScene, rng: Rng) -> Floats:
    """Return the streak `(h, w)`: a horizontal or nearly horizontal line of light through the source."""
    tilt = np.float32(rng.normal(0, 0.12))
    across = scene.y - tilt * scene.x
    thickness = np.float32(rng.uniform(0.004, 0.02))
    line = np.exp(-np.abs(across) / thickness - np.abs(scene.x) / 0.6)
    return np.asarray(np.float32(rng.uniform(0.3, 0.9)) * line, np.float32)


def render_ghost(scene: FlareScene, rng: Rng) -> Floats:
    """Return one ghost `(h, w)`: an image of the diaphragm on the line from the source through the centre."""
    position = rng.uniform(0.4, 2.1)
    x = scene.x - np.float32((scene.centre[0] - scene.light[0]) * position)
    y = scene.y - np.float32((scene.centre[1] - scene.light[1]) * position)
    radius = np.float32(rng.uniform(0.015, 0.11))
    edge = np.clip((radius - _aperture_distance(x, y, rng)) / (0.08 * radius), 0, 1)
    ring = 0.5 + 0.5 * np.clip(np.hypot(x, y) / radius, 0, 1) ** 3
    return np.asarray(np.float32(rng.uniform(0.05, 0.35)) * edge * ring, np.float32)


def _aperture_distance(x: Floats, y: Floats, rng: Rng) -> Floats:
    """Return the distance from the ghost's centre, Euclidean or as in a polygon of the diaphragm's blades."""
    if rng.random() < 0.5:
        return np.asarray(np.hypot(x, y), np.float32)
    blades = int(rng.integers(5, 9))
    angles = np.arange(blades) * (2 * np.pi / blades) + rng.uniform(0, np.pi)
    sides = [x * np.float32(np.cos(angle)) + y * np.float32(np.sin(angle)) for angle in angles]
    return np.asarray(np.maximum.reduce(sides), np.float32)


def render_disc(scene: FlareScene, rng: Rng) -> Floats:
    """Return a disc of stray light `(h, w, 3)`, 0 to 1: bare, without core, rays and ghosts.

    Its radius is 8 to 50 % of the long side; it is even or falls towards the rim, which is hard or soft.
    """
    distance = np.hypot(scene.x, scene.y) / np.float32(rng.uniform(0.08, 0.5))
    inside = np.clip(1 - distance, 0, 1)
    rim = np.clip((1 - distance) / np.float32(rng.uniform(0.03, 0.5)), 0, 1)
    fall = np.float32(rng.uniform(0, 1))
    light = rim * ((1 - fall) + fall * inside ** np.float32(rng.uniform(0.5, 2)))
    tint = np.array([1.0, rng.uniform(0.85, 1), rng.uniform(0.65, 1)], np.float32)
    return np.asarray((light * np.float32(rng.uniform(0.35, 1)))[..., None] * tint, np.float32)


def render_coloured_ghosts(scene: FlareScene, rng: Rng) -> Floats:
    """Return two to seven ghosts `(h, w, 3)`, each with the colour of its coating."""
    total = np.zeros((*scene.x.shape, 3), np.float32)
    for _ in range(int(rng.integers(2, 8))):
        colour = np.asarray(rng.uniform(0.15, 1.0, 3), np.float32)
        total += render_ghost(scene, rng)[..., None] * colour
    return total
