"""Files that are whole or not at all, also where Windows lets nobody at a file that another has open."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from autocull import atomic_write as module
from autocull.atomic_write import AtomicFile, atomic_write, retry_while_locked


class Refusing:
    """An act that is refused so many times; counts how often it was asked."""

    def __init__(self, times: int) -> None:
        self.times = times
        self.asked = 0

    def __call__(self) -> str:
        """Refuse, or do it."""
        self.asked += 1
        if self.asked <= self.times:
            raise PermissionError(13, "Permission denied")
        return "done"


def test_what_windows_refuses_for_a_moment_is_tried_again() -> None:
    """Another program reads the file just now, and has it closed in a moment."""
    act = Refusing(3)
    assert retry_while_locked(act, "win32", 30.0) == "done"
    assert act.asked == 4


def test_what_windows_keeps_refusing_is_raised() -> None:
    """It was a lack of permission after all."""
    act = Refusing(10_000)
    began = time.monotonic()
    with pytest.raises(PermissionError):
        retry_while_locked(act, "win32", 0.1)
    assert act.asked > 1
    assert time.monotonic() - began >= 0.1


@pytest.mark.parametrize("platform", ["linux", "darwin"])
def test_elsewhere_nobody_waits(platform: str) -> None:
    """A reader is in nobody's way there, and a refusal is one."""
    act = Refusing(1)
    with pytest.raises(PermissionError):
        retry_while_locked(act, platform)
    assert act.asked == 1


def test_a_file_is_replaced_patiently(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The step that Windows refuses is the one that is tried again; nothing is left beside the file."""
    path, refusing = tmp_path / "daemon.json", Refusing(2)
    replace = Path.replace

    def refused_at_first(self: Path, target: Path) -> Path:
        refusing()
        return replace(self, target)

    monkeypatch.setattr(Path, "replace", refused_at_first)
    monkeypatch.setattr(module, "retry_while_locked", lambda act: retry_while_locked(act, "win32", 30.0))
    with atomic_write(path) as file:
        file.write(b"new")
    assert refusing.asked == 3
    assert [each.name for each in tmp_path.iterdir()] == ["daemon.json"]
    assert path.read_bytes() == b"new"


def test_a_file_that_cannot_be_replaced_is_as_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """And its copy is gone."""
    path = tmp_path / "daemon.json"
    path.write_bytes(b"old")

    def refused(self: Path, target: Path) -> Path:
        raise PermissionError(13, f"{self} to {target}")

    monkeypatch.setattr(Path, "replace", refused)
    with pytest.raises(PermissionError), atomic_write(path) as file:
        file.write(b"new")
    assert [each.name for each in tmp_path.iterdir()] == ["daemon.json"]
    assert path.read_bytes() == b"old"


def test_discarded_file_leaves_nothing(tmp_path: Path) -> None:
    """Until it is committed the old file stays; a file that is committed is not discarded."""
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
    """A folder of that name is an error before anything is written."""
    with pytest.raises(IsADirectoryError):
        AtomicFile(tmp_path)
    assert list(tmp_path.iterdir()) == []
