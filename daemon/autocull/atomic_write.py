"""Files that are there whole or not at all."""

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
"""Seconds for which a file that another program has open is tried again, on Windows."""

_POLL_SECONDS = 0.02
_Result = TypeVar("_Result")


def retry_while_locked(
    action: Callable[[], _Result], platform: str = sys.platform, timeout: float = RETRY_SECONDS
) -> _Result:
    """Return what `action` gives; on Windows again and again while it is refused, for `timeout` seconds.

    There a file cannot be replaced while it is read, nor read while it is replaced, and both look like a
    lack of permission (PermissionError), which is raised where it lasts.
    """
    deadline = time.monotonic() + (timeout if platform == "win32" else 0.0)
    while True:
        try:
            return action()
        except PermissionError:
            if time.monotonic() >= deadline:
                raise
            time.sleep(_POLL_SECONDS)


def temporary_path(path: Path) -> Path:
    """A name that nothing has yet, in the same folder as `path`, so that it can be renamed to it."""
    return path.with_name(f".autocull-{secrets.token_hex(8)}.tmp")


class AtomicFile:
    """A file that is written under a temporary name: `commit` puts it in the place of `path` in one step.

    Until then `path` is as it was; `discard` leaves nothing of the new file. The file has the permissions
    `mode` from its first byte on; without one, a file that was there keeps its own, and a new one gets the
    usual ones. All methods raise OSError.
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

    def commit(self) -> None:
        """Put the file in place, once all of it is on the disk."""
        self.file.flush()
        os.fsync(self.file.fileno())
        self.file.close()
        if self._mode is None and self._path.exists():
            shutil.copymode(self._path, self._temporary)
        retry_while_locked(partial(self._temporary.replace, self._path))

    def discard(self) -> None:
        """Remove the file unless it is in place; a second time does nothing."""
        with suppress(OSError):  # what is still buffered may find no room
            self.file.close()
        self._temporary.unlink(missing_ok=True)  # our own file, under a name that nothing else has


@contextmanager
def atomic_write(path: Path, *, mode: int | None = None) -> Iterator[BinaryIO]:
    """Offer a file to write; at the end of the block it takes the place of `path`, in one step.

    Where the block or the writing fails, `path` is as it was and nothing is left next to it. `mode` is that
    of AtomicFile. Raises OSError.
    """
    atomic_file = AtomicFile(path, mode=mode)
    try:
        yield atomic_file.file
        atomic_file.commit()
    except BaseException:
        atomic_file.discard()
        raise
