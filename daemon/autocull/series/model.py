"""Series, the position of a photo in its series, the kinds of series, and the settings of grouping."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

Kind = Literal["single", "duplicate", "burst", "bracket", "focus_stack", "panorama"]
"""One photo; copies of one frame; frames of one moment; and three kinds of frames to be merged later."""

SETS: frozenset[Kind] = frozenset({"bracket", "focus_stack", "panorama"})
"""The kinds that are kept whole: their frames are not compared, and none is rejected because of another."""


@dataclass(frozen=True, slots=True)
class Series:
    """Photos of one subject and moment.

    `id` is 12 hex digits, the same in every run over the same photos; `paths` are in the order of shooting
    where there are times, else by name. A photo without others is a series of one, of kind "single".
    `copies` holds the photos that are copies of one frame, in groups of two and more; a duplicate is one.
    """

    id: str
    kind: Kind
    paths: tuple[Path, ...]
    copies: tuple[tuple[Path, ...], ...] = ()


@dataclass(frozen=True, slots=True)
class SeriesPosition:
    """Position of a photo in its series.

    `rank` is from 1 (the best; in a set, the first in the order of shooting) to `size`; `best` is the photo
    of rank 1.
    """

    id: str
    kind: Kind
    rank: int
    size: int
    best: Path


def series_id(paths: Iterable[Path]) -> str:
    """Return the id of a series with these paths, in any order: 12 hex digits, the same in every run."""
    names = b"\n".join(sorted(os.fsencode(path.as_posix()) for path in paths))
    return hashlib.sha256(names).hexdigest()[:12]


def single_position(path: Path) -> SeriesPosition:
    """Return the position of a photo that is alone in its series, or that was not compared with others."""
    return SeriesPosition(series_id([path]), "single", 1, 1, path)


@dataclass(frozen=True, slots=True)
class GroupingSettings:
    """Limits that decide whether photos are one series; each is the setting `series_` + its name.

    Seconds: `gap` is the greatest time between consecutive frames of a burst, `moment` between its first and
    last, `set_gap` between consecutive frames of a bracket, a focus stack or a panorama. Cosines (0-1) of two
    embeddings: from `alike` on, two frames close in time are linked; from `doubt` on, their alignment is
    computed and may replace time or similarity; below `apart`, two frames are in one burst only if they are
    aligned. `agree` (cosine, 0-1) is the least similarity of aligned frames where they differ most, and
    `clear` (0-1) the least part of it in excess of the mean over all pairs of patches. `copy_bits` (0-64) is
    the greatest distance of the hashes of copies. `bracket_span` (EV) is the least span from a bracket's
    darkest to its brightest frame, `focus_moved` (0-1) the least share of the cells that become sharp, and of
    those that become soft, in a focus stack, and `reach` (long sides) the least distance between the
    outermost frames of a panorama.
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
