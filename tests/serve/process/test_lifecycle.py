"""Probing the daemon from another process; starting, replacing and stopping it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from filelock import FileLock

from autocull import __version__
from autocull.errors import DaemonError
from autocull.serve.process import client, lifecycle
from autocull.serve.process.instance_lock import InstanceLock, holder_pid, is_held
from autocull.serve.process.lifecycle import detached_options, probe, start, stop
from autocull.serve.process.runtime_files import DAEMON_FILE, DaemonInfo, write_daemon_info
from support.daemon_fixtures import UserHome, create_home, ignore_warning, wait_until
from support.fake_http_servers import fake_server, free_port, silent_server

TOKEN = "ab" * 32
PING = {"GET /ping": (200, {"product": "autocull", "protocol": 1})}
LOCK_HOLDER = Path(__file__).parents[2] / "support" / "lock_holder_driver.py"


@pytest.fixture
def home(tmp_path: Path) -> Iterator[UserHome]:
    """Create a user's home whose daemon is terminated after the test."""
    with create_home(tmp_path / "home") as home:
        home.runtime_dir.mkdir(mode=0o700)
        yield home


@pytest.fixture
def lock(home: UserHome) -> Iterator[InstanceLock]:
    """Hold the lock, as a daemon does."""
    instance_lock = InstanceLock.acquire(home.lock)
    yield instance_lock
    instance_lock.close()


@pytest.fixture
def launch(home: UserHome) -> Iterator[Any]:
    """Return a function that starts a daemon of this home; the started ones are waited for after the test."""
    started: list[subprocess.Popen[bytes]] = []

    def launch_daemon() -> subprocess.Popen[bytes]:
        devnull, arguments = subprocess.DEVNULL, ["-m", "autocull", "serve", "--background"]
        daemon = subprocess.Popen(
            [sys.executable, *arguments], env=home.env, stdin=devnull, stdout=devnull, stderr=devnull
        )
        started.append(daemon)
        return daemon

    yield launch_daemon
    home.stop_daemon()
    for each in started:
        each.wait(60)


def fail_if_launched() -> Any:
    """Fail the test: no daemon should be started."""
    raise AssertionError("it was started")


def test_no_daemon_is_stopped_state(home: UserHome) -> None:
    """As before the first start."""
    assert probe(home.paths, ignore_warning).state == "stopped"
    assert not probe(home.paths, ignore_warning).alive


@pytest.mark.parametrize("pid", [os.getpid(), 1, 2**22 - 3])
def test_row_20_stale_file_is_recognised_for_any_pid(pid: int, home: UserHome) -> None:
    """Without a held lock the daemon has crashed, even if another process has its pid now."""
    write_daemon_info(home.runtime_dir, DaemonInfo(free_port(), TOKEN, pid, __version__))
    assert probe(home.paths, ignore_warning).state == "left_behind"
    assert stop(home.paths, ignore_warning) is False
    assert not (home.runtime_dir / DAEMON_FILE).exists()


def test_row_20_token_is_not_sent_to_another_program(home: UserHome) -> None:
    """A program on the port of a crashed daemon does not get it, even if it answers the ping correctly."""
    with fake_server(PING | {"GET /v1/status": (200, {"version": __version__})}) as server:
        write_daemon_info(home.runtime_dir, DaemonInfo(server.port, TOKEN, os.getpid(), __version__))
        assert probe(home.paths, ignore_warning).state == "port_taken"
        assert stop(home.paths, ignore_warning) is False
    assert TOKEN not in "".join(server.requests)


@pytest.mark.parametrize(
    ("answers", "state"),
    [
        ({}, "silent"),
        ({"GET /ping": (200, b"<html>")}, "silent"),
        ({"GET /ping": (200, b"[" * 100_000)}, "silent"),
        ({"GET /ping": (200, ["autocull"])}, "silent"),
        ({"GET /ping": (200, {"product": "other"})}, "silent"),
        (PING, "refused"),
        (PING | {"GET /v1/status": (403, {"error": {"code": "wrong_token"}})}, "refused"),
        (PING | {"GET /v1/status": (200, b"nonsense")}, "refused"),
        (PING | {"GET /v1/status": (200, {"state": "stopping"})}, "stopping"),
        (PING | {"GET /v1/status": (200, {"state": "idle", "version": "9"})}, "running"),
    ],
)
def test_state_follows_from_the_responses(
    answers: dict[str, Any], state: str, home: UserHome, lock: InstanceLock
) -> None:
    """The token is sent only if the ping names Autocull."""
    with fake_server(answers) as server:
        write_daemon_info(home.runtime_dir, DaemonInfo(server.port, TOKEN, os.getpid(), __version__))
        daemon_state = probe(home.paths, ignore_warning)
    assert (daemon_state.state, daemon_state.alive, daemon_state.pid) == (state, True, os.getpid())
    assert (TOKEN in "".join(server.requests)) is (state != "silent")


