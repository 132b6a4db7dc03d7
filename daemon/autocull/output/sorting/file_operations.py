"""Operations on single files that never lose a photo: copy, link, move, and removal of Autocull's copies.

No other module removes a photographer's file. `move` removes the source after a copy on another drive was
verified by its content; `remove` removes a copy or link that Autocull made, while its original exists.
"""

from __future__ import annotations

import errno
import hashlib
import os
import shutil
from contextlib import suppress
from pathlib import Path

from autocull.atomic_write import tolerate_refusal
from autocull.output.sorting import exclusive_rename
from autocull.read import FileIdentity


def identity_of(path: Path) -> FileIdentity:
    """Return the present identity of a file; raises OSError where there is none."""
    status = path.stat()
    return FileIdentity(status.st_size, status.st_mtime_ns)


def copy(source: Path, target: Path, temporary: Path) -> None:
    """Copy a file with its times, first to `temporary` next to `target`: `target` is never incomplete.

    Raises FileExistsError where `target` exists, and OSError where the copy fails or is incomplete;
    `temporary` is then removed.
    """
    try:
        _copy_to(source, temporary)
        exclusive_rename.rename_exclusively(temporary, target)
    except BaseException:
        with suppress(OSError):  # the first error is the one to report; the journal names the temporary file
            discard(temporary)
        raise


def _copy_to(source: Path, temporary: Path) -> None:
    identity = identity_of(source)
    with source.open("rb") as original, temporary.open("xb") as copied_file:
        shutil.copyfileobj(original, copied_file, 2**20)
        copied_file.flush()
        os.fsync(copied_file.fileno())
    with tolerate_refusal():
        shutil.copystat(source, temporary)
    if identity_of(source) != identity or temporary.stat().st_size != identity.size:
        raise OSError(errno.EIO, "the file changed while it was copied", str(source))


def link(source: Path, target: Path) -> None:
    """Create a hard link to a file; raises OSError where the drive has none."""
    os.link(source.resolve(strict=True), target)


def move(source: Path, target: Path, temporary: Path) -> None:
    """Move a file; to another drive it is copied, the copy compared, and only then the source removed.

    At every moment the whole file has at least one of the two names. Raises FileExistsError where `target`
    exists, and OSError.
    """
    try:
        exclusive_rename.rename_exclusively(source, target)
    except OSError as error:
        if error.errno != errno.EXDEV:
            raise
        copy(source, target, temporary)
        if not same_content(source, target):
            raise OSError(errno.EIO, "the copy differs from its original", str(target)) from error
        _sync_folder(target.parent)
        source.unlink()  # a verified copy exists


def remove(path: Path, original: Path) -> None:
    """Remove a copy or link that Autocull made; raises FileNotFoundError where the original is gone.

    The caller has checked that `path` is unchanged.
    """
    original.stat()
    path.unlink()  # Autocull's copy, and the original exists


def discard(temporary: Path) -> None:
    """Remove an unfinished temporary file, where there is one; no other program uses its random name."""
    temporary.unlink(missing_ok=True)


def same_content(first: Path, second: Path) -> bool:
    """Return whether two files hold the same bytes."""
    return first.stat().st_size == second.stat().st_size and _digest(first) == _digest(second)


def _digest(path: Path) -> bytes:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").digest()


def _sync_folder(folder: Path) -> None:
    """Wait until a folder's entries are on the disk; does nothing on Windows."""
    if os.name == "nt":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
