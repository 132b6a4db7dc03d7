"""Paths of photos on every system: which are accepted, and which are refused unopened (row 13)."""

from __future__ import annotations

from pathlib import Path

import pytest

from autocull.errors import PhotoError
from autocull.serve.jobs.photo_path import MAX_CHARACTERS, parse_photo_path

INVALID_ON_ALL = ["", " ", "\t\n", "a.jpg", "../a.jpg", "./a.jpg", "~/a.jpg", "a\0b", "/a\0", "file:///a.jpg",
            "http://evil.com/a.jpg", "smb://nas/a.jpg", "FILE:/a.jpg",
            "/" + "a" * MAX_CHARACTERS]  # fmt: skip
POSIX_INVALID = [*INVALID_ON_ALL, "C:\\a.jpg", "\\\\nas\\photos\\a.jpg", "\\a.jpg"]
POSIX_VALID = ["/a.jpg", "/a/../b.jpg", "/a.jpg ", "/a.", "/CON", "/dev/zero", "//a/b.jpg",
"/ü 📷\u202e\n.jpg",
                  "/u\u0308.jpg", "/" + "a" * 5000, "/a:b/c.jpg"]  # fmt: skip
WINDOWS_INVALID = [
    *INVALID_ON_ALL, "/a.jpg", "\\a.jpg", "C:a.jpg", "C:", "\\\\.\\PhysicalDrive0", "\\\\.\\pipe\\x",
    "\\\\?\\GLOBALROOT\\x",
    "//./COM1", "\\\\?\\pipe\\x", "\\??\\C:\\a.jpg", "C:\\CON", "C:\\a\\nul.jpg", "C:\\a\\COM1",
    "C:\\con \\a.jpg",
    "C:\\LPT9.txt", "C:\\a\\AUX:", "C:\\CONIN$", "\\\\evil.com@80\\a\\b.jpg", "\\\\evil.com@SSL\\a\\b.jpg",
    "//evil.com@8080/a/b.jpg", "\\\\?\\UNC\\evil@80\\a\\b.jpg",
]  # fmt: skip
WINDOWS_VALID = [
    "C:\\a.jpg", "c:/shoot/a.jpg", "C:\\a\\..\\b.jpg", "\\\\nas\\photos\\a.jpg", "//nas/photos/a.jpg",
    "\\\\192.168.1.5\\photos\\a.jpg", "\\\\?\\C:\\" + "a\\" * 200 + "a.jpg", "\\\\?\\UNC\\nas\\photos\\a.jpg",
    "C:\\Übersicht\\ß 📷.jpg", "C:\\CONCERT\\comic.jpg", "C:\\com10.jpg", "D:\\a@b\\c.jpg", "C:\\a. \\b.jpg",
]  # fmt: skip


@pytest.mark.parametrize(
    ("platform", "text"),
    [
        *((system, text) for system in ("linux", "darwin") for text in POSIX_INVALID),
        *(("win32", text) for text in WINDOWS_INVALID),
    ],
)
def test_row_13_invalid_paths_are_refused(platform: str, text: str) -> None:
    """The error belongs to the photo, and has the same code, reason and remedy on every system."""
    with pytest.raises(PhotoError) as caught:
        parse_photo_path(text, platform)
    assert caught.value.code == "bad_path"
    assert caught.value.message.startswith("This is not the path of a photo: ")
    assert caught.value.message.endswith("Send the full path of a file.")


@pytest.mark.parametrize(
    ("platform", "text"),
    [
        *((system, text) for system in ("linux", "darwin") for text in POSIX_VALID),
        *(("win32", text) for text in WINDOWS_VALID),
    ],
)
def test_row_13_valid_paths_are_unchanged(platform: str, text: str) -> None:
    """Byte for byte: no form of Unicode, no blank and no dot is changed."""
    assert parse_photo_path(text, platform) == Path(text)
