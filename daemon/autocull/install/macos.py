"""macOS: a LaunchAgent starts the daemon at login."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from pathlib import Path

from autocull.install.startup_entry import check_line, remove_file, render_template, write_file
from autocull.install.subprocesses import CommandRunner

LABEL = "org.autocull.daemon"


class Mac:
    """macOS, for the user with number `user` and home folder `home`."""

    name = "macOS"
    has_lightroom = True

    def __init__(self, home: Path, run_command: CommandRunner, user: int) -> None:
        self._home = home
        self._run_command = run_command
        self._domain = f"gui/{user}"
        self._agent = home / "Library" / "LaunchAgents" / f"{LABEL}.plist"

    def plugins_folder(self) -> Path:
        """Return Lightroom's Modules folder."""
        return self._home / "Library" / "Application Support" / "Adobe" / "Lightroom" / "Modules"

    def entry_name(self) -> str:
        """Return the path of the LaunchAgent."""
        return str(self._agent)

    def is_registered(self) -> bool:
        """Return whether the LaunchAgent exists."""
        return self._agent.is_file()

    def register(self, command: Sequence[str]) -> str | None:
        """Write the LaunchAgent and load it into launchd, which starts the daemon at once."""
        words = "\n".join(f"    <string>{escape(check_line(word), quote=False)}</string>" for word in command)
        if write_file(self._agent, render_template(self._agent.name, label=LABEL, words=words)):
            self._run_command(["launchctl", "bootout", f"{self._domain}/{LABEL}"])  # the previous one, if any
        completed = self._run_command(["launchctl", "bootstrap", self._domain, str(self._agent)])
        if (
            completed.code == 0
            or self._run_command(["launchctl", "print", f"{self._domain}/{LABEL}"]).code == 0
        ):
            return None
        return f"launchd did not load it now ({completed.output}); it will at the next login."

    def unregister(self) -> bool:
        """Unload the LaunchAgent from launchd and remove it."""
        self._run_command(["launchctl", "bootout", f"{self._domain}/{LABEL}"])
        return remove_file(self._agent)
