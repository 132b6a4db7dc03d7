"""One daemon per user: a lock file that the system unlocks when its process ends, however it ends.

The lock is a `filelock.FileLock`; its holder writes its pid into the file. A pid is trusted only while the
lock is held: a process may crash, and the system use its pid again.

Upgrade from version 0.1, which locked the same file: on POSIX it uses `flock` too, so each version respects
the lock of the other. On Windows `FileLock` locks byte 0 and version 0.1 the byte at 2^30, so that one is
locked as well. There, other processes cannot read a locked byte; so the pid is preceded by a blank, whereas
version 0.1 writes it from byte 0 on.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from autocull.errors import DaemonError
from autocull.private_files import check_own_file, open_private

LOCK_FILE = "daemon.lock"
LOCK_TIMEOUT = 1.5
"""Timeout for acquiring the lock, in seconds. `is_held` itself takes it briefly."""

_LEGACY_BYTE = 1 << 30
_PID_LENGTH = 20
_POLL_INTERVAL = 0.02


class AlreadyRunning(DaemonError):  # noqa: N818 - it states what is, not that something went wrong
    """Another daemon of this user holds the lock."""

    code = "running"


class InstanceLock:
    """The lock, held from `acquire` to `close` or to the end of the process."""

    def __init__(self, file: Path, lock: FileLock, file_stat: os.stat_result) -> None:
        self._file = file
        self._lock = lock
        self._file_stat = file_stat

    @classmethod
    def acquire(cls, file: Path, timeout: float = LOCK_TIMEOUT) -> InstanceLock:
        """Acquire the lock on `file` and write the pid; raises AlreadyRunning if another process holds it."""
        file_stats: list[os.stat_result] = []

        def on_acquired(descriptor: int) -> None:
            _write_pid(descriptor)
            file_stats.append(os.fstat(descriptor))

        deadline = time.monotonic() + timeout
        while (lock := _try_acquire(file, on_acquired)) is None:
            if time.monotonic() >= deadline:
                pid = holder_pid(file)
                raise AlreadyRunning(f"Autocull is already running{f' (process {pid})' if pid else ''}.")
            time.sleep(_POLL_INTERVAL)
        return cls(file, lock, file_stats[-1])

    def is_current(self) -> bool:
        """Return whether the path still names the locked file; else another daemon could lock a new one."""
        try:
            return os.path.samestat(self._file_stat, self._file.stat())
        except OSError:
            return False

    def close(self) -> None:
        """Release the lock; the file stays, since removing it would let two daemons hold one each."""
        self._lock.release()


def is_held(file: Path) -> bool:
    """Return whether a running process holds the lock; raises DaemonError if it is no file of this user."""
    if not os.path.lexists(file):
        return False
    lock = _try_acquire(file, lambda _: None)
    if lock is None:
        return True
    lock.release()
    return False


def holder_pid(file: Path) -> int | None:
    """Return the pid of the process that holds the lock; None if there is none, or before it is written."""
    if not is_held(file):
        return None
    pid = _read_pid(file)
    return pid if pid is not None and is_held(file) else None


def _try_acquire(file: Path, on_acquired: Callable[[int], None]) -> FileLock | None:
    """Return the acquired lock, None if another process holds it; raises DaemonError if locking fails."""

    def lock_legacy_byte_too(descriptor: int) -> None:
        if sys.platform == "win32":
            _lock_legacy_byte(descriptor)
        on_acquired(descriptor)

    lock = FileLock(
        file, mode=0o600, thread_local=False, fallback_to_soft=False, preserve_lock_file=True,
        on_acquired=lock_legacy_byte_too,
    )  # fmt: skip
    try:
        if not file.parent.is_dir():  # FileLock would create it
            raise FileNotFoundError(2, os.strerror(2), str(file))
        if os.path.lexists(file):  # FileLock empties what a link refers to
            check_own_file(file)
        lock.acquire(blocking=False)
    except (Timeout, _HeldByVersion01):
        return None
    except OSError as error:
        advice = "Check its permissions, and that the drive of the home folder supports locks."
        raise DaemonError(f"The lock {file} cannot be acquired ({error.strerror}). {advice}") from error
    return lock


class _HeldByVersion01(Exception):  # noqa: N818 - caught above
    """A daemon of version 0.1 holds its byte."""


def _lock_legacy_byte(descriptor: int) -> None:
    msvcrt: Any = import_module("msvcrt")  # on Windows only
    os.lseek(descriptor, _LEGACY_BYTE, os.SEEK_SET)
    try:
        msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
    except PermissionError as error:
        raise _HeldByVersion01 from error


def _write_pid(descriptor: int) -> None:
    os.lseek(descriptor, 0, os.SEEK_SET)
    os.write(descriptor, f" {os.getpid()}".ljust(_PID_LENGTH).encode())


def _read_pid(file: Path) -> int | None:
    try:
        with open(file, "rb", buffering=0, opener=open_private) as stream:
            try:
                content = stream.read(_PID_LENGTH)
            except PermissionError:  # byte 0 is locked on Windows
                stream.seek(1)
                content = stream.read(_PID_LENGTH - 1)
        pid = int(content)
    except (OSError, ValueError):
        return None
    return pid if pid > 0 else None
