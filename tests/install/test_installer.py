"""Installing and uninstalling: everything in its place, twice as once, and nothing left in the end."""

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
from autocull.serve.process.instance_lock import InstanceLock
from autocull.serve.process.lifecycle import DaemonState
from autocull.serve.process.runtime_files import LAUNCHER_FILE, DaemonInfo
from support.daemon_fixtures import UserHome, create_home, ignore_warning
from support.installation_fakes import FakePrograms

PLATFORMS = ("darwin", "win32", "linux")
RUNS = DaemonState("running", DaemonInfo(49731, "ab" * 32, 4711, __version__), 4711, {"version": __version__})


@pytest.fixture(params=["plain", 'Jörg\'s "home" & <co>'])
def home(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[UserHome]:
    """Make a home, also one with a name that is hard to quote."""
    with create_home(tmp_path / request.param) as made:
        yield made


def installation(home: UserHome, platform: str, programs: FakePrograms | None = None) -> Installation:
    """Make what is installed where, on a system of that name."""
    system = detect_system(platform, home.folder, {}, programs or FakePrograms())
    return Installation(system, home.paths, find_plugin_source())


def left(home: UserHome) -> set[str]:
    """List every file that there is in a home."""
    return {path.relative_to(home.folder).as_posix() for path in home.folder.rglob("*") if path.is_file()}


def begun(*_: Any) -> DaemonState:
    """Say that a daemon runs."""
    return RUNS


@pytest.mark.parametrize("platform", PLATFORMS)
def test_everything_is_in_its_place_and_said(platform: str, home: UserHome) -> None:
    """Plug-in, launcher and entry are there; each step is named with its place."""
    here, said = installation(home, platform), list[str]()
    install(here, said.append, ignore_warning, begun)
    assert plugin.is_current(here.source, here.plugin_folder)
    assert json.loads((home.runtime_dir / LAUNCHER_FILE).read_text())["version"] == __version__
    assert here.system.is_registered()
    text = "\n".join(said)
    for place in (
        here.plugin_folder,
        home.runtime_dir / LAUNCHER_FILE,
        here.system.entry_name(),
        home.paths.log,
        "49731",
    ):
        assert str(place) in text
    assert ("has no Lightroom" in text) is (platform == "linux")


@pytest.mark.parametrize("platform", PLATFORMS)
def test_installing_twice_is_installing_once(platform: str, home: UserHome) -> None:
    """The second time writes nothing: each file is the same one, byte for byte and in its age."""
    here = installation(home, platform)
    install(here, ignore_warning, ignore_warning, begun)
    before = {path: path.stat().st_mtime_ns for path in home.folder.rglob("*") if path.is_file()}
    install(here, ignore_warning, ignore_warning, begun)
    assert {path: path.stat().st_mtime_ns for path in home.folder.rglob("*") if path.is_file()} == before


@pytest.mark.parametrize("platform", PLATFORMS)
def test_the_plan_names_every_place_and_makes_none(platform: str, home: UserHome) -> None:
    """A dry run only talks."""
    programs = FakePrograms()
    here = installation(home, platform, programs)
    text = "\n".join(describe_plan(here))
    for place in (here.plugin_folder, home.runtime_dir / LAUNCHER_FILE, here.system.entry_name()):
        assert str(place) in text
    assert left(home) == set()
    assert programs.commands == []


@pytest.mark.parametrize("delete_cache", [False, True])
@pytest.mark.parametrize("platform", PLATFORMS)
def test_row_27_uninstalling_leaves_no_trace_but_what_is_not_ours(
    platform: str, delete_cache: bool, home: UserHome
) -> None:
    """Everything of ours goes; the catalog, other plug-ins and, if wanted, the cache stay."""
    here = installation(home, platform)
    catalog = home.folder / "Pictures" / "Lightroom" / "Catalog.lrcat"
    other = here.system.plugins_folder() / "other.lrplugin" / "Info.lua"
    places = home.paths
    files = [
        places.log,
        places.log.with_name("autocull.log.1"),
        home.runtime_dir / "plugin.log",
        home.runtime_dir / "daemon.json",
    ]
    files += [
        places.jobs,
        places.jobs.with_name("jobs.sqlite-wal"),
        places.jobs.with_name("jobs-aside-1.sqlite"),
    ]
    cache = [places.store, places.store.with_name("store-aside-1.sqlite")]
    install(here, ignore_warning, ignore_warning, begun)
    for file in (catalog, other, *files, *cache):
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("x")
    said: list[str] = []
    for _ in range(2):
        uninstall(here, said.append, ignore_warning, delete_cache=delete_cache)
    wanted = {catalog, other} | (set() if delete_cache else set(cache))
    assert left(home) == {path.relative_to(home.folder).as_posix() for path in wanted}
    assert not home.runtime_dir.exists()
    assert delete_cache or f"stays in {places.store}" in "\n".join(said)
    if platform != "linux":  # there the plug-in's folder is our own
        assert not here.plugin_folder.exists()


def test_row_27_the_entry_goes_before_the_daemon(home: UserHome, monkeypatch: pytest.MonkeyPatch) -> None:
    """Else the system might start the daemon again while it is removed; and nothing goes while it lives."""
    programs = FakePrograms()
    here = installation(home, "darwin", programs)
    install(here, ignore_warning, ignore_warning, begun)
    steps: list[str] = []

    def lives(*_: object) -> bool:
        steps.append("stop")
        assert not here.system.is_registered()
        raise DaemonError("Process 1 does not end. End it by hand, then try again.")

    monkeypatch.setattr("autocull.install.installer.stop", lives)
    with pytest.raises(DaemonError, match="by hand"):
        uninstall(here, ignore_warning, ignore_warning, delete_cache=True)
    assert steps == ["stop"]
    assert (home.runtime_dir / LAUNCHER_FILE).exists()


def test_of_a_linked_folder_only_the_link_goes(home: UserHome) -> None:
    """Who keeps `.autocull` elsewhere loses nothing that lies there beside."""
    elsewhere = home.folder / "elsewhere"
    elsewhere.mkdir(mode=0o700)
    (elsewhere / "mine.txt").write_text("x")
    home.runtime_dir.symlink_to(elsewhere)
    uninstall(installation(home, "linux"), ignore_warning, ignore_warning, delete_cache=False)
    assert not home.runtime_dir.is_symlink()
    assert (elsewhere / "mine.txt").exists()


def test_a_step_that_fails_keeps_those_before(home: UserHome) -> None:
    """A registry that refuses is said; what is done stays, and the command goes on from there."""
    failing = FakePrograms({"reg add": CommandResult(1, "denied")})
    with pytest.raises(DaemonError, match="denied"):
        install(installation(home, "win32", failing), ignore_warning, ignore_warning, begun)
    here = installation(home, "win32")
    assert plugin.is_current(here.source, here.plugin_folder)
    install(here, ignore_warning, ignore_warning, begun)


def test_hints_are_heard(home: UserHome) -> None:
    """What a system says beside, the user hears."""
    notes: list[str] = []
    programs = FakePrograms({"systemctl --user": CommandResult(1, "no bus")})
    install(installation(home, "linux", programs), ignore_warning, notes.append, begun)
    assert "no bus" in notes[0]


def test_a_lock_that_is_held_is_waited_for(home: UserHome, monkeypatch: pytest.MonkeyPatch) -> None:
    """Files are removed only when the daemon has let go of the lock."""
    home.runtime_dir.mkdir(mode=0o700)
    lock = InstanceLock.acquire(home.lock)
    looks: list[str] = []

    def patient(places: object, note: object) -> bool:
        looks.append("waited")
        lock.close()
        return True

    monkeypatch.setattr("autocull.install.installer.stop", patient)
    uninstall(installation(home, "linux"), ignore_warning, ignore_warning, delete_cache=False)
    assert looks == ["waited"]
    assert not home.runtime_dir.exists()
