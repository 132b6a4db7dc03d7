"""Atomic writes, also on Windows, where a file that another program has open cannot be replaced."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from autocull import atomic_write as module
from autocull.atomic_write import AtomicFile, atomic_write, retry_while_locked


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
