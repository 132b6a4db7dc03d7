"""Starts a process in its own group, so that its children can be terminated with it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

TERMINATE_TIMEOUT = 5.0
"""Seconds that a process has to end after each signal."""


def start_process(command: Sequence[str]) -> subprocess.Popen[str]:
    """Start a command without input, with both outputs as text pipes, in its own group; raises OSError."""
    return subprocess.Popen(  # noqa: S603 - Autocull's own command
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
        errors="replace",
        **group_options(sys.platform),
    )


def group_options(platform: str) -> dict[str, Any]:
    """Return the `Popen` options of a process that leads its own group, on Windows without a window."""
    no_window = 0x08000000
    return {"creationflags": no_window} if platform == "win32" else {"start_new_session": True}


def terminate_tree(process: subprocess.Popen[str]) -> None:
    """Terminate a process and its children: by SIGTERM, after `TERMINATE_TIMEOUT` by SIGKILL."""
    if sys.platform == "win32":
        command = ["taskkill", "/F", "/T", "/PID", str(process.pid)]
        subprocess.run(command, check=False, capture_output=True)  # noqa: S603 - a program of Windows
        return
    for signal_number in (signal.SIGTERM, signal.SIGKILL):
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal_number)
        with suppress(subprocess.TimeoutExpired):
            process.wait(TERMINATE_TIMEOUT)
            return
