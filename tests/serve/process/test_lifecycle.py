"""Looking at the daemon from outside: who is it, and who only seems to be; starting, replacing, stopping."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from autocull import __version__
from autocull.errors import DaemonError
from autocull.serve.process import client, lifecycle
from autocull.serve.process.instance_lock import InstanceLock, holder_pid, is_held
from autocull.serve.process.lifecycle import detached_options, probe, start, stop
from autocull.serve.process.runtime_files import DAEMON_FILE, DaemonInfo, write_daemon_info
from support.daemon_fixtures import House, house, quiet, until
from support.fake_http_servers import free_port, mute, stranger

TOKEN = "ab" * 32
PING = {"GET /ping": (200, {"product": "autocull", "protocol": 1})}
HOLDING = Path(__file__).parents[2] / "support" / "lock_holder_driver.py"


@pytest.fixture
def home(tmp_path: Path) -> Iterator[House]:
    """Make a user's home whose daemon is ended after the test."""
    with house(tmp_path / "home") as made:
        made.own.mkdir(mode=0o700)
        yield made


@pytest.fixture
def lock(home: House) -> Iterator[InstanceLock]:
    """Hold the lock, as a daemon does."""
    held = InstanceLock.acquire(home.lock)
    yield held
    held.close()


@pytest.fixture
def launch(home: House) -> Iterator[Any]:
    """Return what starts a daemon of this home; those that it started are waited for after the test."""
    started: list[subprocess.Popen[bytes]] = []

    def begin() -> subprocess.Popen[bytes]:
        nowhere, words = subprocess.DEVNULL, ["-m", "autocull", "serve", "--background"]
        daemon = subprocess.Popen(
            [sys.executable, *words], env=home.env, stdin=nowhere, stdout=nowhere, stderr=nowhere
        )
        started.append(daemon)
        return daemon

    yield begin
    home.end()
    for each in started:
        each.wait(60)


def never() -> Any:
    """Fail where a daemon is started and none should be."""
    raise AssertionError("it was started")


def test_nobody_is_stopped(home: House) -> None:
    """Before the first start."""
    assert probe(home.places, quiet).state == "stopped"
    assert not probe(home.places, quiet).alive


@pytest.mark.parametrize("pid", [os.getpid(), 1, 2**22 - 3])
def test_row_20_a_stale_file_is_recognised_whatever_its_pid(pid: int, home: House) -> None:
    """No daemon holds the lock, so the file is of one that died, even where its pid lives on in another."""
    write_daemon_info(home.own, DaemonInfo(free_port(), TOKEN, pid, __version__))
    assert probe(home.places, quiet).state == "left behind"
    assert stop(home.places, quiet) is False
    assert not (home.own / DAEMON_FILE).exists()


def test_row_20_a_stranger_on_the_port_gets_no_token(home: House) -> None:
    """Whoever took the port of a daemon that died is a stranger, even with our own answer to a ping."""
    with stranger(PING | {"GET /v1/status": (200, {"version": __version__})}) as other:
        write_daemon_info(home.own, DaemonInfo(other.port, TOKEN, os.getpid(), __version__))
        assert probe(home.places, quiet).state == "stranger"
        assert stop(home.places, quiet) is False
    assert TOKEN not in "".join(other.asked)


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
def test_who_holds_the_lock_is_judged_by_its_answers(
    answers: dict[str, Any], state: str, home: House, lock: InstanceLock
) -> None:
    """Each kind of answer has its state; the token is sent to nobody who does not say our name."""
    with stranger(answers) as other:
        write_daemon_info(home.own, DaemonInfo(other.port, TOKEN, os.getpid(), __version__))
        seen = probe(home.places, quiet)
    assert (seen.state, seen.alive, seen.pid) == (state, True, os.getpid())
    assert (TOKEN in "".join(other.asked)) is (state != "silent")


def test_a_daemon_that_has_not_published_is_starting(home: House, lock: InstanceLock) -> None:
    """Neither no file nor the file of the one before is its."""
    assert probe(home.places, quiet).state == "starting"
    write_daemon_info(home.own, DaemonInfo(free_port(), TOKEN, os.getpid() + 1, __version__))
    assert probe(home.places, quiet).state == "starting"


