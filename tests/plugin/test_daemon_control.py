"""Finding, starting and replacing the daemon: who answers is checked, and each failure says what to do."""

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
from plugin.shoots import HOUR, KEPT, UNMARKED, cull, shoot


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
    """Cull, see that nothing was written, and return the dialog that says why."""
    dialog = cull(host)
    assert host.catalog.photos[0].marks == UNMARKED
    assert dialog.style == "warning"
    return dialog


@pytest.mark.parametrize("stale", [False, True])
def test_a_daemon_that_does_not_run_is_started(host: Host, daemon: FakeDaemon, stale: bool) -> None:
    """Without a published file, and with one of a daemon that died: its port is dead."""
    if stale:
        daemon.start()
        daemon.die()
    host.on_execute = starts(daemon)
    assert "Auto-cull is done" in cull(host).text
    assert host.catalog.photos[0].marks == KEPT
    [command] = host.programs.commands
    assert shlex.split(command) == ["/opt/auto cull/python", "-m", "autocull", "start"]


def test_on_windows_the_line_is_quoted_for_cmd(daemon: FakeDaemon, tmp_path: Path) -> None:
    """One pair of quotes more than it seems to need."""
    host = Host(PLUGIN, tmp_path, platform="win")
    host.load()
    shoot(host, tmp_path, 1)
    daemon.launcher("C:\\Program Files\\Autocull\\pythonw.exe")
    host.on_execute = starts(daemon)
    cull(host)
    assert host.programs.commands == ['""C:\\Program Files\\Autocull\\pythonw.exe" "-m" "autocull" "start""']
    host.check()


def test_a_daemon_that_takes_its_time_is_waited_for(host: Host, daemon: FakeDaemon) -> None:
    """The bar says what it waits for."""
    captions: list[str] = []
    host.on_execute = lambda command: 0
    host.cancel_progress(lambda scope: captions.append(scope.caption))
    host.menu("Auto-cull selection")
    host.run(until=lambda: host.now > 20)
    daemon.start()
    host.run(at_most_s=HOUR)
    assert host.catalog.photos[0].marks == KEPT
    assert "Starting Autocull" in captions


def test_the_wait_can_be_cancelled(host: Host, daemon: FakeDaemon) -> None:
    """At once, not after the minute."""
    host.on_execute = lambda command: 0
    host.cancel_progress(lambda scope: scope.caption == "Starting Autocull")
    cull(host)
    assert host.now < 10
    assert host.catalog.photos[0].marks == UNMARKED


def test_a_start_that_fails_says_why_and_where_the_log_is(host: Host, daemon: FakeDaemon) -> None:
    """The exit status, the log, and the command that helps."""
    host.on_execute = lambda command: 78
    said = refused(host).text
    assert "Autocull could not be started (78)." in said
    assert "/logs/autocull.log" in said
    assert "autocull doctor" in said


def test_a_daemon_that_never_answers_is_given_up(host: Host, daemon: FakeDaemon) -> None:
    """After a minute, with the log."""
    host.on_execute = lambda command: 0
    said = refused(host).text
    assert "did not answer within 60 seconds" in said
    assert "/logs/autocull.log" in said


def test_without_an_installation_the_dialog_says_how_to_start(host: Host, daemon: FakeDaemon) -> None:
    """No launcher, no daemon: `autocull install`."""
    (daemon.folder / "launcher.json").unlink()
    assert "autocull install" in refused(host).text


@pytest.mark.parametrize(
    "content",
    ["", "{", "[]", '{"port": 0, "token": "x"}', '{"port": "80", "token": "x"}', '{"port": 8080}', "\x00"],
    ids=repr,
)
def test_a_published_file_that_makes_no_sense_counts_as_none(
    host: Host, daemon: FakeDaemon, content: str
) -> None:
    """Half written, of another program, of a later version: the daemon is started."""
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
def test_a_launcher_that_makes_no_sense_counts_as_none(host: Host, daemon: FakeDaemon, content: Any) -> None:
    """Nothing is run that nobody wrote."""
    (daemon.folder / "launcher.json").write_text(json.dumps(content), "utf-8")
    assert "does not know how to start it" in refused(host).text
    assert host.programs.commands == []


def test_a_stranger_on_the_port_never_sees_the_token(host: Host, daemon: FakeDaemon, tmp_path: Path) -> None:
    """The file is stale, another program took the port: it is asked who it is, and ours is started."""
    with FakeDaemon(tmp_path / "elsewhere") as stranger:
        stranger.product = "something else"
        daemon.folder.mkdir(exist_ok=True)
        content = {"port": stranger.port, "token": "secret", "pid": 1, "version": "0.2.0"}
        (daemon.folder / "daemon.json").write_text(json.dumps(content), "utf-8")
        host.on_execute = starts(daemon)
        assert "Auto-cull is done" in cull(host).text
        assert {(asked.path, asked.token) for asked in stranger.asked} == {("/ping", "")}


def test_a_stranger_that_stays_is_named(host: Host, daemon: FakeDaemon) -> None:
    """Where no daemon of ours comes up, the dialog says that another program answers."""
    daemon.start()
    daemon.product = "something else"
    host.on_execute = lambda command: 0
    assert "Another program answers on the port of Autocull." in refused(host).text
    assert daemon.jobs == {}
    assert {asked.token for asked in daemon.asked} == {""}


def test_a_wrong_token_is_told(host: Host, daemon: FakeDaemon) -> None:
    """The daemon runs and refuses the plug-in, also after a start: no photo is sent."""
    daemon.start()
    daemon.publish(token="0" * 64)
    host.on_execute = lambda command: 0
    said = refused(host).text
    assert "refuses this plug-in" in said
    assert daemon.jobs == {}
    assert "0" * 64 not in said


def test_the_token_is_in_no_log(host: Host, daemon: FakeDaemon, tmp_path: Path) -> None:
    """Neither in the plug-in's file nor in Lightroom's own."""
    host.on_execute = starts(daemon)
    cull(host)
    log = (tmp_path / ".autocull" / "plugin.log").read_text("utf-8") + repr(host.log)
    assert "daemon" in log
    assert daemon.token not in log


def test_an_old_daemon_is_replaced(host: Host, daemon: FakeDaemon, tmp_path: Path) -> None:
    """Asked to end, waited for, and the installed one is started; the photo is judged by the new one."""
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


def test_a_daemon_of_another_protocol_is_replaced(host: Host, daemon: FakeDaemon) -> None:
    """Whatever its version says."""
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


def test_an_old_daemon_that_stays_is_told(host: Host, daemon: FakeDaemon) -> None:
    """Where the replacement is as old as what it replaces: no run, and the reason."""
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
    assert "Another version of Autocull runs" in host.dialogs[-1].text
    assert daemon.jobs == {}


def test_a_daemon_that_is_just_ending_is_waited_for(host: Host, daemon: FakeDaemon) -> None:
    """And then started anew."""
    daemon.start()
    daemon.shut_down = True
    host.on_execute = starts(daemon)
    host.menu("Auto-cull selection")
    host.run(until=lambda: host.now > 5)
    daemon.die(clean=True)
    host.run(at_most_s=HOUR)
    assert host.catalog.photos[0].marks == KEPT


def test_without_a_launcher_a_running_daemon_is_taken_as_it_is(host: Host, daemon: FakeDaemon) -> None:
    """Started by hand from another place: its version cannot be wrong."""
    (daemon.folder / "launcher.json").unlink()
    daemon.version = "9.9.9"
    daemon.start()
    assert "Auto-cull is done" in cull(host).text
