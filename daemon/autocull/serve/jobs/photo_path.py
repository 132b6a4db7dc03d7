r"""Checks the paths that clients send, before any file is opened.

A client with the token is the user's own program and may name every file that the user may read, so that
photos on all drives and shares can be judged; `..` and links are resolved by the system. Refused are relative
names, URLs, device names, and on Windows `\\server@port\...`, which would send a request to a web server. A
share (`\\nas\photos\...`) is allowed. Folders, pipes and devices are refused when the file is read
(`autocull.read.file_access`).
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
    """Return the path of a photo; raises PhotoError (`bad_path`) with the reason if it is not valid."""
    reason = _find_problem(text, platform == "win32")
    if reason:
        message = f"This is not the path of a photo: {reason}. Send the full path of a file."
        raise PhotoError(Path(text.replace("\0", "?")[:200]), message, code="bad_path")
    return Path(text)


def _find_problem(text: str, windows: bool) -> str | None:
    """Return the problem of a path, None if it is valid."""
    if not text.strip():
        return "it is empty"
    if "\0" in text:
        return "it contains a NUL character"
    if len(text) > MAX_CHARACTERS:
        return "it is too long"
    if _URL.match(text):
        return "it is a URL"
    return _find_windows_problem(text) if windows else _find_posix_problem(text)


def _find_posix_problem(text: str) -> str | None:
    return None if PurePosixPath(text).is_absolute() else "it is not absolute"


def _find_windows_problem(text: str) -> str | None:
    normalised = text.replace("/", "\\")
    path = PureWindowsPath(normalised)
    if normalised.startswith(("\\\\?\\", "\\\\.\\", "\\??\\")) and not _LONG_PATH.match(normalised):
        return "it names a device"
    if not path.is_absolute():
        return "it does not begin with a drive or a share"
    if "@" in path.drive:
        return "it names a web server"
    if any(_DEVICES.fullmatch(part.partition(".")[0].rstrip(" :")) for part in path.parts[1:]):
        return "it names a device"
    return None
