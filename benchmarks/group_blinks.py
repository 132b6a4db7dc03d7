"""Groups made from portraits, one of whose faces blinks: how often it is named, and open ones with it.

    python benchmarks/group_blinks.py DATA [COUNT]

DATA holds `portraits` (open: those of maskweb) and `more/eyes/cew_native_closed` (closed: the dev rows). Each
group has 3 to 12 portraits in a grid, the closed one anywhere; each group is made with cells of three sizes.
A face is about half as wide as its cell.
"""

from __future__ import annotations

import csv
import sys
from collections import Counter
from dataclasses import replace
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps

from autocull.judge import PROFILES
from autocull.judge.eyes import judge_face
from autocull.measure import Ensemble, models_root
from autocull.read import Photo
from autocull.stats.intervals import share_interval

CELLS = (500, 250, 120)
SIZES = range(3, 13)


def main(data: Path, count: int = 60) -> None:
    """Print the shares of closed faces named and of open faces named closed, by the cells' size."""
    opened = _paths(data / "portraits", "open", "maskweb", "dev")
    closed = _paths(data / "more/eyes/cew_native_closed", "closed", "cew_native_closed", "dev")
    ensemble = Ensemble(models_root())
    for cell in CELLS:
        rng, totals = np.random.default_rng(0), Counter[str]()
        for number in range(count):
            size = SIZES[number % len(SIZES)]
            paths = [*rng.choice(opened, size - 1, replace=False), rng.choice(closed)]
            order = rng.permutation(size)
            states = _states(ensemble, [paths[index] for index in order], cell)
            _count(totals, states, size, int(np.flatnonzero(order == size - 1)[0]))
        _print_totals(totals, cell)


def _count(totals: Counter[str], states: dict[int, str], size: int, blinking: int) -> None:
    """Count one group: its faces, those named closed, and those without a face."""
    for index in range(size):
        kind = "closed" if index == blinking else "open"
        totals[kind] += 1
        totals[f"{kind} named"] += states.get(index) == "closed"
        totals[f"{kind} without a face"] += index not in states


def _print_totals(totals: Counter[str], cell: int) -> None:
    for kind in ("closed", "open"):
        for name in (f"{kind} named", f"{kind} without a face"):
            low, high = share_interval(totals[name], totals[kind]) or (0.0, 1.0)
            print(f"{cell:4} px  {name:22} {totals[name]:4} of {totals[kind]:4}  {low:.3f}-{high:.3f}")


def _paths(folder: Path, label: str, source: str, split: str) -> list[str]:
    with (folder / "manifest.csv").open(encoding="utf-8", newline="") as file:
        return [
            str(folder / row["path"])
            for row in csv.DictReader(file)
            if (row["label"], row["source"], row["split"]) == (label, source, split)
        ]


def _states(ensemble: Ensemble, paths: list[str], side: int) -> dict[int, str]:
    """Return the state of the eyes of the face in each cell of a grid of portraits."""
    columns = int(np.ceil(np.sqrt(len(paths))))
    rows = -(-len(paths) // columns)
    picture = Image.new("RGB", (columns * side, rows * side), (120, 120, 120))
    for index, path in enumerate(paths):
        with Image.open(path) as portrait:
            cell = ImageOps.fit(portrait.convert("RGB"), (side, side), Image.Resampling.BICUBIC)
        picture.paste(cell, (index % columns * side, index // columns * side))
    photo = Photo.from_pixels(np.asarray(picture))
    faces = ensemble.faces.measure(photo)
    eyes = ensemble.eyes.measure(photo, faces)
    states = {}
    for face, of_face in reversed(list(zip(faces, eyes, strict=True))):  # the most prominent of a cell stays
        x, y = (face.box.x0 + face.box.x1) / 2 * columns, (face.box.y0 + face.box.y1) / 2 * rows
        judged = judge_face(replace(face, eyes=of_face), PROFILES["balanced"])
        states[int(y) * columns + int(x)] = judged.state
    return states


if __name__ == "__main__":
    main(Path(sys.argv[1]), *map(int, sys.argv[2:]))
