"""Menu items after an update: menu files are new at once, modules at the next start of Lightroom."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from plugin.fake_daemon import FakeDaemon
from plugin.host import Host
from plugin.literal_files import PLUGIN
from plugin.shoots import KEPT, UNMARKED, menu, shoot


@pytest.fixture
def installed(tmp_path: Path, daemon: FakeDaemon) -> Host:
    """Lightroom with a plug-in in a folder of its own, which an update may replace."""
    folder = tmp_path / "Modules" / PLUGIN.name
    shutil.copytree(PLUGIN, folder)
    host = Host(folder, tmp_path)
    host.load()
    host.run_for(1)
    return host


def update(host: Host, name: str, old: str, new: str) -> None:
    """Replace a text in an installed file."""
    path = host.plugin / name
    content = path.read_text("utf-8")
    assert old in content
    path.write_text(content.replace(old, new), "utf-8")


def test_update_while_lightroom_runs_is_named(installed: Host, daemon: FakeDaemon, tmp_path: Path) -> None:
    """Nothing is done with modules of two versions; after a reload the new one works."""
    photos = shoot(installed, tmp_path, 2)
    update(installed, "Info.lua", "display = '", "display = '9.")
    menu(installed, "Auto-cull selection")
    assert "Autocull was updated: nothing was done" in installed.dialogs[-1].text
    assert "Restart Lightroom" in installed.dialogs[-1].text
    assert {photo.marks for photo in photos} == {UNMARKED}
    assert daemon.jobs == {}
    installed.reload_plugin()
    menu(installed, "Auto-cull selection")
    assert {photo.marks for photo in photos} == {KEPT}
    installed.check()


def test_menu_file_of_a_function_that_the_old_module_lacks_is_named(
    installed: Host, daemon: FakeDaemon, tmp_path: Path
) -> None:
    """Even where the version did not change."""
    shoot(installed, tmp_path, 1)
    update(installed, "MenuAutoCull.lua", ".show", ".showAnew")
    menu(installed, "Auto-cull selection")
    assert "Autocull was updated" in installed.dialogs[-1].text
    assert any("does not fit the loaded modules" in words for _, _, words in installed.log)
    installed.check()


def test_menu_file_of_a_module_that_cannot_be_loaded_is_named(installed: Host, tmp_path: Path) -> None:
    """A half-copied update is an error of that item alone."""
    shoot(installed, tmp_path, 1)
    (installed.plugin / "Explain.lua").write_text("return {", "utf-8")
    menu(installed, "Explain this photo")
    assert "Autocull was updated" in installed.dialogs[-1].text
    installed.check(errors=["cannot be loaded"])


def test_folder_that_cannot_be_read_stops_nothing(installed: Host, tmp_path: Path) -> None:
    """Without Info.lua the versions are not compared."""
    photos = shoot(installed, tmp_path, 1)
    (installed.plugin / "Info.lua").unlink()
    menu(installed, "Auto-cull selection")
    assert {photo.marks for photo in photos} == {KEPT}
    installed.check()
