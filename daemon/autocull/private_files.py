"""Files and folders of Autocull that no other user may read or replace, and that are never links.

On Windows the folders of a user are private by themselves, and a link needs special rights: there, only the
kind of a file is checked.
"""

from __future__ import annotations

import errno
import os
import stat
from contextlib import suppress
from pathlib import Path

from autocull.atomic_write import tolerate_refusal
from autocull.paths import app_paths

_OTHERS = 0o077


def make_private_folder(folder: Path) -> None:
    """Create a folder for the user alone, and take the permissions of others from one of Autocull's own.

    A folder that is not Autocull's own, such as that of a file the user chose, keeps its permissions. Raises
    OSError if that is not possible, PermissionError if an own folder belongs to another user.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if folder not in _own_folders():
        return
    status = folder.stat()
    _check_owner(folder, status)
    if hasattr(os, "getuid") and stat.S_IMODE(status.st_mode) & _OTHERS:
        with tolerate_refusal():
            folder.chmod(0o700)


def make_private_subfolder(folder: Path) -> None:
    """Create a folder within a private one; a link in its place is removed, not followed. Raises OSError."""
    if folder.is_symlink():
        folder.unlink()
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)


def create_private_file(file: Path) -> None:
    """Create a file that only the user can read; an existing one is only checked.

    Raises OSError for a link, a folder, a pipe or a device in its place, and for a file of another user.
    """
    with suppress(FileExistsError):
        os.close(os.open(file, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    check_own_file(file)


def restrict_file(file: Path) -> None:
    """Take the permissions of others from one of Autocull's own files; raises OSError as above."""
    status = check_own_file(file)
    # By name: a second descriptor of an SQLite file, when closed, would drop the locks of the first.
    if hasattr(os, "getuid") and stat.S_IMODE(status.st_mode) & _OTHERS:
        with tolerate_refusal():
            file.chmod(0o600)


def check_own_file(file: Path) -> os.stat_result:
    """Return the status of an existing file; raises OSError for a link, and for what is no file.

    In Autocull's own folders also for a file of another user; elsewhere drives may report any owner.
    """
    status = file.lstat()
    if stat.S_ISLNK(status.st_mode):
        raise OSError(errno.ELOOP, "it is a link", str(file))
    if not stat.S_ISREG(status.st_mode):
        raise OSError(errno.EISDIR, "it is not a file", str(file))
    if file.parent in _own_folders():
        _check_owner(file, status)
    return status


def open_private(name: str, flags: int) -> int:
    """Open a file as `opener` of `open`: created for the user alone, no link followed, no pipe waited for."""
    no_link = getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
    descriptor = os.open(name, flags | no_link, 0o600)
    try:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            raise OSError(errno.EISDIR, "it is not a file", name)
        _check_owner(Path(name), status)
    except OSError:
        os.close(descriptor)
        raise
    return descriptor


def _check_owner(path: Path, status: os.stat_result) -> None:
    if hasattr(os, "getuid") and status.st_uid != os.getuid():
        raise PermissionError(errno.EPERM, "it belongs to another user", str(path))


def _own_folders() -> set[Path]:
    paths = app_paths()
    return {paths.app_folder, paths.log.parent, paths.jobs.parent, paths.store.parent}
