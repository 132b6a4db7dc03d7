"""The daemon as a process: single, published, on this machine alone, and gone when it ends."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

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
from support.daemon_fixtures import PATIENCE, House, connected, house, quiet, until

posix = pytest.mark.skipif(os.name == "nt", reason="Windows has no such signals")


@pytest.fixture
def home(tmp_path: Path) -> Iterator[House]:
    """Make a user's home whose daemon is ended after the test."""
    with house(tmp_path / "home") as made:
        yield made


def ended(process: subprocess.Popen[str]) -> tuple[int, str, str]:
    """Wait for a process; returns its exit code and what it said."""
    out, err = process.communicate(timeout=PATIENCE)
    return process.returncode, out, err


def test_a_daemon_is_ready_published_and_lean(home: House) -> None:
    """It answers as it is published, on 127.0.0.1 alone, with no networks, TensorFlow or NumPy in memory."""
    with home.serving() as process:
        found = home.published()
        assert (found.pid, found.version) == (process.pid, __version__)
        ping = send_request(found.port, "GET", "/ping")
        assert ping is not None
        assert ping.content == {"product": "autocull", "protocol": 1}
        status = home.ask("GET", "/v1/status").content or {}
        assert (status["pid"], status["state"], status["networks_loaded"]) == (process.pid, "idle", False)
        seen = psutil.Process(process.pid)
        listening = [each.laddr for each in seen.net_connections() if each.status == psutil.CONN_LISTEN]
        assert listening == [("127.0.0.1", found.port)]
        assert seen.memory_info().rss < 80e6
        if os.name != "nt":
            assert not re.search(r"tensorflow|numpy", " ".join(each.path for each in seen.memory_maps()))


