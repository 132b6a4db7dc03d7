r"""Paths of photos, as a client names them: what may become a file's name, and what is refused unopened.

Who has the token is the user's own program and may name any file that she may read, so that photos on every
drive and share can be culled; `..` and links go where the system takes them. What is refused names no file
of hers: relative names, URLs, device names, and on Windows `\\server@port\...`, which would ask a web server.
A share (`\\nas\photos\...`) is allowed: it is where photos lie. Folders, pipes and devices are refused when
they are looked at (`autocull.read.file_access`).
"""

from __future__ import annotations

import re
import sys
from pathlib import Path, PurePosixPath, PureWindowsPath

from autocull.errors import PhotoError

MAX_CHARACTERS = 32_767
"""The longest path that any system opens."""

_URL = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+:/")
_DEVICES = re.compile(r"(con|prn|aux|nul|conin\$|conout\$|com[0-9¹²³]|lpt[0-9¹²³])", re.IGNORECASE)
_LONG_PATH = re.compile(r"\\\\\?\\(UNC\\|[A-Za-z]:\\)", re.IGNORECASE)


def parse_photo_path(text: str, platform: str = sys.platform) -> Path:
    """Return the path of a photo; raises PhotoError (`bad_path`) that says why it names none."""
    reason = _find_problem(text, platform == "win32")
    if reason:
        message = f"This is no photo's path: {reason}. Give the whole path of a file."
        raise PhotoError(Path(text.replace("\0", "?")[:200]), message, code="bad_path")
    return Path(text)


def _find_problem(text: str, windows: bool) -> str | None:
    """Say what is wrong with a path, None where nothing is."""
    if not text.strip():
        return "it is empty"
    if "\0" in text:
        return "it has a NUL in it"
    if len(text) > MAX_CHARACTERS:
        return "it is too long"
    if _URL.match(text):
        return "it is an address, not a path"
    return _find_windows_problem(text) if windows else _find_posix_problem(text)


def _find_posix_problem(text: str) -> str | None:
    return None if PurePosixPath(text).is_absolute() else "it does not begin at the root"


def _find_windows_problem(text: str) -> str | None:
    normalised = text.replace("/", "\\")
    path = PureWindowsPath(normalised)
    if normalised.startswith(("\\\\?\\", "\\\\.\\", "\\??\\")) and not _LONG_PATH.match(normalised):
        return "it names a device"
    if not path.is_absolute():
        return "it does not begin at a drive or a share"
    if "@" in path.drive:
        return "it leads to a web server"
    if any(_DEVICES.fullmatch(part.partition(".")[0].rstrip(" :")) for part in path.parts[1:]):
        return "it names a device"
    return None
