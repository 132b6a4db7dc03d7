"""What the daemon needs while nobody asks, and how fast it answers.

    python benchmarks/daemon.py [--photos N]

Starts `autocull serve` five times with a home of its own; then measures the time of requests, of handing in a
job, and the memory while its networks are at work.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil
from served import Served, served
from shoots import make_shoot

STARTS, ASKED, PIECE = 5, 300, 500
REST = 1.0  # seconds until a started daemon has come to rest


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--photos", type=int, default=500)
    count = parser.parse_args().photos
    with tempfile.TemporaryDirectory(prefix="autocull-benchmark-") as folder:
        _starts(Path(folder))
        with served(Path(folder) / "home") as daemon:
            _requests(daemon)
            _job(daemon, make_shoot(Path(folder) / "shoot", "small JPEG", count))


def _starts(folder: Path) -> None:
    ready, idle = [], []
    for number in range(STARTS):
        with served(folder / f"home{number}") as daemon:
            ready.append(daemon.ready)
            time.sleep(REST)
            idle.append(_memory(daemon))
    middle = statistics.median(ready)
    print(f"From start to ready: {middle:.2f} s ({min(ready):.2f} to {max(ready):.2f} of {STARTS})")
    print(f"Idle memory: {max(idle):.0f} MB")


def _requests(daemon: Served) -> None:
    for path in ("/ping", "/v1/status", "/v1/jobs", "/v1/settings"):
        daemon.ask(path)
        times = sorted(_milliseconds(lambda path=path: daemon.ask(path)) for _ in range(ASKED))
        print(f"GET {path}: {statistics.median(times):.1f} ms, 99 % within {times[int(0.99 * ASKED)]:.1f} ms")


def _job(daemon: Served, paths: list[Path]) -> None:
    """Hand in a job in pieces as the plug-in does, wait for its end, and say what that took."""
    pieces = [paths[start : start + PIECE] for start in range(0, len(paths), PIECE)]
    times, job = [], ""
    for number, piece in enumerate(pieces):
        body: dict[str, Any] = {
            "more": number + 1 < len(pieces),
            "photos": [{"id": path.name, "path": str(path)} for path in piece],
        }
        where = f"/v1/jobs/{job}/photos" if job else "/v1/jobs"
        body |= {} if job else {"source": "user", "purpose": "cull", "profile": "balanced"}
        started = time.perf_counter()
        job = daemon.ask(where, body)["id"]
        times.append(1000 * (time.perf_counter() - started))
    print(f"POST of {len(pieces[0])} photos: {max(times):.0f} ms")
    peak, polls = 0.0, []
    while daemon.ask(f"/v1/jobs/{job}")["state"] not in ("done", "failed", "cancelled"):
        peak = max(peak, _memory(daemon))
        polls.append(_milliseconds(lambda: daemon.ask(f"/v1/jobs/{job}")))
        time.sleep(0.1)
    print(f"While at work: {peak:.0f} MB with its workers; GET /v1/jobs/ID "
          f"{statistics.median(polls):.1f} ms, at most {max(polls):.0f} ms")  # fmt: skip
    asked = _milliseconds(lambda: daemon.ask(f"/v1/jobs/{job}/results?after=0&limit=200"))
    print(f"GET of 200 results: {asked:.0f} ms")


def _milliseconds(step: Callable[[], Any]) -> float:
    started = time.perf_counter()
    step()
    return 1000 * (time.perf_counter() - started)


def _memory(daemon: Served) -> float:
    """Resident memory in MB of the daemon and all its processes together."""
    top = psutil.Process(daemon.process.pid)
    return sum(each.memory_info().rss for each in (top, *top.children(recursive=True))) / 2**20


if __name__ == "__main__":
    main()
