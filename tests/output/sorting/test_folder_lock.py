"""Tests of the lock of a folder that is sorted into."""

from __future__ import annotations

import os
from pathlib import Path
from threading import Thread

import pytest

from autocull.output.sorting import folder_lock
from autocull.output.sorting.folder_lock import is_locked, lock_target


@pytest.fixture(autouse=True)
def locks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Put the locks into a folder of the test, which does not exist yet."""
    folder = tmp_path / "cache" / "locks"
    monkeypatch.setattr(folder_lock, "lock_folder", lambda: folder)
    return folder


def test_second_run_waits_for_the_first(tmp_path: Path) -> None:
    """Whatever path leads to the folder; another folder is free."""
    into, link = tmp_path / "out", tmp_path / "link"
    into.mkdir()
    link.symlink_to(into)
    events: list[str] = []

    def sort() -> None:
        with lock_target(link):
            events.append("second")

    with lock_target(into):
        thread = Thread(target=sort)
        thread.start()
        assert is_locked(link)
        assert not is_locked(tmp_path / "other")
        events.append("first")
    thread.join(60)
    assert events == ["first", "second"]
    assert not is_locked(into)


def test_nothing_is_written_next_to_the_photos(tmp_path: Path, locks: Path) -> None:
    """The lock file is in the cache, for its user only."""
    into = tmp_path / "out"
    with lock_target(into):
        [lock_file] = locks.iterdir()
    assert not into.exists()
    if os.name != "nt":
        assert (locks.stat().st_mode & 0o777, lock_file.stat().st_mode & 0o777) == (0o700, 0o600)


def test_cache_that_cannot_be_written_is_no_error(tmp_path: Path) -> None:
    """There is no lock then; renaming replaces nothing without it."""
    (tmp_path / "cache").write_text("a file in the way")
    with lock_target(tmp_path / "out"):
        assert not is_locked(tmp_path / "out")
