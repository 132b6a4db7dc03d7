"""Atomic writes, also on Windows, where a file that another program has open cannot be replaced."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from autocull import atomic_write as module
from autocull.atomic_write import (
    AtomicFile,
    atomic_write,
    remove_stale_temporaries,
    retry_while_locked,
    temporary_path,
)


class RefusedAction:
    """An action that fails the first `times` calls; counts its calls."""

    def __init__(self, times: int) -> None:
        self.times = times
        self.calls = 0

    def __call__(self) -> str:
        """Raise PermissionError, or succeed."""
        self.calls += 1
        if self.calls <= self.times:
            raise PermissionError(13, "Permission denied")
        return "done"


def test_temporary_refusal_on_windows_is_retried() -> None:
    """Another program has the file open for a moment."""
    action = RefusedAction(3)
    assert retry_while_locked(action, "win32", 30.0) == "done"
    assert action.calls == 4


def test_lasting_refusal_on_windows_is_raised() -> None:
    """The user lacks the permission."""
    action = RefusedAction(10_000)
    start = time.monotonic()
    with pytest.raises(PermissionError):
        retry_while_locked(action, "win32", 0.1)
    assert action.calls > 1
    assert time.monotonic() - start >= 0.1


@pytest.mark.parametrize("platform", ["linux", "darwin"])
def test_refusal_on_other_systems_is_raised_at_once(platform: str) -> None:
    """An open file does not prevent replacing it there, so the permission is missing."""
    action = RefusedAction(1)
    with pytest.raises(PermissionError):
        retry_while_locked(action, platform)
    assert action.calls == 1


def test_replacing_a_file_is_retried(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The rename is retried; no temporary file is left."""
    path, refusing = tmp_path / "daemon.json", RefusedAction(2)
    replace = Path.replace

    def refuse_at_first(self: Path, target: Path) -> Path:
        refusing()
        return replace(self, target)

    monkeypatch.setattr(Path, "replace", refuse_at_first)
    monkeypatch.setattr(module, "retry_while_locked", lambda act: retry_while_locked(act, "win32", 30.0))
    with atomic_write(path) as file:
        file.write(b"new")
    assert refusing.calls == 3
    assert [each.name for each in tmp_path.iterdir()] == ["daemon.json"]
    assert path.read_bytes() == b"new"


def test_file_that_cannot_be_replaced_is_unchanged(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The temporary file is removed."""
    path = tmp_path / "daemon.json"
    path.write_bytes(b"old")

    def refuse(self: Path, target: Path) -> Path:
        raise PermissionError(13, f"{self} to {target}")

    monkeypatch.setattr(Path, "replace", refuse)
    with pytest.raises(PermissionError), atomic_write(path) as file:
        file.write(b"new")
    assert [each.name for each in tmp_path.iterdir()] == ["daemon.json"]
    assert path.read_bytes() == b"old"


def test_discarded_file_leaves_nothing(tmp_path: Path) -> None:
    """`discard` keeps the old file; after `commit` it does nothing."""
    path = tmp_path / "results.jsonl"
    path.write_bytes(b"old")
    atomic_file = AtomicFile(path)
    atomic_file.file.write(b"new")
    atomic_file.discard()
    assert path.read_bytes() == b"old"
    atomic_file = AtomicFile(path)
    atomic_file.file.write(b"new")
    atomic_file.commit()
    atomic_file.discard()
    assert path.read_bytes() == b"new"
    assert list(tmp_path.iterdir()) == [path]


def test_folder_is_not_replaced(tmp_path: Path) -> None:
    """An error is raised before anything is written."""
    with pytest.raises(IsADirectoryError):
        AtomicFile(tmp_path)
    assert list(tmp_path.iterdir()) == []


@pytest.fixture
def dead_process(monkeypatch: pytest.MonkeyPatch) -> int:
    """Return the number of a process that has ended."""
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    return process.pid


def make_temporary(
    folder: Path, *, pid: int | None = None, machine: str | None = None, age: float = 120
) -> Path:
    """Write a temporary file as a process on a machine does, `age` seconds ago."""
    with pytest.MonkeyPatch.context() as patch:
        if pid is not None:
            patch.setattr(os, "getpid", lambda: pid)
        if machine is not None:
            patch.setattr(module, "_machine", lambda: machine)
        path = temporary_path(folder / "photo.xmp")
    path.write_bytes(b"part")
    os.utime(path, (time.time() - age,) * 2)
    return path


def test_temporary_files_of_killed_processes_are_removed(tmp_path: Path, dead_process: int) -> None:
    """By the next run, wherever the killed one left them; only those of such names, and no folder."""
    stale = make_temporary(tmp_path, pid=dead_process)
    others = [
        tmp_path / name for name in ("a.jpg", ".autocull-x.tmp", f"{stale.name}.jpg", f"my{stale.name}")
    ]
    for path in others:
        path.write_bytes(b"precious")
    folder = tmp_path / stale.name.replace(stale.name[-8], "0" if stale.name[-8] != "0" else "1")
    folder.mkdir()
    assert remove_stale_temporaries(tmp_path) == 1
    assert not stale.exists()
    assert all(path.exists() for path in (*others, folder))
    assert remove_stale_temporaries(tmp_path / "none") == 0


def test_temporary_files_in_use_are_left_alone(tmp_path: Path, dead_process: int) -> None:
    """Those of a process that runs, and those of another machine, until they are a day old."""
    kept = [
        make_temporary(tmp_path, pid=os.getppid()) if os.name != "nt" else tmp_path,
        make_temporary(tmp_path, pid=dead_process, machine="0000"),
    ]
    old = make_temporary(tmp_path, pid=dead_process, machine="0000", age=2 * 86_400)
    with atomic_write(tmp_path / "b") as file:
        file.write(b"whole")
        remove_stale_temporaries(tmp_path)
    assert (tmp_path / "b").read_bytes() == b"whole"
    assert all(path.exists() for path in kept)
    assert not old.exists()


@pytest.mark.skipif(not hasattr(os, "setxattr"), reason="Python has extended attributes on Linux only")
def test_extended_attributes_are_kept(tmp_path: Path) -> None:
    """What a file manager notes about a file (tags, colours) is there after it was replaced."""
    path = tmp_path / "a.xmp"
    path.write_text("old")
    try:
        os.setxattr(path, "user.tag", b"red")
    except OSError:
        pytest.skip("this drive has no extended attributes")
    path.chmod(0o640)
    with atomic_write(path) as file:
        file.write(b"new")
    assert os.getxattr(path, "user.tag") == b"red"
    assert path.stat().st_mode & 0o777 == 0o640


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only the superuser may do that")
def test_owner_is_kept(tmp_path: Path) -> None:
    """A run as superuser does not take away the photographer's sidecars."""
    path = tmp_path / "a.xmp"
    path.write_text("old")
    os.chown(path, 65534, 65534)
    with atomic_write(path) as file:
        file.write(b"new")
    assert (path.stat().st_uid, path.stat().st_gid) == (65534, 65534)
