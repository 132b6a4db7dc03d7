"""The checks of `autocull doctor`: each problem is found, named, and has its remedy."""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from autocull import __version__
from autocull.install import checks
from autocull.install.checks import Check, run_checks
from autocull.install.installer import Installation, install
from autocull.install.platform_base import detect_system
from autocull.install.plugin import find_plugin_source
from autocull.measure.models import models_root
from autocull.serve.process.lifecycle import DaemonState
from autocull.serve.process.runtime_files import LAUNCHER_FILE, DaemonInfo
from support.daemon_fixtures import UserHome, create_home, ignore_warning
from support.installation_fakes import FakePrograms

INFO = DaemonInfo(49731, "ab" * 32, 4711, __version__)
RUNNING = DaemonState("running", INFO, 4711, {"version": __version__})


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[UserHome, Installation]]:
    """Yield a home and what is installed there, with a daemon that answers."""
    monkeypatch.setattr(checks, "probe", lambda *_: RUNNING)
    with create_home(tmp_path / "home") as home:
        system = detect_system("linux", home.folder, {}, FakePrograms())
        installation = Installation(system, home.paths, find_plugin_source())
        install(installation, ignore_warning, ignore_warning, lambda *_: RUNNING)
        yield home, installation


def find_failures(installation: Installation, env: dict[str, str] | None = None) -> dict[str, Check]:
    """Return the checks that are not ok, by their names."""
    return {check.name: check for _, check in run_checks(installation, env or {}) if not check.ok}


def test_complete_installation_is_ok(installed: tuple[UserHome, Installation]) -> None:
    """Including the checksums of the real models."""
    results = [check for _, check in run_checks(installed[1], {})]
    assert [check.name for check in results if not check.ok] == []
    assert len(results) >= 11
    assert "eyes" in next(check.result for check in results if check.name == "models")


def test_areas_are_checked_on_their_own(installed: tuple[UserHome, Installation]) -> None:
    """Culling needs neither plug-in nor daemon; each check belongs to one area."""
    home, installation = installed
    (home.runtime_dir / LAUNCHER_FILE).unlink()
    culling = [check for _, check in run_checks(installation, {}, ["culling"])]
    lightroom = [check for _, check in run_checks(installation, {}, ["lightroom"])]
    assert [check.name for check in culling] == ["Python", "models", "processor", "data"]
    assert all(check.ok for check in culling)
    assert [check.name for check in lightroom if not check.ok] == ["Autocull"]
    assert len(culling + lightroom) == len(list(run_checks(installation, {})))


