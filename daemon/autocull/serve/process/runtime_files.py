"""The files by which plug-in and daemon find each other: `daemon.json` and `launcher.json` in `~/.autocull`.

A program that can read `daemon.json` can control the daemon, so folder and files are private to the user.
Wrong permissions are corrected with a warning; files of another user are refused.
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

from autocull.atomic_write import atomic_write, retry_while_locked
from autocull.errors import DaemonError
from autocull.private_files import open_private

DAEMON_FILE = "daemon.json"
LAUNCHER_FILE = "launcher.json"
WarningCallback = Callable[[str], None]
"""Receives a sentence about a problem that was found and corrected."""

_MAX_BYTES = 65536  # these files have a few hundred
_HEX_DIGITS = frozenset("0123456789abcdef")


@dataclass(frozen=True, slots=True)
class DaemonInfo:
    """What a daemon publishes: its port, the token that requests need, its process id and version."""

    port: int
    token: str = field(repr=False)
    pid: int
    version: str


@dataclass(frozen=True, slots=True)
class Launcher:
    """How the plug-in starts the daemon, and the path of its log."""

    program: str
    arguments: list[str]
    log: str
    version: str


def secure_folder(folder: Path, on_warning: WarningCallback) -> None:
    """Create the folder, private to the user; raises DaemonError if that is not possible."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        _check_access(folder, folder.stat(), 0o700, on_warning)
    except OSError as error:
        raise _unusable_error(folder, error) from error


def write_daemon_info(folder: Path, info: DaemonInfo) -> None:
    """Write `daemon.json` atomically; raises DaemonError without disk space or permission."""
    _write(folder / DAEMON_FILE, asdict(info))


def read_daemon_info(folder: Path, on_warning: WarningCallback) -> DaemonInfo | None:
    """Read `daemon.json`; None if it is missing or, with a call of `on_warning`, damaged.

    Raises DaemonError if it belongs to another user: its content may be an attack.
    """
    content = _read(folder / DAEMON_FILE, on_warning)
    if content is None:
        return None
    info = _parse_daemon_info(content)
    if info is None:
        on_warning(f"{folder / DAEMON_FILE} is damaged and is ignored.")
    return info


def remove_daemon_info(folder: Path, info: DaemonInfo) -> None:
    """Remove `daemon.json` if it still is `info`; that of another daemon stays."""
    with suppress(DaemonError, OSError):  # it is missing, or another user's
        if read_daemon_info(folder, _ignore_warning) == info:
            (folder / DAEMON_FILE).unlink()


def write_launcher(folder: Path, launcher: Launcher) -> None:
    """Write `launcher.json` atomically; raises DaemonError without disk space or permission."""
    _write(folder / LAUNCHER_FILE, asdict(launcher))


def read_launcher(folder: Path, on_warning: WarningCallback) -> Launcher | None:
    """Read `launcher.json`; None if it is missing or, with a call of `on_warning`, damaged."""
    content = _read(folder / LAUNCHER_FILE, on_warning)
    match content:
        case {"program": str(program), "arguments": [*arguments], "log": str(log), "version": str(version)}:
            return Launcher(program, [str(each) for each in arguments], log, version)
        case None:
            return None
    on_warning(f"{folder / LAUNCHER_FILE} is damaged and is ignored.")
    return None


def _parse_daemon_info(content: object) -> DaemonInfo | None:
    match content:
        case {"port": int(port), "token": str(token), "pid": int(pid), "version": str(version)}:
            is_valid = 0 < port < 65536 and pid > 0 and len(token) == 64 and set(token) <= _HEX_DIGITS
            return DaemonInfo(port, token, pid, version) if is_valid else None
    return None


def _write(path: Path, content: dict[str, Any]) -> None:
    try:
        with atomic_write(path, mode=0o600) as file:
            file.write(json.dumps(content).encode() + b"\n")
    except OSError as error:
        raise _unusable_error(path, error) from error


def _read(path: Path, on_warning: WarningCallback) -> object | None:
    """Return the JSON content of a runtime file; None if it is missing, "" if it is no JSON."""
    try:
        with retry_while_locked(partial(open, path, "rb", opener=open_private)) as file:
            _check_access(path, os.fstat(file.fileno()), 0o600, on_warning)
            content = file.read(_MAX_BYTES + 1)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise _unusable_error(path, error) from error
    try:
        return json.loads(content) if len(content) <= _MAX_BYTES else ""
    except (ValueError, RecursionError):
        return ""


def _check_access(path: Path, file_stat: os.stat_result, mode: int, on_warning: WarningCallback) -> None:
    """Refuse files of other users, and remove the permissions of others; not needed on Windows."""
    if not hasattr(os, "getuid"):
        return
    if file_stat.st_uid != os.getuid():
        raise DaemonError(f"{path} belongs to another user and is not used. Remove it, then try again.")
    if stat.S_IMODE(file_stat.st_mode) & ~mode:
        path.chmod(mode)
        on_warning(f"Other users could read {path}; now only you can.")


def _unusable_error(path: Path, error: OSError) -> DaemonError:
    reason = error.strerror or type(error).__name__
    return DaemonError(f"{path} cannot be used ({reason}). Check its permissions and the free disk space.")


def _ignore_warning(_: str) -> None:
    """Do nothing."""
