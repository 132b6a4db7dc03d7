"""The doctor: each thing that may be wrong is found, named, and has its remedy."""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from autocull import __version__
from autocull.install import checks as looking
from autocull.install.checks import Check, run_checks
from autocull.install.installer import Installation, install
from autocull.install.platform_base import detect_system
from autocull.install.plugin import find_plugin_source
from autocull.measure.models import models_root
from autocull.serve.process.lifecycle import DaemonState
from autocull.serve.process.runtime_files import LAUNCHER_FILE, DaemonInfo
from support.daemon_fixtures import UserHome, create_home, ignore_warning
from support.installation_fakes import FakePrograms

MINE = DaemonInfo(49731, "ab" * 32, 4711, __version__)
RUNS = DaemonState("running", MINE, 4711, {"version": __version__})


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[UserHome, Installation]]:
    """Install everything in a home, with a daemon that answers."""
    monkeypatch.setattr(looking, "probe", lambda *_: RUNS)
    with create_home(tmp_path / "home") as made:
        system = detect_system("linux", made.folder, {}, FakePrograms())
        found = Installation(system, made.paths, find_plugin_source())
        install(found, ignore_warning, ignore_warning, lambda *_: RUNS)
        yield made, found


def wrong(installation: Installation, env: dict[str, str] | None = None) -> dict[str, Check]:
    """Return the checks that are not ok, by their names."""
    return {check.name: check for check in run_checks(installation, env or {}) if not check.ok}


def test_a_whole_installation_is_ok(here: tuple[UserHome, Installation]) -> None:
    """Every line is ok, the real models' checksums among them."""
    found = list(run_checks(here[1], {}))
    assert [check.name for check in found if not check.ok] == []
    assert len(found) >= 11
    assert "eyes" in next(check.result for check in found if check.name == "models")


SPOILED: dict[str, Callable[[UserHome, Installation], object]] = {
    "Autocull": lambda home, _: (home.runtime_dir / LAUNCHER_FILE).unlink(),
    "plug-in": lambda _, installation: shutil.rmtree(installation.plugin_folder),
    "login": lambda _, installation: installation.system.unregister(),
    "log": lambda home, _: (
        home.paths.log.parent.parent.mkdir(parents=True),
        home.paths.log.parent.touch(),
    ),
}


@pytest.mark.parametrize("name", SPOILED)
def test_what_is_missing_is_named_with_its_remedy(name: str, here: tuple[UserHome, Installation]) -> None:
    """One thing gone is one line, and it says what to do."""
    home, installation = here
    SPOILED[name](home, installation)
    (check,) = wrong(installation).values()
    assert check.name == name
    assert check.advice == "Run `autocull install`." or "Check its permissions" in check.result


def test_another_version_is_named(here: tuple[UserHome, Installation]) -> None:
    """A launcher or a plug-in of the version before does not go unnoticed."""
    home, installation = here
    written = json.loads((home.runtime_dir / LAUNCHER_FILE).read_text())
    (home.runtime_dir / LAUNCHER_FILE).write_text(json.dumps(written | {"version": "0.0.1"}))
    with (installation.plugin_folder / "Info.lua").open("a") as info:
        info.write("-- older")
    found = wrong(installation)
    assert set(found) == {"Autocull", "plug-in"}
    assert "0.0.1" in found["Autocull"].result


@pytest.mark.parametrize(
    ("seen", "remedy"),
    [
        (DaemonState("stopped"), "start"),
        (DaemonState("left_behind", MINE), "start"),
        (DaemonState("port_taken", MINE), "start"),
        (DaemonState("silent", MINE, 4711), "restart"),
        (DaemonState("refused", MINE, 4711), "restart"),
        (DaemonState("running", MINE, 4711, {"version": "0.0.1"}), "restart"),
    ],
)
def test_a_daemon_that_is_not_as_it_should_be_is_named(
    seen: DaemonState, remedy: str, here: tuple[UserHome, Installation], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each state has the command that helps."""
    monkeypatch.setattr(looking, "probe", lambda *_: seen)
    (check,) = wrong(here[1]).values()
    assert check.advice == f"Run `autocull {remedy}`."


@pytest.mark.parametrize("name", ["model.tflite", "config.json"])
def test_a_corrupt_model_is_named(
    name: str, here: tuple[UserHome, Installation], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One byte more, and the file is named with the remedy."""
    root = tmp_path / "models"
    shutil.copytree(models_root() / "eyes", root / "eyes", ignore=shutil.ignore_patterns("*.keras", "report"))
    with (root / "eyes" / name).open("ab") as file:
        file.write(b" ")
    monkeypatch.setattr(looking, "models_root", lambda: root)
    (check,) = wrong(here[1]).values()
    assert name in check.result
    assert "Install Autocull again" in check.result


def test_no_models_are_named(
    here: tuple[UserHome, Installation], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A package without its models is not ok."""
    monkeypatch.setattr(looking, "models_root", lambda: tmp_path / "none")
    assert set(wrong(here[1])) == {"models"}


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
def test_a_proxy_in_the_way_is_named(
    env: dict[str, str], ok: bool, here: tuple[UserHome, Installation]
) -> None:
    """Only one that is asked for this machine counts; its address may hold a password, and is not said."""
    found = wrong(here[1], env)
    assert ("proxies" not in found) is ok
    assert all("proxy:8080" not in check.result for check in found.values())


def test_what_this_process_imported_does_not_matter(
    here: tuple[UserHome, Installation], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The daemon's own imports count, in a process of their own; a daemon that is heavy is named."""
    monkeypatch.setitem(sys.modules, "tensorflow", object())
    found = {check.name: check for check in run_checks(here[1], {})}
    assert found["memory"].ok
    monkeypatch.setattr(looking, "_find_heavy_imports", lambda: "tensorflow")
    found = {check.name: check for check in run_checks(here[1], {})}
    assert not found["memory"].ok
    assert "tensorflow" in found["memory"].result
