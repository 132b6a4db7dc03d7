"""A command watched from outside: its time, the CPU of all its processes, and their memory together."""

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

LOOK = 0.05  # seconds between two looks at the memory


@dataclass
class Watched:
    """What a command took: seconds of wall clock and CPU, the highest sum of resident memory (MB), the
    seconds from its start until it said that the first photo was judged, and its output.
    """

    wall: float = 0.0
    cpu: float = 0.0
    peak: float = 0.0
    first: float = 0.0
    lines: list[str] = field(default_factory=list)


def watch(words: Sequence[str | Path], environment: dict[str, str] | None = None) -> Watched:
    """Run a command to its end; raises CalledProcessError where it fails. CPU needs a POSIX system."""
    before = _cpu_of_children()
    started = time.perf_counter()
    process = subprocess.Popen(
        [str(word) for word in words],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=os.environ | (environment or {}),
    )  # fmt: skip
    found = Watched()
    memory = threading.Thread(target=_memory, args=(process, found))
    errors: list[str] = []
    reader = threading.Thread(target=_progress, args=(process, found, started, errors))
    memory.start()
    reader.start()
    assert process.stdout is not None
    for line in process.stdout:
        found.lines.append(line)
    code = process.wait()
    found.wall = time.perf_counter() - started
    memory.join()
    reader.join()
    found.cpu = _cpu_of_children() - before
    if code:
        raise subprocess.CalledProcessError(code, process.args, stderr="".join(errors))
    return found


def _progress(process: subprocess.Popen[str], found: Watched, started: float, errors: list[str]) -> None:
    """Read what a command says of its progress, and note when it speaks of its first photo."""
    assert process.stderr is not None
    for line in process.stderr:
        errors.append(line)
        if line.startswith("1 of "):
            found.first = found.first or time.perf_counter() - started


def autocull(*words: str | Path, store: Path) -> Watched:
    """Run the command line of this checkout's environment, with a store of its own."""
    return watch([sys.executable, "-m", "autocull", *words], {"AUTOCULL_STORE": str(store)})


def _memory(process: subprocess.Popen[str], found: Watched) -> None:
    """Note the highest sum of the resident memory of a process and all below it."""
    while process.poll() is None:
        with suppress(psutil.Error):
            top = psutil.Process(process.pid)
            total = 0
            for each in (top, *top.children(recursive=True)):
                with suppress(psutil.Error):
                    total += each.memory_info().rss
            found.peak = max(found.peak, total / 2**20)
        time.sleep(LOOK)


def _cpu_of_children() -> float:
    if sys.platform == "win32":
        return 0.0
    import resource

    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime
