"""A roll: all shots in the order of shooting, and as columns, so that NumPy compares many at once."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from autocull.arrays import Doubles, Indices
from autocull.series.shot import Shot

_PAIRS_AT_ONCE = 8192
_NUMBERS = re.compile(r"(\d+)")
_MAX_PHOTOS_PER_SECOND = 120
"""More photos than any camera takes in a second: a clock that shows this stands still, and says nothing."""


@dataclass(frozen=True, slots=True, eq=False)
class ShotTable:
    """Shots in the order of shooting, clock by clock, then by name: the same for every order of the input.

    Columns, one entry per shot: `clock` (int, -1 where not known), `taken` (s, NaN where not known),
    `slack` (s: what the clock leaves open, 1 without sub-seconds), `shutter` (s, 0 where not known),
    `exposure` and `focal` (NaN where not known), `light` (0-1), `hash` (uint64), `vector`
    `(n, 64)` float32 of unit length.
    """

    shots: tuple[Shot, ...]
    clock: Indices
    taken: Doubles
    slack: Doubles
    zone: Doubles
    shutter: Doubles
    exposure: Doubles
    focal: Doubles
    light: Doubles
    hash: NDArray[np.uint64]
    vector: NDArray[np.float32]

    def __len__(self) -> int:
        return len(self.shots)

    def subset(self, indices: Indices) -> ShotTable:
        """Give the roll of some of the shots, in the same order."""
        columns = {each.name: getattr(self, each.name)[indices] for each in fields(self)[1:]}
        return ShotTable(tuple(self.shots[number] for number in indices), **columns)

    def cosine(self, first: Indices, second: Indices) -> NDArray[np.float32]:
        """How alike two shots look (-1 to 1), pair by pair."""
        result = np.empty(len(first), np.float32)
        for start in range(
            0, len(first), _PAIRS_AT_ONCE
        ):  # or the vectors of a million pairs would be copied
            chunk = slice(start, start + _PAIRS_AT_ONCE)
            result[chunk] = np.einsum("ij,ij->i", self.vector[first[chunk]], self.vector[second[chunk]])
        return result

    def hash_distance(self, first: Indices, second: Indices) -> NDArray[np.uint8]:
        """How many of the hashes' 64 bits differ, pair by pair."""
        return np.asarray(np.bitwise_count(self.hash[first] ^ self.hash[second]), np.uint8)

    def same_clock(self, first: Indices, second: Indices) -> NDArray[np.bool_]:
        """Whether the times of two shots were read from the same clock, and may be compared."""
        has_time = ~np.isnan(self.taken[first]) & ~np.isnan(self.taken[second])
        return np.asarray(has_time & (self.clock[first] == self.clock[second]) & (self.clock[first] >= 0))

    def lacks_time(self, first: Indices, second: Indices) -> NDArray[np.bool_]:
        """Whether the time of one of two shots, or whose clock it is, is not known."""
        has_time = ~np.isnan(self.taken) & (self.clock >= 0)
        return np.asarray(~(has_time[first] & has_time[second]))

    def seconds_between(self, first: Indices, second: Indices) -> Doubles:
        """Seconds at least between two shots, exposure and what their clocks leave open taken off; or NaN."""
        difference = np.abs(self.taken[first] - self.taken[second])
        open_time = np.maximum(self.shutter[first], self.shutter[second])
        slack = np.maximum(self.slack[first], self.slack[second])
        return np.asarray(np.maximum(difference - open_time - slack, 0))


def build_shot_table(shots: Iterable[Shot]) -> ShotTable:
    """Put shots into the order of shooting. Their paths must differ."""
    ordered = tuple(sorted(shots, key=_sort_key))
    clocks = {name: number for number, name in enumerate(sorted({shot.clock for shot in ordered} - {""}))}
    table = ShotTable(
        shots=ordered,
        clock=np.array([clocks.get(shot.clock, -1) for shot in ordered], np.intp),
        taken=_column([shot.taken for shot in ordered]),
        slack=np.array([0.0 if shot.exact else 1.0 for shot in ordered]),
        zone=_column([shot.zone for shot in ordered]),
        shutter=np.nan_to_num(_column([shot.shutter for shot in ordered])),
        exposure=_column([shot.exposure for shot in ordered]),
        focal=_column([shot.focal_length for shot in ordered]),
        light=np.array([shot.light for shot in ordered], np.float64),
        hash=np.array([shot.hash for shot in ordered], np.uint64),
        vector=_unit_vectors(ordered),
    )
    _clear_stopped_clocks(table)
    return table


def _sort_key(shot: Shot) -> tuple[object, ...]:
    time_key = shot.taken is None, shot.taken or 0.0
    return shot.clock, *time_key, natural_key(shot.path.name), shot.path.as_posix()


def natural_key(name: str) -> tuple[tuple[int, str], ...]:
    """Order names as people do: IMG_9 before IMG_10."""
    tokens = _NUMBERS.split(name.lower())
    return tuple((int(token), "") if token.isdecimal() else (-1, token) for token in tokens)


def _column(values: Sequence[float | None]) -> Doubles:
    return np.array([np.nan if value is None else value for value in values], np.float64)


def _unit_vectors(shots: Sequence[Shot]) -> NDArray[np.float32]:
    if not shots:
        return np.zeros((0, 1), np.float32)
    raw = np.stack([shot.vector for shot in shots]).astype(np.float32)
    length = np.linalg.norm(raw, axis=1, keepdims=True)
    return np.asarray(raw / np.maximum(length, 1e-6), np.float32)


def _clear_stopped_clocks(table: ShotTable) -> None:
    """Take the times away where one clock shows the same second in more photos than a camera can take."""
    seconds = np.stack([table.clock.astype(np.float64), np.floor(table.taken)], axis=1)
    timed = np.flatnonzero(~np.isnan(table.taken))
    _, inverse, count = np.unique(seconds[timed], axis=0, return_inverse=True, return_counts=True)
    table.taken[timed[count[inverse.reshape(-1)] > _MAX_PHOTOS_PER_SECOND]] = np.nan
