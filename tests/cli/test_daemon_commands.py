"""`autocull start|stop|status|restart|doctor|install|uninstall` as processes, in a home of their own."""

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
from support.daemon_fixtures import House, house, until
from support.fake_http_servers import free_port, stranger


@pytest.fixture
def home(tmp_path: Path) -> Iterator[House]:
    """Make a user's home, with a name that is hard to quote."""
    with house(tmp_path / "Jörg's home") as made:
        yield made


def test_start_status_restart_stop(home: House) -> None:
    """A day with the daemon: each command says what is so, and each may be given twice."""
    assert "not running" in home.autocull("status").stdout
    assert home.autocull("status").returncode == 1
    first = home.autocull("start")
    assert (first.returncode, first.stderr) == (0, "")
    before = home.published()
    again = home.autocull("start")
    assert again.returncode == 0
    assert f"running already: version {before.version}, process {before.pid}" in again.stdout
    status = home.autocull("status")
    assert status.returncode == 0
    assert "idle, 0 waiting; networks not loaded" in status.stdout
    assert home.autocull("restart").returncode == 0
    after = home.published()
    assert after.token != before.token
    assert home.autocull("stop").stdout == "Autocull has ended.\n"
    assert not (home.own / DAEMON_FILE).exists()
    assert home.autocull("stop").stdout == "Autocull was not running.\n"
    said = "".join(each.stdout + each.stderr for each in (first, again, status))
    assert before.token not in said + home.places.log.read_text()


@pytest.mark.skipif(os.name == "nt", reason="Windows has no kill -9")
def test_row_20_after_a_kill_it_starts_again(home: House) -> None:
    """The file of the one that died, with a stranger on its port, stops nothing."""
    home.autocull("start")
    died = home.published()
    os.kill(died.pid, signal.SIGKILL)
    until(lambda: not is_held(home.lock))
    assert "the last daemon died" in home.autocull("status").stdout
    with stranger({"GET /ping": (200, {"product": "other"})}) as other:
        write_daemon_info(home.own, DaemonInfo(other.port, died.token, os.getpid(), died.version))
        assert "another program listens" in home.autocull("status").stdout
        assert home.autocull("start").returncode == 0
        assert home.published().port != other.port
    assert died.token not in "".join(other.asked)


def test_row_7_the_token_of_before_is_dead(home: House) -> None:
    """Who kept the token of yesterday is refused today."""
    home.autocull("start")
    before = home.published().token
    home.autocull("restart")
    refused = send_request(home.published().port, "GET", "/v1/status", before)
    assert refused is not None
    assert (refused.status, (refused.content or {})["error"]["code"]) == (403, "wrong_token")


def test_a_start_that_fails_says_why_and_where(home: House) -> None:
    """The daemon's own last words, the log's place and the doctor are named; the exit code is 3."""
    home.places.jobs.parent.mkdir(parents=True)
    with closing(sqlite3.connect(home.places.jobs)) as foreign:
        foreign.execute("PRAGMA application_id = 7")
        foreign.execute("CREATE TABLE theirs (x)")
        foreign.commit()
    ran = home.autocull("start")
    assert ran.returncode == 3
    assert "belongs to another program" in ran.stderr
    assert str(home.places.log) in ran.stderr
    assert "Traceback" not in ran.stderr
    assert not is_held(home.lock)


def test_a_pid_that_is_anybodys_is_left_alone(home: House) -> None:
    """A file that names this very test is no daemon: stopping tidies up and ends nobody."""
    home.own.mkdir(mode=0o700)
    home.lock.write_text(str(os.getpid()))
    write_daemon_info(home.own, DaemonInfo(free_port(), "ab" * 32, os.getpid(), "0.0.1"))
    assert home.autocull("stop").stdout == "Autocull was not running.\n"
    assert not (home.own / DAEMON_FILE).exists()


def test_row_27_from_install_to_uninstall(home: House) -> None:
    """Installed, checked, and removed: the daemon answers in between, and no file of ours is left."""
    dry = home.autocull("install", "--dry-run")
    assert dry.returncode == 0
    assert list(home.home.iterdir()) == []
    missing = home.autocull("doctor")
    assert missing.returncode == 1
    assert "Run `autocull install`." in missing.stdout
    for _ in range(2):
        ran = home.autocull("install")
        assert ran.returncode == 0, ran.stderr
        assert f"port {home.published().port}" in ran.stdout
    doctor = home.autocull("doctor")
    assert "NOT OK" not in doctor.stdout
    assert (doctor.returncode, str(home.places.log) in doctor.stdout) == (0, True)
    home.places.store.parent.mkdir(parents=True, exist_ok=True)
    home.places.store.write_bytes(b"")
    pid = holder_pid(home.lock)
    removed = home.autocull("uninstall")
    assert removed.returncode == 0, removed.stderr
    assert pid is not None
    assert "What was measured stays" in removed.stdout
    assert [path for path in home.home.rglob("*") if path.is_file()] == [home.places.store]
    assert home.autocull("uninstall", "--delete-cache").returncode == 0
    assert [path for path in home.home.rglob("*") if path.is_file() or path.is_symlink()] == []
