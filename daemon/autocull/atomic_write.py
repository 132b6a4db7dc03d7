"""Atomic writes: a file is replaced as a whole or stays as it was."""

from __future__ import annotations

import errno
import os
import secrets
import shutil
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import BinaryIO, TypeVar

RETRY_SECONDS = 2.0
"""Seconds for which a file that another program has open is retried, on Windows."""

_REFUSALS = {errno.EPERM, errno.EACCES, errno.ENOTSUP, errno.EOPNOTSUPP, errno.EINVAL, errno.ENOSYS}
_POLL_SECONDS = 0.02
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
    """Return an unused path in the same folder as `path`, so that a file there can be renamed to `path`."""
    return path.with_name(f".autocull-{secrets.token_hex(8)}.tmp")


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

        The permissions of the old file are kept as far as the drive allows it: FAT and SMB refuse changes.
        """
        self.file.flush()
        os.fsync(self.file.fileno())
        self.file.close()
        if self._mode is None and self._path.exists():
            with tolerate_refusal():
                shutil.copymode(self._path, self._temporary)
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
