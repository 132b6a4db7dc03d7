"""What differs between the systems, behind one protocol: Lightroom's folder, and what starts at login."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Protocol

from autocull.install.linux import Linux
from autocull.install.macos import Mac
from autocull.install.subprocesses import Run, run
from autocull.install.windows import Windows


class System(Protocol):
    """One system, for the user alone; every change may be made twice, and needs no administrator."""

    name: str
    has_lightroom: bool

    def plugins(self) -> Path:
        """Return the folder in which Lightroom finds plug-ins."""
        ...

    def entry(self) -> str:
        """Say where the entry is that starts the daemon at login."""
        ...

    def is_registered(self) -> bool:
        """Say whether there is such an entry."""
        ...

    def register(self, command: Sequence[str]) -> str | None:
        """Let `command` start at login; returns what the user should know, and raises DaemonError."""
        ...

    def unregister(self) -> bool:
        """Let it start no more; False where there was no entry."""
        ...


def detect_system(
    platform: str = sys.platform,
    home: Path | None = None,
    env: Mapping[str, str] | None = None,
    run_command: Run = run,
) -> System:
    """Return the system that we are on; Linux stands for every other than macOS and Windows."""
    home, env = home or Path.home(), os.environ if env is None else env
    if platform == "darwin":
        return Mac(home, run_command, os.getuid())
    return Windows(home, env, run_command) if platform == "win32" else Linux(home, env, run_command)
