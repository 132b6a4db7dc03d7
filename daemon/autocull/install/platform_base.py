"""The protocol of an operating system (Lightroom's folder, login entries), and which one this is."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Protocol

from autocull.install.linux import Linux
from autocull.install.macos import Mac
from autocull.install.subprocesses import CommandRunner, run
from autocull.install.windows import Windows


class System(Protocol):
    """An operating system, for one user; changes may be repeated and need no administrator rights."""

    name: str
    has_lightroom: bool

    def plugins_folder(self) -> Path:
        """Return the folder in which Lightroom finds plug-ins."""
        ...

    def entry_name(self) -> str:
        """Return the name or path of the entry that starts the daemon at login."""
        ...

    def is_registered(self) -> bool:
        """Return whether that entry exists."""
        ...

    def register(self, command: Sequence[str]) -> str | None:
        """Start `command` at login; returns a hint for the user or None, and raises DaemonError."""
        ...

    def unregister(self) -> bool:
        """Remove the entry; returns False if there is none."""
        ...


def detect_system(
    platform: str = sys.platform,
    home: Path | None = None,
    env: Mapping[str, str] | None = None,
    run_command: CommandRunner = run,
) -> System:
    """Return this system; all but macOS and Windows count as Linux."""
    home, env = home or Path.home(), os.environ if env is None else env
    if platform == "darwin":
        return Mac(home, run_command, os.getuid())
    return Windows(home, env, run_command) if platform == "win32" else Linux(home, env, run_command)
