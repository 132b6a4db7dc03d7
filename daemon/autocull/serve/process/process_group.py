"""A process that is started with all that it starts itself, and can be ended as one with them."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

_TERMINATE_TIMEOUT = 5.0  # seconds for a process that is asked to end


def start_process(command: Sequence[str]) -> subprocess.Popen[str]:
    """Start a command that hears nothing, and whose two outputs are read as text; raises OSError."""
    return subprocess.Popen(  # noqa: S603 - our own command
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
    """Return what makes a process the head of a family that can be ended as one, without a window."""
    no_window = 0x08000000
    return {"creationflags": no_window} if platform == "win32" else {"start_new_session": True}


def terminate_tree(process: subprocess.Popen[str]) -> None:
    """End a process with all that it started: by asking, and after a while for good."""
    if sys.platform == "win32":
        command = ["taskkill", "/F", "/T", "/PID", str(process.pid)]
        subprocess.run(command, check=False, capture_output=True)  # noqa: S603 - the system's own program
        return
    for signal_number in (signal.SIGTERM, signal.SIGKILL):
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal_number)
        with suppress(subprocess.TimeoutExpired):
            process.wait(_TERMINATE_TIMEOUT)
            return