def test_nothing_heavy_is_imported_before_a_job() -> None:
    """What makes the start fast and the daemon small is decided by its imports."""
    heavy = ("numpy", "PIL", "pydantic", "pebble", "tensorflow", "ai_edge_litert", "rich")
    code = (
        f"import sys, autocull.serve.process.server; print([name for name in {heavy} if name in sys.modules])"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"


@posix
@pytest.mark.parametrize("number", ["SIGTERM", "SIGINT"])
def test_a_signal_ends_it_cleanly(number: str, home: House) -> None:
    """What is published goes, the lock is free, and the exit code says that all is well."""
    with home.serving() as process:
        process.send_signal(getattr(signal, number))
        code, _, err = ended(process)
    assert code == 0, err
    assert not (home.own / DAEMON_FILE).exists()
    assert not is_held(home.lock)
    assert "Traceback" not in err


def test_a_request_ends_it_cleanly(home: House) -> None:
    """The one who asks gets an answer, and then the daemon ends as by a signal."""
    with home.serving() as process:
        answer = home.ask("POST", "/v1/shutdown")
        assert (answer.status, answer.content) == (202, {"stopping": True})
        assert ended(process)[0] == 0
    assert not (home.own / DAEMON_FILE).exists()


def test_row_20_of_two_daemons_started_at_once_one_wins(home: House) -> None:
    """The loser says who runs; the winner's file stays as it is."""
    started = [home.begin() for _ in range(2)]
    try:
        until(lambda: any(each.poll() is not None for each in started))
        (loser,) = [each for each in started if each.poll() is not None]
        (winner,) = [each for each in started if each is not loser]
        code, _, err = ended(loser)
        assert code == 3
        assert f"running already (process {winner.pid})" in err
        until(lambda: home.published_by(winner.pid))
        assert holder_pid(home.lock) == winner.pid
    finally:
        for each in started:
            each.kill()
            each.communicate(timeout=PATIENCE)


def test_row_20_a_daemon_that_was_killed_is_in_nobodys_way(home: House) -> None:
    """kill -9 leaves its file; the next daemon publishes its own, and the old token is dead (row 7)."""
    with home.serving() as first:
        before = home.published()
        first.kill()
        first.wait(PATIENCE)
        assert home.published() == before
        with home.serving() as second:
            after = home.published()
            assert after.pid == second.pid
            assert after.token != before.token
            refused = send_request(after.port, "GET", "/v1/status", before.token)
            assert refused is not None
            assert refused.status == 403


def test_row_7_each_start_has_a_token_of_its_own(home: House) -> None:
    """No token is ever used twice, and none is in the log, in what is printed, or in an answer."""
    tokens, said = set(), ""
    for _ in range(2):
        with home.serving() as process:
            token = home.published().token
            tokens.add(token)
            said += str(home.ask("GET", "/v1/status").content)
            said += str(send_request(home.published().port, "GET", f"/v1/{token}", "wrong"))
            home.ask("POST", "/v1/shutdown")
            said += "".join(ended(process)[1:])
    said += home.places.log.read_text()
    assert len(tokens) == 2
    assert "Autocull ends" in said
    assert not any(token in said for token in tokens)


@posix
def test_row_6_the_folder_is_repaired_and_the_log_says_so(home: House) -> None:
    """Whoever opened the folder to others, it is closed again before the token is in it."""
    home.own.mkdir()
    home.own.chmod(0o755)
    with home.serving():
        assert home.own.stat().st_mode & 0o777 == 0o700
        assert (home.own / DAEMON_FILE).stat().st_mode & 0o777 == 0o600
        assert f"Others could read {home.own}" in home.places.log.read_text()


@posix
@pytest.mark.skipif(not hasattr(os, "getuid") or os.getuid() != 0, reason="only root gives files away")
def test_row_12_a_folder_that_another_user_planted_is_refused(home: House) -> None:
    """No token is ever written where another user could change the file."""
    home.own.mkdir()
    os.chown(home.own, 12345, 12345)
    process = home.begin()
    code, _, err = ended(process)
    assert code == 3
    assert "belongs to another user" in err
    assert not (home.own / DAEMON_FILE).exists()


@posix
def test_a_daemon_whose_folder_was_taken_away_ends(home: House) -> None:
    """After an uninstall by hand no daemon is left that nobody can find."""
    with home.serving("--debug") as process:
        home.own.rename(home.home / "away")
        code, _, err = ended(process)
    assert code == 0
    assert "The lock was removed" in err


def test_what_is_published_is_kept_so(home: House) -> None:
    """A file that somebody removed or overwrote is written again."""
    with home.serving() as process:
        mine = home.published()
        (home.own / DAEMON_FILE).unlink()
        until(lambda: home.published_by(process.pid))
        assert home.published() == mine
        assert "written again" in home.places.log.read_text()


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.0.2", "localhost"])
def test_row_8_another_host_is_refused_and_nothing_is_left(host: str, tmp_path: Path) -> None:
    """The setting is an error in words; neither file nor lock tells of the try."""
    with house(tmp_path / "home") as made:
        with pytest.raises(SettingsError, match="this machine alone"):
            serve(ServeOptions(workers=1, host=host), made.places, quiet)
        assert not (made.own / DAEMON_FILE).exists()
        InstanceLock.acquire(made.lock).close()


def test_row_20_a_taken_port_is_said_and_nothing_is_left(home: House) -> None:
    """`--port` with a stranger's port ends with the reason, on the terminal."""
    with server.listen("127.0.0.1", 0) as stranger:
        stranger.listen()
        number = stranger.getsockname()[1]
        code, _, err = ended(home.begin("--port", str(number)))
    assert code == 3
    assert f"Port {number} cannot be used" in err
    assert not (home.own / DAEMON_FILE).exists()
    assert not is_held(home.lock)


def test_a_given_port_is_used_again_at_once(home: House) -> None:
    """A restart on the same port need not wait for old connections to be forgotten."""
    with server.listen("127.0.0.1", 0) as probe:
        number = probe.getsockname()[1]
    for _ in range(2):
        with home.serving("--port", str(number)):
            assert home.published().port == number
            with connected(number) as held:
                held.sendall(b"GET /ping HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
                assert b"200 OK" in held.recv(1000)
                home.ask("POST", "/v1/shutdown")
                until(lambda: not is_held(home.lock))


def test_row_18_a_full_disk_at_publishing_leaves_no_daemon(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The error is in words, the lock free, the port closed."""
    ports = []

    def full(_: Path, mine: DaemonInfo) -> None:
        ports.append(mine.port)
        raise DaemonError("daemon.json cannot be used (No space left on device).")

    monkeypatch.setattr(server, "write_daemon_info", full)
    with house(tmp_path / "home") as made:
        with pytest.raises(DaemonError, match="No space left"):
            serve(ServeOptions(workers=1, background=False), made.places, quiet)
        assert not is_held(made.lock)
        assert send_request(ports[0], "GET", "/ping") is None


def test_serving_needs_the_lock(tmp_path: Path) -> None:
    """While another holds it nothing is opened, neither port nor jobs."""
    with house(tmp_path / "home") as made:
        made.own.mkdir(mode=0o700)
        lock = InstanceLock.acquire(made.lock)
        with pytest.raises(AlreadyRunning):
            serve(ServeOptions(workers=1), made.places, quiet)
        lock.close()
        assert not made.places.jobs.exists()


def test_the_launcher_is_brought_to_this_version(home: House) -> None:
    """After an upgrade the plug-in learns of it from the daemon; where nothing is installed none is made."""
    with home.serving():
        assert read_launcher(home.own, quiet) is None
        home.ask("POST", "/v1/shutdown")
    until(lambda: not is_held(home.lock))
    write_launcher(home.own, Launcher("/old/python", ["-m", "autocull", "start"], "", "0.0.1"))
    with home.serving():
        now = read_launcher(home.own, quiet)
        assert now is not None
        assert (now.version, now.log) == (__version__, str(home.places.log))


def test_in_the_background_it_is_quiet_and_content_with_another(home: House) -> None:
    """Started by the system it says one line; where a daemon runs already that is no error."""
    with home.serving("--background") as process:
        second = home.begin("--background")
        code, out, err = ended(second)
        assert (code, err) == (0, "")
        assert "running already" in out
        home.ask("POST", "/v1/shutdown")
        code, out, err = ended(process)
    assert (code, err) == (0, "")
    assert out.count("\n") == 1


def test_an_old_daemons_late_end_spares_the_new_ones_file(tmp_path: Path) -> None:
    """Withdrawing looks at whose file it is."""
    write_daemon_info(tmp_path, DaemonInfo(1, "ab" * 32, 1, "1"))
    server.remove_daemon_info(tmp_path, DaemonInfo(2, "cd" * 32, 2, "2"))
    assert read_daemon_info(tmp_path, quiet) is not None


@pytest.mark.slow
def test_it_is_ready_fast(home: House) -> None:
    """Within a second on a machine at its ease; the best of three, with room for a busy one."""
    best = PATIENCE
    for _ in range(3):
        began = time.monotonic()
        with home.serving():
            best = min(best, time.monotonic() - began)
            home.ask("POST", "/v1/shutdown")
            until(lambda: not is_held(home.lock))
    assert best < 5


@posix
@pytest.mark.parametrize("ignored", [False, True])
def test_a_terminal_that_is_closed_ends_it_unless_nohup_was_said(ignored: bool, home: House) -> None:
    """The daemon in the foreground goes with its window; who wanted it to stay has said so to the shell."""
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN if ignored else signal.SIG_DFL)
    try:
        serving = home.serving()
        process = serving.__enter__()
    finally:
        signal.signal(signal.SIGHUP, before)
    try:
        process.send_signal(signal.SIGHUP)
        if ignored:
            assert home.ask("GET", "/v1/status").status == 200
            process.terminate()
        assert ended(process)[0] == 0
    finally:
        serving.__exit__(None, None, None)
