"""The few numbers that decide which photos belong together; the settings `series_*` are their only source."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
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
