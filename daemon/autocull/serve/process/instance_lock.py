"""One daemon per user: a lock that the system takes away when its process ends, however it ends.

No pid is ever believed for itself: a process may end without a word and its number be given away. Who holds
the lock lives, and only then the pid in the file means anything.
"""

from __future__ import annotations

import os
import sys
import time
from importlib import import_module
from pathlib import Path
from typing import Any

from autocull.errors import DaemonError

LOCK_FILE = "daemon.lock"
LOCK_TIMEOUT = 1.5
"""Seconds for which a lock is tried: who only looks whether it is held has it for a moment."""

_LOCKED_BYTE = 1 << 30  # the byte that is locked on Windows, where others may not even read a locked one
_POLL_INTERVAL = 0.02


class AlreadyRunning(DaemonError):  # noqa: N818 - what happened, not that something went wrong
    """Another daemon of this user holds the lock."""

    code = "running"


class InstanceLock:
    """The lock, held from `acquire` to `close` or to the end of the process."""

    def __init__(self, file: Path, descriptor: int) -> None:
        self._file = file
        self._descriptor = descriptor

    @classmethod
    def acquire(cls, file: Path, timeout: float = LOCK_TIMEOUT) -> InstanceLock:
        """Take the lock on `file`, which then names this process; raises AlreadyRunning if another has it."""
        deadline = time.monotonic() + timeout
        while True:
            descriptor = _open(file)
            if _try_lock(descriptor):
                lock = cls(file, descriptor)
                if lock.is_current():
                    lock._write_pid()
                    return lock
            os.close(descriptor)  # held by another, or somebody removed the file meanwhile
            if time.monotonic() >= deadline:
                pid = holder_pid(file)
                raise AlreadyRunning(f"Autocull is running already{f' (process {pid})' if pid else ''}.")
            time.sleep(_POLL_INTERVAL)

    def is_current(self) -> bool:
        """Say whether the file at that place is still the one we hold: else the next daemon would get it."""
        try:
            return os.path.samestat(os.fstat(self._descriptor), self._file.stat())
        except OSError:
            return False

    def close(self) -> None:
        """Let the lock go; the file stays, since removing it would let two daemons hold one each."""
        os.close(self._descriptor)

    def _write_pid(self) -> None:
        os.ftruncate(self._descriptor, 0)
        os.lseek(self._descriptor, 0, os.SEEK_SET)
        os.write(self._descriptor, str(os.getpid()).encode())


def is_held(file: Path) -> bool:
    """Say whether a process that lives holds the lock."""
    if not file.exists():
        return False
    descriptor = _open(file)
    try:
        return not _try_lock(descriptor)
    finally:
        os.close(descriptor)


def holder_pid(file: Path) -> int | None:
    """Return the pid of the process that holds the lock; None where nobody does, or it has not said yet."""
    if not is_held(file):
        return None
    try:
        pid = int(file.read_bytes()[:20])
    except (OSError, ValueError):
        return None
    return pid if pid > 0 and is_held(file) else None


def _open(file: Path) -> int:
    try:
        return os.open(file, os.O_RDWR | os.O_CREAT | getattr(os, "O_BINARY", 0), 0o600)
    except OSError as error:
        raise DaemonError(
            f"The lock {file} cannot be opened ({error.strerror}). Check its permissions."
        ) from error


def _try_lock(descriptor: int) -> bool:
    """Lock the file if nobody has it; raises DaemonError where the file's drive knows no locks."""
    try:
        _lock_windows(descriptor) if sys.platform == "win32" else _lock_posix(descriptor)
    except (BlockingIOError, PermissionError):  # Windows says "permission denied" of a locked byte
        return False
    except OSError as error:
        message = f"The drive of the home folder gives no locks ({error.strerror}), which one daemon needs."
        raise DaemonError(message) from error
    return True


def _lock_posix(descriptor: int) -> None:
    fcntl: Any = import_module("fcntl")  # not on Windows
    fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)


def _lock_windows(descriptor: int) -> None:
    msvcrt: Any = import_module("msvcrt")  # on Windows only
    os.lseek(descriptor, _LOCKED_BYTE, os.SEEK_SET)
    msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
