"""The system's own programs: run without a window and with a limit, and what they said."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass

_LIMIT = 30.0  # seconds for a system's own program


@dataclass(frozen=True, slots=True)
class CommandResult:
    """What a program said, and its exit code; 127 where there is no such program."""

    code: int
    output: str


Run = Callable[[Sequence[str]], CommandResult]
"""Runs one of the system's own programs."""


def run(command: Sequence[str]) -> CommandResult:
    """Run a program of the system without a window; never raises for what the program does."""
    no_window = 0x08000000 if sys.platform == "win32" else 0
    try:
        process = subprocess.run(  # noqa: S603 - commands of ours, without a shell
            list(command), capture_output=True, text=True, errors="replace", timeout=_LIMIT, check=False,
            stdin=subprocess.DEVNULL, creationflags=no_window,
        )  # fmt: skip
    except FileNotFoundError:
        return CommandResult(127, f"there is no {command[0]}")
    except (OSError, subprocess.TimeoutExpired) as error:
        return CommandResult(126, str(error))
    return CommandResult(process.returncode, (process.stdout + process.stderr).strip())
