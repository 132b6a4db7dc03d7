"""Finding, starting and replacing the daemon: its identity is checked, each failure has a hint."""

from __future__ import annotations

import json
import shlex
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from plugin.dialogs import Dialog
from plugin.fake_daemon import FakeDaemon
from plugin.host import Host
from plugin.literal_files import PLUGIN
from plugin.shoots import HOUR, KEPT, UNMARKED, cull, last_report, shoot


@pytest.fixture
def daemon(tmp_path: Path) -> Iterator[FakeDaemon]:
    """A daemon that is installed and does not run yet."""
    daemon = FakeDaemon(tmp_path)
    daemon.launcher(log="/logs/autocull.log")
    yield daemon
    daemon.die()


@pytest.fixture
def host(tmp_path: Path) -> Iterator[Host]:
    """Lightroom with the plug-in loaded and one photo selected."""
    host = Host(PLUGIN, tmp_path)
    host.load()
    shoot(host, tmp_path, 1)
    yield host
    host.check()


def starts(daemon: FakeDaemon) -> Callable[[str], int]:
    """A launcher that starts the daemon and succeeds."""

    def start(command: str) -> int:
        daemon.start()
        return 0

    return start


def refused(host: Host) -> Dialog:
    """Cull, check that nothing was written, and return the dialog with the reason."""
    dialog = cull(host)
    assert host.catalog.photos[0].marks == UNMARKED
    assert dialog.style == "warning"
    return dialog


@pytest.mark.parametrize("stale", [False, True])
def test_daemon_that_does_not_run_is_started(host: Host, daemon: FakeDaemon, stale: bool) -> None:
    """Without a daemon file, and with one of a daemon that crashed: its port is closed."""
    if stale:
        daemon.start()
        daemon.die()
    host.on_execute = starts(daemon)
    assert "Auto-cull is done" in cull(host).text
    assert host.catalog.photos[0].marks == KEPT
    [command] = host.programs.commands
    assert shlex.split(command) == ["/opt/auto cull/python", "-m", "autocull", "start"]


def test_command_line_is_quoted_for_cmd_on_windows(daemon: FakeDaemon, tmp_path: Path) -> None:
    """One pair of quotes more than it seems to need."""
    host = Host(PLUGIN, tmp_path, platform="win")
    host.load()
    shoot(host, tmp_path, 1)
    daemon.launcher("C:\\Program Files\\Autocull\\pythonw.exe")
    host.on_execute = starts(daemon)
    cull(host)
    assert host.programs.commands == ['""C:\\Program Files\\Autocull\\pythonw.exe" "-m" "autocull" "start""']
    host.check()


def test_slow_daemon_is_waited_for(host: Host, daemon: FakeDaemon) -> None:
    """The progress bar shows what it waits for."""
    captions: list[str] = []
    host.on_execute = lambda command: 0
    host.cancel_progress(lambda scope: captions.append(scope.caption))
    host.menu("Auto-cull selection")
    host.run(until=lambda: host.now > 20)
    daemon.start()
    host.run(at_most_s=HOUR)
    assert host.catalog.photos[0].marks == KEPT
    assert "Starting Autocull" in captions


def test_wait_for_the_daemon_can_be_cancelled(host: Host, daemon: FakeDaemon) -> None:
    """At once, not after the minute."""
    host.on_execute = lambda command: 0
    host.cancel_progress(lambda scope: scope.caption == "Starting Autocull")
    cull(host)
    assert host.now < 10
    assert host.catalog.photos[0].marks == UNMARKED


def test_failed_start_shows_the_reason_and_the_log(host: Host, daemon: FakeDaemon) -> None:
    """The exit status, the log, and the command that helps."""
    host.on_execute = lambda command: 78
    report = refused(host).text
    assert "Autocull could not be started (78)." in report
    assert "/logs/autocull.log" in report
    assert "autocull doctor" in report


def test_daemon_that_never_answers_is_given_up(host: Host, daemon: FakeDaemon) -> None:
    """After a minute, with the log."""
    host.on_execute = lambda command: 0
    report = refused(host).text
    assert "did not answer within 60 seconds" in report
    assert "/logs/autocull.log" in report


def test_dialog_without_an_installation_shows_how_to_start(host: Host, daemon: FakeDaemon) -> None:
    """No launcher, no daemon: `autocull install`."""
    (daemon.folder / "launcher.json").unlink()
    assert "autocull install" in refused(host).text


@pytest.mark.parametrize(
    "content",
    ["", "{", "[]", '{"port": 0, "token": "x"}', '{"port": "80", "token": "x"}', '{"port": 8080}', "\x00"],
    ids=repr,
)
def test_invalid_daemon_file_counts_as_none(host: Host, daemon: FakeDaemon, content: str) -> None:
    """Incomplete, of another program, of a later version: the daemon is started."""
    (daemon.folder / "daemon.json").write_text(content, "utf-8")
    host.on_execute = starts(daemon)
    assert "Auto-cull is done" in cull(host).text


