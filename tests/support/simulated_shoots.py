"""Simulated shoots: shots as a camera and the networks would give them, labelled with their true series.

A scene is a picture larger than a frame: points with descriptors, an embedding, a hash. A shot shows a part
of it, with its own exposure, focus and name. All random numbers come from a seed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from autocull.judge import Settings
from autocull.measure import DETAIL_SIDE, TINT_SIDE, TONE_SIDE
from autocull.series.model import Kind
from autocull.series.shot import INT8_SCALE, Shot

SETTINGS = Settings().grouping_settings()
"""The default settings of grouping."""

DIMENSIONS, DEPTH, GRID = 64, 16, 12
"""Size of an embedding, size of a descriptor, and patches along each side of a frame."""

SCENE_FRAMES = 3
"""Width and height of a scene, in frames."""

CENTRES = ((np.arange(GRID) + 0.5) / GRID).astype(np.float32)
POSITIONS = np.stack(np.meshgrid(CENTRES, CENTRES), axis=-1).reshape(-1, 2)
"""Positions of the patches of every frame."""

HAND_MOVEMENT = 0.005
"""Movement in frames of a camera that is held by hand, from frame to frame."""

START_TIME = 1_714_564_800.0
BRACKET_STOPS = (-2.0, -1.0, 0.0, 1.0, 2.0)


def unit(values: NDArray[Any]) -> NDArray[np.float32]:
    """Return rows of length 1."""
    return np.asarray(values / np.linalg.norm(values, axis=-1, keepdims=True), np.float32)


def to_int8(values: NDArray[Any]) -> NDArray[np.int8]:
    """Return unit rows as int8, as a shot stores them."""
    return np.rint(values * INT8_SCALE).astype(np.int8)


def smoothed(field: NDArray[Any]) -> NDArray[np.float32]:
    """Return a field whose neighbours are a little similar, as patches of a picture are."""
    for axis in (0, 1):
        field = field + 0.5 * (np.roll(field, 1, axis) + np.roll(field, -1, axis))
    return unit(field)


@dataclass(frozen=True, eq=False)
class Scene:
    """A scene: an embedding, a hash, and descriptors `(36, 36, 16)` over three by three frames."""

    vector: NDArray[np.float32]
    hash: int
    field: NDArray[np.float32]
    light: float = 0.45

    @classmethod
    def random(cls, rng: np.random.Generator) -> Scene:
        """Return a random scene, which has nothing in common with any other."""
        side = GRID * SCENE_FRAMES
        return cls(
            unit(rng.standard_normal(DIMENSIONS)),
            int(rng.integers(0, 2**64, dtype=np.uint64)),
            smoothed(rng.standard_normal((side, side, DEPTH))),
        )

    def descriptors_at(self, at: tuple[float, float]) -> NDArray[np.float32]:
        """Return the descriptors of the frame `at` (frames) from the middle one, `(144, 16)`."""
        return unit(self._sample(GRID, at))

    def tones_at(self, at: tuple[float, float], stops: float) -> NDArray[np.uint8]:
        """Return the tones of the frame `at` (frames) from the middle one, `stops` lighter, `(48, 48)`."""
        light = 0.2 * 2.0 ** (6 * self._sample(TONE_SIDE, at)[:, 0] + stops)
        tones = 255 * light.clip(0, 1) ** (1 / 4.4)
        return np.rint(tones).astype(np.uint8).reshape(TONE_SIDE, TONE_SIDE)

    def detail_at(self, at: tuple[float, float], sharp: NDArray[np.float64]) -> NDArray[np.uint8]:
        """Return the detail of the frame `at` (frames) from the middle one, its tiles so `sharp`."""
        detail = 180 + 60 * self._sample(DETAIL_SIDE, at)[:, 1].reshape(DETAIL_SIDE, DETAIL_SIDE)
        rows, columns = (np.arange(DETAIL_SIDE) * size // DETAIL_SIDE for size in sharp.shape)
        return np.rint(detail - 50 * (1 - sharp[rows[:, None], columns])).clip(0, 255).astype(np.uint8)

    def _sample(self, side: int, at: tuple[float, float]) -> NDArray[np.float32]:
        """Return the field at the centres of `side` x `side` cells of the frame `at`, row by row."""
        centres = (np.arange(side) + 0.5) / side
        grid = np.stack(np.meshgrid(centres, centres), axis=-1).reshape(-1, 2)
        cells = (grid + 1 + np.array(at, np.float32)) * GRID - 0.5
        x, y = cells.clip(0, GRID * SCENE_FRAMES - 1.001).T
        left, top = x.astype(int), y.astype(int)
        right, bottom = (x - left)[:, None], (y - top)[:, None]
        above = self.field[top, left] * (1 - right) + self.field[top, left + 1] * right
        below = self.field[top + 1, left] * (1 - right) + self.field[top + 1, left + 1] * right
        return np.asarray(above * (1 - bottom) + below * bottom, np.float32)

    def with_another_person(self, rng: np.random.Generator) -> Scene:
        """Return the scene with the same backdrop and another person in the middle, as in a photo booth."""
        other = Scene.random(rng)
        centres = (np.arange(GRID * SCENE_FRAMES) + 0.5) / GRID - 1
        across, down = np.meshgrid(np.abs(centres - 0.5) < 0.3, (centres > 0.15) & (centres < 1))
        return replace(
            self,
            vector=unit(self.vector + 0.35 * other.vector),
            hash=self.hash ^ (other.hash & 0x00003C3C3C3C0000),
            field=np.where((across & down)[..., None], other.field, self.field),
        )


@dataclass(frozen=True, eq=False)
class LabelledShot:
    """A shot, the name of its true series ("" for a single) and the kind of that series."""

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
    folder: Path = Path("shoot")
    prefix: str = "IMG_"
    now: float = START_TIME
    number: int = 0

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
        """Take the scene `after` seconds, with `stops` more exposure, framed `at` (in frames)."""
        self.now += after
        self.number += 1
        clock_time = self.now + self.error
        hand = self.rng.normal(0, HAND_MOVEMENT, 2)
        tones_at = (at[0] + hand[0], at[1] + hand[1])
        sharp = np.full((4, 6), 0.94) if sharp is None else sharp
        common = 1 - min(0.6, float(np.hypot(*at)))
        vector = scene.vector * common + self._noise(DIMENSIONS, jitter + abs(stops) / 25)
        return Shot(
            path=self.folder / f"{self.prefix}{self.number:04d}.CR3",
            clock=self.clock,
            taken=clock_time if self.exact else float(np.floor(clock_time)),
            exact=self.exact,
            shutter=2.0**stops / 100,
            exposure=10.0 - stops,
            exposure_basis="camera",
            focal_length=50.0,
            shape=(6000, 4000),
            light=float(np.clip(scene.light * 2 ** (stops / 2.2), 0, 1)),
            hash=scene.hash ^ self._random_bits(2 + 12 * (abs(stops) > 0) + int(40 * np.hypot(*at))),
            vector=to_int8(unit(vector)),
            positions=POSITIONS,
            descriptors=to_int8(unit(scene.descriptors_at(at) + self._noise((GRID**2, DEPTH), 0.25))),
            sharp=np.rint(sharp * 255).astype(np.uint8),
            texture=np.full(sharp.shape, 150, np.uint8),
            tones=scene.tones_at(tones_at, stops),
            detail=scene.detail_at(at, sharp),
            tints=np.full((TINT_SIDE, TINT_SIDE, 2), 128, np.uint8),
        )

    def _noise(self, shape: int | tuple[int, ...], size: float) -> NDArray[np.float32]:
        depth = shape if isinstance(shape, int) else shape[-1]
        return (size / np.sqrt(depth) * self.rng.standard_normal(shape)).astype(np.float32)

    def _random_bits(self, count: int) -> int:
        return sum(1 << int(bit) for bit in self.rng.choice(64, min(count, 24), replace=False))


def take_single(camera: Camera) -> Iterator[LabelledShot]:
    """Yield one photo of a new scene, minutes after the last one."""
    yield LabelledShot(camera.shoot(Scene.random(camera.rng), after=120), "", "single")


def take_burst(camera: Camera, name: str, frames: int, rate: float = 8.0) -> Iterator[LabelledShot]:
    """Yield `frames` of one moment, `rate` per second."""
    scene = Scene.random(camera.rng)
    for frame in range(frames):
        yield LabelledShot(camera.shoot(scene, after=1 / rate if frame else 120), name, "burst")


def take_bracket(
    camera: Camera, name: str, stops: tuple[float, ...] = BRACKET_STOPS
) -> Iterator[LabelledShot]:
    """Yield frames of one view in even exposure steps."""
    scene = Scene.random(camera.rng)
    for frame, step in enumerate(stops):
        shot = camera.shoot(scene, after=0.4 if frame else 120, stops=step, jitter=0.1)
        yield LabelledShot(shot, name, "bracket")


def take_focus_stack(camera: Camera, name: str, frames: int = 4) -> Iterator[LabelledShot]:
    """Yield frames of one view whose focus moves from left to right."""
    scene = Scene.random(camera.rng)
    for frame in range(frames):
        peak = 6 * frame / max(frames - 1, 1)
        row = np.clip(1.1 - np.abs(np.arange(6) + 0.5 - peak) / 2.5, 0.02, 0.98)
        sharp = np.tile(row, (4, 1))
        shot = camera.shoot(scene, after=0.8 if frame else 120, sharp=sharp, jitter=0.15)
        yield LabelledShot(shot, name, "focus_stack")


def take_panorama(camera: Camera, name: str, frames: int = 4, step: float = 0.4) -> Iterator[LabelledShot]:
    """Yield frames of a view wider than a frame, from left to right."""
    scene = Scene.random(camera.rng)
    for frame in range(frames):
        at = (step * (frame - (frames - 1) / 2), 0.0)
        shot = camera.shoot(scene, after=2.0 if frame else 120, at=at, jitter=0.15)
        yield LabelledShot(shot, name, "panorama")


def copy_of(shot: Shot, name: str, **changes: Any) -> Shot:
    """Return the shot of a copy: another file of the same frame."""
    return replace(shot, path=shot.path.with_name(name), **changes)


def shots_at_every_limit() -> list[Shot]:
    """Return shots on both sides of every limit: gaps, lengths, embeddings, hashes and sets."""
    camera = Camera(np.random.default_rng(7))
    shots = []
    for gap in (0.5, 2.0, 5.0, 9.0, 40.0):
        scene = Scene.random(camera.rng)
        shots += [camera.shoot(scene, after=gap if frame else 900) for frame in range(8)]
    for jitter in (0.1, 0.4, 0.6, 0.8, 1.0, 1.3):
        for timed in (True, False):
            scene, frames = Scene.random(camera.rng), []
            frames += [camera.shoot(scene, after=1.0 if frame else 900, jitter=jitter) for frame in range(6)]
            shots += frames if timed else [replace(shot, taken=None) for shot in frames]
    for bits in (1, 3, 8, 20):
        frame = camera.shoot(Scene.random(camera.rng), after=900)
        shots += [frame, copy_of(frame, f"copy{bits}.jpg", hash=frame.hash ^ ((1 << bits) - 1))]
    for size in (0.25, 0.5, 1.0, 2.0):
        scene, sets = Scene.random(camera.rng), [*take_bracket(camera, "", (-size, 0.0, size))]
        sets += [
            *take_focus_stack(camera, "", int(2 + 2 * size)),
            *take_panorama(camera, "", 3, step=size / 4),
        ]
        shots += [each.shot for each in sets]
        shots += [
            camera.shoot(scene, after=900 - 880 * (step > 0), at=(0.3 * step, 0.0)) for step in range(3)
        ]
        other = scene.with_another_person(camera.rng)
        shots += [replace(camera.shoot(each, after=900), taken=None) for each in (scene, other)]
    return shots


def true_groups(taken: list[LabelledShot]) -> set[frozenset[Path]]:
    """Return the paths of each true series as a set; a single is a set of one."""
    groups: dict[str, set[Path]] = {}
    for number, each in enumerate(taken):
        groups.setdefault(each.series or f"single {number}", set()).add(each.shot.path)
    return {frozenset(paths) for paths in groups.values()}


MetadataFault = Callable[[list[LabelledShot], np.random.Generator], list[LabelledShot]]
"""Removes or falsifies one fact of a shoot; the true series stay the same."""


def _with_changed_shots(taken: list[LabelledShot], change: Callable[[Shot], Shot]) -> list[LabelledShot]:
    return [replace(each, shot=change(each.shot)) for each in taken]


def whole_seconds(taken: list[LabelledShot], rng: np.random.Generator) -> list[LabelledShot]:
    """Remove the sub-seconds."""
    return _with_changed_shots(
        taken, lambda shot: replace(shot, taken=np.floor(shot.taken or 0), exact=False)
    )


def no_times(taken: list[LabelledShot], rng: np.random.Generator) -> list[LabelledShot]:
    """Remove every time, as editors that strip metadata do."""
    return _with_changed_shots(taken, lambda shot: replace(shot, taken=None, exact=False))


def stopped_clock(taken: list[LabelledShot], rng: np.random.Generator) -> list[LabelledShot]:
    """Set all times to the clock's first second: a camera without a battery."""
    return _with_changed_shots(taken, lambda shot: replace(shot, taken=946_684_800.0, exact=False))


def wrong_clock(taken: list[LabelledShot], rng: np.random.Generator) -> list[LabelledShot]:
    """Set the clock years back."""
    return _with_changed_shots(taken, lambda shot: replace(shot, taken=(shot.taken or 0) - 3e8))


def no_camera(taken: list[LabelledShot], rng: np.random.Generator) -> list[LabelledShot]:
    """Remove the camera's name, so that the clock is unknown."""
    return _with_changed_shots(taken, lambda shot: replace(shot, clock=""))


def no_exposures(taken: list[LabelledShot], rng: np.random.Generator) -> list[LabelledShot]:
    """Remove exposure and focal length."""
    return _with_changed_shots(
        taken, lambda shot: replace(shot, exposure=None, shutter=None, focal_length=None)
    )


def renamed(taken: list[LabelledShot], rng: np.random.Generator) -> list[LabelledShot]:
    """Rename the files in random order."""
    names = rng.permutation(len(taken))
    return [
        replace(each, shot=copy_of(each.shot, f"photo{name}.jpg"))
        for each, name in zip(taken, names, strict=True)
    ]
