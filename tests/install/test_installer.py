"""Installing and uninstalling: complete, repeatable, and without files left behind."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from autocull import __version__
from autocull.errors import DaemonError
from autocull.install import plugin
from autocull.install.installer import Installation, describe_plan, install, uninstall
from autocull.install.platform_base import detect_system
from autocull.install.plugin import find_plugin_source
from autocull.install.subprocesses import CommandResult
from autocull.install.user_data import DataKind
from autocull.serve.process.instance_lock import InstanceLock
from autocull.serve.process.lifecycle import DaemonState
from autocull.serve.process.runtime_files import LAUNCHER_FILE, DaemonInfo
from support.daemon_fixtures import UserHome, create_home, ignore_warning
from support.installation_fakes import FakePrograms

PLATFORMS = ("darwin", "win32", "linux")
RUNNING = DaemonState(
    "running", DaemonInfo(49731, "ab" * 32, 4711, __version__), 4711, {"version": __version__}
)


@pytest.fixture(params=["plain", 'Jörg\'s "home" & <co>'])
def home(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[UserHome]:
    """Yield a home, also one with a name that is hard to quote."""
    with create_home(tmp_path / request.param) as user_home:
        yield user_home


def make_installation(home: UserHome, platform: str, programs: FakePrograms | None = None) -> Installation:
    """Return where everything is installed on a platform."""
    system = detect_system(platform, home.folder, {}, programs or FakePrograms())
    return Installation(system, home.paths, find_plugin_source())


def list_files(home: UserHome) -> set[str]:
    """Return the relative paths of all files in a home."""
    return {path.relative_to(home.folder).as_posix() for path in home.folder.rglob("*") if path.is_file()}


def start_daemon(*_: Any) -> DaemonState:
    """Return the state of a running daemon."""
    return RUNNING


@pytest.mark.parametrize("platform", PLATFORMS)
def test_everything_is_installed_and_reported(platform: str, home: UserHome) -> None:
    """Plug-in, launcher and login entry exist; each step is reported with its path."""
    installation, messages = make_installation(home, platform), list[str]()
    install(installation, messages.append, ignore_warning, start_daemon)
    assert plugin.is_current(installation.source, installation.plugin_folder)
    assert json.loads((home.runtime_dir / LAUNCHER_FILE).read_text())["version"] == __version__
    assert installation.system.is_registered()
    text = "\n".join(messages)
    for location in (
        installation.plugin_folder,
        home.runtime_dir / LAUNCHER_FILE,
        installation.system.entry_name(),
        home.paths.log,
        "49731",
    ):
        assert str(location) in text
    assert ("has no Lightroom" in text) is (platform == "linux")


@pytest.mark.parametrize("platform", PLATFORMS)
def test_installing_again_writes_nothing(platform: str, home: UserHome) -> None:
    """Each file keeps its time of modification."""
    installation = make_installation(home, platform)
    install(installation, ignore_warning, ignore_warning, start_daemon)
    before = {path: path.stat().st_mtime_ns for path in home.folder.rglob("*") if path.is_file()}
    install(installation, ignore_warning, ignore_warning, start_daemon)
    assert {path: path.stat().st_mtime_ns for path in home.folder.rglob("*") if path.is_file()} == before


@pytest.mark.parametrize("platform", PLATFORMS)
def test_plan_names_every_path_and_creates_none(platform: str, home: UserHome) -> None:
    """A dry run only describes."""
    programs = FakePrograms()
    installation = make_installation(home, platform, programs)
    text = "\n".join(describe_plan(installation))
    for location in (
        installation.plugin_folder,
        home.runtime_dir / LAUNCHER_FILE,
        installation.system.entry_name(),
    ):
        assert str(location) in text
    assert list_files(home) == set()
    assert programs.commands == []


@pytest.mark.parametrize("deleted", [(), ("measurements",), ("journals",), ("measurements", "journals")])
@pytest.mark.parametrize("platform", PLATFORMS)
def test_row_27_uninstalling_removes_all_files_of_autocull_only(
    platform: str, deleted: tuple[DataKind, ...], home: UserHome
) -> None:
    """The catalog and other plug-ins stay, and so do measurements and journals unless they are deleted."""
    installation = make_installation(home, platform)
    catalog = home.folder / "Pictures" / "Lightroom" / "Catalog.lrcat"
    other = installation.system.plugins_folder() / "other.lrplugin" / "Info.lua"
    paths = home.paths
    files = [
        paths.log,
        paths.log.with_name("autocull.log.1"),
        home.runtime_dir / "plugin.log",
        home.runtime_dir / "daemon.json",
    ]
    journals = [
        paths.jobs,
        paths.jobs.with_name("jobs.sqlite-wal"),
        paths.jobs.with_name("jobs-aside-1.sqlite"),
    ]
    cache = [paths.store, paths.store.with_name("store-aside-1.sqlite")]
    install(installation, ignore_warning, ignore_warning, start_daemon)
    for file in (catalog, other, *files, *cache, *journals):
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("x")
    messages: list[str] = []
    for _ in range(2):
        uninstall(installation, messages.append, ignore_warning, delete=deleted)
    data = {"measurements": cache, "journals": journals}
    remaining = {
        catalog,
        other,
        *(file for kind, each in data.items() if kind not in deleted for file in each),
    }
    assert list_files(home) == {path.relative_to(home.folder).as_posix() for path in remaining}
    assert not home.runtime_dir.exists()
    stays = messages[messages.index("These stay:") :] if "These stay:" in messages else []
    assert any(str(paths.store) in line for line in stays) is ("measurements" not in deleted)
    assert any(str(paths.jobs) in line for line in stays) is ("journals" not in deleted)
    if platform != "linux":  # there the folder of plug-ins is Autocull's own
        assert not installation.plugin_folder.exists()


def test_row_27_entry_is_removed_before_the_daemon_is_stopped(
    home: UserHome, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Or the system could restart it meanwhile; while the daemon runs, no file is removed."""
    programs = FakePrograms()
    installation = make_installation(home, "darwin", programs)
    install(installation, ignore_warning, ignore_warning, start_daemon)
    steps: list[str] = []

    def fail_to_stop(*_: object) -> bool:
        steps.append("stop")
        assert not installation.system.is_registered()
        raise DaemonError("Process 1 does not end. End it by hand, then try again.")

    monkeypatch.setattr("autocull.install.installer.stop", fail_to_stop)
    with pytest.raises(DaemonError, match="by hand"):
        uninstall(installation, ignore_warning, ignore_warning, delete={"measurements"})
    assert steps == ["stop"]
    assert (home.runtime_dir / LAUNCHER_FILE).exists()


