"""The runtime files: written atomically, private to the user, and read with care."""

from __future__ import annotations

import errno
import json
import os
import stat
from pathlib import Path

import pytest

from autocull import atomic_write
from autocull.atomic_write import retry_while_locked
from autocull.errors import DaemonError
from autocull.private_files import open_private
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

INFO = DaemonInfo(49731, "ab" * 32, 4711, "0.2.0")
posix = pytest.mark.skipif(os.name == "nt", reason="Windows keeps homes apart by itself")


def fail_on_warning(sentence: str) -> None:
    """Fail the test: nothing is wrong."""
    raise AssertionError(sentence)


def permissions(path: Path) -> int:
    """Return the permission bits of a file."""
    return stat.S_IMODE(path.stat().st_mode)


def test_daemon_info_round_trips(tmp_path: Path) -> None:
    """With port, token, pid and version."""
    write_daemon_info(tmp_path, INFO)
    assert read_daemon_info(tmp_path, fail_on_warning) == INFO
    assert set(json.loads((tmp_path / DAEMON_FILE).read_text())) == {"port", "token", "pid", "version"}


def test_token_is_not_in_the_repr() -> None:
    """So that printing or logging does not reveal it."""
    assert INFO.token not in repr(INFO)
    assert "49731" in repr(INFO)


