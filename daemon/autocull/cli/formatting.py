"""How names, counts and times are put to a person."""

from __future__ import annotations

from pathlib import Path

from autocull.output.report import cards


def make_printable(text: str | Path) -> str:
    """Write out whatever a file name holds on one line, without power over the terminal."""
    return cards.make_printable(str(text))


def format_photos(count: int) -> str:
    """Say how many photos: "1 photo", "12,345 photos"."""
    return f"{count:,} photo{'' if count == 1 else 's'}"


def format_duration(seconds: float) -> str:
    """Say how long: "8 s", "3 min 20 s", "2 h 5 min"."""
    total = max(0, round(seconds))
    hours, minutes, rest = total // 3600, total % 3600 // 60, total % 60
    if hours:
        return f"{hours} h {minutes} min"
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"
