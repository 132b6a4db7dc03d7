"""Killing of worker processes as the system does it: the run that started them learns of their end itself."""

from __future__ import annotations

import time
from collections.abc import Iterable
from contextlib import suppress

import psutil


def kill_processes(processes: Iterable[psutil.Process]) -> None:
    """Kill processes and return when all have ended.

    Their exit codes stay for the code that started them: `psutil.wait_procs` would take those of own
    children, and `multiprocessing` could not tell how they ended.
    """
    killed = list(processes)
    for process in killed:
        with suppress(psutil.NoSuchProcess):
            process.kill()
    while any(map(is_running, killed)):
        time.sleep(0.01)


def is_running(process: psutil.Process) -> bool:
    """Return whether a process has not ended; one whose exit code was not fetched yet has."""
    with suppress(psutil.NoSuchProcess):
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    return False
