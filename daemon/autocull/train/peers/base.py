"""The interface to another program on the scoreboard."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps

from autocull.read import Pixels


@dataclass(frozen=True, slots=True)
class PeerOpinion:
    """What another program reports on a photo.

    `flags` are the kinds of faults that it names at its own default limits; `scores` hold a number for each
    kind that it measures, higher where the fault is more likely.
    """

    flags: frozenset[str]
    scores: Mapping[str, float]


class Peer:
    """Another program: its name and version, the kinds of faults that it names, and whether it pairs photos.

    A subclass overrides `judge` where it names faults, and `find_pairs` where it compares photos.
    """

    name: str
    version: str
    kinds: tuple[str, ...] = ()
    finds_pairs = False

    def judge(self, paths: Sequence[Path]) -> Mapping[Path, PeerOpinion]:
        """Return its opinion on each photo; a photo that it cannot read is left out."""
        return dict.fromkeys(paths, PeerOpinion(frozenset(), {}))

    def find_pairs(self, paths: Sequence[Path]) -> Iterable[tuple[Path, Path]]:
        """Return the pairs of nearly the same photos; by default each photo with itself only."""
        return ((path, path) for path in paths)


def read_reduced(path: Path, side: int) -> Pixels | None:
    """Read a photo with its long side reduced to at most `side` px; None where Pillow cannot read it."""
    try:
        with Image.open(path) as image:
            image.draft("RGB", (side, side))
            upright = ImageOps.exif_transpose(image).convert("RGB")
    except (OSError, ValueError, SyntaxError):
        return None
    upright.thumbnail((side, side), Image.Resampling.LANCZOS)
    return np.asarray(upright)


def is_readable(path: Path) -> bool:
    """Return whether Pillow can open a photo."""
    try:
        with Image.open(path) as image:
            image.load()
    except (OSError, ValueError, SyntaxError):
        return False
    return True
