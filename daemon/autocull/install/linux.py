"""Linux: a systemd user unit starts the daemon at login. There is no Lightroom for Linux."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from autocull.errors import DaemonError
from autocull.install.startup_entry import check_line, remove_file, render_template, write_file
from autocull.install.subprocesses import CommandRunner

UNIT = "autocull.service"
_EXEC_SCRIPT = 'exec "$0" "$@"'
_RELOAD = ("systemctl", "--user", "daemon-reload")


class Linux:
    """Linux, for the user with this home folder and environment."""

    name = "Linux"
    has_lightroom = False

    def __init__(self, home: Path, env: Mapping[str, str], run_command: CommandRunner) -> None:
        self._data = _xdg_folder(env, "XDG_DATA_HOME", home / ".local" / "share")
        units = _xdg_folder(env, "XDG_CONFIG_HOME", home / ".config") / "systemd" / "user"
        self._run_command = run_command
        self._unit = units / UNIT
        self._enabled_link = units / "default.target.wants" / UNIT

    def plugins_folder(self) -> Path:
        """Return a folder from which the user can copy the plug-in to a computer with Lightroom."""
        return self._data / "autocull"

    def entry_name(self) -> str:
        """Return the path of the unit."""
        return str(self._unit)

    def is_registered(self) -> bool:
        """Return whether the unit exists and is enabled."""
        return self._unit.is_file() and self._enabled_link.is_symlink()

    def register(self, command: Sequence[str]) -> str | None:
        """Write the unit and enable it as `systemctl enable` does, which itself needs a running systemd."""
        write_file(self._unit, render_template(UNIT, command=format_exec_start(command)))
        try:
            self._enabled_link.parent.mkdir(parents=True, exist_ok=True)
            if not self._enabled_link.is_symlink():
                self._enabled_link.symlink_to(f"../{UNIT}")
        except OSError as error:
            raise DaemonError(f"{self._enabled_link} cannot be created ({error.strerror}).") from error
        completed = self._run_command(_RELOAD)
        if completed.code == 0:
            return None
        return f"systemd does not answer ({completed.output}); it starts the daemon at logins where it runs."

    def unregister(self) -> bool:
        """Disable and remove the unit."""
        removed = remove_file(self._enabled_link) | remove_file(self._unit)
        if removed:
            self._run_command(_RELOAD)
        return removed


def format_exec_start(command: Sequence[str]) -> str:
    """Quote a command for systemd, so that each word is taken literally.

    A shell replaces itself by the program, as systemd refuses a program path with a quote or a backslash.
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
