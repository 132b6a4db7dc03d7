"""Linux: a systemd user unit starts the daemon at login. There is no Lightroom; the plug-in is put aside."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from autocull.errors import DaemonError
from autocull.install.startup_entry import check_line, remove, render_template, write
from autocull.install.subprocesses import Run

UNIT = "autocull.service"
_EXEC_SCRIPT = 'exec "$0" "$@"'
_RELOAD = ("systemctl", "--user", "daemon-reload")


class Linux:
    """Linux, for the user whose home and environment these are."""

    name = "Linux"
    has_lightroom = False

    def __init__(self, home: Path, env: Mapping[str, str], run: Run) -> None:
        self._data = _xdg_folder(env, "XDG_DATA_HOME", home / ".local" / "share")
        units = _xdg_folder(env, "XDG_CONFIG_HOME", home / ".config") / "systemd" / "user"
        self._run = run
        self._unit = units / UNIT
        self._enabled_link = units / "default.target.wants" / UNIT

    def plugins(self) -> Path:
        """Return the folder where the plug-in lies for who copies it to a Lightroom elsewhere."""
        return self._data / "autocull"

    def entry(self) -> str:
        """Name the unit's file."""
        return str(self._unit)

    def is_registered(self) -> bool:
        """Say whether the unit is there and enabled."""
        return self._unit.is_file() and self._enabled_link.is_symlink()

    def register(self, command: Sequence[str]) -> str | None:
        """Write the unit and enable it, as `systemctl enable` does, which needs a systemd that runs."""
        write(self._unit, render_template(UNIT, command=format_exec_start(command)))
        try:
            self._enabled_link.parent.mkdir(parents=True, exist_ok=True)
            if not self._enabled_link.is_symlink():
                self._enabled_link.symlink_to(f"../{UNIT}")
        except OSError as error:
            raise DaemonError(f"{self._enabled_link} cannot be made ({error.strerror}).") from error
        completed = self._run(_RELOAD)
        if completed.code == 0:
            return None
        return (
            f"systemd does not answer now ({completed.output}); where it runs at login, it starts the daemon."
        )

    def unregister(self) -> bool:
        """Disable and remove the unit."""
        removed = remove(self._enabled_link) | remove(self._unit)
        if removed:
            self._run(_RELOAD)
        return removed


def format_exec_start(command: Sequence[str]) -> str:
    """Quote a command as systemd reads it, each word taken literally.

    A shell runs the program, and becomes it: systemd takes no program whose path has a quote or a backslash.
    """
    words = ("/bin/sh", "-c", _EXEC_SCRIPT, *(check_line(word) for word in command))
    return " ".join(_quote(word) for word in words)


def _quote(word: str) -> str:
    for character, escaped in (("\\", "\\\\"), ('"', '\\"'), ("%", "%%"), ("$", "$$")):
        word = word.replace(character, escaped)
    return f'"{word}"'


def _xdg_folder(env: Mapping[str, str], name: str, default: Path) -> Path:
    configured = Path(env.get(name, ""))
    return configured if configured.is_absolute() else default
