"""The commands of the daemon and of the installation as processes, in a home folder of their own."""

from __future__ import annotations

import os
import signal
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from autocull.serve.process.client import send_request
from autocull.serve.process.instance_lock import holder_pid, is_held
from autocull.serve.process.runtime_files import DAEMON_FILE, DaemonInfo, write_daemon_info
from support.daemon_fixtures import UserHome, create_home, wait_until
from support.fake_http_servers import fake_server, free_port


@pytest.fixture
def home(tmp_path: Path) -> Iterator[UserHome]:
    """Create a user's home, with a name that is hard to quote."""
    with create_home(tmp_path / "Jörg's home") as home:
        yield home


def test_start_status_restart_stop(home: UserHome) -> None:
    """Each command reports the state, and may be repeated."""
    assert "not running" in home.autocull("status").stdout
    assert home.autocull("status").returncode == 1
    first = home.autocull("start")
    assert (first.returncode, first.stderr) == (0, "")
    before = home.read_info()
    again = home.autocull("start")
    assert again.returncode == 0
    assert f"already running: version {before.version}, process {before.pid}" in again.stdout
    status = home.autocull("status")
    assert status.returncode == 0
    assert "idle, 0 waiting; networks not loaded" in status.stdout
    assert home.autocull("restart").returncode == 0
    after = home.read_info()
    assert after.token != before.token
    assert home.autocull("stop").stdout == "Autocull has stopped.\n"
    assert not (home.runtime_dir / DAEMON_FILE).exists()
    assert home.autocull("stop").stdout == "Autocull was not running.\n"
    output = "".join(each.stdout + each.stderr for each in (first, again, status))
    assert before.token not in output + home.paths.log.read_text()


@pytest.mark.skipif(os.name == "nt", reason="Windows has no kill -9")
def test_row_20_daemon_starts_again_after_a_kill(home: UserHome) -> None:
    """Although its file is left, and another program uses its port."""
    home.autocull("start")
    killed = home.read_info()
    os.kill(killed.pid, signal.SIGKILL)
    wait_until(lambda: not is_held(home.lock))
    assert "the last daemon crashed" in home.autocull("status").stdout
    with fake_server({"GET /ping": (200, {"product": "other"})}) as server:
        write_daemon_info(
            home.runtime_dir, DaemonInfo(server.port, killed.token, os.getpid(), killed.version)
        )
        assert "another program uses its last port" in home.autocull("status").stdout
        assert home.autocull("start").returncode == 0
        assert home.read_info().port != server.port
    assert killed.token not in "".join(server.requests)


def test_row_7_token_is_invalid_after_a_restart(home: UserHome) -> None:
    """As 403 `wrong_token`."""
    home.autocull("start")
    before = home.read_info().token
    home.autocull("restart")
    refused = send_request(home.read_info().port, "GET", "/v1/status", before)
    assert refused is not None
    assert (refused.status, (refused.content or {})["error"]["code"]) == (403, "wrong_token")


def test_failed_start_is_reported(home: UserHome) -> None:
    """With the daemon's last output, the path of the log and the doctor; the exit code is 3."""
    home.paths.jobs.parent.mkdir(parents=True)
    with closing(sqlite3.connect(home.paths.jobs)) as connection:
        connection.execute("PRAGMA application_id = 7")
        connection.execute("CREATE TABLE theirs (x)")
        connection.commit()
    result = home.autocull("start")
    assert result.returncode == 3
    assert "belongs to another program" in result.stderr
    assert str(home.paths.log) in result.stderr
    assert "Traceback" not in result.stderr
    assert not is_held(home.lock)


def test_process_without_the_lock_is_not_terminated(home: UserHome) -> None:
    """A file that names the test's own process is no daemon: `stop` only removes it."""
    home.runtime_dir.mkdir(mode=0o700)
    home.lock.write_text(str(os.getpid()))
    write_daemon_info(home.runtime_dir, DaemonInfo(free_port(), "ab" * 32, os.getpid(), "0.0.1"))
    assert home.autocull("stop").stdout == "Autocull was not running.\n"
    assert not (home.runtime_dir / DAEMON_FILE).exists()


def test_wrong_settings_file_stops_serve_with_its_reason(home: UserHome) -> None:
    """Before it listens: exit code 2, with file and setting; `settings` refuses it too."""
    file = home.paths.settings
    file.parent.mkdir(parents=True)
    file.write_text("eyse_reject = 0.1")
    for command in ("serve", "settings"):
        result = home.autocull(command)
        assert (result.returncode, result.stdout) == (2, "")
        assert str(file) in result.stderr
        assert "Did you mean eyes_reject?" in result.stderr


def test_row_27_from_install_to_uninstall(home: UserHome) -> None:
    """The daemon answers in between, and no file of Autocull is left."""
    dry_run = home.autocull("install", "--dry-run")
    assert dry_run.returncode == 0
    assert list(home.folder.iterdir()) == []
    missing = home.autocull("doctor")
    assert missing.returncode == 1
    assert "Run `autocull install`." in missing.stdout
    for _ in range(2):
        result = home.autocull("install")
        assert result.returncode == 0, result.stderr
        assert f"port {home.read_info().port}" in result.stdout
    doctor = home.autocull("doctor")
    assert "NOT OK" not in doctor.stdout
    assert (doctor.returncode, str(home.paths.log) in doctor.stdout) == (0, True)
    home.paths.store.parent.mkdir(parents=True, exist_ok=True)
    home.paths.store.write_bytes(b"")
    taste = home.paths.tastes / "weddings.json"
    taste.parent.mkdir(parents=True, exist_ok=True)
    taste.write_text('{"autocull_taste": 1}')
    pid = holder_pid(home.lock)
    removed = home.autocull("uninstall")
    assert removed.returncode == 0, removed.stderr
    assert pid is not None
    assert all(f"{path} (" in removed.stdout for path in (home.paths.store, home.paths.jobs, taste.parent))
    remaining = {path for path in home.folder.rglob("*") if path.is_file()}
    assert remaining >= {home.paths.store, home.paths.jobs, taste}
    assert {path.name.split(".")[0] for path in remaining} == {"store", "jobs", "weddings"}
    options = ("--delete-cache", "--delete-tastes", "--delete-journals", "--delete-settings")
    assert home.autocull("uninstall", *options).returncode == 0
    assert [path for path in home.folder.rglob("*") if path.is_file() or path.is_symlink()] == []
