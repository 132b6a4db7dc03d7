"""macOS: a LaunchAgent starts the daemon at login."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from pathlib import Path

from autocull.install.startup_entry import check_line, remove, render_template, write
from autocull.install.subprocesses import Run

LABEL = "org.autocull.daemon"


class Mac:
    """macOS, for the user with number `user` whose home is `home`."""

    name = "macOS"
    has_lightroom = True

    def __init__(self, home: Path, run: Run, user: int) -> None:
        self._home = home
        self._run = run
        self._domain = f"gui/{user}"
        self._agent = home / "Library" / "LaunchAgents" / f"{LABEL}.plist"

    def plugins(self) -> Path:
        """Return Lightroom's Modules folder."""
        return self._home / "Library" / "Application Support" / "Adobe" / "Lightroom" / "Modules"

    def entry(self) -> str:
        """Name the LaunchAgent's file."""
        return str(self._agent)

    def is_registered(self) -> bool:
        """Say whether the LaunchAgent is there."""
        return self._agent.is_file()

    def register(self, command: Sequence[str]) -> str | None:
        """Write the LaunchAgent and hand it to launchd, which starts the daemon at once."""
        words = "\n".join(f"    <string>{escape(check_line(word), quote=False)}</string>" for word in command)
        if write(self._agent, render_template(self._agent.name, label=LABEL, words=words)):
            self._run(["launchctl", "bootout", f"{self._domain}/{LABEL}"])  # the one before, if any
        completed = self._run(["launchctl", "bootstrap", self._domain, str(self._agent)])
        if completed.code == 0 or self._run(["launchctl", "print", f"{self._domain}/{LABEL}"]).code == 0:
            return None
        return f"launchd did not take it now ({completed.output}); it does at the next login."

    def unregister(self) -> bool:
        """Take the LaunchAgent back from launchd, and remove it."""
        self._run(["launchctl", "bootout", f"{self._domain}/{LABEL}"])
        return remove(self._agent)
