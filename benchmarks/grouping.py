"""Time and memory of grouping, without measuring, for 1,000, 10,000 and 100,000 photos.

    python benchmarks/grouping.py [--photos N ...] [--without-times SHARE]

The shots are simulated, as large as those of real photos: singles, bursts of 3 to 40, brackets, focus stacks,
panoramas and copies, of two cameras. `--without-times` is the share of photos without a time. Each size runs
in its own process; the memory is its peak, once with the shots alone and once after grouping. On a machine
with other load, compare the processor's seconds.
"""

from __future__ import annotations

import argparse
import resource
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))

from autocull.series.grouping import group
from autocull.series.shot import Shot
from support.simulated_shoots import (
    SETTINGS,
    Camera,
    copy_of,
    take_bracket,
    take_burst,
    take_focus_stack,
    take_panorama,
    take_single,
)

BURST_LENGTHS = (3, 5, 8, 13, 40)


def main() -> None:
    """Print one line per size."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--photos", type=int, nargs="+", default=[1_000, 10_000, 100_000])
    parser.add_argument("--without-times", type=float, default=0.0)
    parser.add_argument("--here", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.here:
        _measure(options.photos[0], options.without_times)
        return
    print(
        "| photos | series | s | s of processor | microseconds of it per photo | MB, shots alone | MB, peak |"
    )
    print("|---|---|---|---|---|---|---|", flush=True)
    for count in options.photos:
        arguments = ["--here", "--photos", str(count), "--without-times", str(options.without_times)]
        subprocess.run([sys.executable, __file__, *arguments], check=True)


def _measure(count: int, without: float) -> None:
    shots = _shots(count, without)
    memory_before = _peak_megabytes()
    started, cpu_seconds = time.perf_counter(), time.process_time()
    series = group(shots, SETTINGS)
    seconds, cpu_seconds = time.perf_counter() - started, time.process_time() - cpu_seconds
    per_photo = cpu_seconds / count * 1e6
    print(f"| {count:,} | {len(series):,} | {seconds:.1f} | {cpu_seconds:.1f} | {per_photo:.0f} "
          f"| {memory_before:.0f} | {_peak_megabytes():.0f} |", flush=True)  # fmt: skip


def _shots(count: int, without: float) -> list[Shot]:
    rng = np.random.default_rng(11)
    shots: list[Shot] = []
    for shot in _endless_shots(rng):
        shots.append(replace(shot, taken=None) if rng.random() < without else shot)
        if len(shots) == count:
            break
    return shots


def _endless_shots(rng: np.random.Generator) -> Iterator[Shot]:
    """Yield shots of two photographers without end."""
    cameras = [Camera(rng, clock=f"Example {number}", folder=Path(str(number))) for number in range(2)]
    while True:
        camera = cameras[int(rng.integers(2))]
        kind = rng.random()
        if kind < 0.5:
            frames = take_single(camera)
        elif kind < 0.8:
            frames = take_burst(camera, "", int(rng.choice(BURST_LENGTHS)))
        else:
            frames = (take_bracket, take_focus_stack, take_panorama)[int(rng.integers(3))](camera, "")
        for each in frames:
            yield each.shot
            if rng.random() < 0.02:
                yield copy_of(each.shot, f"{each.shot.path.stem} copy.jpg")


def _peak_megabytes() -> float:
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (1024**2 if sys.platform == "darwin" else 1024)


if __name__ == "__main__":
    main()
