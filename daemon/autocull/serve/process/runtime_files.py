"""The folder `.autocull` in the user's home, where plug-in and daemon meet: `daemon.json`, `launcher.json`.

Whoever reads `daemon.json` may command the daemon, so folder and file are the user's alone. Wrong permissions
are put right and noted; what belongs to somebody else is refused.
"""

from __future__ import annotations

import json
import os
import stat
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from autocull.atomic_write import patiently, whole_file
from autocull.errors import DaemonError

DAEMON = "daemon.json"
LAUNCHER = "launcher.json"
Note = Callable[[str], None]
"""Takes a sentence about what was found wrong, and put right."""

_MOST_BYTES = 65536  # ours have a few hundred
_HEX = frozenset("0123456789abcdef")


@dataclass(frozen=True, slots=True)
class Published:
    """What a daemon says of itself: where it listens, the token of who may ask, its process and version."""

    port: int
    token: str = field(repr=False)
    pid: int
    version: str


@dataclass(frozen=True, slots=True)
class Launcher:
    """How the plug-in starts a daemon, and where it then finds the log."""

    program: str
    arguments: list[str]
    log: str
    version: str


def secure_folder(folder: Path, note: Note) -> None:
    """Make the folder, for the user alone; raises DaemonError where that cannot be."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        _check(folder, folder.stat(), 0o700, note)
    except OSError as error:
        raise _unusable(folder, error) from error


def publish(folder: Path, published: Published) -> None:
    """Write `daemon.json` in one step; raises DaemonError where there is no room or no permission."""
    _write(folder / DAEMON, asdict(published))


def published(folder: Path, note: Note) -> Published | None:
    """Read `daemon.json`; None where there is none or it is not usable, which `note` then hears.

    Raises DaemonError where it belongs to another user: what stands in there is a trap.
    """
    content = _read(folder / DAEMON, note)
    if content is None:
        return None
    found = _as_published(content)
    if found is None:
        note(f"{folder / DAEMON} is damaged and counts as missing.")
    return found


def withdraw(folder: Path, mine: Published) -> None:
    """Remove `daemon.json` where it still is `mine`; another daemon's stays."""
    with suppress(DaemonError, OSError):  # it is gone, or somebody else's
        if published(folder, _unheard) == mine:
            (folder / DAEMON).unlink()


def write_launcher(folder: Path, launcher: Launcher) -> None:
    """Write `launcher.json` in one step; raises DaemonError where that is not possible."""
    _write(folder / LAUNCHER, asdict(launcher))


def launcher(folder: Path, note: Note) -> Launcher | None:
    """Read `launcher.json`; None where there is none, or it is not usable, which `note` then hears."""
    content = _read(folder / LAUNCHER, note)
    match content:
        case {"program": str(program), "arguments": [*arguments], "log": str(log), "version": str(version)}:
            return Launcher(program, [str(each) for each in arguments], log, version)
        case None:
            return None
    note(f"{folder / LAUNCHER} is damaged and counts as missing.")
    return None


def _as_published(content: object) -> Published | None:
    match content:
        case {"port": int(port), "token": str(token), "pid": int(pid), "version": str(version)}:
            usable = 0 < port < 65536 and pid > 0 and len(token) == 64 and set(token) <= _HEX
            return Published(port, token, pid, version) if usable else None
    return None


def _write(path: Path, content: dict[str, Any]) -> None:
    try:
        with whole_file(path, mode=0o600) as file:
            file.write(json.dumps(content).encode() + b"\n")
    except OSError as error:
        raise _unusable(path, error) from error


def _read(path: Path, note: Note) -> object | None:
    """Return what a file of ours holds; None where there is none, and "" where it is no JSON."""
    try:
        with patiently(partial(path.open, "rb")) as file:
            _check(path, os.fstat(file.fileno()), 0o600, note)
            content = file.read(_MOST_BYTES + 1)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise _unusable(path, error) from error
    try:
        return json.loads(content) if len(content) <= _MOST_BYTES else ""
    except (ValueError, RecursionError):
        return ""


def _check(path: Path, found: os.stat_result, mode: int, note: Note) -> None:
    """Refuse what is not the user's own, and take away what others may do; Windows keeps homes apart."""
    if not hasattr(os, "getuid"):
        return
    if found.st_uid != os.getuid():
        raise DaemonError(f"{path} belongs to another user, so it is not used. Remove it, then try again.")
    if stat.S_IMODE(found.st_mode) & ~mode:
        path.chmod(mode)
        note(f"Others could read {path}; now only you can.")


def _unusable(path: Path, error: OSError) -> DaemonError:
    reason = error.strerror or type(error).__name__
    return DaemonError(f"{path} cannot be used ({reason}). Check its permissions and the room on the disk.")


def _unheard(_: str) -> None:
    """Say nothing."""
