"""Putting single files in place so that no photo is ever lost, and taking our own copies away again.

This module is the only one in the house that removes a photographer's file, in two places: `move` removes
the source after a copy on the other drive was verified by its content, and `remove` removes a copy or link
that Autocull itself made, while the original is still there and is the same.
"""

from __future__ import annotations

import errno
import hashlib
import os
import shutil
from pathlib import Path

from autocull.read import FileIdentity


def identity_of(path: Path) -> FileIdentity:
    """Return the present identity of a file; raises OSError where there is none."""
    status = path.stat()
    return FileIdentity(status.st_size, status.st_mtime_ns)


def copy(source: Path, target: Path, temporary: Path) -> None:
    """Copy a file with its times, first to `temporary` beside `target`: `target` is never half a photo.

    Raises FileExistsError where `target` is there, and OSError where the copy fails or is incomplete.
    """
    identity = identity_of(source)
    with source.open("rb") as original, temporary.open("xb") as copied_file:
        shutil.copyfileobj(original, copied_file, 2**20)
        copied_file.flush()
        os.fsync(copied_file.fileno())
    shutil.copystat(source, temporary)
    if identity_of(source) != identity or temporary.stat().st_size != identity.size:
        raise OSError(errno.EIO, "the file changed while it was copied", str(source))
    _rename_without_overwrite(temporary, target)


def link(source: Path, target: Path) -> None:
    """Give a file a second name (a hard link); raises OSError where the drive has no such thing."""
    os.link(source.resolve(strict=True), target)


def move(source: Path, target: Path, temporary: Path) -> None:
    """Move a file; to another drive it is copied, the copy compared, and only then the source removed.

    At every moment the whole file is under at least one of the two names. Raises FileExistsError where
    `target` is there, and OSError.
    """
    try:
        _rename_without_overwrite(source, target)
    except OSError as error:
        if error.errno != errno.EXDEV:
            raise
        copy(source, target, temporary)
        if not same_content(source, target):
            raise OSError(errno.EIO, "the copy differs from its original", str(target)) from error
        _sync_folder(target.parent)
        source.unlink()  # its verified copy is in place


def remove(path: Path, original: Path) -> None:
    """Remove a copy or link that Autocull made; raises FileNotFoundError where the original is gone.

    The caller has made sure that `path` is unchanged.
    """
    original.stat()
    path.unlink()  # our own copy, and the original is there


def discard(temporary: Path) -> None:
    """Remove a half-made file of ours, where there is one; its name is random and nobody else's."""
    temporary.unlink(missing_ok=True)


def same_content(first: Path, second: Path) -> bool:
    """Whether two files hold the same bytes."""
    return first.stat().st_size == second.stat().st_size and _digest(first) == _digest(second)


def _digest(path: Path) -> bytes:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").digest()


def _rename_without_overwrite(source: Path, target: Path) -> None:
    """Rename, but never over something else."""
    if os.path.lexists(target):
        raise FileExistsError(errno.EEXIST, "something is there already", str(target))
    source.rename(target)


def _sync_folder(folder: Path) -> None:
    """Wait until a folder's names are on the disk, where the system can tell."""
    if os.name == "nt":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