@posix
def test_row_6_file_is_private_from_its_first_byte(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also the temporary file, and whatever the permissions of the old file were."""
    (tmp_path / DAEMON_FILE).write_text("{}")
    (tmp_path / DAEMON_FILE).chmod(0o666)
    modes: list[int] = []
    sync = os.fsync
    monkeypatch.setattr(
        atomic_write.os, "fsync", lambda number: (modes.append(os.fstat(number).st_mode), sync(number))
    )
    before = os.umask(0)
    try:
        write_daemon_info(tmp_path, INFO)
    finally:
        os.umask(before)
    assert [stat.S_IMODE(each) for each in modes] == [0o600]
    assert permissions(tmp_path / DAEMON_FILE) == 0o600


@posix
def test_row_6_wrong_permissions_are_corrected_with_a_warning(tmp_path: Path) -> None:
    """Of the folder and of the file."""
    folder = tmp_path / ".autocull"
    folder.mkdir(mode=0o755)
    folder.chmod(0o755)
    warnings: list[str] = []
    secure_folder(folder, warnings.append)
    write_daemon_info(folder, INFO)
    (folder / DAEMON_FILE).chmod(0o644)
    assert read_daemon_info(folder, warnings.append) == INFO
    assert (permissions(folder), permissions(folder / DAEMON_FILE)) == (0o700, 0o600)
    assert [str(folder) in warnings[0], str(folder / DAEMON_FILE) in warnings[1]] == [True, True]
    secure_folder(folder, fail_on_warning)
    assert read_daemon_info(folder, fail_on_warning) == INFO


@posix
def test_stricter_permissions_are_kept(tmp_path: Path) -> None:
    """They are not corrected."""
    write_daemon_info(tmp_path, INFO)
    (tmp_path / DAEMON_FILE).chmod(0o400)
    assert read_daemon_info(tmp_path, fail_on_warning) == INFO
    assert permissions(tmp_path / DAEMON_FILE) == 0o400


@posix
@pytest.mark.parametrize("what", ["folder", "file"])
def test_row_12_files_of_another_user_are_refused(
    what: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The owner of folder and file is checked."""
    write_daemon_info(tmp_path, INFO)
    monkeypatch.setattr(runtime_files.os, "getuid", lambda: tmp_path.stat().st_uid + 1)
    with pytest.raises(DaemonError, match="belongs to another user"):
        _ = (
            secure_folder(tmp_path, fail_on_warning)
            if what == "folder"
            else read_daemon_info(tmp_path, fail_on_warning)
        )


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
def test_damaged_daemon_info_counts_as_missing(content: str, tmp_path: Path) -> None:
    """With a warning and without an exception, whatever the content."""
    (tmp_path / DAEMON_FILE).write_text(content, "latin-1")
    (tmp_path / DAEMON_FILE).chmod(0o600)
    warnings: list[str] = []
    assert read_daemon_info(tmp_path, warnings.append) is None
    assert content == "null" or "damaged" in warnings[0]


def test_missing_files_give_no_warning(tmp_path: Path) -> None:
    """As before the first start."""
    assert read_daemon_info(tmp_path, fail_on_warning) is None
    assert read_launcher(tmp_path, fail_on_warning) is None


def test_reading_is_retried_while_a_file_is_replaced(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Windows refuses to open it at that moment."""
    write_daemon_info(tmp_path, INFO)
    opened, refusals = open_private, [PermissionError(13, "Permission denied")] * 2

    def refused_at_first(name: str, flags: int) -> int:
        if refusals:
            raise refusals.pop()
        return opened(name, flags)

    monkeypatch.setattr(runtime_files, "open_private", refused_at_first)
    monkeypatch.setattr(
        runtime_files, "retry_while_locked", lambda act: retry_while_locked(act, "win32", 30.0)
    )
    assert read_daemon_info(tmp_path, fail_on_warning) == INFO
    assert not refusals


@pytest.mark.skipif(os.name == "nt", reason="links and pipes need special rights on Windows")
@pytest.mark.parametrize("kind", ["link", "pipe"])
def test_row_6_what_is_not_a_file_is_not_read(tmp_path: Path, kind: str) -> None:
    """A link is not followed, and the other end of a pipe not waited for; a daemon replaces both."""
    file = tmp_path / DAEMON_FILE
    (tmp_path / "elsewhere").mkdir()
    write_daemon_info(tmp_path / "elsewhere", INFO)
    os.mkfifo(file) if kind == "pipe" else file.symlink_to(tmp_path / "elsewhere" / DAEMON_FILE)
    with pytest.raises(DaemonError, match="cannot be used"):
        read_daemon_info(tmp_path, fail_on_warning)
    write_daemon_info(tmp_path, INFO)
    assert read_daemon_info(tmp_path, fail_on_warning) == INFO
    assert not file.is_symlink()


def test_only_own_daemon_info_is_removed(tmp_path: Path) -> None:
    """A daemon that ends late does not remove the file of its successor."""
    successor = DaemonInfo(1, "cd" * 32, 4712, "0.2.0")
    write_daemon_info(tmp_path, successor)
    remove_daemon_info(tmp_path, INFO)
    assert read_daemon_info(tmp_path, fail_on_warning) == successor
    remove_daemon_info(tmp_path, successor)
    assert list(tmp_path.iterdir()) == []
    remove_daemon_info(tmp_path, successor)


@pytest.mark.parametrize("step", ["fsync", "replace"])
@pytest.mark.parametrize("before", [None, INFO])
def test_row_18_full_disk_keeps_the_old_file(
    step: str, before: DaemonInfo | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """If writing or renaming fails, the error has a message, and no temporary file is left."""
    if before is not None:
        write_daemon_info(tmp_path, before)

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(atomic_write.os if step == "fsync" else Path, step, full)
    with pytest.raises(DaemonError, match=r"No space left.*free disk space"):
        write_daemon_info(tmp_path, DaemonInfo(1, "cd" * 32, 1, "1"))
    assert read_daemon_info(tmp_path, fail_on_warning) == before
    assert {path.name for path in tmp_path.iterdir()} == ({DAEMON_FILE} if before else set())


def test_file_in_place_of_the_folder_is_reported(tmp_path: Path) -> None:
    """As a DaemonError."""
    (tmp_path / ".autocull").write_text("")
    with pytest.raises(DaemonError, match=r"\.autocull cannot be used"):
        secure_folder(tmp_path / ".autocull", fail_on_warning)


def test_launcher_round_trips(tmp_path: Path) -> None:
    """Also with umlauts and quotes."""
    launcher = Launcher("/opt/a b/pythön's", ["-m", "autocull", "start"], "/tmp/a.log", "0.2.0")
    write_launcher(tmp_path, launcher)
    assert read_launcher(tmp_path, fail_on_warning) == launcher
    json.loads((tmp_path / LAUNCHER_FILE).read_bytes().decode("ascii"))


@pytest.mark.parametrize("content", ["[]", "{", '{"program": 1, "arguments": [], "log": "", "version": ""}'])
def test_a_damaged_launcher_counts_as_missing(content: str, tmp_path: Path) -> None:
    """No program is started by a part of a launcher."""
    (tmp_path / LAUNCHER_FILE).write_text(content)
    (tmp_path / LAUNCHER_FILE).chmod(0o600)
    warnings: list[str] = []
    assert read_launcher(tmp_path, warnings.append) is None
    assert "damaged" in warnings[0]
