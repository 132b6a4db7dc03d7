"""A lock per target folder of sorting, so that two runs of one user sort into it one after the other.

The lock files are in the user's cache, since some network drives know no locks.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from autocull.paths import lock_folder


@contextmanager
def lock_target(folder: Path) -> Iterator[None]:
    """Wait until no other run sorts into `folder`, and hold its lock in the block.

    Where the cache cannot be written there is no lock; a step then still replaces nothing.
    """
    lock = _make_lock(folder)
    if lock is None:
        yield
        return
    with lock:
        yield


def is_locked(folder: Path) -> bool:
    """Return whether another run sorts into `folder` at this moment."""
    lock = _make_lock(folder)
    if lock is None:
        return False
    try:
        with lock.acquire(blocking=False):
            return False
    except Timeout:
        return True


def _make_lock(folder: Path) -> FileLock | None:
    """Return the lock of a folder, None where its file cannot be created."""
    digest = hashlib.sha256(os.fsencode(os.path.realpath(folder))).hexdigest()[:32]
    path = lock_folder() / f"{digest}.lock"
    try:
        if not path.parent.is_dir():
            path.parent.mkdir(mode=0o700, parents=True)
        path.touch(mode=0o600)
    except OSError:
        return None
    return FileLock(path, mode=0o600, thread_local=False, fallback_to_soft=False, preserve_lock_file=True)
