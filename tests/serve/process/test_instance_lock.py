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
from support.daemon_fixtures import until

HOLD = "import sys, time; from pathlib import Path; from autocull.serve.process.instance_lock import Lock; "
HOLD += "lock = Lock.take(Path(sys.argv[1])); print('held', flush=True); time.sleep(600)"

WAIT = "import sys; sys.stdin.read()"


def held_elsewhere(file: Path) -> subprocess.Popen[str]:
    """Start a process that takes the lock and keeps it."""
    process = subprocess.Popen([sys.executable, "-c", HOLD, str(file)], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline() == "held\n"
    return process


def ended(process: subprocess.Popen[str]) -> None:
    """Kill a process, as the system does without a word."""
    process.kill()
    process.communicate(timeout=60)


def test_the_lock_is_free_before_and_after(tmp_path: Path) -> None:
    """Nobody holds it, then we do, then nobody; the file that stays means nothing."""
    file = tmp_path / "lock"
    assert not is_held(file)
    lock = InstanceLock.acquire(file)
    assert is_held(file)
    assert holder_pid(file) == os.getpid()
    lock.close()
    assert file.exists()
    assert not is_held(file)
    assert holder_pid(file) is None


def test_row_20_the_second_daemon_is_refused_until_the_first_is_killed(tmp_path: Path) -> None:
    """While one process holds it no other gets it; kill -9 frees it at once."""
    file = tmp_path / "lock"
    first = held_elsewhere(file)
    try:
        with pytest.raises(AlreadyRunning, match=f"process {first.pid}") as refused:
            InstanceLock.acquire(file, timeout=0.1)
        assert refused.value.code == "running"
        assert holder_pid(file) == first.pid
    finally:
        ended(first)
    InstanceLock.acquire(file).close()


@pytest.mark.parametrize("content", ["1", str(os.getppid()), "99999999", "", "-1", "nobody", "0"])
def test_row_20_a_stale_file_with_a_recycled_pid_holds_nothing(content: str, tmp_path: Path) -> None:
    """A file that names a living process, a dead one or rubbish is no lock: only holding it is."""
    file = tmp_path / "lock"
    file.write_text(content)
    assert not is_held(file)
    assert holder_pid(file) is None
    lock = InstanceLock.acquire(file)
    assert holder_pid(file) == os.getpid()
    lock.close()


def test_who_only_looks_stops_no_daemon_from_starting(tmp_path: Path) -> None:
    """The moment for which a look has the lock is waited out."""
    file = tmp_path / "lock"
    looks = []
    take = locking._try_lock

    def busy_at_first(descriptor: int) -> bool:
        looks.append(descriptor)
        return len(looks) > 2 and take(descriptor)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(locking, "_try_lock", busy_at_first)
        InstanceLock.acquire(file, timeout=30).close()
    assert len(looks) == 3


@pytest.mark.skipif(os.name == "nt", reason="Windows removes no file that is open")
def test_a_lock_whose_file_was_removed_is_ours_no_more(tmp_path: Path) -> None:
    """The holder notices that the next daemon would get another file to lock."""
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


def test_a_child_does_not_keep_the_lock(tmp_path: Path) -> None:
    """Worker processes inherit nothing: the lock ends with the daemon and not with them."""
    file = tmp_path / "lock"
    lock = InstanceLock.acquire(file)
    child = subprocess.Popen([sys.executable, "-c", WAIT], stdin=subprocess.PIPE, close_fds=False)
    lock.close()
    try:
        until(lambda: not is_held(file))  # the child lets go as soon as it runs its own program
        assert child.poll() is None
    finally:
        child.communicate(timeout=60)


def test_a_folder_that_is_not_there_is_said(tmp_path: Path) -> None:
    """The lock names its file where it cannot be opened."""
    with pytest.raises(DaemonError, match="cannot be opened"):
        InstanceLock.acquire(tmp_path / "no" / "lock")


def test_a_drive_without_locks_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two daemons never run because a network drive pretends."""

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
    """Windows locks bytes, which nobody else can then read: the pid's are left alone."""
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
