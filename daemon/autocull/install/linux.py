"""Linux: a systemd user unit starts the daemon at login. There is no Lightroom; the plug-in is put aside."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from autocull.errors import DaemonError
from autocull.install.startup_entry import check_line, filled, remove, write
from autocull.install.subprocesses import Run

UNIT = "autocull.service"
_BECOME = 'exec "$0" "$@"'
_RELOAD = ("systemctl", "--user", "daemon-reload")


class Linux:
    """Linux, for the user whose home and environment these are."""

    name = "Linux"
    has_lightroom = False

    def __init__(self, home: Path, env: Mapping[str, str], run: Run) -> None:
        self._data = _folder(env, "XDG_DATA_HOME", home / ".local" / "share")
        units = _folder(env, "XDG_CONFIG_HOME", home / ".config") / "systemd" / "user"
        self._run = run
        self._unit = units / UNIT
        self._wanted = units / "default.target.wants" / UNIT

    def plugins(self) -> Path:
        """Return the folder where the plug-in lies for who copies it to a Lightroom elsewhere."""
        return self._data / "autocull"

    def entry(self) -> str:
        """Name the unit's file."""
        return str(self._unit)

    def registered(self) -> bool:
        """Say whether the unit is there and enabled."""
        return self._unit.is_file() and self._wanted.is_symlink()

    def register(self, command: Sequence[str]) -> str | None:
        """Write the unit and enable it, as `systemctl enable` does, which needs a systemd that runs."""
        write(self._unit, filled(UNIT, command=exec_start(command)))
        try:
            self._wanted.parent.mkdir(parents=True, exist_ok=True)
            if not self._wanted.is_symlink():
                self._wanted.symlink_to(f"../{UNIT}")
        except OSError as error:
            raise DaemonError(f"{self._wanted} cannot be made ({error.strerror}).") from error
        ran = self._run(_RELOAD)
        if ran.code == 0:
            return None
        return f"systemd does not answer now ({ran.said}); where it runs at login, it starts the daemon."

    def unregister(self) -> bool:
        """Disable and remove the unit."""
        there = remove(self._wanted) | remove(self._unit)
        if there:
            self._run(_RELOAD)
        return there


def exec_start(command: Sequence[str]) -> str:
    """Quote a command as systemd reads it, each word taken literally.

    A shell runs the program, and becomes it: systemd takes no program whose path has a quote or a backslash.
    """
    words = ("/bin/sh", "-c", _BECOME, *(check_line(word) for word in command))
    return " ".join(_quoted(word) for word in words)


def _quoted(word: str) -> str:
    for plain, written in (("\\", "\\\\"), ('"', '\\"'), ("%", "%%"), ("$", "$$")):
        word = word.replace(plain, written)
    return f'"{word}"'


def _folder(env: Mapping[str, str], name: str, usual: Path) -> Path:
    given = Path(env.get(name, ""))
    return given if given.is_absolute() else usual
