"""Simulated shoots: shots as the camera and the networks would have given them, with the truth beside them.

A scene is a picture larger than a frame: points with descriptors, an embedding, a hash. A shot sees a part
of it, lit, focused and named as told. Everything comes from a seed.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from autocull.judge import Settings
from autocull.series.series import Kind
from autocull.series.shot import FULL, Shot

LIMITS = Settings().limits()
"""What decides by default."""

DIMENSIONS, DEPTH = 64, 32
POINTS_IN_A_FRAME = 48
REACH = 3.0
"""How many frames a scene is wide and high."""

NOON = 1_714_564_800.0
SPREAD = (-2.0, -1.0, 0.0, 1.0, 2.0)


def unit(values: NDArray[Any]) -> NDArray[np.float32]:
    """Make rows of length 1."""
    return np.asarray(values / np.linalg.norm(values, axis=-1, keepdims=True), np.float32)


def small(values: NDArray[Any]) -> NDArray[np.int8]:
    """Store unit rows as int8, as a shot does."""
    return np.rint(values * FULL).astype(np.int8)


@dataclass(frozen=True, eq=False)
class Scene:
    """What lies before the camera: `points` in frames, from -1 to 2, with their descriptors."""

    vector: NDArray[np.float32]
    hash: int
    points: NDArray[np.float32]
    descriptors: NDArray[np.float32]
    light: float = 0.45

    @classmethod
    def draw(cls, rng: np.random.Generator) -> Scene:
        """Draw a scene that has nothing in common with any other."""
        count = int(POINTS_IN_A_FRAME * REACH**2)
        return cls(
            unit(rng.standard_normal(DIMENSIONS)),
            int(rng.integers(0, 2**64, dtype=np.uint64)),
            rng.uniform(-1, 2, (count, 2)).astype(np.float32),
            unit(rng.standard_normal((count, DEPTH))),
        )

    def with_another_person(self, rng: np.random.Generator) -> Scene:
        """Keep the backdrop and put somebody else into its middle: what a photo booth sees next."""
        other = Scene.draw(rng)
        inside = (np.abs(self.points - 0.5) < 0.3).all(axis=1)
        return replace(
            self,
            vector=unit(self.vector + 0.55 * other.vector),
            hash=self.hash ^ int(other.hash & 0x00003C3C3C3C0000),
            descriptors=np.where(inside[:, None], other.descriptors, self.descriptors),
        )


@dataclass(frozen=True, eq=False)
class Taken:
    """A shot, and what it truly belongs to: `series` names it, "" for a single."""

    shot: Shot
    series: str
    kind: Kind


@dataclass(eq=False)
class Camera:
    """A camera that takes shots: its clock's name and error, whether with sub-seconds, and its numbering."""

    rng: np.random.Generator
    clock: str = "Example One 123"
    exact: bool = True
    error: float = 0.0
    zone: float | None = 7200.0
    folder: Path = Path("shoot")
    prefix: str = "IMG_"
    now: float = NOON
    number: int = 0
    named: int = field(default=0)

    def shoot(
        self,
        scene: Scene,
        *,
        after: float = 60.0,
        stops: float = 0.0,
        at: tuple[float, float] = (0.0, 0.0),
        sharp: NDArray[np.float64] | None = None,
        jitter: float = 0.2,
    ) -> Shot:
        """Take the scene `after` seconds, `stops` over its exposure, framed at `at` (in frames)."""
        self.now += after
        self.number += 1
        seen = self.now + self.error
        where, what = self._patches(scene, np.array(at, np.float32))
        look = scene.vector * (1 - min(0.6, float(np.hypot(*at)))) + self._noise(
            DIMENSIONS, jitter + abs(stops) / 25
        )
        return Shot(
            path=self.folder / f"{self.prefix}{self.number:04d}.CR3",
            clock=self.clock,
            taken=seen if self.exact else float(np.floor(seen)),
            exact=self.exact,
            zone=self.zone,
            shutter=2.0**stops / 100,
            exposure=10.0 - stops,
            focal_length=50.0,
            shape=(6000, 4000),
            light=float(np.clip(scene.light * 2 ** (stops / 2.2), 0, 1)),
            hash=scene.hash ^ self._bits(2 + 12 * (abs(stops) > 0) + int(40 * np.hypot(*at))),
            vector=small(unit(look)),
            places=where,
            descriptors=what,
            sharp=np.full((4, 6), 240, np.uint8) if sharp is None else np.rint(sharp * 255).astype(np.uint8),
            texture=np.full((4, 6), 150, np.uint8),
        )

    def _patches(self, scene: Scene, at: NDArray[np.float32]) -> tuple[NDArray[np.float32], NDArray[np.int8]]:
        where = scene.points - at
        inside = ((where > 0) & (where < 1)).all(axis=1)
        where = where[inside] + self.rng.normal(0, 0.01, (int(inside.sum()), 2))
        what = scene.descriptors[inside]
        return where.astype(np.float32), small(unit(what + self._noise(what.shape, 0.35)))

    def _noise(self, shape: int | tuple[int, ...], size: float) -> NDArray[np.float32]:
        depth = shape if isinstance(shape, int) else shape[-1]
        return (size / np.sqrt(depth) * self.rng.standard_normal(shape)).astype(np.float32)

    def _bits(self, count: int) -> int:
        return sum(1 << int(bit) for bit in self.rng.choice(64, min(count, 24), replace=False))


