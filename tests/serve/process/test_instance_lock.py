"""One daemon per user: a lock that ends with its process, however that ends."""

from __future__ import annotations

import os
import subprocess
import sys
from io import FileIO
from pathlib import Path
from threading import Timer
from types import SimpleNamespace

import pytest

from autocull.errors import DaemonError
from autocull.serve.process import instance_lock
from autocull.serve.process.instance_lock import AlreadyRunning, InstanceLock, holder_pid, is_held
from support.daemon_fixtures import wait_until

HOLD = """
import sys, time
from pathlib import Path
from autocull.serve.process.instance_lock import InstanceLock
lock = InstanceLock.acquire(Path(sys.argv[1]))
print("held", flush=True)
time.sleep(600)
"""
HOLD_LIKE_VERSION_01 = """
import fcntl, os, sys, time
descriptor = os.open(sys.argv[1], os.O_RDWR | os.O_CREAT, 0o600)
fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
os.ftruncate(descriptor, 0)
os.write(descriptor, str(os.getpid()).encode())
print("held", flush=True)
time.sleep(600)
"""
WAIT_FOR_INPUT = "import sys; sys.stdin.read()"


posix = pytest.mark.skipif(os.name == "nt", reason="Windows has no flock")


def start_holder(file: Path, script: str = HOLD) -> subprocess.Popen[str]:
    """Start a process that acquires the lock and keeps it."""
    process = subprocess.Popen([sys.executable, "-c", script, str(file)], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline() == "held\n"
    return process


def kill(process: subprocess.Popen[str]) -> None:
    """Kill a process, without a chance to clean up."""
    process.kill()
    process.communicate(timeout=60)


def test_lock_is_free_before_and_after(tmp_path: Path) -> None:
    """The file that stays afterwards does not mean that it is held."""
    file = tmp_path / "lock"
    assert not is_held(file)
    lock = InstanceLock.acquire(file)
    assert is_held(file)
    assert holder_pid(file) == os.getpid()
    lock.close()
    assert file.exists()
    assert not is_held(file)
    assert holder_pid(file) is None


def test_row_20_second_daemon_is_refused_until_the_first_is_killed(tmp_path: Path) -> None:
    """kill -9 frees the lock at once."""
    file = tmp_path / "lock"
    first = start_holder(file)
    try:
        with pytest.raises(AlreadyRunning, match=f"process {first.pid}") as caught:
            InstanceLock.acquire(file, timeout=0.1)
        assert caught.value.code == "running"
        assert holder_pid(file) == first.pid
    finally:
        kill(first)
    InstanceLock.acquire(file).close()


@pytest.mark.parametrize("content", ["1", str(os.getppid()), "99999999", "", "-1", "text", "0"])
def test_row_20_file_with_recycled_pid_is_not_held(content: str, tmp_path: Path) -> None:
    """Whether it names a living process, a dead one or something else."""
    file = tmp_path / "lock"
    file.write_text(content)
    assert not is_held(file)
    assert holder_pid(file) is None
    lock = InstanceLock.acquire(file)
    assert holder_pid(file) == os.getpid()
    lock.close()


@pytest.mark.skipif(os.name == "nt", reason="links and pipes need special rights on Windows")
@pytest.mark.parametrize("kind", ["link", "broken link", "pipe"])
def test_row_20_planted_lock_is_refused(tmp_path: Path, kind: str) -> None:
    """A link to a photo does not empty the photo, and a pipe does not block."""
    file, photo = tmp_path / "lock", tmp_path / "photo.jpg"
    photo.write_bytes(b"a photo" * 1000)
    if kind == "pipe":
        os.mkfifo(file)
    else:
        file.symlink_to(photo if kind == "link" else tmp_path / "nowhere")
    for use in (is_held, holder_pid, InstanceLock.acquire):
        with pytest.raises(DaemonError, match="cannot be acquired"):
            use(file)
    assert photo.read_bytes() == b"a photo" * 1000
    assert not (tmp_path / "nowhere").exists()


def test_probing_does_not_prevent_a_start(tmp_path: Path) -> None:
    """`is_held` takes the lock briefly; `acquire` waits for that."""
    file = tmp_path / "lock"
    probing = InstanceLock.acquire(file)
    release = Timer(0.2, probing.close)
    release.start()
    InstanceLock.acquire(file, timeout=30).close()
    release.join()


def test_probing_keeps_the_pid_of_the_holder(tmp_path: Path) -> None:
    """Nothing is written by a process that does not get the lock."""
    file = tmp_path / "lock"
    lock = InstanceLock.acquire(file)
    for _ in range(2):
        assert is_held(file)
        with pytest.raises(AlreadyRunning):
            InstanceLock.acquire(file, timeout=0)
    assert holder_pid(file) == os.getpid()
    lock.close()


@pytest.mark.skipif(os.name == "nt", reason="Windows removes no file that is open")
def test_lock_is_not_current_after_its_file_was_removed(tmp_path: Path) -> None:
    """The holder notices that the next daemon would lock another file."""
    file = tmp_path / "lock"
    lock = InstanceLock.acquire(file)
    assert lock.is_current()
    file.unlink()
    assert not lock.is_current()
    second = InstanceLock.acquire(file)
    assert second.is_current()
    assert not lock.is_current()
    lock.close()
    second.close()


def test_child_process_does_not_keep_the_lock(tmp_path: Path) -> None:
    """Worker processes do not inherit it: it ends with the daemon."""
    file = tmp_path / "lock"
    lock = InstanceLock.acquire(file)
    child = subprocess.Popen([sys.executable, "-c", WAIT_FOR_INPUT], stdin=subprocess.PIPE, close_fds=False)
    lock.close()
    try:
        wait_until(lambda: not is_held(file))  # the child lets go as soon as it runs its own program
        assert child.poll() is None
    finally:
        child.communicate(timeout=60)


def test_missing_folder_is_reported(tmp_path: Path) -> None:
    """With the path of the lock; the folder is not created."""
    with pytest.raises(DaemonError, match=r"lock cannot be acquired \(No such file"):
        InstanceLock.acquire(tmp_path / "no" / "lock")
    assert not (tmp_path / "no").exists()


@posix
def test_drive_without_locks_is_reported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """So two daemons never run on a network drive that ignores locks."""

    def flock(*_: object) -> None:
        raise OSError(37, "No locks available")

    monkeypatch.setattr("fcntl.flock", flock)
    with pytest.raises(DaemonError, match=r"\(No locks available\).* supports locks"):
        InstanceLock.acquire(tmp_path / "lock")


@posix
def test_row_26_lock_of_version_01_is_recognised(tmp_path: Path) -> None:
    """The daemon of version 0.1 holds the same file, with its pid from the first byte on."""
    file = tmp_path / "lock"
    old = start_holder(file, HOLD_LIKE_VERSION_01)
    try:
        assert holder_pid(file) == old.pid
        with pytest.raises(AlreadyRunning, match=f"process {old.pid}"):
            InstanceLock.acquire(file, timeout=0.1)
    finally:
        kill(old)
    InstanceLock.acquire(file).close()


@posix
def test_version_01_respects_the_lock_and_reads_the_pid(tmp_path: Path) -> None:
    """As after a downgrade while the daemon runs."""
    file = tmp_path / "lock"
    file.write_text("1234567")
    lock = InstanceLock.acquire(file)
    command = [sys.executable, "-c", HOLD_LIKE_VERSION_01, str(file)]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    assert "BlockingIOError" in result.stderr
    assert int(file.read_bytes()[:20]) == os.getpid()
    lock.close()


@pytest.mark.parametrize("taken", [False, True])
def test_byte_of_version_01_is_locked_too_on_windows(
    taken: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """There, version 0.1 locks the byte at 2^30, FileLock byte 0."""
    calls: list[tuple[int, int, int]] = []

    def lock_byte(descriptor: int, mode: int, count: int) -> None:
        calls.append((os.lseek(descriptor, 0, os.SEEK_CUR), mode, count))
        if taken:
            raise PermissionError(13, "Permission denied")

    fake = SimpleNamespace(locking=lock_byte, LK_NBLCK=2)
    monkeypatch.setitem(sys.modules, "msvcrt", fake)
    monkeypatch.setattr(instance_lock, "sys", SimpleNamespace(platform="win32"))
    if taken:
        (tmp_path / "lock").touch()
        assert is_held(tmp_path / "lock")
        with pytest.raises(AlreadyRunning):
            InstanceLock.acquire(tmp_path / "lock", timeout=0)
    else:
        lock = InstanceLock.acquire(tmp_path / "lock")
        assert holder_pid(tmp_path / "lock") == os.getpid()
        lock.close()
    assert calls[0] == (1 << 30, 2, 1)


def test_pid_is_readable_while_its_first_byte_is_locked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As on Windows, where other processes cannot read a locked byte."""

    class LockedByte(FileIO):
        def read(self, size: int | None = -1, /) -> bytes:
            if self.tell() == 0:
                raise PermissionError(13, "Permission denied")
            return super().read(-1 if size is None else size)

    lock = InstanceLock.acquire(tmp_path / "lock")
    monkeypatch.setattr(Path, "open", lambda path, *_, **__: LockedByte(path))
    assert holder_pid(tmp_path / "lock") == os.getpid()
    lock.close()
