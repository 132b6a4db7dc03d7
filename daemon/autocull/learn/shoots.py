"""Which photos were taken at one shoot: those without a long pause between them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path

from autocull.read.photo import Capture

PAUSE = timedelta(hours=4)
"""Without a photo for longer than this, the next one belongs to another shoot."""


def shoots_of(photos: Sequence[tuple[Path, Capture, str | None]]) -> list[int]:
    """Number the shoots of photos (path, capture facts, the shoot where it is known), in their order.

    A shoot that is known is believed. Else the time of exposure decides, also across folders, for two cards
    of one wedding are one shoot; a photo without one belongs to those of its folder.
    """
    keys: list[object] = [None] * len(photos)
    timed: list[tuple[datetime, int]] = []
    for index, (path, capture, known) in enumerate(photos):
        taken = None if known is not None else _taken(capture)
        if taken is None:
            keys[index] = known if known is not None else path.parent
        else:
            timed.append((taken, index))
    last, number = datetime.min, 0  # noqa: DTZ901 - local times without a zone are compared
    for taken, index in sorted(timed):
        number += taken - last > PAUSE
        keys[index], last = number, taken
    numbers: dict[object, int] = {}
    return [numbers.setdefault((type(key), key), len(numbers)) for key in keys]


def _taken(capture: Capture) -> datetime | None:
    """The local time of exposure; None where only the file's own time is known, which any copy changes."""
    if capture.taken is None or capture.taken_from == "file":
        return None
    try:
        return datetime.fromisoformat(capture.taken).replace(tzinfo=None)
    except ValueError:
        return None
