"""The folder where plug-in and daemon meet: written whole, for the user alone, and believed with care."""

from __future__ import annotations

import errno
import json
import os
import stat
from pathlib import Path
from typing import Any

import pytest

from autocull import atomic_write
from autocull.atomic_write import retry_while_locked
from autocull.errors import DaemonError
from autocull.serve.process import runtime_files
from autocull.serve.process.runtime_files import (
    DAEMON_FILE,
    LAUNCHER_FILE,
    DaemonInfo,
    Launcher,
    read_daemon_info,
    read_launcher,
    remove_daemon_info,
    secure_folder,
    write_daemon_info,
    write_launcher,
)

MINE = DaemonInfo(49731, "ab" * 32, 4711, "0.2.0")
posix = pytest.mark.skipif(os.name == "nt", reason="Windows keeps homes apart by itself")


def silent(sentence: str) -> None:
    """Fail for a note where nothing is wrong."""
    raise AssertionError(sentence)


def mode(path: Path) -> int:
    """Return who may do what with a file."""
    return stat.S_IMODE(path.stat().st_mode)


def test_what_is_published_is_read_back(tmp_path: Path) -> None:
    """A client finds port, token, pid and version as the daemon wrote them."""
    write_daemon_info(tmp_path, MINE)
    assert read_daemon_info(tmp_path, silent) == MINE
    assert set(json.loads((tmp_path / DAEMON_FILE).read_text())) == {"port", "token", "pid", "version"}


def test_the_token_is_in_no_representation() -> None:
    """What is printed or logged of it does not give the token away."""
    assert MINE.token not in repr(MINE)
    assert "49731" in repr(MINE)