def test_only_the_link_of_a_linked_folder_is_removed(home: UserHome) -> None:
    """Other files in the folder that `.autocull` links to stay."""
    elsewhere = home.folder / "elsewhere"
    elsewhere.mkdir(mode=0o700)
    (elsewhere / "mine.txt").write_text("x")
    home.runtime_dir.symlink_to(elsewhere)
    uninstall(make_installation(home, "linux"), ignore_warning, ignore_warning)
    assert not home.runtime_dir.is_symlink()
    assert (elsewhere / "mine.txt").exists()


def test_failing_step_keeps_the_steps_before_it(home: UserHome) -> None:
    """As where the registry refuses; the next run continues from there."""
    failing = FakePrograms({"reg add": CommandResult(1, "denied")})
    with pytest.raises(DaemonError, match="denied"):
        install(make_installation(home, "win32", failing), ignore_warning, ignore_warning, start_daemon)
    installation = make_installation(home, "win32")
    assert plugin.is_current(installation.source, installation.plugin_folder)
    install(installation, ignore_warning, ignore_warning, start_daemon)


def test_hints_are_passed_on(home: UserHome) -> None:
    """The user gets the hint of the system."""
    hints: list[str] = []
    programs = FakePrograms({"systemctl --user": CommandResult(1, "no bus")})
    install(make_installation(home, "linux", programs), ignore_warning, hints.append, start_daemon)
    assert "no bus" in hints[0]


def test_files_are_removed_after_the_lock_is_released(
    home: UserHome, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Uninstalling waits for the daemon to end."""
    home.runtime_dir.mkdir(mode=0o700)
    lock = InstanceLock.acquire(home.lock)
    calls: list[str] = []

    def stop(paths: object, on_warning: object) -> bool:
        calls.append("stop")
        lock.close()
        return True

    monkeypatch.setattr("autocull.install.installer.stop", stop)
    uninstall(make_installation(home, "linux"), ignore_warning, ignore_warning)
    assert calls == ["stop"]
    assert not home.runtime_dir.exists()
