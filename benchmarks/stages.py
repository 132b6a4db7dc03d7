"""Time of each step of the pipeline for one photo: decoding, detectors, thumbnail; the best of rounds.

    python benchmarks/stages.py [--rounds N] [--kinds KIND ...]

One process, one thread, CPU milliseconds. "Decoding alone" is that of `benchmarks/cull.py`.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Callable
from pathlib import Path
from time import process_time
from typing import Any

import rawpy
import simplejpeg
from sample_photos import KINDS, make_shoot

from autocull.measure.ensemble import Ensemble
from autocull.measure.exposure import measure_exposure
from autocull.measure.models import models_root
from autocull.pipeline.thumbnail import make_thumbnail
from autocull.read import DecodeBuffer, Frame, read_frame

Steps = dict[str, float]
"""CPU milliseconds by the name of the step."""


def main() -> None:
    """Print a row for each kind of photo."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--kinds", nargs="+", choices=KINDS, default=KINDS)
    options = parser.parse_args()
    has_header = False
    with tempfile.TemporaryDirectory(prefix="autocull-benchmark-") as folder:
        for kind in options.kinds:
            paths = make_shoot(Path(folder) / kind.replace(" ", "_"), kind, 4)
            steps = _mean([_fastest_steps(path, options.rounds) for path in paths])
            if not has_header:
                print(
                    f"| photos | {' | '.join(steps)} | all but the floor |\n|---{'|---' * (len(steps) + 1)}|"
                )
                has_header = True
            remaining = sum(steps.values()) - steps["decoding alone"]
            print(
                f"| {kind} | {' | '.join(f'{ms:.1f}' for ms in steps.values())} | {remaining:.1f} |",
                flush=True,
            )


def _mean(rows: list[Steps]) -> Steps:
    return {name: sum(row[name] for row in rows) / len(rows) for name in rows[0]}


def _fastest_steps(path: Path, rounds: int) -> Steps:
    """Return the least time of each step of one photo over the rounds; the first round warms up."""
    decode_buffer, ensemble = DecodeBuffer(), Ensemble(models_root())
    buffer = bytearray(8256 * 5504 * 3)
    measured = [_measure_steps(path, decode_buffer, ensemble, buffer) for _ in range(rounds + 1)][1:]
    return {name: min(row[name] for row in measured) for name in measured[0]}


def _measure_steps(path: Path, decode_buffer: DecodeBuffer, ensemble: Ensemble, buffer: bytearray) -> Steps:
    steps: Steps = {}

    def timed(name: str, step: Callable[[], Any]) -> Any:
        started = process_time()
        answer = step()
        steps[name] = 1000 * (process_time() - started)
        return answer

    timed("decoding alone", lambda: _decode(path, buffer))
    photo = timed("reading", lambda: read_frame(Frame(path), buffer=decode_buffer))
    faces = timed("faces", lambda: ensemble.faces.measure(photo))
    timed("defects", lambda: ensemble.defects.measure(photo))
    timed("likeness", lambda: ensemble.embedding.measure(photo))
    timed("eyes", lambda: ensemble.eyes.measure(photo, faces))
    timed("focus", lambda: ensemble.focus.measure(photo, faces))
    timed("category", lambda: ensemble.category.measure(photo, faces))
    timed("exposure", lambda: measure_exposure(photo))
    timed("thumbnail", lambda: make_thumbnail(photo.working))
    return steps


def _decode(path: Path, buffer: bytearray) -> None:
    if path.suffix == ".NEF":
        with rawpy.imread(str(path)) as raw:
            content = raw.extract_thumb().data
    else:
        content = path.read_bytes()
    simplejpeg.decode_jpeg(content, colorspace="RGB", buffer=buffer)


if __name__ == "__main__":
    main()
