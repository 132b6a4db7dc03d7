"""Time of judging a measured shoot with a changed setting: no pixels are read.

    python benchmarks/rejudge.py [--photos N] [--alike]

Fills a store with synthetic evidence for N files that are not photos: reading one would raise an error.
With `--alike` all of them show one scene, so that every photo is similar to every other.
"""

from __future__ import annotations

import argparse
import random
import statistics
import sys
import tempfile
from contextlib import closing
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

from process_usage import run_autocull

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))

from autocull.measure.ensemble import Ensemble
from autocull.measure.models import models_root
from autocull.pipeline.evidence_store import EvidenceStore, Measurement, identify
from autocull.read import find_frames
from autocull.read.photo import Capture
from support import evidence_builders as builders

_MOMENT_FRAMES = 5


def main() -> None:
    """Print the seconds of a run that groups, and of five with other settings; complete processes."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--photos", type=int, default=10_000)
    parser.add_argument("--alike", action="store_true")
    options = parser.parse_args()
    count = options.photos
    with tempfile.TemporaryDirectory(prefix="autocull-benchmark-") as folder:
        shoot, store = Path(folder) / "shoot", Path(folder) / "store.sqlite"
        _fill_store(shoot, store, count, alike=options.alike)
        anew = run_autocull("cull", shoot, store=store)  # groups the photos, whose series are then stored
        times = []
        for number in range(5):
            run = run_autocull("cull", shoot, "--set", f"focus_reject=0.{number + 1}", store=store)
            assert any("Unreadable" in line and line.split()[-1] == "0" for line in run.lines), run.lines
            times.append(run.wall)
        print("".join(run.lines))
        print(
            f"{count:,} photos grouped and judged: {anew.wall:.2f} s, CPU {anew.cpu:.2f}, {anew.peak:.0f} MB"
        )
        spread = f"{statistics.median(times):.2f} s ({min(times):.2f} to {max(times):.2f} of 5)"
        print(f"with another setting: {spread}, CPU {run.cpu:.2f}, {run.peak:.0f} MB")


def _fill_store(shoot: Path, file: Path, count: int, *, alike: bool) -> None:
    """Create the files, and evidence for each as large as a real photo's.

    Each has two faces and twenty tiles; there are five frames of every moment, half a second apart. Those of
    all moments show one scene if they are `alike`.
    """
    shoot.mkdir()
    for number in range(count):
        (shoot / f"IMG_{number:05d}.JPG").write_bytes(b"no photo")
    versions = Ensemble(models_root()).versions
    draw = random.Random(5).random
    with closing(EvidenceStore(file, print)) as store:
        for number, frame in enumerate(find_frames([shoot]).frames):
            identity = identify(frame, versions)
            assert identity is not None
            if number % _MOMENT_FRAMES == 0:  # the same parts are sharp in all frames of a moment
                tiles = tuple(tuple(draw() for _ in range(5)) for _ in range(4))
            focus = builders.focus(draw(), tiles=tiles, texture=tiles, faces=(draw(), draw()))
            evidence = replace(
                builders.evidence(faces=(builders.face(draw()), builders.face(draw())), focus=focus),
                capture=Capture(taken=_capture_time(number), taken_from="exif", camera="Example One"),
                likeness=builders.make_embedding(
                    0 if alike else number // _MOMENT_FRAMES,
                    take=number if alike else number % _MOMENT_FRAMES,
                    difference=0.1,
                ),
                models=versions,
            )
            store.put(frame.path, identity, Measurement(evidence, bytes(8000)))


def _capture_time(number: int) -> str:
    """Return the capture time of a frame in the form of EXIF; moments are a minute apart."""
    moment, frame = divmod(number, _MOMENT_FRAMES)
    return (datetime(2024, 5, 1) + timedelta(minutes=moment, seconds=frame / 2)).isoformat()  # noqa: DTZ001 - a camera's time


if __name__ == "__main__":
    main()
