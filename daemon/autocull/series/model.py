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

    `id` is 12 hex digits, the same in every run over the same photos; `paths` are in the order of shooting,
    as far as it is known, else by name. A photo that belongs to no other is a series of one, kind "single".
    """

    id: str
    kind: Kind
    paths: tuple[Path, ...]


@dataclass(frozen=True, slots=True)
class SeriesPosition:
    """A photo's place in its series: `rank` from 1 (the best; in a set, the order of shooting) to `size`;
    `best` is the photo of rank 1.
    """

    id: str
    kind: Kind
    rank: int
    size: int
    best: Path


def series_id(paths: Iterable[Path]) -> str:
    """Name a series by its members, in whatever order: 12 hex digits, the same in every run over them."""
    names = b"\n".join(sorted(os.fsencode(path.as_posix()) for path in paths))
    return hashlib.sha256(names).hexdigest()[:12]


def single_position(path: Path) -> SeriesPosition:
    """Return the place of a photo that belongs to no other, or that nobody has compared with any."""
    return SeriesPosition(series_id([path]), "single", 1, 1, path)


@dataclass(frozen=True, slots=True)
class GroupingSettings:
    """What decides whether photos are one series; each is the setting `series_` + its name.

    Seconds: `gap` and `moment` are how far neighbouring frames of one burst, and its first and last, may lie
    apart, `set_gap` how far those of a bracket, a focus stack or a panorama. Cosines (0-1) of two embeddings:
    from `alike` on, two frames near in time belong together; from `doubt` on their patches are asked, and may
    stand in for time or likeness; below `apart` two frames are in one burst only where their patches say so.
    `agree` (cosine, 0-1) is how much the patches of two frames must look the same where they differ most,
    `clear` (0-1) by how much more than any two of their patches do.
    `copy_bits` (0-64) is how far apart the hashes of copies may be. `bracket_span` (EV) is the least from a
    bracket's darkest to its brightest frame, `focus_moved` (0-1) the least share of tiles that turn sharp,
    and turn soft, in a focus stack, `reach` (long sides) the least way from a panorama's first frame to its
    last.
    """

    gap: float
    moment: float
    set_gap: float
    alike: float
    apart: float
    doubt: float
    agree: float
    clear: float
    copy_bits: int
    bracket_span: float
    focus_moved: float
    reach: float
