"""Access to files: identity (size and change time), errors of the disk, and long paths on Windows."""

from __future__ import annotations

import os
import stat
import sys
import unicodedata
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from autocull.errors import PhotoError


class FileIdentity(NamedTuple):
    """Identifies one state of a file: size in bytes and time of the last change (ns since 1970)."""

    size: int
    mtime_ns: int


def file_identity(path: Path) -> FileIdentity:
    """Return the file's size and change time; raises PhotoError if it is not a readable regular file.

    Codes: `missing`, `no_permission`, `not_a_file` (folder, pipe, device), `damaged` (the disk fails).
    """
    try:
        status = reachable(path).stat()
    except OSError as problem:
        raise disk_error(path, problem) from problem
    except ValueError as problem:  # a NUL in the name
        raise disk_error(path, FileNotFoundError()) from problem
    if not stat.S_ISREG(status.st_mode):
        raise PhotoError(
            path, f"This is {_describe_kind(status.st_mode)}, not a photo file.", code="not_a_file"
        )
    return FileIdentity(status.st_size, status.st_mtime_ns)


def disk_error(path: Path, problem: OSError) -> PhotoError:
    """Return the error for a file that the disk or the system refuses."""
    if isinstance(problem, PermissionError):
        message = "Autocull has no permission to read this file. Grant it read permission, then try again."
        return PhotoError(path, message, code="no_permission")
    if isinstance(problem, (FileNotFoundError, NotADirectoryError)):
        message = "The file does not exist. It was moved, renamed or deleted, or it is a broken link."
        return PhotoError(path, message, code="missing")
    reason = problem.strerror or "no reason given"
    message = (
        f"The disk could not read this file ({reason}). Check the card, drive or network, then try again."
    )
    return PhotoError(path, message, code="damaged")


def normalise_name(name: str) -> str:
    """Return a name as file systems compare it that ignore case and Unicode form."""
    return unicodedata.normalize("NFC", name).casefold()


class FolderIndex:
    """Finds files by names that may differ in case and Unicode form; lists each folder once."""

    def __init__(self) -> None:
        self._folders: dict[Path, dict[str, Path]] = {}

    def find(self, path: Path) -> Path | None:
        """Return the path where it exists, else that of the file with the same normalised name, or None."""
        if os.path.lexists(path):
            return path
        return self._list(path.parent).get(normalise_name(path.name))

    def _list(self, folder: Path) -> dict[str, Path]:
        if folder not in self._folders:
            names: list[str] = []
            with suppress(OSError):
                names = sorted(os.listdir(reachable(folder)))  # noqa: PTH208 - names alone, without objects
            self._folders[folder] = {normalise_name(name): folder / name for name in reversed(names)}
        return self._folders[folder]


def reachable(path: Path) -> Path:
    r"""Return the path as the system opens it: on Windows, paths over the old limit get the prefix `\\?\`."""
    name = os.fspath(path)
    if sys.platform != "win32" or len(name) < 240 or name.startswith("\\\\?\\"):
        return path
    full = os.path.abspath(name)  # noqa: PTH100 - pathlib would follow links
    return Path("\\\\?\\UNC" + full[1:] if full.startswith("\\\\") else "\\\\?\\" + full)


def _describe_kind(mode: int) -> str:
    """Return a description of something that is not a regular file."""
    if stat.S_ISDIR(mode):
        return "a folder"
    if stat.S_ISFIFO(mode) or stat.S_ISSOCK(mode):
        return "a pipe between programs"
    return "a device"