def single(camera: Camera) -> Iterator[Taken]:
    """One photo of something new, minutes after the last."""
    yield Taken(camera.shoot(Scene.draw(camera.rng), after=120), "", "single")


def burst(camera: Camera, name: str, frames: int, rate: float = 8.0) -> Iterator[Taken]:
    """`frames` of one moment, `rate` a second."""
    scene = Scene.draw(camera.rng)
    for frame in range(frames):
        yield Taken(camera.shoot(scene, after=1 / rate if frame else 120), name, "burst")


def bracket(camera: Camera, name: str, stops: tuple[float, ...] = SPREAD) -> Iterator[Taken]:
    """The same view in even exposure steps."""
    scene = Scene.draw(camera.rng)
    for frame, step in enumerate(stops):
        yield Taken(camera.shoot(scene, after=0.4 if frame else 120, stops=step, jitter=0.1), name, "bracket")


def focus_stack(camera: Camera, name: str, frames: int = 4) -> Iterator[Taken]:
    """The same view with the focus moving from the left to the right."""
    scene = Scene.draw(camera.rng)
    for frame in range(frames):
        peak = 6 * frame / max(frames - 1, 1)
        row = np.clip(1.1 - np.abs(np.arange(6) + 0.5 - peak) / 2.5, 0.02, 0.98)
        sharp = np.tile(row, (4, 1))
        yield Taken(
            camera.shoot(scene, after=0.8 if frame else 120, sharp=sharp, jitter=0.15), name, "focus_stack"
        )


def panorama(camera: Camera, name: str, frames: int = 4, step: float = 0.4) -> Iterator[Taken]:
    """A view wider than a frame, taken from left to right."""
    scene = Scene.draw(camera.rng)
    for frame in range(frames):
        at = (step * (frame - (frames - 1) / 2), 0.0)
        yield Taken(camera.shoot(scene, after=2.0 if frame else 120, at=at, jitter=0.15), name, "panorama")


def copy_of(shot: Shot, name: str, **changes: Any) -> Shot:
    """Make the shot of a copy: another file of the same frame."""
    return replace(shot, path=shot.path.with_name(name), **changes)


def shots_at_every_limit() -> list[Shot]:
    """Take shots on both sides of everything that decides: gaps, lengths, likenesses, hashes."""
    camera = Camera(np.random.default_rng(7))
    shots = []
    for gap in (0.5, 2.0, 5.0, 9.0, 40.0):
        scene = Scene.draw(camera.rng)
        shots += [camera.shoot(scene, after=gap if frame else 900) for frame in range(8)]
    for jitter in (0.1, 0.4, 0.6, 0.8, 1.0, 1.3):
        for clocked in (True, False):
            scene, seen = Scene.draw(camera.rng), []
            seen += [camera.shoot(scene, after=1.0 if frame else 900, jitter=jitter) for frame in range(6)]
            shots += seen if clocked else [replace(shot, taken=None) for shot in seen]
    for bits in (1, 3, 8, 20):
        frame = camera.shoot(Scene.draw(camera.rng), after=900)
        shots += [frame, copy_of(frame, f"copy{bits}.jpg", hash=frame.hash ^ ((1 << bits) - 1))]
    return shots


def truth_of(taken: list[Taken]) -> set[frozenset[Path]]:
    """Return which photos belong together, as sets of paths; a single is a set of one."""
    named: dict[str, set[Path]] = {}
    for number, each in enumerate(taken):
        named.setdefault(each.series or f"single {number}", set()).add(each.shot.path)
    return {frozenset(paths) for paths in named.values()}
