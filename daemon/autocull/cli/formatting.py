"""Formats names, counts and durations for the terminal."""

from __future__ import annotations

import os
import re
import shlex
from pathlib import PurePath

from autocull.output.report import cards
from autocull.plurals import format_count


def make_printable(text: str | PurePath) -> str:
    """Return the text on one line, with control characters escaped."""
    return cards.make_printable(str(text))


def format_argument(path: PurePath, *, windows: bool = os.name == "nt") -> str:
    """Return a path as an argument of a command to copy: quoted as the system's shell needs it."""
    text = make_printable(path)
    if not windows:
        return shlex.quote(text)
    return text if re.fullmatch(r"[\w.:\\/-]+", text) else f'"{text}"'


def format_photos(count: int) -> str:
    """Return a number of photos: "1 photo", "12,345 photos"."""
    return format_count(count, "photo")


def format_duration(seconds: float) -> str:
    """Return a duration: "8 s", "3 min 20 s", "2 h 5 min"."""
    total = max(0, round(seconds))
    hours, minutes, rest = total // 3600, total % 3600 // 60, total % 60
    if hours:
        return f"{hours} h {minutes} min"
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"
