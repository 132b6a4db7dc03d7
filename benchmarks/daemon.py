"""Memory of the idle daemon, and its response times.

    python benchmarks/daemon.py [--photos N]

Starts `autocull serve` five times, each with its own home folder; then measures the time of requests and of
creating a job, and the memory while its networks run.
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
from daemon_process import RunningDaemon, run_daemon
from sample_photos import make_shoot

STARTS, REQUESTS, CHUNK_SIZE = 5, 300, 500
IDLE_SECONDS = 1.0  # until a started daemon is idle


def main() -> None:
    """Print the measurements."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--photos", type=int, default=500)
    count = parser.parse_args().photos
    with tempfile.TemporaryDirectory(prefix="autocull-benchmark-") as folder:
        _print_starts(Path(folder))
        with run_daemon(Path(folder) / "home") as daemon:
            _print_requests(daemon)
            _print_job(daemon, make_shoot(Path(folder) / "shoot", "small JPEG", count))


def _print_starts(folder: Path) -> None:
    ready, idle = [], []
    for number in range(STARTS):
        with run_daemon(folder / f"home{number}") as daemon:
            ready.append(daemon.ready)
            time.sleep(IDLE_SECONDS)
            idle.append(_memory(daemon))
    median = statistics.median(ready)
    print(f"From start to ready: {median:.2f} s ({min(ready):.2f} to {max(ready):.2f} of {STARTS})")
    print(f"Idle memory: {max(idle):.0f} MB")


def _print_requests(daemon: RunningDaemon) -> None:
    for path in ("/ping", "/v1/status", "/v1/jobs", "/v1/settings"):
        daemon.request(path)
        times = sorted(_milliseconds(lambda path=path: daemon.request(path)) for _ in range(REQUESTS))
        print(
            f"GET {path}: {statistics.median(times):.1f} ms, 99 % within {times[int(0.99 * REQUESTS)]:.1f} ms"
        )


def _print_job(daemon: RunningDaemon, paths: list[Path]) -> None:
    """Create a job in chunks as the plug-in does, wait for its end, and print the times."""
    chunks = [paths[start : start + CHUNK_SIZE] for start in range(0, len(paths), CHUNK_SIZE)]
    times, job = [], ""
    for number, chunk in enumerate(chunks):
        body: dict[str, Any] = {
            "more": number + 1 < len(chunks),
            "photos": [{"id": path.name, "path": str(path)} for path in chunk],
        }
        url = f"/v1/jobs/{job}/photos" if job else "/v1/jobs"
        body |= {} if job else {"source": "user", "purpose": "cull", "profile": "balanced"}
        started = time.perf_counter()
        job = daemon.request(url, body)["id"]
        times.append(1000 * (time.perf_counter() - started))
    print(f"POST of {len(chunks[0])} photos: {max(times):.0f} ms")
    peak, polls = 0.0, []
    while daemon.request(f"/v1/jobs/{job}")["state"] not in ("done", "failed", "cancelled"):
        peak = max(peak, _memory(daemon))
        polls.append(_milliseconds(lambda: daemon.request(f"/v1/jobs/{job}")))
        time.sleep(0.1)
    print(f"While at work: {peak:.0f} MB with its workers; GET /v1/jobs/ID "
          f"{statistics.median(polls):.1f} ms, at most {max(polls):.0f} ms")  # fmt: skip
    milliseconds = _milliseconds(lambda: daemon.request(f"/v1/jobs/{job}/results?after=0&limit=200"))
    print(f"GET of 200 results: {milliseconds:.0f} ms")


def _milliseconds(function: Callable[[], Any]) -> float:
    started = time.perf_counter()
    function()
    return 1000 * (time.perf_counter() - started)


def _memory(daemon: RunningDaemon) -> float:
    """Return the resident memory in MB of the daemon and all its child processes."""
    parent = psutil.Process(daemon.process.pid)
    return sum(each.memory_info().rss for each in (parent, *parent.children(recursive=True))) / 2**20


if __name__ == "__main__":
    main()
