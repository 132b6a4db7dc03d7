"""Paths of Autocull's own files: in the user's home and system folders, never next to photos."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from autocull.paths import APP_FOLDER, app_paths, default_store, packaged_folder
from support.daemon_fixtures import create_home


def test_app_folder_is_in_the_home_folder(tmp_path: Path) -> None:
    """The plug-in expects it there on every system."""
    assert app_paths(tmp_path).app_folder == tmp_path / APP_FOLDER
    assert app_paths().app_folder == Path.home() / ".autocull"


def test_command_and_daemon_share_the_store() -> None:
    """So that no photo is measured twice."""
    assert app_paths().store == default_store()
    assert app_paths().store.suffix == app_paths().jobs.suffix == ".sqlite"


@pytest.mark.skipif(sys.platform != "linux", reason="the other systems have other folders")
def test_paths_follow_the_home_folder(tmp_path: Path) -> None:
    """In a process with another home folder, all paths are different."""
    with create_home(tmp_path / "home") as environment:
        code = "from autocull.paths import app_paths; import sys; sys.stdout.write(repr(app_paths()))"
        result = subprocess.run(
            [sys.executable, "-c", code], env=environment.env, capture_output=True, text=True, check=True
        )
    assert result.stdout == repr(environment.paths)


def test_packaged_folder_is_in_the_package_or_at_the_top_of_the_checkout(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The folder inside the package takes precedence."""
    package = tmp_path / "daemon" / "autocull"
    package.mkdir(parents=True)
    monkeypatch.setattr("autocull.paths.files", lambda _: package)
    assert packaged_folder("_models", "models") == tmp_path / "models"
    (package / "_models").mkdir()
    assert packaged_folder("_models", "models") == package / "_models"
