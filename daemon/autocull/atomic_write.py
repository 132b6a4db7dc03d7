"""Atomic writes: a file is replaced as a whole or stays as it was."""

from __future__ import annotations

import ctypes
import errno
import hashlib
import os
import platform
import re
import secrets
import shutil
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import cache, partial
from pathlib import Path
from typing import BinaryIO, TypeVar

RETRY_SECONDS = 2.0
"""Seconds for which a file that another program has open is retried, on Windows."""

STALE_SECONDS = 86_400.0
"""Age in seconds from which a temporary file is removed whoever made it."""

_REFUSALS = {
    errno.EPERM,
    errno.EACCES,
    errno.ENOTSUP,
    errno.EOPNOTSUPP,
    errno.EINVAL,
    errno.ENOSYS,
    errno.ENODATA,
}
_POLL_SECONDS = 0.02
_IN_USE_SECONDS = 60.0
_TEMPORARY_NAME = re.compile(r"\.autocull-([0-9a-f]{4})([0-9a-f]{6})[0-9a-f]{6}\.tmp")
_COPYFILE_ATTRIBUTES = 0b101  # COPYFILE_ACL and COPYFILE_XATTR of copyfile.h
_Result = TypeVar("_Result")


def retry_while_locked(
    action: Callable[[], _Result], platform: str = sys.platform, timeout: float = RETRY_SECONDS
) -> _Result:
    """Return the result of `action`; on Windows, retry for `timeout` seconds while it raises PermissionError.

    Windows raises that for a file that is replaced while another program reads it, or read while it is
    replaced. It is raised again if it persists.
    """
    deadline = time.monotonic() + (timeout if platform == "win32" else 0.0)
    while True:
        try:
            return action()
        except PermissionError:
            if time.monotonic() >= deadline:
                raise
            time.sleep(_POLL_SECONDS)


@contextmanager
def tolerate_refusal() -> Iterator[None]:
    """Ignore that a drive refuses permissions, times, flags or attributes, as FAT, exFAT and SMB do."""
    try:
        yield
    except OSError as error:
        if error.errno not in _REFUSALS:
            raise


def temporary_path(path: Path) -> Path:
    """Return an unused path in the same folder as `path`, so that a file there can be renamed to `path`.

    Its 16 hexadecimal digits are of the machine's name (4), this process's number (6), and random (6).
    """
    return path.with_name(f".autocull-{_machine()}{os.getpid() & 0xFFFFFF:06x}{secrets.token_hex(3)}.tmp")


def remove_stale_temporaries(folder: Path) -> int:
    """Remove the temporary files in `folder` of processes that were killed, and return how many.

    A file is stale where it was made on this machine by a process that runs no more, or a day ago. Files that
    are in use are left alone, and so is a folder that cannot be read.
    """
    count = 0
    try:
        entries = [entry for entry in os.scandir(folder) if _TEMPORARY_NAME.fullmatch(entry.name)]
    except OSError:
        return 0
    for entry in entries:
        with suppress(OSError):  # gone meanwhile, or open in another process (Windows)
            if entry.is_file(follow_symlinks=False) and _is_stale(entry):
                Path(entry.path).unlink()  # our own file: no other program uses such names
                count += 1
    return count


def _is_stale(entry: os.DirEntry[str]) -> bool:
    age = time.time() - entry.stat(follow_symlinks=False).st_mtime
    match = _TEMPORARY_NAME.fullmatch(entry.name)
    if match is None or match[1] != _machine() or age > STALE_SECONDS:
        return age > STALE_SECONDS
    if os.name == "nt":  # there the files that a process has open cannot be removed
        return age > _IN_USE_SECONDS
    return not _is_running(int(match[2], 16))


def _is_running(pid: int) -> bool:
    """Return whether a process may run; not for Windows, where signal 0 means something else."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:  # it belongs to another user
        return True
    return True


@cache
def _machine() -> str:
    """Return four hexadecimal digits of this machine's name: a network drive has files of several."""
    return hashlib.sha256(platform.node().encode("utf-8", "surrogateescape")).hexdigest()[:4]


def copy_attributes(source: Path, target: Path) -> None:
    """Copy owner, permissions and extended attributes (Finder tags) of a file, as far as the drive allows it.

    What only the superuser may set is left out for others.
    """
    status = source.stat()
    if hasattr(os, "chown") and (status.st_uid, status.st_gid) != (os.geteuid(), os.getegid()):
        with tolerate_refusal():
            os.chown(target, -1, status.st_gid)
        with tolerate_refusal():
            os.chown(target, status.st_uid, -1)
    if sys.platform == "darwin":
        _copy_attributes_on_macos(source, target)
    elif hasattr(os, "listxattr"):
        _copy_attributes_on_linux(source, target)
    with tolerate_refusal():
        shutil.copymode(source, target)


def _copy_attributes_on_linux(source: Path, target: Path) -> None:
    names: list[str] = []
    with tolerate_refusal():
        names = os.listxattr(source)
    for name in names:
        with tolerate_refusal():  # some belong to the system
            os.setxattr(target, name, os.getxattr(source, name))


def _copy_attributes_on_macos(source: Path, target: Path) -> None:
    """Copy extended attributes and access lists by the function of the system, which Python does not have."""
    library = ctypes.CDLL(None, use_errno=True)
    if hasattr(library, "copyfile"):  # drives without attributes make it fail: they have none to copy
        library.copyfile(os.fsencode(source), os.fsencode(target), None, ctypes.c_uint(_COPYFILE_ATTRIBUTES))


class AtomicFile:
    """A file written under a temporary name; `commit` renames it to `path`, `discard` removes it.

    Until `commit` the old file at `path` is unchanged. The new file has the permissions `mode` from the
    start; without `mode`, those of the old file, or the default ones. All methods raise OSError.
    """

    def __init__(self, path: Path, *, mode: int | None = None) -> None:
        self._path = path
        self._mode = mode
        self._temporary = temporary_path(path)
        if path.is_dir():
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))
        create_mode = 0o666 if mode is None else mode
        self.file: BinaryIO = open(  # noqa: SIM115 - closed by `commit` or `discard`
            self._temporary, "xb", opener=lambda name, flags: os.open(name, flags, create_mode)
        )

    def commit(self, check: Callable[[], None] = lambda: None) -> None:
        """Sync the file to disk and rename it to its path; `check` is called right before that.

        Owner, permissions and extended attributes of the old file are kept as far as the drive allows it: FAT
        and SMB refuse changes. A hard link is not: the other names keep the old content.
        """
        self.file.flush()
        os.fsync(self.file.fileno())
        self.file.close()
        if self._mode is None and self._path.exists():
            copy_attributes(self._path, self._temporary)
        check()
        retry_while_locked(partial(self._temporary.replace, self._path))

    def discard(self) -> None:
        """Remove the temporary file; does nothing after `commit` or a second time."""
        with suppress(OSError):  # flushing the buffer may fail on a full disk
            self.file.close()
        self._temporary.unlink(missing_ok=True)  # our own file, under a random name


@contextmanager
def atomic_write(
    path: Path, *, mode: int | None = None, check: Callable[[], None] = lambda: None
) -> Iterator[BinaryIO]:
    """Yield a file to write; at the end of the block it replaces `path` in one step.

    If the block, the writing or `check`, called right before the replacement, fails, `path` is unchanged and
    the temporary file is removed. `mode` as for AtomicFile. Raises OSError.
    """
    atomic_file = AtomicFile(path, mode=mode)
    try:
        yield atomic_file.file
        atomic_file.commit(check)
    except BaseException:
        atomic_file.discard()
        raise
