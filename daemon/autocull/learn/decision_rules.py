"""From the marks in a catalog or in sidecars to decisions: what she selected, and what she passed over; pure.

A flag decides. Many photographers never flag what they do not want: where a shoot has picks and no rejects,
the photos without a flag were passed over, and where it has no flags but stars, those without stars were.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

from autocull.learn.decisions import Decision, Gathered, Source, without_conflicts

CULLED = 0.01
"""From this share of chosen photos on, a shoot counts as culled; one pick in passing is none."""


@dataclass(frozen=True, slots=True)
class Marked:
    """A photo with the marks that she set by hand: `flag` 1, -1 or None, `starred` whether it has stars.

    `group` is the folder or import that she goes through at one time. `ours` says that marks of Autocull are
    on it, which it may be left under; `copy` that it is a virtual copy. Neither is ever "passed over".
    """

    path: Path
    group: Hashable
    flag: int | None = None
    starred: bool = False
    ours: bool = False
    copy: bool = False


def decisions_among(source: Source, photos: Iterable[Marked]) -> Gathered:
    """Say what she decided, group by group; photos without a decision are counted as left out."""
    ordered = sorted(photos, key=lambda photo: (str(photo.group), photo.path, photo.copy))
    decisions: list[Decision] = []
    undecided = 0
    for _, group in groupby(ordered, key=lambda photo: str(photo.group)):
        members = list(group)
        found = list(_of_group(members))
        decisions += found
        undecided += len(members) - len(found)
    gathered = without_conflicts(source, decisions)
    if undecided:
        gathered.left_out["without a decision of yours"] = undecided
    return gathered


def _of_group(photos: Sequence[Marked]) -> Iterable[Decision]:
    flagged = any(photo.flag for photo in photos)
    rejects = any(photo.flag == -1 for photo in photos)
    chosen = sum(photo.flag == 1 if flagged else photo.starred for photo in photos)
    culled = not rejects and chosen >= max(1, CULLED * len(photos))
    for photo in photos:
        if photo.flag:
            yield Decision(photo.path, photo.flag == 1)
        elif photo.starred and not flagged:
            yield Decision(photo.path, True)
        elif culled and not photo.ours and not photo.copy:
            yield Decision(photo.path, False)
