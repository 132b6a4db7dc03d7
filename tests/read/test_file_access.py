"""File access: identity, errors of the disk, long paths."""

from __future__ import annotations

import os
import socket
import sys
from pathlib import Path, PureWindowsPath

import pytest

from autocull.errors import PhotoError
from autocull.read import file_access
from autocull.read.file_access import disk_error, file_identity, reachable


def code_of(path: Path) -> str:
    """Return the code of the error for a path."""
    with pytest.raises(PhotoError) as caught:
        file_identity(path)
    assert caught.value.path == path
    assert caught.value.message.endswith(".")
    return caught.value.code


def test_identity_changes_with_the_file(tmp_path: Path) -> None:
    """The identity depends on size and time of change."""
    path = tmp_path / "a.jpg"
    path.write_bytes(b"one")
    first = file_identity(path)
    assert first.size == 3
    assert file_identity(path) == first
    path.write_bytes(b"three")
    assert file_identity(path) != first
    changed = file_identity(path)
    os.utime(path, ns=(1, changed.mtime_ns + 1_000_000_000))
    assert file_identity(path) != changed


def test_folders_and_missing_files_are_errors(tmp_path: Path) -> None:
    """Folders, missing files and broken links are errors with a code."""
    (tmp_path / "x.jpg").mkdir()
    assert code_of(tmp_path / "x.jpg") == "not_a_file"
    assert code_of(tmp_path / "none.jpg") == "missing"
    assert code_of(tmp_path / "none" / "none.jpg") == "missing"
    assert code_of(Path("nul\0.jpg")) == "missing"
    (tmp_path / "link.jpg").symlink_to(tmp_path / "gone.jpg")
    assert code_of(tmp_path / "link.jpg") == "missing"


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no pipes with names")
def test_pipes_and_sockets_are_never_opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Reading a pipe would block forever."""
    os.mkfifo(tmp_path / "pipe.jpg")
    assert code_of(tmp_path / "pipe.jpg") == "not_a_file"
    monkeypatch.chdir(tmp_path)
    with socket.socket(socket.AF_UNIX) as served:
        served.bind("s.jpg")
        assert code_of(Path("s.jpg")) == "not_a_file"


@pytest.mark.skipif(sys.platform == "win32", reason="Windows' devices have names of their own")
def test_devices_are_no_photos() -> None:
    """A device is an error of its own kind."""
    assert code_of(Path(os.devnull)) == "not_a_file"


@pytest.mark.parametrize(
    ("problem", "code", "word"),
    [
        (PermissionError(13, "Permission denied"), "no_permission", "no permission to read"),
        (FileNotFoundError(2, "No such file"), "missing", "does not exist"),
        (NotADirectoryError(20, "Not a directory"), "missing", "does not exist"),
        (OSError(5, "Input/output error"), "damaged", "Input/output error"),
        (OSError(), "damaged", "no reason given"),
    ],
)
def test_disk_errors_have_code_and_message(problem: OSError, code: str, word: str) -> None:
    """Each error of the system has its code and a message that names the cause."""
    error = disk_error(Path("a.jpg"), problem)
    assert error.code == code
    assert word in error.message


def test_long_paths_on_windows_get_a_prefix(monkeypatch: pytest.MonkeyPatch) -> None:
    """Paths over the old limit get the prefix; short ones and those of other systems stay."""
    long = Path("/photos") / ("x" * 300)
    assert reachable(long) is long or sys.platform == "win32"
    monkeypatch.setattr(file_access.sys, "platform", "win32")
    monkeypatch.setattr(file_access.os.path, "abspath", lambda name: name)
    assert reachable(Path("a.jpg")) == Path("a.jpg")
    drive, share = "C:\\" + "x" * 300, "\\\\nas\\" + "x" * 300
    assert str(reachable(Path(drive))) == "\\\\?\\" + drive
    assert str(reachable(Path(share))) == "\\\\?\\UNC" + share[1:]
    assert str(reachable(Path("\\\\?\\" + drive))) == "\\\\?\\" + drive
    assert PureWindowsPath(str(reachable(Path(drive)))).name == "x" * 300
