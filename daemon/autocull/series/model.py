"""A series: photos that belong together, of what kind they are, and a photo's place among them."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

Kind = Literal["single", "duplicate", "burst", "bracket", "focus_stack", "panorama"]
"""Copies of one frame; frames of one moment; and sets that were taken to be one picture later."""

SETS: frozenset[Kind] = frozenset({"bracket", "focus_stack", "panorama"})
"""The kinds that are kept whole: no frame of them wins, and none is rejected for another's sake."""


@dataclass(frozen=True, slots=True)
class Series:
    """Photos that belong together.

    `id` is 12 hex digits, the same in every run over the same photos; `members` are in the order of shooting,
    as far as it is known, else by name. A photo that belongs to no other is a series of one, kind "single".
    """

    id: str
    kind: Kind
    members: tuple[Path, ...]


@dataclass(frozen=True, slots=True)
class Place:
    """A photo's place in its series: `rank` from 1 (the best; in a set, the order of shooting) to `size`;
    `best` is the photo of rank 1.
    """

    id: str
    kind: Kind
    rank: int
    size: int
    best: Path


def series_id(members: Iterable[Path]) -> str:
    """Name a series by its members, in whatever order: 12 hex digits, the same in every run over them."""
    names = b"\n".join(sorted(os.fsencode(path.as_posix()) for path in members))
    return hashlib.sha256(names).hexdigest()[:12]


def alone(path: Path) -> Place:
    """Return the place of a photo that belongs to no other, or that nobody has compared with any."""
    return Place(series_id([path]), "single", 1, 1, path)
