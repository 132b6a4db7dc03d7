"""Decoding alone: each photo once, in full size, into a reused buffer.

    python benchmarks/decoding.py WORKERS FOLDER

As many processes as the pipeline has run at the same time, so that both share caches and memory in the same
way. Prints the CPU seconds and the seconds per photo.
"""

from __future__ import annotations

import sys
import time
from multiprocessing import get_context
from pathlib import Path

import numpy as np


def decode(paths: list[Path]) -> float:
    """Decode each file; returns the CPU seconds."""
    import rawpy
    import simplejpeg

    buffer = bytearray(8256 * 5504 * 3)
    started = time.process_time()
    for path in paths:
        if path.suffix == ".NEF":
            with rawpy.imread(str(path)) as raw:
                content = raw.extract_thumb().data
        else:
            content = path.read_bytes()
        pixels = simplejpeg.decode_jpeg(content, colorspace="RGB", buffer=buffer)
        assert isinstance(pixels, np.ndarray)
    return time.process_time() - started


def main(workers: int, folder: Path) -> None:
    """Decode the folder twice, the first time to warm up; print CPU seconds and wall seconds per photo."""
    paths = sorted(path for path in folder.iterdir() if path.suffix in {".JPG", ".NEF"})
    shares = [paths[number::workers] for number in range(workers)]
    with get_context("spawn").Pool(workers) as pool:
        pool.map(decode, [share[:1] for share in shares])
        started = time.perf_counter()
        cpu = sum(pool.map(decode, shares, chunksize=1))
        wall = time.perf_counter() - started
    print(cpu / len(paths), wall / len(paths))


if __name__ == "__main__":
    main(int(sys.argv[1]), Path(sys.argv[2]))
