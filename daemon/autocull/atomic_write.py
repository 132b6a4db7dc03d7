"""Files that are there whole or not at all."""

from __future__ import annotations

import os
import secrets
import shutil
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
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


@contextmanager
def atomic_write(path: Path, *, mode: int | None = None) -> Iterator[BinaryIO]:
    """Offer a file to write; at the end of the block it takes the place of `path`, in one step.

    Where the block or the writing fails, `path` is as it was and nothing is left beside it. The file has the
    permissions `mode` from its first byte on; without one, a file that was there keeps its own, and a new one
    gets the usual ones. Raises OSError.
    """
    temporary = temporary_path(path)
    create_mode = 0o666 if mode is None else mode
    try:
        with open(temporary, "xb", opener=lambda name, flags: os.open(name, flags, create_mode)) as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        if mode is None and path.exists():
            shutil.copymode(path, temporary)
        retry_while_locked(partial(temporary.replace, path))
    except BaseException:
        temporary.unlink(missing_ok=True)  # our own temporary file, under a name that nobody else has
        raise