def test_a_port_that_never_speaks_is_silent(
    home: House, lock: InstanceLock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A question waits for its time and no longer."""
    monkeypatch.setattr(client, "_TIMEOUT", 0.2)
    with mute() as port:
        write_daemon_info(home.own, DaemonInfo(port, TOKEN, os.getpid(), __version__))
        assert probe(home.places, quiet).state == "silent"


def test_no_proxy_is_ever_asked(home: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither the token nor the ping leaves this machine, whatever the environment says."""
    with stranger({}) as proxy, stranger(PING) as ours:
        for name in ("http_proxy", "HTTP_PROXY", "all_proxy"):
            monkeypatch.setenv(name, f"http://127.0.0.1:{proxy.port}")
        answer = client.send_request(ours.port, "GET", "/ping", TOKEN)
    assert answer is not None
    assert answer.status == 200
    assert proxy.asked == []


def test_starting_twice_is_starting_once(home: House, launch: Any) -> None:
    """The second start finds the first one's daemon."""
    first = start(home.places, quiet, launch)
    assert start(home.places, quiet, never) == probe(home.places, quiet)
    assert first.info == home.published()
    assert stop(home.places, quiet) is True
    assert probe(home.places, quiet).state == "stopped"
    assert stop(home.places, quiet) is False


@pytest.mark.parametrize("kind", ["stale", "stranger"])
def test_row_20_a_start_is_not_stopped_by_what_was_left(kind: str, home: House, launch: Any) -> None:
    """A stale file, and a stranger on its port, are passed over."""
    with stranger({"GET /ping": (200, {"product": "other"})}) as other:
        port = other.port if kind == "stranger" else free_port()
        write_daemon_info(home.own, DaemonInfo(port, TOKEN, os.getpid(), __version__))
        seen = start(home.places, quiet, launch)
    assert seen.info is not None
    assert seen.info.port != port
    assert seen.state == "running"
    stop(home.places, quiet)


def test_row_26_an_older_daemon_is_replaced_cleanly(home: House, launch: Any) -> None:
    """An upgrade with the old version running: that is asked to end, and the new one follows."""
    old = subprocess.Popen(
        [sys.executable, str(HOLDING), str(home.own), "0.0.1"],
        env=home.env,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert old.stdout is not None
    until(lambda: probe(home.places, quiet).version == "0.0.1")
    notes: list[str] = []
    seen = start(home.places, notes.append, launch)
    assert notes == [f"Autocull 0.0.1 is replaced by {__version__}."]
    assert (seen.version, seen.info) == (__version__, home.published())
    out, _ = old.communicate(timeout=60)
    assert out == "asked to end\n"
    stop(home.places, quiet)


@pytest.mark.skipif(os.name == "nt", reason="Windows ends a process without asking it")
def test_row_26_one_that_does_not_hear_is_ended(home: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """A daemon that answers to nothing but holds the lock is ended as a process, and no other one is."""
    monkeypatch.setattr(lifecycle, "_SILENCE_TIMEOUT", 0.1)
    monkeypatch.setattr(lifecycle, "_KILL_TIMEOUT", 0.5)
    deaf = subprocess.Popen(
        [sys.executable, str(HOLDING), str(home.own), "deaf"], env=home.env, stdout=subprocess.PIPE, text=True
    )
    assert deaf.stdout is not None
    assert deaf.stdout.readline() == "deaf\n"
    notes: list[str] = []
    assert stop(home.places, notes.append) is True
    deaf.communicate(timeout=60)
    assert deaf.returncode == -signal.SIGKILL
    assert "does not hear" in notes[0]
    assert not is_held(home.lock)


def test_only_who_holds_the_lock_is_ended(home: House) -> None:
    """A pid in the file of a lock that nobody holds may be anybody's."""
    bystander = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    home.lock.write_text(str(bystander.pid))
    write_daemon_info(home.own, DaemonInfo(free_port(), TOKEN, bystander.pid, __version__))
    lifecycle._terminate(home.lock)
    assert stop(home.places, quiet) is False
    assert bystander.poll() is None
    bystander.communicate(timeout=60)


def test_a_daemon_that_ends_at_once_is_said_with_its_words(home: House) -> None:
    """The reason, what it said, and where the log is."""

    begun = []

    def ends() -> Any:
        lifecycle.start_log_path(home.places).write_text("autocull: the model eyes is missing.\n")
        begun.append(subprocess.Popen([sys.executable, "-c", "raise SystemExit(3)"]))
        return begun[0]

    with pytest.raises(DaemonError) as failed:
        start(home.places, quiet, ends)
    for part in ("ended at once (exit code 3)", "the model eyes is missing", str(home.places.log), "doctor"):
        assert part in failed.value.message


def test_one_that_never_answers_is_said(home: House, lock: InstanceLock) -> None:
    """Waiting has an end, and no second daemon is started meanwhile."""
    with pytest.raises(DaemonError, match=r"does not answer after 0\.2 s"):
        start(home.places, quiet, never, timeout=0.2)
    assert holder_pid(home.lock) == os.getpid()


def test_a_python_that_is_gone_is_said(home: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """A virtual environment that was removed gives a sentence and no traceback."""
    monkeypatch.setattr(lifecycle, "serve_command", lambda: [str(home.home / "no" / "python")])
    with pytest.raises(DaemonError, match=r"No such file|cannot find"):
        start(home.places, quiet)


@pytest.mark.parametrize(
    ("platform", "wanted"),
    [
        ("linux", {"start_new_session": True}),
        ("darwin", {"start_new_session": True}),
        ("win32", {"creationflags": 0x08000208}),
    ],
)
def test_the_daemon_outlives_who_started_it(platform: str, wanted: dict[str, Any]) -> None:
    """It has no terminal, no console window, and no part in the starter's Ctrl-C."""
    assert detached_options(platform) == wanted
