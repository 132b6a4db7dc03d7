"""Runs programs of the operating system, without a window and with a time limit."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass

TIMEOUT = 30.0
"""Seconds for which a program may run."""


@dataclass(frozen=True, slots=True)
class CommandResult:
    """Exit code and output of a program; 127 if it does not exist, 126 if it cannot run or takes too long."""

    code: int
    output: str


CommandRunner = Callable[[Sequence[str]], CommandResult]
"""Runs a program of the operating system."""


def run(command: Sequence[str], timeout: float = TIMEOUT) -> CommandResult:
    """Run a program without a window and return its result; raises no error if the program fails."""
    no_window = 0x08000000 if sys.platform == "win32" else 0
    try:
        process = subprocess.run(  # noqa: S603 - our own commands, without a shell
            list(command), capture_output=True, text=True, errors="replace", timeout=timeout, check=False,
            stdin=subprocess.DEVNULL, creationflags=no_window,
        )  # fmt: skip
    except FileNotFoundError:
        return CommandResult(127, f"there is no {command[0]}")
    except (OSError, subprocess.TimeoutExpired) as error:
        return CommandResult(126, str(error))
    return CommandResult(process.returncode, (process.stdout + process.stderr).strip())
