"""The timeline: all shots in the order of shooting, as columns for NumPy."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from autocull.arrays import Doubles, Indices
from autocull.series.shot import Shot

LIGHT_EXPONENT = 4.4
"""EV of light per doubling of a tone: the tone is the root of luma, and luma the 2.2th root of light."""

_PAIRS_AT_ONCE = 8192
"""Pairs whose vectors are copied at a time, which bounds the memory."""
_NUMBERS = re.compile(r"(\d+)")
_CAMERA_NAME = re.compile(r"[a-z_]{3,4}(\d{4,5})", re.ASCII)
"""Names of the DCF standard (JEITA CP-3461): four letters, "_" for Adobe RGB, and the file number."""
_COPY_MARK = re.compile(
    r"(?:[ _-]*\(\d+\)|[ _-]+\d{1,2}|[ _-]*\b(?:copy|kopie|edit\w*)(?: \d+)?)+$", re.IGNORECASE
)
"""What programs append to the name of a copy: "IMG_0001 (2)", "IMG_0001-3", "IMG_0001 - Copy"."""
_MAX_PHOTOS_PER_SECOND = 120
"""Most photos with the same second of one clock: no camera takes more, so the clock has stopped."""


@dataclass(frozen=True, slots=True, eq=False)
class ShotTable:
    """Shots in the order of shooting, clock by clock, then by name: the same for every order of the input.

    Columns, one entry per shot: `clock` (int, -1 if unknown), `taken` (s, NaN if unknown), `slack` (s, the
    uncertainty of the time: 1 without sub-seconds), `shutter` (s, 0 if unknown), `exposure` (EV) and `focal`
    (mm; both NaN if unknown), `exposure_basis` (see `Shot`), `light` (0-1), `brightness` (EV, the mean of
    the tones), `hash` (uint64), `vector` `(n, 64)` float32 of unit length.
    """

    shots: tuple[Shot, ...]
    clock: Indices
    taken: Doubles
    slack: Doubles
    shutter: Doubles
    exposure: Doubles
    exposure_basis: NDArray[np.str_]
    focal: Doubles
    light: Doubles
    brightness: Doubles
    hash: NDArray[np.uint64]
    vector: NDArray[np.float32]

    @classmethod
    def from_shots(cls, shots: Iterable[Shot]) -> ShotTable:
        """Return the table of shots in any order. Their paths must differ."""
        ordered = tuple(sorted(shots, key=_sort_key))
        clock = _clock_numbers(ordered)
        return cls(
            shots=ordered,
            clock=clock,
            taken=_without_stopped_clocks(clock, _column([shot.taken for shot in ordered])),
            slack=np.array([0.0 if shot.exact else 1.0 for shot in ordered]),
            shutter=np.nan_to_num(_column([shot.shutter for shot in ordered])),
            exposure=_column([shot.exposure for shot in ordered]),
            exposure_basis=np.array([shot.exposure_basis for shot in ordered], np.str_),
            focal=_column([shot.focal_length for shot in ordered]),
            light=np.array([shot.light for shot in ordered], np.float64),
            brightness=np.array([_brightness(shot) for shot in ordered], np.float64),
            hash=np.array([shot.hash for shot in ordered], np.uint64),
            vector=_unit_vectors(ordered),
        )

    def __len__(self) -> int:
        return len(self.shots)

    def subset(self, indices: Indices) -> ShotTable:
        """Return the table of some of the shots, in the same order."""
        columns = {each.name: getattr(self, each.name)[indices] for each in fields(self)[1:]}
        return ShotTable(tuple(self.shots[number] for number in indices), **columns)

    def cosine(self, first: Indices, second: Indices) -> NDArray[np.float32]:
        """Return the cosine (-1 to 1) of the embeddings of each pair."""
        result = np.empty(len(first), np.float32)
        for start in range(0, len(first), _PAIRS_AT_ONCE):
            chunk = slice(start, start + _PAIRS_AT_ONCE)
            result[chunk] = np.einsum("ij,ij->i", self.vector[first[chunk]], self.vector[second[chunk]])
        return result

    def hash_distance(self, first: Indices, second: Indices) -> NDArray[np.uint8]:
        """Return the number of differing bits (0-64) of the hashes of each pair."""
        return np.asarray(np.bitwise_count(self.hash[first] ^ self.hash[second]), np.uint8)

    def exposure_difference(self, first: Indices, second: Indices) -> Doubles:
        """Return the difference (EV) of the exposures of each pair; NaN if they cannot be compared."""
        difference = np.abs(self.exposure[first] - self.exposure[second])
        return np.where(self.exposure_basis[first] == self.exposure_basis[second], difference, np.nan)

    def same_clock(self, first: Indices, second: Indices) -> NDArray[np.bool_]:
        """Return whether both times of each pair are of the same clock, and can be compared."""
        has_time = ~np.isnan(self.taken[first]) & ~np.isnan(self.taken[second])
        return np.asarray(has_time & (self.clock[first] == self.clock[second]) & (self.clock[first] >= 0))

    def lacks_time(self, first: Indices, second: Indices) -> NDArray[np.bool_]:
        """Return whether a time of each pair, or its clock, is unknown."""
        has_time = ~np.isnan(self.taken) & (self.clock >= 0)
        return np.asarray(~(has_time[first] & has_time[second]))

    def seconds_between(self, first: Indices, second: Indices) -> Doubles:
        """Return the seconds between each pair, less shutter time and uncertainty of the clock; or NaN."""
        difference = np.abs(self.taken[first] - self.taken[second])
        shutter = np.maximum(self.shutter[first], self.shutter[second])
        slack = np.maximum(self.slack[first], self.slack[second])
        return np.asarray(np.maximum(difference - shutter - slack, 0))


def _sort_key(shot: Shot) -> tuple[object, ...]:
    time_key = shot.taken is None, shot.taken or 0.0
    return shot.clock, *time_key, natural_key(shot.path.name), shot.path.as_posix()


def have_other_file_numbers(first: str, second: str) -> bool:
    """Return whether two file names count up one sequence, as a camera does, and differ in their numbers.

    "IMG_0001.JPG" and "_MG_0002.CR3" do; "IMG_0001 (2).JPG", "IMG_0001-3.jpg" and "web_0007.jpg" may be
    copies of the first.
    """
    (pattern, numbers), (other_pattern, other_numbers) = map(file_number, (first, second))
    return pattern == other_pattern and numbers != other_numbers


def have_one_file_number(first: str, second: str) -> bool:
    """Return whether two file names count as one frame: "IMG_0001-2.jpg" and "IMG_0001.CR3" do."""
    return file_number(first) == file_number(second)


@lru_cache(maxsize=1 << 16)
def file_number(name: str) -> tuple[str, tuple[int, ...]]:
    """Return the pattern of a file name and the numbers in it, without what marks a copy."""
    stem = _COPY_MARK.sub("", name.rpartition(".")[0] or name).lower()
    if match := _CAMERA_NAME.fullmatch(stem):
        return "camera", (int(match[1]),)
    return _NUMBERS.sub("#", stem), tuple(int(number) for number in _NUMBERS.findall(stem))


def natural_key(name: str) -> tuple[tuple[int, str], ...]:
    """Return a sort key that orders numbers in names by value: IMG_9 before IMG_10."""
    tokens = _NUMBERS.split(name.lower())
    return tuple((int(token), "") if token.isdecimal() else (-1, token) for token in tokens)


def _clock_numbers(shots: Sequence[Shot]) -> Indices:
    """Return a number for each shot's clock, -1 if unknown."""
    numbers = {name: number for number, name in enumerate(sorted({shot.clock for shot in shots} - {""}))}
    return np.array([numbers.get(shot.clock, -1) for shot in shots], np.intp)


def _brightness(shot: Shot) -> float:
    return LIGHT_EXPONENT * float(np.log2(shot.tones.astype(np.float32) + 1).mean())


def _column(values: Sequence[float | None]) -> Doubles:
    return np.array([np.nan if value is None else value for value in values], np.float64)


def _unit_vectors(shots: Sequence[Shot]) -> NDArray[np.float32]:
    if not shots:
        return np.zeros((0, 1), np.float32)
    raw = np.stack([shot.vector for shot in shots]).astype(np.float32)
    length = np.linalg.norm(raw, axis=1, keepdims=True)
    return np.asarray(raw / np.maximum(length, 1e-6), np.float32)


def _without_stopped_clocks(clock: Indices, taken: Doubles) -> Doubles:
    """Return the times, NaN where one clock has the same second in more photos than a camera can take."""
    timed = np.flatnonzero(~np.isnan(taken))
    seconds = np.stack([clock[timed].astype(np.float64), np.floor(taken[timed])], axis=1)
    _, inverse, count = np.unique(seconds, axis=0, return_inverse=True, return_counts=True)
    running = taken.copy()
    running[timed[count[inverse.reshape(-1)] > _MAX_PHOTOS_PER_SECOND]] = np.nan
    return running