@posix
def test_row_6_the_file_is_the_users_from_its_first_byte(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Others can read neither the file nor the temporary one that becomes it, whatever was there before."""
    (tmp_path / DAEMON_FILE).write_text("{}")
    (tmp_path / DAEMON_FILE).chmod(0o666)
    seen: list[int] = []
    sync = os.fsync
    monkeypatch.setattr(
        atomic_write.os, "fsync", lambda number: (seen.append(os.fstat(number).st_mode), sync(number))
    )
    before = os.umask(0)
    try:
        write_daemon_info(tmp_path, MINE)
    finally:
        os.umask(before)
    assert [stat.S_IMODE(each) for each in seen] == [0o600]
    assert mode(tmp_path / DAEMON_FILE) == 0o600


@posix
def test_row_6_wrong_permissions_are_repaired_and_noted(tmp_path: Path) -> None:
    """A folder and a file that others could read become the user's alone, and somebody hears of it."""
    folder = tmp_path / ".autocull"
    folder.mkdir(mode=0o755)
    folder.chmod(0o755)
    notes: list[str] = []
    secure_folder(folder, notes.append)
    write_daemon_info(folder, MINE)
    (folder / DAEMON_FILE).chmod(0o644)
    assert read_daemon_info(folder, notes.append) == MINE
    assert (mode(folder), mode(folder / DAEMON_FILE)) == (0o700, 0o600)
    assert [str(folder) in notes[0], str(folder / DAEMON_FILE) in notes[1]] == [True, True]
    secure_folder(folder, silent)
    assert read_daemon_info(folder, silent) == MINE


@posix
def test_a_stricter_folder_is_left_as_it_is(tmp_path: Path) -> None:
    """Who takes more away than we do is not corrected."""
    write_daemon_info(tmp_path, MINE)
    (tmp_path / DAEMON_FILE).chmod(0o400)
    assert read_daemon_info(tmp_path, silent) == MINE
    assert mode(tmp_path / DAEMON_FILE) == 0o400


@posix
@pytest.mark.parametrize("what", ["folder", "file"])
def test_row_12_what_another_user_owns_is_refused(
    what: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another user of the machine can plant neither the folder nor the file: the owner is looked at."""
    write_daemon_info(tmp_path, MINE)
    monkeypatch.setattr(runtime_files.os, "getuid", lambda: tmp_path.stat().st_uid + 1)
    with pytest.raises(DaemonError, match="belongs to another user"):
        _ = secure_folder(tmp_path, silent) if what == "folder" else read_daemon_info(tmp_path, silent)


@pytest.mark.parametrize(
    "content",
    [
        "", "{", "null", "[]", "1", '"x"', "[" * 5000, "{}", "\x00\xff",
        json.dumps({"port": 0, "token": "ab" * 32, "pid": 1, "version": "1"}),
        json.dumps({"port": 65536, "token": "ab" * 32, "pid": 1, "version": "1"}),
        json.dumps({"port": "80", "token": "ab" * 32, "pid": 1, "version": "1"}),
        json.dumps({"port": 80, "token": "ab", "pid": 1, "version": "1"}),
        json.dumps({"port": 80, "token": "\r\n" * 32, "pid": 1, "version": "1"}),
        json.dumps({"port": 80, "token": "ab" * 32, "pid": -1, "version": "1"}),
        json.dumps({"port": 80, "token": "ab" * 32, "pid": 1}),
        json.dumps({"port": 80, "token": "ab" * 32, "pid": 1, "version": "1", "more": "x" * 70000}),
    ],
)  # fmt: skip
def test_a_damaged_file_counts_as_missing(content: str, tmp_path: Path) -> None:
    """Whatever stands in daemon.json, nobody is misled and nothing is raised; a note says so."""
    (tmp_path / DAEMON_FILE).write_text(content, "latin-1")
    (tmp_path / DAEMON_FILE).chmod(0o600)
    notes: list[str] = []
    assert read_daemon_info(tmp_path, notes.append) is None
    assert content == "null" or "damaged" in notes[0]


def test_no_file_is_no_daemon(tmp_path: Path) -> None:
    """Before the first start there is nothing to say."""
    assert read_daemon_info(tmp_path, silent) is None
    assert read_launcher(tmp_path, silent) is None


def test_a_file_that_is_just_being_replaced_is_read_a_moment_later(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Windows refuses that, and a daemon that comes back replaces its file."""
    write_daemon_info(tmp_path, MINE)
    opened, refusals = Path.open, [PermissionError(13, "Permission denied")] * 2

    def refused_at_first(self: Path, mode: str) -> Any:
        if refusals:
            raise refusals.pop()
        return opened(self, mode)

    monkeypatch.setattr(Path, "open", refused_at_first)
    monkeypatch.setattr(
        runtime_files, "retry_while_locked", lambda act: retry_while_locked(act, "win32", 30.0)
    )
    assert read_daemon_info(tmp_path, silent) == MINE
    assert not refusals


def test_only_its_own_file_is_withdrawn(tmp_path: Path) -> None:
    """A daemon that ends late does not remove what its successor published."""
    successor = DaemonInfo(1, "cd" * 32, 4712, "0.2.0")
    write_daemon_info(tmp_path, successor)
    remove_daemon_info(tmp_path, MINE)
    assert read_daemon_info(tmp_path, silent) == successor
    remove_daemon_info(tmp_path, successor)
    assert list(tmp_path.iterdir()) == []
    remove_daemon_info(tmp_path, successor)


@pytest.mark.parametrize("step", ["fsync", "replace"])
@pytest.mark.parametrize("before", [None, MINE])
def test_row_18_a_full_disk_leaves_what_was_there(
    step: str, before: DaemonInfo | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where writing or renaming fails, the error is in words, the old file whole, and no rest lies about."""
    if before is not None:
        write_daemon_info(tmp_path, before)

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(atomic_write.os if step == "fsync" else Path, step, full)
    with pytest.raises(DaemonError, match=r"No space left.*room on the disk"):
        write_daemon_info(tmp_path, DaemonInfo(1, "cd" * 32, 1, "1"))
    assert read_daemon_info(tmp_path, silent) == before
    assert {path.name for path in tmp_path.iterdir()} == ({DAEMON_FILE} if before else set())


def test_the_folder_may_not_be_a_file(tmp_path: Path) -> None:
    """A file in the place of the folder is said in words."""
    (tmp_path / ".autocull").write_text("")
    with pytest.raises(DaemonError, match=r"\.autocull cannot be used"):
        secure_folder(tmp_path / ".autocull", silent)


def test_the_launcher_is_read_back(tmp_path: Path) -> None:
    """The plug-in's way to start a daemon survives umlauts and quotes."""
    how = Launcher("/opt/a b/pythön's", ["-m", "autocull", "start"], "/tmp/a.log", "0.2.0")
    write_launcher(tmp_path, how)
    assert read_launcher(tmp_path, silent) == how
    json.loads((tmp_path / LAUNCHER_FILE).read_bytes().decode("ascii"))


@pytest.mark.parametrize("content", ["[]", "{", '{"program": 1, "arguments": [], "log": "", "version": ""}'])
def test_a_damaged_launcher_counts_as_missing(content: str, tmp_path: Path) -> None:
    """Nothing is started by half a launcher."""
    (tmp_path / LAUNCHER_FILE).write_text(content)
    (tmp_path / LAUNCHER_FILE).chmod(0o600)
    notes: list[str] = []
    assert read_launcher(tmp_path, notes.append) is None
    assert "damaged" in notes[0]
