"""Windows: an entry in the user's Run key starts the daemon at login, without a console window.

A logon task would need an administrator on many computers; the Run key never does.
"""

from __future__ import annotations

import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from autocull.errors import DaemonError
from autocull.install.startup_entry import check_line
from autocull.install.subprocesses import CommandRunner

RUN_KEY = r"HKCU\Software\Microsoft\Windows\CurrentVersion\Run"
VALUE_NAME = "Autocull"
MAX_CHARACTERS = 260
"""Windows ignores longer command lines in the Run key."""


class Windows:
    """Windows, for the user with this home folder and environment."""

    name = "Windows"
    has_lightroom = True

    def __init__(self, home: Path, env: Mapping[str, str], run_command: CommandRunner) -> None:
        self._roaming = Path(env["APPDATA"]) if env.get("APPDATA") else home / "AppData" / "Roaming"
        self._run_command = run_command

    def plugins_folder(self) -> Path:
        """Return Lightroom's Modules folder."""
        return self._roaming / "Adobe" / "Lightroom" / "Modules"

    def entry_name(self) -> str:
        """Return the registry path of the entry."""
        return f"{RUN_KEY}\\{VALUE_NAME}"

    def is_registered(self) -> bool:
        """Return whether the entry exists."""
        return self._run_command(["reg", "query", RUN_KEY, "/v", VALUE_NAME]).code == 0

    def register(self, command: Sequence[str]) -> str | None:
        """Write the entry; raises DaemonError if it is too long or Windows refuses it."""
        line = subprocess.list2cmdline([check_line(word) for word in command])
        if len(line) > MAX_CHARACTERS:
            message = f"Windows runs no login command of more than {MAX_CHARACTERS} characters: {line}"
            raise DaemonError(f"{message}. Install Autocull in a folder with a shorter path.")
        completed = self._run_command(
            ["reg", "add", RUN_KEY, "/v", VALUE_NAME, "/t", "REG_SZ", "/d", line, "/f"]
        )
        if completed.code != 0:
            raise DaemonError(f"Windows refused to write {self.entry_name()}: {completed.output}")
        return None

    def unregister(self) -> bool:
        """Remove the entry and return whether there was one; raises DaemonError if Windows refuses."""
        if not self.is_registered():
            return False
        completed = self._run_command(["reg", "delete", RUN_KEY, "/v", VALUE_NAME, "/f"])
        if completed.code != 0:
            raise DaemonError(f"Windows refused to remove {self.entry_name()}: {completed.output}")
        return True
