"""Renaming without replacing, in one step where the system can: two runs may move into one folder."""

from __future__ import annotations

import ctypes
import errno
import os
import sys
from collections.abc import Callable
from functools import cache
from pathlib import Path

_NOT_SUPPORTED = {errno.ENOSYS, errno.EINVAL, errno.ENOTSUP, errno.EOPNOTSUPP, errno.EPERM, errno.EMLINK}
_AT_FDCWD, _RENAME_NOREPLACE, _RENAME_EXCL = -100, 1, 4  # linux/fs.h and sys/stdio.h


def rename_exclusively(source: Path, target: Path) -> None:
    """Rename a file; raises FileExistsError where `target` exists, also if it appears at this moment.

    Linux and macOS have a system call for it. On drives that do not know it the file gets a second name (hard
    link) before it loses the first one. Only on drives without hard links (exFAT on macOS) there is a moment
    between the check and the renaming. Raises OSError; EXDEV where `target` is on another drive.
    """
    if os.name == "nt":
        source.rename(target)  # never replaces
        return
    for rename in (_rename_natively, _link_and_unlink):
        try:
            rename(source, target)
        except OSError as error:
            if error.errno not in _NOT_SUPPORTED:
                raise
        else:
            return
    if os.path.lexists(target):
        raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(target))
    source.rename(target)


def _link_and_unlink(source: Path, target: Path) -> None:
    """Give a file the name `target`, then remove the name `source`: at every moment it has one of them."""
    os.link(source, target)
    source.unlink()  # the file has its new name


def _rename_natively(source: Path, target: Path) -> None:
    """Rename by the system call that replaces nothing; raises OSError with ENOSYS where there is none."""
    call = _find_system_call()
    if call is None:
        raise OSError(errno.ENOSYS, os.strerror(errno.ENOSYS))
    if call(os.fsencode(source), os.fsencode(target)) != 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number), str(source), None, str(target))


@cache
def _find_system_call() -> Callable[[bytes, bytes], int] | None:
    """Return renameat2 of Linux or renamex_np of macOS, as a function of two paths."""
    library = ctypes.CDLL(None, use_errno=True)
    if sys.platform == "darwin" and hasattr(library, "renamex_np"):
        return lambda source, target: int(library.renamex_np(source, target, ctypes.c_uint(_RENAME_EXCL)))
    if sys.platform.startswith("linux") and hasattr(library, "renameat2"):
        return lambda source, target: int(
            library.renameat2(_AT_FDCWD, source, _AT_FDCWD, target, ctypes.c_uint(_RENAME_NOREPLACE))
        )
    return None
