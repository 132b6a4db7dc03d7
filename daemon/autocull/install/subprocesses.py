"""The system's own programs: run without a window and with a limit, and what they said."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass

_LIMIT = 30.0  # seconds for a system's own program


@dataclass(frozen=True, slots=True)
class Ran:
    """What a program said, and its exit code; 127 where there is no such program."""

    code: int
    said: str


Run = Callable[[Sequence[str]], Ran]
"""Runs one of the system's own programs."""


def run(command: Sequence[str]) -> Ran:
    """Run a program of the system without a window; never raises for what the program does."""
    no_window = 0x08000000 if sys.platform == "win32" else 0
    try:
        done = subprocess.run(  # noqa: S603 - commands of ours, without a shell
            list(command), capture_output=True, text=True, errors="replace", timeout=_LIMIT, check=False,
            stdin=subprocess.DEVNULL, creationflags=no_window,
        )  # fmt: skip
    except FileNotFoundError:
        return Ran(127, f"there is no {command[0]}")
    except (OSError, subprocess.TimeoutExpired) as error:
        return Ran(126, str(error))
    return Ran(done.returncode, (done.stdout + done.stderr).strip())
