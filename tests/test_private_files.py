"""Files and folders of Autocull: private to the user, no links, nothing of another user."""

from __future__ import annotations

import os
import stat
import sys
from pathlib import Path

import pytest

from autocull import private_files
from autocull.paths import AppPaths
from autocull.private_files import create_private_file, make_private_folder, open_private, restrict_file

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such permissions")


def mode_of(path: Path) -> int:
    """Return the permissions of a file or folder."""
    return stat.S_IMODE(path.stat().st_mode)


@pytest.fixture
def own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the path of a folder that is Autocull's own."""
    folder = tmp_path / "autocull"
    names = ("a.log", "jobs.sqlite", "store.sqlite", "tastes", "settings.toml", "journals")
    paths = AppPaths(folder, *(folder / name for name in names))
    monkeypatch.setattr(private_files, "app_paths", lambda: paths)
    return folder


def test_own_folder_becomes_private(own_folder: Path) -> None:
    """One that an earlier release made, or that others may write into."""
    own_folder.mkdir()
    own_folder.chmod(0o777)
    make_private_folder(own_folder)
    assert mode_of(own_folder) == 0o700


def test_folder_of_the_user_keeps_its_permissions(own_folder: Path) -> None:
    """A file of evidence may be put anywhere; only a folder that is made for it is private."""
    shared = own_folder.parent / "shared"
    shared.mkdir()
    shared.chmod(0o775)
    make_private_folder(shared)
    make_private_folder(shared / "new")
    assert (mode_of(shared), mode_of(shared / "new")) == (0o775, 0o700)


def test_files_of_another_user_are_refused(own_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """They may be an attack: other users could still change them."""
    own_folder.mkdir()
    file = own_folder / "a"
    file.touch()
    monkeypatch.setattr(os, "getuid", lambda: file.stat().st_uid + 1)
    with pytest.raises(PermissionError):
        make_private_folder(own_folder)
    with pytest.raises(PermissionError):
        create_private_file(file)
    with pytest.raises(PermissionError):
        open_private(str(file), os.O_RDONLY)
    create_private_file(own_folder.parent / "store.sqlite")  # a drive may report any owner


def test_new_and_existing_files(tmp_path: Path) -> None:
    """A new one is private; an existing one keeps its content, and its permissions until it is restricted."""
    file = tmp_path / "a"
    create_private_file(file)
    assert mode_of(file) == 0o600
    file.write_text("content")
    file.chmod(0o644)
    create_private_file(file)
    assert mode_of(file) == 0o644
    restrict_file(file)
    assert (mode_of(file), file.read_text()) == (0o600, "content")


@pytest.mark.parametrize("kind", ["link", "broken link", "pipe", "folder"])
def test_only_files_are_opened(tmp_path: Path, kind: str) -> None:
    """No link is followed, and a pipe without another end does not block."""
    path, photo = tmp_path / "a", tmp_path / "photo.jpg"
    photo.write_text("a photo")
    if kind == "pipe":
        os.mkfifo(path)
    elif kind == "folder":
        path.mkdir()
    else:
        path.symlink_to(photo if kind == "link" else tmp_path / "nowhere")
    for flags in (os.O_RDONLY, os.O_WRONLY | os.O_CREAT | os.O_TRUNC):
        with pytest.raises(OSError, match=r"link|symbolic|file|directory|device"):
            open_private(str(path), flags)
    with pytest.raises(OSError, match=r"link|file"):
        create_private_file(path)
    assert photo.read_text() == "a photo"
    assert not (tmp_path / "nowhere").exists()