def test_unwritable_data_folder_is_named(
    installed: tuple[UserHome, Installation], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Measurements could not be stored: the check names the folder."""
    monkeypatch.setattr(checks.os, "access", lambda *_: False)
    failure = find_failures(installed[1])["data"]
    assert "cannot be written" in failure.result
    assert failure.advice == "Check its permissions."


DAMAGE: dict[str, Callable[[UserHome, Installation], object]] = {
    "Autocull": lambda home, _: (home.runtime_dir / LAUNCHER_FILE).unlink(),
    "plug-in": lambda _, installation: shutil.rmtree(installation.plugin_folder),
    "login": lambda _, installation: installation.system.unregister(),
    "log": lambda home, _: (
        home.paths.log.parent.parent.mkdir(parents=True),
        home.paths.log.parent.touch(),
    ),
}


@pytest.mark.parametrize("name", DAMAGE)
def test_missing_part_is_named_with_its_remedy(name: str, installed: tuple[UserHome, Installation]) -> None:
    """A missing part gives one failure, with its remedy."""
    home, installation = installed
    DAMAGE[name](home, installation)
    (check,) = find_failures(installation).values()
    assert check.name == name
    assert check.advice == "Run `autocull install`." or "Check its permissions" in check.result


def test_old_launcher_and_plugin_are_named(installed: tuple[UserHome, Installation]) -> None:
    """Both fail their checks."""
    home, installation = installed
    launcher = json.loads((home.runtime_dir / LAUNCHER_FILE).read_text())
    (home.runtime_dir / LAUNCHER_FILE).write_text(json.dumps(launcher | {"version": "0.0.1"}))
    with (installation.plugin_folder / "Info.lua").open("a") as info:
        info.write("-- older")
    failures = find_failures(installation)
    assert set(failures) == {"Autocull", "plug-in"}
    assert "0.0.1" in failures["Autocull"].result


@pytest.mark.parametrize(
    ("state", "remedy"),
    [
        (DaemonState("stopped"), "start"),
        (DaemonState("left_behind", INFO), "start"),
        (DaemonState("port_taken", INFO), "start"),
        (DaemonState("silent", INFO, 4711), "restart"),
        (DaemonState("refused", INFO, 4711), "restart"),
        (DaemonState("running", INFO, 4711, {"version": "0.0.1"}), "restart"),
    ],
)
def test_each_failing_state_of_the_daemon_has_its_command(
    state: DaemonState, remedy: str, installed: tuple[UserHome, Installation], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The advice is to start or to restart it."""
    monkeypatch.setattr(checks, "probe", lambda *_: state)
    (check,) = find_failures(installed[1]).values()
    assert check.advice == f"Run `autocull {remedy}`."


@pytest.mark.parametrize("name", ["model.tflite", "config.json"])
def test_corrupt_model_is_named(
    name: str, installed: tuple[UserHome, Installation], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file with one additional byte is named with the remedy."""
    root = tmp_path / "models"
    shutil.copytree(models_root() / "eyes", root / "eyes", ignore=shutil.ignore_patterns("*.keras", "report"))
    with (root / "eyes" / name).open("ab") as file:
        file.write(b" ")
    monkeypatch.setattr(checks, "models_root", lambda: root)
    (check,) = find_failures(installed[1]).values()
    assert name in check.result
    assert "Install Autocull again" in check.result


def test_missing_models_are_named(
    installed: tuple[UserHome, Installation], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A package without its models fails the check."""
    monkeypatch.setattr(checks, "models_root", lambda: tmp_path / "none")
    assert set(find_failures(installed[1])) == {"models"}


@pytest.mark.parametrize(
    ("env", "ok"),
    [
        ({"HTTP_PROXY": "http://proxy:8080"}, False),
        ({"http_proxy": "http://proxy:8080", "no_proxy": "localhost"}, False),
        ({"ALL_PROXY": "socks5://proxy"}, False),
        ({"http_proxy": "http://proxy:8080", "no_proxy": "localhost, 127.0.0.1"}, True),
        ({"HTTP_PROXY": "http://proxy:8080", "NO_PROXY": "*"}, True),
        ({"HTTPS_PROXY": "http://proxy:8080"}, True),
        ({"HTTP_PROXY": ""}, True),
    ],
)
def test_intercepting_proxy_is_named(
    env: dict[str, str], ok: bool, installed: tuple[UserHome, Installation]
) -> None:
    """Only one used for this computer counts; its address, which may contain a password, is not shown."""
    failures = find_failures(installed[1], env)
    assert ("proxies" not in failures) is ok
    assert all("proxy:8080" not in check.result for check in failures.values())


def test_memory_check_uses_a_new_process(
    installed: tuple[UserHome, Installation], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Imports of the current process do not count; a daemon that imports TensorFlow fails the check."""
    monkeypatch.setitem(sys.modules, "tensorflow", object())
    results = {check.name: check for _, check in run_checks(installed[1], {})}
    assert results["memory"].ok
    monkeypatch.setattr(checks, "find_heavy_imports", lambda: "tensorflow")
    results = {check.name: check for _, check in run_checks(installed[1], {})}
    assert not results["memory"].ok
    assert "tensorflow" in results["memory"].result
