"""The daemon's process: one per user, published, on this machine only, and clean when it ends."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import psutil
import pytest

from autocull import __version__
from autocull.errors import DaemonError, SettingsError
from autocull.serve.process import server
from autocull.serve.process.client import send_request
from autocull.serve.process.instance_lock import AlreadyRunning, InstanceLock, holder_pid, is_held
from autocull.serve.process.runtime_files import (
    DAEMON_FILE,
    DaemonInfo,
    Launcher,
    read_daemon_info,
    read_launcher,
    write_daemon_info,
    write_launcher,
)
from autocull.serve.process.server import ServeOptions, serve
from support.daemon_fixtures import TIMEOUT, UserHome, connect, create_home, ignore_warning, wait_until
from support.job_fixtures import create_files

posix = pytest.mark.skipif(os.name == "nt", reason="Windows has no such signals")


@pytest.fixture
def home(tmp_path: Path) -> Iterator[UserHome]:
    """Create a user's home whose daemon is terminated after the test."""
    with create_home(tmp_path / "home") as home:
        yield home


def wait_for_exit(process: subprocess.Popen[str]) -> tuple[int, str, str]:
    """Wait for a process; return its exit code and its two outputs."""
    out, err = process.communicate(timeout=TIMEOUT)
    return process.returncode, out, err


def test_ready_daemon_is_published_and_small(home: UserHome) -> None:
    """It listens on 127.0.0.1 only, with no networks, TensorFlow or NumPy in memory."""
    with home.run_server() as process:
        info = home.read_info()
        assert (info.pid, info.version) == (process.pid, __version__)
        ping = send_request(info.port, "GET", "/ping")
        assert ping is not None
        assert ping.content == {"product": "autocull", "protocol": 1}
        status = home.request("GET", "/v1/status").content or {}
        assert (status["pid"], status["state"], status["networks_loaded"]) == (process.pid, "idle", False)
        process_info = psutil.Process(process.pid)
        listening = [
            each.laddr for each in process_info.net_connections() if each.status == psutil.CONN_LISTEN
        ]
        assert listening == [("127.0.0.1", info.port)]
        assert process_info.memory_info().rss < 80e6
        if os.name != "nt":
            assert not re.search(
                r"tensorflow|numpy", " ".join(each.path for each in process_info.memory_maps())
            )


