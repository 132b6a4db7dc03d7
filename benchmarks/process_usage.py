"""Resource usage of a command: its time, and CPU and memory of all its processes."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import psutil

MEMORY_INTERVAL = 0.05  # seconds between two measurements of the memory


@dataclass
class ProcessUsage:
    """Resource usage of a command, and the lines of its output.

    `wall` and `cpu` are in seconds, `peak` is the highest sum of resident memory (MB), and `first` the
    seconds from the start to the progress line of the first judged photo.
    """

    wall: float = 0.0
    cpu: float = 0.0
    peak: float = 0.0
    first: float = 0.0
    lines: list[str] = field(default_factory=list)


def run_measured(command: Sequence[str | Path], environment: dict[str, str] | None = None) -> ProcessUsage:
    """Run a command to its end; raises CalledProcessError where it fails. CPU needs a POSIX system."""
    before = _cpu_of_children()
    started = time.perf_counter()
    process = subprocess.Popen(
        [str(word) for word in command],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=os.environ | (environment or {}),
    )  # fmt: skip
    usage = ProcessUsage()
    memory = threading.Thread(target=_record_peak_memory, args=(process, usage))
    errors: list[str] = []
    reader = threading.Thread(target=_read_progress, args=(process, usage, started, errors))
    memory.start()
    reader.start()
    assert process.stdout is not None
    for line in process.stdout:
        usage.lines.append(line)
    code = process.wait()
    usage.wall = time.perf_counter() - started
    memory.join()
    reader.join()
    usage.cpu = _cpu_of_children() - before
    if code:
        raise subprocess.CalledProcessError(code, process.args, stderr="".join(errors))
    return usage


def _read_progress(
    process: subprocess.Popen[str], usage: ProcessUsage, started: float, errors: list[str]
) -> None:
    """Read the progress lines of a command, and record the time of the first photo."""
    assert process.stderr is not None
    for line in process.stderr:
        errors.append(line)
        if line.startswith("1 of "):
            usage.first = usage.first or time.perf_counter() - started


def run_autocull(*arguments: str | Path, store: Path) -> ProcessUsage:
    """Run `autocull` in the current Python environment, with its own store."""
    return run_measured([sys.executable, "-m", "autocull", *arguments], {"AUTOCULL_STORE": str(store)})


def _record_peak_memory(process: subprocess.Popen[str], usage: ProcessUsage) -> None:
    """Record the highest sum of the resident memory of a process and all its descendants."""
    while process.poll() is None:
        with suppress(psutil.Error):
            parent = psutil.Process(process.pid)
            total = 0
            for each in (parent, *parent.children(recursive=True)):
                with suppress(psutil.Error):
                    total += each.memory_info().rss
            usage.peak = max(usage.peak, total / 2**20)
        time.sleep(MEMORY_INTERVAL)


def _cpu_of_children() -> float:
    if sys.platform == "win32":
        return 0.0
    import resource

    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime
