"""One daemon per user: a lock that ends with its process, however that ends."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from autocull.errors import DaemonError
from autocull.serve.process import instance_lock as locking
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
WAIT_FOR_INPUT = "import sys; sys.stdin.read()"


def start_holder(file: Path) -> subprocess.Popen[str]:
    """Start a process that acquires the lock and keeps it."""
    process = subprocess.Popen([sys.executable, "-c", HOLD, str(file)], stdout=subprocess.PIPE, text=True)
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


@pytest.mark.parametrize("content", ["1", str(os.getppid()), "99999999", "", "-1", "nobody", "0"])
def test_row_20_file_with_recycled_pid_is_not_held(content: str, tmp_path: Path) -> None:
    """Whether it names a living process, a dead one or something else."""
    file = tmp_path / "lock"
    file.write_text(content)
    assert not is_held(file)
    assert holder_pid(file) is None
    lock = InstanceLock.acquire(file)
    assert holder_pid(file) == os.getpid()
    lock.close()


def test_probing_does_not_prevent_a_start(tmp_path: Path) -> None:
    """`is_held` takes the lock briefly; `acquire` waits for that."""
    file = tmp_path / "lock"
    attempts = []
    try_lock = locking._try_lock

    def busy_at_first(descriptor: int) -> bool:
        attempts.append(descriptor)
        return len(attempts) > 2 and try_lock(descriptor)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(locking, "_try_lock", busy_at_first)
        InstanceLock.acquire(file, timeout=30).close()
    assert len(attempts) == 3


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
    """With the path of the lock."""
    with pytest.raises(DaemonError, match="cannot be opened"):
        InstanceLock.acquire(tmp_path / "no" / "lock")


def test_drive_without_locks_is_reported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """So two daemons never run on a network drive that ignores locks."""

    def no_locks(_: int) -> None:
        raise OSError(37, "No locks available")

    monkeypatch.setattr(locking, "_lock_posix", no_locks)
    monkeypatch.setattr(locking, "_lock_windows", no_locks)
    with pytest.raises(DaemonError, match=r"gives no locks \(No locks available\)"):
        InstanceLock.acquire(tmp_path / "lock")


@pytest.mark.parametrize("taken", [False, True])
def test_on_windows_a_byte_beyond_the_pid_is_locked(
    taken: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Locked bytes cannot be read on Windows, so the pid's are not locked."""
    calls: list[tuple[int, int, int]] = []

    def byte_locked(descriptor: int, how: int, count: int) -> None:
        calls.append((os.lseek(descriptor, 0, os.SEEK_CUR), how, count))
        if taken:
            raise PermissionError(13, "Permission denied")

    fake = SimpleNamespace(locking=byte_locked, LK_NBLCK=2)
    monkeypatch.setitem(sys.modules, "msvcrt", fake)
    monkeypatch.setattr(locking, "sys", SimpleNamespace(platform="win32"))
    if taken:
        with pytest.raises(AlreadyRunning):
            InstanceLock.acquire(tmp_path / "lock", timeout=0)
    else:
        lock = InstanceLock.acquire(tmp_path / "lock")
        assert (tmp_path / "lock").read_text() == str(os.getpid())
        lock.close()
    assert calls[0] == (1 << 30, 2, 1)