def test_heavy_modules_are_not_imported_before_a_job() -> None:
    """Imports decide how fast the daemon starts and how small it is."""
    modules = ("numpy", "PIL", "pydantic", "tensorflow", "ai_edge_litert", "rich")
    code = (
        "import sys, autocull.serve.process.server; "
        f"print([name for name in {modules} if name in sys.modules])"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert result.stdout.strip() == "[]"


@posix
@pytest.mark.parametrize("value", ["SIGTERM", "SIGINT"])
def test_signal_ends_the_daemon_cleanly(value: str, home: UserHome) -> None:
    """The published file is removed, the lock is free, and the exit code is 0."""
    with home.run_server() as process:
        process.send_signal(getattr(signal, value))
        code, _, err = wait_for_exit(process)
    assert code == 0, err
    assert not (home.runtime_dir / DAEMON_FILE).exists()
    assert not is_held(home.lock)
    assert "Traceback" not in err


def test_request_ends_the_daemon_cleanly(home: UserHome) -> None:
    """The client gets a response first."""
    with home.run_server() as process:
        answer = home.request("POST", "/v1/shutdown")
        assert (answer.status, answer.content) == (202, {"stopping": True})
        assert wait_for_exit(process)[0] == 0
    assert not (home.runtime_dir / DAEMON_FILE).exists()


def test_row_20_one_of_two_simultaneous_daemons_runs(home: UserHome) -> None:
    """The other names the running one, and does not change its file."""
    started = [home.start_server() for _ in range(2)]
    try:
        wait_until(lambda: any(each.poll() is not None for each in started))
        (loser,) = [each for each in started if each.poll() is not None]
        (winner,) = [each for each in started if each is not loser]
        code, _, err = wait_for_exit(loser)
        assert code == 3
        assert f"already running (process {winner.pid})" in err
        wait_until(lambda: home.published_by(winner.pid))
        assert holder_pid(home.lock) == winner.pid
    finally:
        for each in started:
            each.kill()
            each.communicate(timeout=TIMEOUT)


def test_row_20_killed_daemon_does_not_block_the_next(home: UserHome) -> None:
    """The next daemon publishes its own file, and the old token is invalid (row 7)."""
    with home.run_server() as first:
        before = home.read_info()
        first.kill()
        first.wait(TIMEOUT)
        assert home.read_info() == before
        with home.run_server() as second:
            after = home.read_info()
            assert after.pid == second.pid
            assert after.token != before.token
            refused = send_request(after.port, "GET", "/v1/status", before.token)
            assert refused is not None
            assert refused.status == 403


def test_row_7_each_start_has_a_new_token(home: UserHome) -> None:
    """No token is in the log, in the output or in a response."""
    tokens, texts = set(), ""
    for _ in range(2):
        with home.run_server() as process:
            token = home.read_info().token
            tokens.add(token)
            texts += str(home.request("GET", "/v1/status").content)
            texts += str(send_request(home.read_info().port, "GET", f"/v1/{token}", "wrong"))
            home.request("POST", "/v1/shutdown")
            texts += "".join(wait_for_exit(process)[1:])
    texts += home.paths.log.read_text()
    assert len(tokens) == 2
    assert "Autocull stops" in texts
    assert not any(token in texts for token in tokens)


@posix
def test_row_6_folder_permissions_are_corrected_and_logged(home: UserHome) -> None:
    """Before the token is written there."""
    home.runtime_dir.mkdir()
    home.runtime_dir.chmod(0o755)
    with home.run_server():
        assert home.runtime_dir.stat().st_mode & 0o777 == 0o700
        assert (home.runtime_dir / DAEMON_FILE).stat().st_mode & 0o777 == 0o600
        assert f"Other users could read {Path('~') / '.autocull'}" in home.paths.log.read_text()


@posix
@pytest.mark.skipif(not hasattr(os, "getuid") or os.getuid() != 0, reason="only root gives files away")
def test_row_12_folder_of_another_user_is_refused(home: UserHome) -> None:
    """The token is never written where another user could change the file."""
    home.runtime_dir.mkdir()
    os.chown(home.runtime_dir, 12345, 12345)
    process = home.start_server()
    code, _, err = wait_for_exit(process)
    assert code == 3
    assert "belongs to another user" in err
    assert not (home.runtime_dir / DAEMON_FILE).exists()


@posix
def test_daemon_ends_when_its_folder_is_removed(home: UserHome) -> None:
    """After a manual uninstallation no daemon keeps running unnoticed."""
    with home.run_server("--debug") as process:
        home.runtime_dir.rename(home.folder / "away")
        code, _, err = wait_for_exit(process)
    assert code == 0
    assert "The lock was removed" in err


def test_removed_daemon_info_is_written_again(home: UserHome) -> None:
    """Also an overwritten one."""
    with home.run_server() as process:
        before = home.read_info()
        (home.runtime_dir / DAEMON_FILE).unlink()
        wait_until(lambda: home.published_by(process.pid))
        assert home.read_info() == before
        assert "written again" in home.paths.log.read_text()


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.0.2", "localhost"])
def test_row_8_other_host_is_refused(host: str, tmp_path: Path) -> None:
    """Neither file nor lock is left behind."""
    with create_home(tmp_path / "home") as home:
        with pytest.raises(SettingsError, match="this machine only"):
            serve(ServeOptions(workers=1, host=host), home.paths, ignore_warning)
        assert not (home.runtime_dir / DAEMON_FILE).exists()
        InstanceLock.acquire(home.lock).close()


def test_row_20_occupied_port_is_reported(home: UserHome) -> None:
    """With the reason, on the terminal; nothing is left behind."""
    with server.listen("127.0.0.1", 0) as other:
        other.listen()
        value = other.getsockname()[1]
        code, _, err = wait_for_exit(home.start_server("--port", str(value)))
    assert code == 3
    assert f"Port {value} cannot be used" in err
    assert not (home.runtime_dir / DAEMON_FILE).exists()
    assert not is_held(home.lock)


def test_port_can_be_reused_at_once(home: UserHome) -> None:
    """A restart on the same port need not wait for old connections."""
    with server.listen("127.0.0.1", 0) as socket:
        value = socket.getsockname()[1]
    for _ in range(2):
        with home.run_server("--port", str(value)):
            assert home.read_info().port == value
            with connect(value) as connection:
                connection.sendall(b"GET /ping HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
                assert b"200 OK" in connection.recv(1000)
                home.request("POST", "/v1/shutdown")
                wait_until(lambda: not is_held(home.lock))


def test_row_18_full_disk_leaves_no_daemon(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Publishing fails with a message; the lock is free, the port closed."""
    ports = []

    def raise_disk_full(_: Path, before: DaemonInfo) -> None:
        ports.append(before.port)
        raise DaemonError("daemon.json cannot be used (No space left on device).")

    monkeypatch.setattr(server, "write_daemon_info", raise_disk_full)
    with create_home(tmp_path / "home") as home:
        with pytest.raises(DaemonError, match="No space left"):
            serve(ServeOptions(workers=1, background=False), home.paths, ignore_warning)
        assert not is_held(home.lock)
        assert send_request(ports[0], "GET", "/ping") is None


def test_serving_requires_the_lock(tmp_path: Path) -> None:
    """While another process holds it, neither port nor job database is opened."""
    with create_home(tmp_path / "home") as home:
        home.runtime_dir.mkdir(mode=0o700)
        lock = InstanceLock.acquire(home.lock)
        with pytest.raises(AlreadyRunning):
            serve(ServeOptions(workers=1), home.paths, ignore_warning)
        lock.close()
        assert not home.paths.jobs.exists()


def test_launcher_is_updated_to_this_version(home: UserHome) -> None:
    """After an upgrade the plug-in finds the new version; without an installation no launcher is written."""
    with home.run_server():
        assert read_launcher(home.runtime_dir, ignore_warning) is None
        home.request("POST", "/v1/shutdown")
    wait_until(lambda: not is_held(home.lock))
    write_launcher(home.runtime_dir, Launcher("/old/python", ["-m", "autocull", "start"], "", "0.0.1"))
    with home.run_server():
        launcher = read_launcher(home.runtime_dir, ignore_warning)
        assert launcher is not None
        assert (launcher.version, launcher.log) == (__version__, str(home.paths.log))


def test_background_daemon_is_quiet(home: UserHome) -> None:
    """It writes one line; that another daemon runs already is no error."""
    with home.run_server("--background") as process:
        second = home.start_server("--background")
        code, out, err = wait_for_exit(second)
        assert (code, err) == (0, "")
        assert "already running" in out
        home.request("POST", "/v1/shutdown")
        code, out, err = wait_for_exit(process)
    assert (code, err) == (0, "")
    assert out.count("\n") == 1


def test_late_end_keeps_the_file_of_the_next_daemon(tmp_path: Path) -> None:
    """Only the daemon's own file is removed."""
    write_daemon_info(tmp_path, DaemonInfo(1, "ab" * 32, 1, "1"))
    server.remove_daemon_info(tmp_path, DaemonInfo(2, "cd" * 32, 2, "2"))
    assert read_daemon_info(tmp_path, ignore_warning) is not None


@pytest.mark.slow
def test_daemon_starts_fast(home: UserHome) -> None:
    """Within a second on an idle machine; the best of three, with a margin for a busy one."""
    best = TIMEOUT
    for _ in range(3):
        started_at = time.monotonic()
        with home.run_server():
            best = min(best, time.monotonic() - started_at)
            home.request("POST", "/v1/shutdown")
            wait_until(lambda: not is_held(home.lock))
    assert best < 5


@posix
@pytest.mark.parametrize("ignored", [False, True])
def test_closed_terminal_ends_the_daemon_unless_nohup(ignored: bool, home: UserHome) -> None:
    """SIGHUP is obeyed unless it was ignored at the start."""
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN if ignored else signal.SIG_DFL)
    try:
        server_context = home.run_server()
        process = server_context.__enter__()
    finally:
        signal.signal(signal.SIGHUP, before)
    try:
        process.send_signal(signal.SIGHUP)
        if ignored:
            assert home.request("GET", "/v1/status").status == 200
            process.terminate()
        assert wait_for_exit(process)[0] == 0
    finally:
        server_context.__exit__(None, None, None)


@posix
def test_row_10_daemon_with_256_open_files_answers_with_300_idle_connections(home: UserHome) -> None:
    """As macOS starts it at login; a limit that the system does not let it raise costs nothing either."""
    for option in ("-Sn", "-n"):  # the soft limit alone, or both
        command = f'ulimit {option} 256; exec "$0" -m autocull serve'
        process = subprocess.Popen(
            ["sh", "-c", command, sys.executable], env=home.env, stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        try:
            wait_until(lambda pid=process.pid: home.published_by(pid))
            with ExitStack() as stack:
                for _ in range(300):
                    stack.enter_context(connect(home.read_info().port))
                for _ in range(10):
                    assert home.request("GET", "/v1/status").status == 200
            process.terminate()
            assert process.wait(TIMEOUT) == 0
        finally:
            process.kill()
            process.wait(TIMEOUT)


@posix
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_signal_in_mid_job_ends_it_cleanly(home: UserHome, number: int, tmp_path: Path) -> None:
    """Nothing is left but the job, which the next daemon goes on with."""
    paths = create_files(tmp_path / "shoot", *(f"{index}.jpg" for index in range(30)))
    photos = [{"id": path.name, "path": str(path)} for path in paths]
    with home.run_server("--workers", "1") as process:
        job = post(home, "/v1/jobs", {"photos": photos})["id"]
        process.send_signal(number)
        assert process.wait(TIMEOUT) == 0
        assert not (home.runtime_dir / DAEMON_FILE).exists()
        assert not is_held(home.lock)
    with home.run_server("--workers", "1"):
        wait_until(lambda: (home.request("GET", f"/v1/jobs/{job}").content or {})["state"] == "done")


def post(home: UserHome, path: str, body: dict[str, Any]) -> dict[str, Any]:
    """Send a POST request with the token; return the answer."""
    info = home.read_info()
    connection = HTTPConnection("127.0.0.1", info.port, timeout=TIMEOUT)
    headers = {"Authorization": f"Bearer {info.token}", "Content-Type": "application/json"}
    with closing(connection):
        connection.request("POST", path, json.dumps(body), headers)
        return dict(json.loads(connection.getresponse().read()))


@posix
def test_row_6_pipe_in_place_of_the_published_file_is_replaced(home: UserHome) -> None:
    """The daemon stays reachable."""
    with home.run_server():
        info = home.read_info()
        (home.runtime_dir / DAEMON_FILE).unlink()
        os.mkfifo(home.runtime_dir / DAEMON_FILE)
        wait_until(lambda: (home.runtime_dir / DAEMON_FILE).is_file())
        assert home.read_info() == info


@posix
def test_row_12_files_of_a_running_daemon_are_private(home: UserHome) -> None:
    """Jobs, log and folders, also where an earlier release left them open; whatever the umask."""
    for folder in (home.paths.jobs.parent, home.paths.log.parent, home.paths.store.parent):
        folder.mkdir(parents=True)
        folder.chmod(0o777)
    previous_mask = os.umask(0)
    try:
        with home.run_server():
            files = [home.paths.jobs, home.paths.log, home.runtime_dir / DAEMON_FILE]
            folders = [home.paths.jobs.parent, home.paths.log.parent, home.runtime_dir]
            assert [path.stat().st_mode & 0o777 for path in files] == [0o600] * 3
            assert [path.stat().st_mode & 0o777 for path in folders] == [0o700] * 3
    finally:
        os.umask(previous_mask)
