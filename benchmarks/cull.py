"""How fast culling is, and what it needs, beside decoding alone and beside a straightforward loop.

    python benchmarks/cull.py [--quick] [--photos N] [--many N] [--workers N]

Makes its photos in a temporary folder, runs everything on this machine in one go, and prints the tables.
CPU per photo is what each further photo costs: a run over few photos is subtracted from one over many, so
that the start of the processes does not count. Needs the extras `train` and `dev`; CPU is measured on POSIX.
"""

from __future__ import annotations

import argparse
import os
import platform
import statistics
import sys
import tempfile
from pathlib import Path

from shoots import KINDS, make_shoot
from watched import Watched, autocull, watch

HERE = Path(__file__).resolve().parent
FEW = 4


def main() -> None:
    """Run what the options say, and print it."""
    options = _options()
    print(f"{platform.platform()}, Python {platform.python_version()}, {os.cpu_count()} processors, "
          f"{options.workers} workers, {options.photos} photos of each kind\n")  # fmt: skip
    with tempfile.TemporaryDirectory(prefix="autocull-benchmark-") as folder:
        _throughput(Path(folder), options)
        _first_verdict(Path(folder))
        _memory(Path(folder), options)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--quick", action="store_true", help="few photos: a look, not a measurement")
    parser.add_argument("--photos", type=int, help="photos of each kind (60)")
    parser.add_argument("--many", type=int, help="small photos for the memory (2000)")
    parser.add_argument("--workers", type=int, default=min(os.cpu_count() or 1, 8))
    parser.add_argument("--kinds", nargs="+", choices=KINDS, default=KINDS)
    options = parser.parse_args()
    options.photos = options.photos or (12 if options.quick else 60)
    options.many = options.many or (300 if options.quick else 2000)
    return options


def _throughput(folder: Path, options: argparse.Namespace) -> None:
    """Print the pipeline, the floor and the loop for each kind of photo."""
    print("| photos | MB each | pipeline photos/s | CPU ms | decoding alone CPU ms | CPU ratio "
          "| loop photos/s | loop CPU ms | times the loop | peak MB |")  # fmt: skip
    print("|---|---|---|---|---|---|---|---|---|---|")
    for kind in options.kinds:
        shoot = folder / kind.replace(" ", "_")
        paths = make_shoot(shoot, kind, options.photos)
        few = folder / f"few_{shoot.name}"
        make_shoot(few, kind, FEW)
        size = statistics.mean(path.stat().st_size for path in paths) / 1e6
        rate, cpu, peak = _pipeline(folder, shoot, few, options)
        floor = _numbers(watch([sys.executable, HERE / "decoding.py", str(options.workers), shoot]))[0] * 1000
        loop = watch([sys.executable, HERE / "loop.py", few])
        seconds, loop_cpu = _numbers(loop)[:2]
        print(f"| {kind} | {size:.1f} | {rate:.1f} | {cpu:.0f} | {floor:.0f} | {cpu / floor:.2f} "
              f"| {1 / seconds:.2f} | {loop_cpu * 1000:.0f} | {rate * seconds:.1f} | {peak:.0f} |",
              flush=True)  # fmt: skip
        for path in paths:
            path.unlink()
    print(f"\nThe loop ran these members in Keras: {' '.join(loop.lines[-1].split()[2:]) or 'none'}.\n")


def _pipeline(
    folder: Path, shoot: Path, few: Path, options: argparse.Namespace
) -> tuple[float, float, float]:
    """Return photos/s and CPU ms of each further photo, and the peak memory in MB."""
    workers = ("--workers", str(options.workers))
    short = autocull("cull", few, *workers, "--json", "-", store=folder / "few.sqlite")
    long = autocull("cull", shoot, *workers, "--json", "-", store=folder / f"{shoot.name}.sqlite")
    (folder / "few.sqlite").unlink()
    assert len(long.lines) == options.photos
    assert not any('"error": {' in line for line in long.lines)
    more = options.photos - FEW
    return more / (long.wall - short.wall), 1000 * (long.cpu - short.cpu) / more, long.peak


def _numbers(watched: Watched) -> list[float]:
    return [float(word) for word in watched.lines[-1].split()[:2]]


def _first_verdict(folder: Path) -> None:
    """Print the time from the start of the process to the first verdict, of five starts."""
    make_shoot(folder / "first", "24 MP JPEG", 8)
    times = []
    for number in range(5):
        run = autocull("cull", folder / "first", "--json", "-", store=folder / f"first{number}.sqlite")
        times.append(run.first)
    print(f"First verdict on 24 MP JPEG: {statistics.median(times):.2f} s after the start "
          f"({min(times):.2f} to {max(times):.2f} of 5)")  # fmt: skip


def _memory(folder: Path, options: argparse.Namespace) -> None:
    """Print the peak memory of a small and of a large shoot."""
    make_shoot(folder / "many", "small JPEG", options.many)
    make_shoot(folder / "hundred", "small JPEG", 100)
    for name, count in (("hundred", 100), ("many", options.many)):
        run = autocull("cull", folder / name, "--json", "-", store=folder / f"{name}.sqlite")
        print(f"Peak memory, {count:,} small JPEG: {run.peak:.0f} MB, {count / run.wall:.1f} photos/s")


if __name__ == "__main__":
    main()
