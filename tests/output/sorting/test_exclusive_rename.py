"""Tests of renaming without replacing, by each of its methods."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from autocull.output.sorting import exclusive_rename
from autocull.output.sorting.exclusive_rename import rename_exclusively

METHODS = ("_rename_natively", "_link_and_unlink")


@pytest.fixture(params=[0, 1, 2], ids=["system call", "link", "drive without both"])
def missing_methods(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> int:
    """Let the first methods be missing, as on other systems and drives; returns their number."""

    def refuse(*_: object) -> None:
        raise OSError(errno.ENOTSUP, "Operation not supported")

    for name in METHODS[: request.param]:
        monkeypatch.setattr(exclusive_rename, name, refuse)
    return int(request.param)


def test_file_has_its_new_name(tmp_path: Path, missing_methods: int) -> None:
    """And not the old one; its time is the same."""
    source, target = tmp_path / "a", tmp_path / "b"
    source.write_bytes(b"photo")
    os.utime(source, ns=(10**18, 10**18))
    rename_exclusively(source, target)
    assert not source.exists()
    assert (target.read_bytes(), target.stat().st_mtime_ns) == (b"photo", 10**18)


def test_other_file_is_not_replaced(tmp_path: Path, missing_methods: int) -> None:
    """A file or a link with the target's name stays."""
    source, target, link = tmp_path / "a", tmp_path / "b", tmp_path / "c"
    source.write_bytes(b"photo")
    target.write_bytes(b"other")
    link.symlink_to(tmp_path / "nowhere")
    for path in (target, link):
        with pytest.raises(FileExistsError):
            rename_exclusively(source, path)
    assert (source.read_bytes(), target.read_bytes()) == (b"photo", b"other")


def test_file_that_appears_at_this_moment_is_not_replaced(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No check before the renaming is needed: two runs may choose the same name at the same time."""
    source, target = tmp_path / "a", tmp_path / "b"
    source.write_bytes(b"photo")
    target.write_bytes(b"other")
    monkeypatch.setattr(os.path, "lexists", lambda _: False)
    with pytest.raises(FileExistsError):
        rename_exclusively(source, target)
    assert (source.read_bytes(), target.read_bytes()) == (b"photo", b"other")


def test_missing_file_is_an_error(tmp_path: Path, missing_methods: int) -> None:
    """And so is a missing folder; nothing is created."""
    (tmp_path / "a").touch()
    for source, target in ((tmp_path / "none", tmp_path / "b"), (tmp_path / "a", tmp_path / "no" / "b")):
        with pytest.raises(FileNotFoundError):
            rename_exclusively(source, target)
    assert [path.name for path in tmp_path.iterdir()] == ["a"]


@pytest.mark.skipif(not Path("/dev/shm").is_dir(), reason="this system has no second drive to try")
def test_other_drive_is_named(tmp_path: Path) -> None:
    """The caller copies then."""
    other = Path("/dev/shm") / f"autocull-test-{os.getpid()}"
    if other.parent.stat().st_dev == tmp_path.stat().st_dev:
        pytest.skip("the same drive")
    (tmp_path / "a").touch()
    with pytest.raises(OSError, match="cross-device") as caught:
        rename_exclusively(tmp_path / "a", other)
    assert caught.value.errno == errno.EXDEV
