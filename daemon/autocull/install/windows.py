"""Windows: an entry of the user's own Run key starts the daemon at login, without a console window.

A logon task would ask for an administrator on many machines; the Run key never does.
"""

from __future__ import annotations

import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from autocull.errors import DaemonError
from autocull.install.startup_entry import check_line
from autocull.install.subprocesses import Run

KEY = r"HKCU\Software\Microsoft\Windows\CurrentVersion\Run"
NAME = "Autocull"
MAX_CHARACTERS = 260
"""Windows runs no longer command line from there."""


class Windows:
    """Windows, for the user whose home and environment these are."""

    name = "Windows"
    has_lightroom = True

    def __init__(self, home: Path, env: Mapping[str, str], run: Run) -> None:
        self._roaming = Path(env["APPDATA"]) if env.get("APPDATA") else home / "AppData" / "Roaming"
        self._run = run

    def plugins(self) -> Path:
        """Return Lightroom's Modules folder."""
        return self._roaming / "Adobe" / "Lightroom" / "Modules"

    def entry(self) -> str:
        """Name the registry's key."""
        return f"{KEY}\\{NAME}"

    def is_registered(self) -> bool:
        """Say whether the entry is there."""
        return self._run(["reg", "query", KEY, "/v", NAME]).code == 0

    def register(self, command: Sequence[str]) -> str | None:
        """Write the entry; raises DaemonError where Windows would not run it, or does not take it."""
        line = subprocess.list2cmdline([check_line(word) for word in command])
        if len(line) > MAX_CHARACTERS:
            message = f"Windows starts no command of more than {MAX_CHARACTERS} characters at login: {line}"
            raise DaemonError(f"{message}. Install Autocull in a folder with a shorter path.")
        completed = self._run(["reg", "add", KEY, "/v", NAME, "/t", "REG_SZ", "/d", line, "/f"])
        if completed.code != 0:
            raise DaemonError(f"The registry did not take {self.entry()}: {completed.output}")
        return None

    def unregister(self) -> bool:
        """Remove the entry; raises DaemonError where the registry keeps it."""
        if not self.is_registered():
            return False
        completed = self._run(["reg", "delete", KEY, "/v", NAME, "/f"])
        if completed.code != 0:
            raise DaemonError(f"The registry keeps {self.entry()}: {completed.output}")
        return True