@pytest.mark.parametrize(
    "content",
    [
        {"program": 3},
        {"program": "python"},
        {"program": "python", "arguments": "start"},
        {"program": "python", "arguments": [1]},
    ],
    ids=str,
)
def test_invalid_launcher_file_counts_as_none(host: Host, daemon: FakeDaemon, content: Any) -> None:
    """No unexpected program is run."""
    (daemon.folder / "launcher.json").write_text(json.dumps(content), "utf-8")
    assert "does not know how to start it" in refused(host).text
    assert host.programs.commands == []


def test_other_program_on_the_port_never_gets_the_token(
    host: Host, daemon: FakeDaemon, tmp_path: Path
) -> None:
    """The file is stale, another program has the port: it is identified, and the daemon is started."""
    with FakeDaemon(tmp_path / "elsewhere") as other_program:
        other_program.product = "something else"
        daemon.folder.mkdir(exist_ok=True)
        content = {"port": other_program.port, "token": "secret", "pid": 1, "version": "0.2.0"}
        (daemon.folder / "daemon.json").write_text(json.dumps(content), "utf-8")
        host.on_execute = starts(daemon)
        assert "Auto-cull is done" in cull(host).text
        assert {(request.path, request.token) for request in other_program.requests} == {("/ping", "")}


def test_other_program_that_stays_is_reported(host: Host, daemon: FakeDaemon) -> None:
    """Where no daemon can be started, the dialog names the other program that answers."""
    daemon.start()
    daemon.product = "something else"
    host.on_execute = lambda command: 0
    assert "Another program answers on the port of Autocull." in refused(host).text
    assert daemon.jobs == {}
    assert {request.token for request in daemon.requests} == {""}


def test_wrong_token_is_reported(host: Host, daemon: FakeDaemon) -> None:
    """The daemon runs and refuses the plug-in, also after a start: no photo is sent."""
    daemon.start()
    daemon.publish(token="0" * 64)
    host.on_execute = lambda command: 0
    report = refused(host).text
    assert "refuses this plug-in" in report
    assert daemon.jobs == {}
    assert "0" * 64 not in report


def test_the_token_is_in_no_log(host: Host, daemon: FakeDaemon, tmp_path: Path) -> None:
    """Neither in the plug-in's file nor in Lightroom's own."""
    host.on_execute = starts(daemon)
    cull(host)
    log = (tmp_path / ".autocull" / "plugin.log").read_text("utf-8") + repr(host.log)
    assert "daemon" in log
    assert daemon.token not in log


def test_old_daemon_is_replaced(host: Host, daemon: FakeDaemon, tmp_path: Path) -> None:
    """It is shut down, and the installed version is started, which judges the photo."""
    old = FakeDaemon(tmp_path, version="0.1.0")
    old.start()
    host.on_execute = starts(daemon)
    host.menu("Auto-cull selection")
    host.run(until=lambda: old.shut_down)
    assert host.programs.commands == []
    old.die(clean=True)
    host.run(at_most_s=HOUR)
    assert host.catalog.photos[0].marks == KEPT
    assert old.jobs == {}
    assert len(daemon.jobs) == 1


def test_daemon_of_another_protocol_is_replaced(host: Host, daemon: FakeDaemon) -> None:
    """Whatever its version is."""
    daemon.start()
    daemon.protocol = 2

    def renew(command: str) -> int:
        daemon.protocol = 1
        daemon.start()
        return 0

    host.on_execute = renew
    host.menu("Auto-cull selection")
    host.run(until=lambda: daemon.shut_down)
    daemon.die(clean=True)
    host.run(at_most_s=HOUR)
    assert host.catalog.photos[0].marks == KEPT


def test_old_daemon_that_stays_is_reported(host: Host, daemon: FakeDaemon) -> None:
    """Where the replacement is as old as the daemon: no run, and the reason."""
    daemon.version = "0.1.0"
    daemon.start()

    def renew(command: str) -> int:
        daemon.start()
        return 0

    host.on_execute = renew
    host.menu("Auto-cull selection")
    host.run(until=lambda: daemon.shut_down)
    daemon.die(clean=True)
    host.run(at_most_s=HOUR)
    assert "Another version of Autocull runs" in last_report(host).text
    assert daemon.jobs == {}


def test_stopping_daemon_is_waited_for(host: Host, daemon: FakeDaemon) -> None:
    """And then started again."""
    daemon.start()
    daemon.shut_down = True
    host.on_execute = starts(daemon)
    host.menu("Auto-cull selection")
    host.run(until=lambda: host.now > 5)
    daemon.die(clean=True)
    host.run(at_most_s=HOUR)
    assert host.catalog.photos[0].marks == KEPT


def test_running_daemon_is_accepted_without_a_launcher(host: Host, daemon: FakeDaemon) -> None:
    """Started by hand from another installation: its version cannot be wrong."""
    (daemon.folder / "launcher.json").unlink()
    daemon.version = "9.9.9"
    daemon.start()
    assert "Auto-cull is done" in cull(host).text