def test_daemon_without_published_info_is_starting(home: UserHome, lock: InstanceLock) -> None:
    """Also if the file of the previous daemon exists."""
    assert probe(home.paths, ignore_warning).state == "starting"
    write_daemon_info(home.runtime_dir, DaemonInfo(free_port(), TOKEN, os.getpid() + 1, __version__))
    assert probe(home.paths, ignore_warning).state == "starting"


def test_unanswered_request_times_out(
    home: UserHome, lock: InstanceLock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And the state is "silent"."""
    monkeypatch.setattr(client, "TIMEOUT", 0.2)
    with silent_server() as port:
        write_daemon_info(home.runtime_dir, DaemonInfo(port, TOKEN, os.getpid(), __version__))
        assert probe(home.paths, ignore_warning).state == "silent"


def test_no_proxy_is_used(home: UserHome, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither token nor ping leaves this machine, for any environment variables."""
    with fake_server({}) as proxy, fake_server(PING) as daemon:
        for name in ("http_proxy", "HTTP_PROXY", "all_proxy"):
            monkeypatch.setenv(name, f"http://127.0.0.1:{proxy.port}")
        answer = client.send_request(daemon.port, "GET", "/ping", TOKEN)
    assert answer is not None
    assert answer.status == 200
    assert proxy.requests == []


def test_second_start_finds_the_running_daemon(home: UserHome, launch: Any) -> None:
    """Nothing is started."""
    first = start(home.paths, ignore_warning, launch)
    second = start(home.paths, ignore_warning, fail_if_launched)
    assert (second.state, second.pid, second.version) == (first.state, first.pid, first.version)
    assert first.info == second.info == home.read_info()
    assert stop(home.paths, ignore_warning) is True
    assert probe(home.paths, ignore_warning).state == "stopped"
    assert stop(home.paths, ignore_warning) is False


@pytest.mark.parametrize("kind", ["stale", "port_taken"])
def test_row_20_start_ignores_leftovers(kind: str, home: UserHome, launch: Any) -> None:
    """A stale file, and another program on its port."""
    with fake_server({"GET /ping": (200, {"product": "other"})}) as server:
        port = server.port if kind == "port_taken" else free_port()
        write_daemon_info(home.runtime_dir, DaemonInfo(port, TOKEN, os.getpid(), __version__))
        daemon_state = start(home.paths, ignore_warning, launch)
    assert daemon_state.info is not None
    assert daemon_state.info.port != port
    assert daemon_state.state == "running"
    stop(home.paths, ignore_warning)


def test_row_26_older_daemon_is_replaced(home: UserHome, launch: Any) -> None:
    """It is requested to end, and the new version is started."""
    old = subprocess.Popen(
        [sys.executable, str(LOCK_HOLDER), str(home.runtime_dir), "0.0.1"],
        env=home.env,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert old.stdout is not None
    wait_until(lambda: probe(home.paths, ignore_warning).version == "0.0.1")
    warnings: list[str] = []
    daemon_state = start(home.paths, warnings.append, launch)
    assert warnings == [f"Autocull 0.0.1 is replaced by {__version__}."]
    assert (daemon_state.version, daemon_state.info) == (__version__, home.read_info())
    out, _ = old.communicate(timeout=60)
    assert out == "shutdown requested\n"
    stop(home.paths, ignore_warning)


@pytest.mark.skipif(os.name == "nt", reason="Windows ends a process without asking it")
def test_row_26_unresponsive_daemon_is_terminated(home: UserHome, monkeypatch: pytest.MonkeyPatch) -> None:
    """It answers nothing but holds the lock; no other process is terminated."""
    monkeypatch.setattr(lifecycle, "SILENCE_TIMEOUT", 0.1)
    monkeypatch.setattr(lifecycle, "KILL_TIMEOUT", 0.5)
    process = subprocess.Popen(
        [sys.executable, str(LOCK_HOLDER), str(home.runtime_dir), "unresponsive"],
        env=home.env,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "ignoring\n"
    warnings: list[str] = []
    assert stop(home.paths, warnings.append) is True
    process.communicate(timeout=60)
    assert process.returncode == -signal.SIGKILL
    assert "does not respond" in warnings[0]
    assert not is_held(home.lock)


def test_only_the_lock_holder_is_terminated(home: UserHome) -> None:
    """A pid in the file of a lock that is not held may be any process's."""
    bystander = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    home.lock.write_text(str(bystander.pid))
    write_daemon_info(home.runtime_dir, DaemonInfo(free_port(), TOKEN, bystander.pid, __version__))
    lifecycle.terminate_holder(home.lock)
    assert stop(home.paths, ignore_warning) is False
    assert bystander.poll() is None
    bystander.communicate(timeout=60)


@pytest.mark.skipif(os.name == "nt", reason="Windows does not let another program write into a locked file")
def test_row_20_foreign_lock_holder_ends_no_process(home: UserHome, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another program that holds the lock may have written any pid: that process is not ended."""
    monkeypatch.setattr(lifecycle, "SILENCE_TIMEOUT", 0.1)
    bystander = subprocess.Popen(["sleep", "600"])
    holding = FileLock(home.lock, on_acquired=lambda fd: os.write(fd, str(bystander.pid).encode()) and None)
    with holding, pytest.raises(DaemonError, match=f"Another program holds.*process {bystander.pid}"):
        stop(home.paths, ignore_warning)
    assert bystander.poll() is None
    bystander.kill()
    bystander.wait(60)


@pytest.mark.skipif(os.name == "nt", reason="links need special rights on Windows")
def test_planted_start_log_is_not_followed(home: UserHome, tmp_path: Path) -> None:
    """The output of a start goes into a new file, and the linked photo stays as it was."""
    photo = tmp_path / "photo.jpg"
    photo.write_bytes(b"a photo" * 1000)
    lifecycle.start_log_path(home.paths).symlink_to(photo)
    assert home.autocull("start").returncode == 0
    assert photo.read_bytes() == b"a photo" * 1000
    assert not lifecycle.start_log_path(home.paths).is_symlink()
    assert stop(home.paths, ignore_warning)


def test_daemon_that_ends_at_once_is_reported(home: UserHome) -> None:
    """With the exit code, its output, and the path of the log."""

    processes = []

    def launch_failing() -> Any:
        lifecycle.start_log_path(home.paths).write_text("autocull: the model eyes is missing.\n")
        processes.append(subprocess.Popen([sys.executable, "-c", "raise SystemExit(3)"]))
        return processes[0]

    with pytest.raises(DaemonError) as failed:
        start(home.paths, ignore_warning, launch_failing)
    for part in ("ended at once (exit code 3)", "the model eyes is missing", str(home.paths.log), "doctor"):
        assert part in failed.value.message


def test_start_times_out(home: UserHome, lock: InstanceLock) -> None:
    """And no second daemon is started meanwhile."""
    with pytest.raises(DaemonError, match=r"does not answer after 0\.2 s"):
        start(home.paths, ignore_warning, fail_if_launched, timeout=0.2)
    assert holder_pid(home.lock) == os.getpid()


def test_missing_python_is_reported(home: UserHome, monkeypatch: pytest.MonkeyPatch) -> None:
    """As after the virtual environment was removed."""
    monkeypatch.setattr(lifecycle, "serve_command", lambda: [str(home.folder / "no" / "python")])
    with pytest.raises(DaemonError, match=r"No such file|cannot find"):
        start(home.paths, ignore_warning)


@pytest.mark.parametrize(
    ("platform", "expected"),
    [
        ("linux", {"start_new_session": True}),
        ("darwin", {"start_new_session": True}),
        ("win32", {"creationflags": 0x08000208}),
    ],
)
def test_daemon_outlives_its_starter(platform: str, expected: dict[str, Any]) -> None:
    """It has no terminal and no console window, and does not receive the starter's Ctrl-C."""
    assert detached_options(platform) == expected
