"""Speed and memory of culling, compared with decoding alone and with a simple loop.

    python benchmarks/cull.py [--quick] [--photos N] [--many N] [--workers N]

Makes its photos in a temporary folder, runs everything on this machine in one go, and prints the tables.
CPU per photo is that of each further photo: a run over few photos is subtracted from one over many, so that
the start of the processes does not count. Needs the extras `train` and `dev`; CPU is measured on POSIX.
"""

from __future__ import annotations

import argparse
import os
import platform
import statistics
import sys
import tempfile
from pathlib import Path

from process_usage import ProcessUsage, run_autocull, run_measured
from sample_photos import KINDS, make_shoot

FOLDER = Path(__file__).resolve().parent
FEW_PHOTOS = 4


def main() -> None:
    """Run the measurements with the options, and print their tables."""
    options = _options()
    print(f"{platform.platform()}, Python {platform.python_version()}, {os.cpu_count()} processors, "
          f"{options.workers} workers, {options.photos} photos of each kind\n")  # fmt: skip
    with tempfile.TemporaryDirectory(prefix="autocull-benchmark-") as folder:
        _print_throughput(Path(folder), options)
        _print_first_verdict(Path(folder))
        _print_memory(Path(folder), options)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--quick", action="store_true", help="few photos: a trial, not a measurement")
    parser.add_argument("--photos", type=int, help="photos of each kind (60)")
    parser.add_argument("--many", type=int, help="small photos for the memory (2000)")
    parser.add_argument("--workers", type=int, default=min(os.cpu_count() or 1, 8))
    parser.add_argument("--kinds", nargs="+", choices=KINDS, default=KINDS)
    options = parser.parse_args()
    options.photos = options.photos or (12 if options.quick else 60)
    options.many = options.many or (300 if options.quick else 2000)
    return options


def _print_throughput(folder: Path, options: argparse.Namespace) -> None:
    """Print a row with the pipeline, decoding alone and the loop for each kind of photo."""
    print("| photos | MB each | pipeline photos/s | CPU ms | decoding alone CPU ms | CPU ratio "
          "| loop photos/s | loop CPU ms | times the loop | peak MB |")  # fmt: skip
    print("|---|---|---|---|---|---|---|---|---|---|")
    for kind in options.kinds:
        shoot = folder / kind.replace(" ", "_")
        paths = make_shoot(shoot, kind, options.photos)
        few = folder / f"few_{shoot.name}"
        make_shoot(few, kind, FEW_PHOTOS)
        size = statistics.mean(path.stat().st_size for path in paths) / 1e6
        rate, cpu, peak = _measure_pipeline(folder, shoot, few, options)
        decoding = run_measured([sys.executable, FOLDER / "decoding.py", str(options.workers), shoot])
        floor = _last_numbers(decoding)[0] * 1000
        loop = run_measured([sys.executable, FOLDER / "loop.py", few])
        seconds, loop_cpu = _last_numbers(loop)[:2]
        print(f"| {kind} | {size:.1f} | {rate:.1f} | {cpu:.0f} | {floor:.0f} | {cpu / floor:.2f} "
              f"| {1 / seconds:.2f} | {loop_cpu * 1000:.0f} | {rate * seconds:.1f} | {peak:.0f} |",
              flush=True)  # fmt: skip
        for path in paths:
            path.unlink()
    print(f"\nThe loop ran these detectors in Keras: {' '.join(loop.lines[-1].split()[2:]) or 'none'}.\n")


def _measure_pipeline(
    folder: Path, shoot: Path, few: Path, options: argparse.Namespace
) -> tuple[float, float, float]:
    """Return photos/s and CPU ms of each further photo, and the peak memory in MB."""
    workers = ("--workers", str(options.workers))
    short = run_autocull("cull", few, *workers, "--json", "-", store=folder / "few.sqlite")
    long = run_autocull("cull", shoot, *workers, "--json", "-", store=folder / f"{shoot.name}.sqlite")
    (folder / "few.sqlite").unlink()
    assert len(long.lines) == options.photos
    assert not any('"error": {' in line for line in long.lines)
    further = options.photos - FEW_PHOTOS
    return further / (long.wall - short.wall), 1000 * (long.cpu - short.cpu) / further, long.peak


def _last_numbers(usage: ProcessUsage) -> list[float]:
    return [float(word) for word in usage.lines[-1].split()[:2]]


def _print_first_verdict(folder: Path) -> None:
    """Print the time from the start of the process to the first verdict, of five starts."""
    make_shoot(folder / "first", "24 MP JPEG", 8)
    times = []
    for number in range(5):
        run = run_autocull("cull", folder / "first", "--json", "-", store=folder / f"first{number}.sqlite")
        times.append(run.first)
    print(f"First verdict on 24 MP JPEG: {statistics.median(times):.2f} s after the start "
          f"({min(times):.2f} to {max(times):.2f} of 5)")  # fmt: skip


def _print_memory(folder: Path, options: argparse.Namespace) -> None:
    """Print the peak memory of a small and of a large shoot."""
    make_shoot(folder / "many", "small JPEG", options.many)
    make_shoot(folder / "hundred", "small JPEG", 100)
    for name, count in (("hundred", 100), ("many", options.many)):
        run = run_autocull("cull", folder / name, "--json", "-", store=folder / f"{name}.sqlite")
        print(f"Peak memory, {count:,} small JPEG: {run.peak:.0f} MB, {count / run.wall:.1f} photos/s")


if __name__ == "__main__":
    main()
