"""The few numbers that decide which photos belong together; the settings `series_*` are their only source."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """What decides whether photos are one series; each is the setting `series_` + its name.

    `gap` and `moment` are seconds: how far neighbouring frames of one burst, and its first and last, may lie
    apart. `alike`, `apart` and `alone` are cosines (0-1) of two embeddings: from `alike` on, two frames of
    one moment belong together; below `apart` no two frames of a series ever are; `alone` is asked of photos
    whose clocks say nothing. `copy_bits` (0-64) is how far apart the hashes of copies may be.
    """

    gap: float
    moment: float
    alike: float
    apart: float
    alone: float
    copy_bits: int
