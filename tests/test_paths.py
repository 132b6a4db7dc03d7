"""Where our own files lie: below the user's home and folders, never beside photos."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from autocull.paths import APP_FOLDER, app_paths, default_store
from support.daemon_fixtures import create_home


def test_plug_in_and_daemon_meet_in_the_home(tmp_path: Path) -> None:
    """The plug-in knows no other place than this one, on every system."""
    assert app_paths(tmp_path).app_folder == tmp_path / APP_FOLDER
    assert app_paths().app_folder == Path.home() / ".autocull"


def test_what_is_measured_has_one_place_for_all() -> None:
    """The command and the daemon share a store, so that no photo is measured twice."""
    assert app_paths().store == default_store()
    assert app_paths().store.suffix == app_paths().jobs.suffix == ".sqlite"


@pytest.mark.skipif(sys.platform != "linux", reason="the other systems have other folders")
def test_another_home_has_other_places(tmp_path: Path) -> None:
    """All of them follow the user's home."""
    with create_home(tmp_path / "home") as made:
        code = "from autocull.paths import app_paths; import sys; sys.stdout.write(repr(app_paths()))"
        ran = subprocess.run(
            [sys.executable, "-c", code], env=made.env, capture_output=True, text=True, check=True
        )
    assert ran.stdout == repr(made.paths)
