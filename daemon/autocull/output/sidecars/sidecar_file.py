"""Sidecars as files of bytes: read, replaced and removed only while their content is the expected one."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from autocull.atomic_write import atomic_write
from autocull.errors import MarksError

_MAX_BYTES = 64 * 2**20  # a sidecar with hundreds of masks has a few megabytes


def read_content(path: Path) -> bytes | None:
    """Return a sidecar's bytes, None without one; raises MarksError for links, folders and devices."""
    try:
        status = path.lstat()
        if not stat.S_ISREG(status.st_mode):
            raise MarksError(
                path, f"{path} is a link or not a file; replace it with a real sidecar, or remove it."
            )
        if status.st_size > _MAX_BYTES:
            raise MarksError(path, f"{path} is too large for a sidecar; check what it is.")
        return path.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise MarksError(path, f"{path} cannot be read: {error.strerror}.") from error


def replace_content(path: Path, before: bytes | None, after: bytes) -> None:
    """Replace `before` by `after`; MarksError where another program wrote the sidecar meanwhile."""

    def check() -> None:
        if read_content(path) != before:
            raise MarksError(path, f"{path} was just written by another program; run Autocull again.")

    try:
        with atomic_write(path, check=check) as file:
            file.write(after)
    except OSError as error:
        raise MarksError(path, f"{path} cannot be written: {error.strerror}.") from error


def remove_created(path: Path, content: bytes) -> None:
    """Remove a sidecar that Autocull created; MarksError where it does not hold exactly `content`.

    `content` is what Autocull wrote, so nothing of another program or of the photographer is lost.
    """
    if read_content(path) != content:
        raise MarksError(path, f"{path} was just written by another program and was left as it is.")
    try:
        path.unlink()  # our own file, with nothing in it that Autocull did not write
    except OSError as error:
        raise MarksError(path, f"{path} cannot be removed: {error.strerror}.") from error


def check_writable(path: Path) -> None:
    """Raise MarksError for a sidecar that this user may not write: replacing it would undo the protection.

    The system decides, not the mode: some network drives report every file as read-only.
    """
    if not os.access(path, os.W_OK):
        message = f"{path} is write-protected and was left as it is; remove the protection, then run again."
        raise MarksError(path, message)
