"""The plug-in is copied completely, replaced atomically, and removed completely."""

from __future__ import annotations

from pathlib import Path

import pytest

from autocull.errors import DaemonError
from autocull.install import plugin
from autocull.install.plugin import (
    find_plugin_source,
    install,
    is_autocull_plugin,
    is_current,
    remove,
)
from autocull.paths import PLUGIN_ID


def make_plugin(folder: Path, **files: str) -> Path:
    """Make a plug-in with Autocull's identifier and further files."""
    folder.mkdir(parents=True)
    (folder / "Info.lua").write_text(f"return {{ LrToolkitIdentifier = '{PLUGIN_ID}' }}")
    for name, text in files.items():
        (folder / f"{name}.lua").write_text(text)
    return folder


def list_below(folder: Path) -> set[str]:
    """Return the relative paths of everything in a folder."""
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*")}


def test_source_is_autoculls_plugin() -> None:
    """Its Info.lua has the identifier that decides what may be removed."""
    assert is_autocull_plugin(find_plugin_source())
    assert PLUGIN_ID in (find_plugin_source() / "Info.lua").read_text("utf-8")


def test_every_file_of_the_plugin_is_copied(tmp_path: Path) -> None:
    """The second time nothing is done."""
    target = tmp_path / "Möd ules" / plugin.FOLDER_NAME
    assert install(find_plugin_source(), target) is True
    assert is_current(find_plugin_source(), target)
    assert install(find_plugin_source(), target) is False
    assert list_below(target.parent) >= {plugin.FOLDER_NAME, f"{plugin.FOLDER_NAME}/Info.lua"}
    assert {path.name for path in target.parent.iterdir()} == {plugin.FOLDER_NAME}


def test_older_version_is_replaced_completely(tmp_path: Path) -> None:
    """No file of the old version stays, or Lightroom could load it."""
    source = make_plugin(tmp_path / "new", Kept="2", New="2")
    target = make_plugin(tmp_path / "modules" / plugin.FOLDER_NAME, Kept="1", Gone="1")
    assert not is_current(source, target)
    assert install(source, target) is True
    assert list_below(target) == {"Info.lua", "Kept.lua", "New.lua"}
    assert (target / "Kept.lua").read_text() == "2"
    assert list_below(target.parent) == {
        plugin.FOLDER_NAME,
        *(f"{plugin.FOLDER_NAME}/{name}" for name in list_below(target)),
    }


def test_hidden_files_are_ignored(tmp_path: Path) -> None:
    """Files that an editor or the system creates are neither copied nor compared."""
    source = make_plugin(tmp_path / "new")
    (source / ".DS_Store").write_text("x")
    target = tmp_path / "modules" / plugin.FOLDER_NAME
    install(source, target)
    assert list_below(target) == {"Info.lua"}
    (target / ".DS_Store").write_text("y")
    assert is_current(source, target)


def test_other_plugin_is_neither_replaced_nor_removed(tmp_path: Path) -> None:
    """A folder of the same name with another identifier stays unchanged."""
    foreign = tmp_path / plugin.FOLDER_NAME
    foreign.mkdir()
    (foreign / "Info.lua").write_text("return { LrToolkitIdentifier = 'com.else' }")
    with pytest.raises(DaemonError, match="is not Autocull's plug-in"):
        install(make_plugin(tmp_path / "new"), foreign)
    assert remove(foreign) is False
    assert list_below(foreign) == {"Info.lua"}


def test_missing_source_raises_an_error(tmp_path: Path) -> None:
    """A damaged package cannot install its plug-in."""
    with pytest.raises(DaemonError, match="Install Autocull again"):
        install(tmp_path / "nothing", tmp_path / plugin.FOLDER_NAME)


@pytest.mark.parametrize("failing", [1, 2])
def test_failure_at_any_step_keeps_the_old_version(
    failing: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As where Lightroom has a file open on Windows; no temporary folder is left."""
    source = make_plugin(tmp_path / "new", New="2")
    target = make_plugin(tmp_path / "modules" / plugin.FOLDER_NAME, Old="1")
    calls = []
    rename = Path.rename

    def busy(self: Path, to: Path) -> Path:
        calls.append(to)
        if len(calls) == failing:
            raise PermissionError(13, "used by another process")
        return rename(self, to)

    monkeypatch.setattr(Path, "rename", busy)
    with pytest.raises(DaemonError, match="Quit Lightroom"):
        install(source, target)
    assert list_below(target) == {"Info.lua", "Old.lua"}
    assert {path.name for path in target.parent.iterdir()} == {plugin.FOLDER_NAME}


def test_removing_can_be_repeated(tmp_path: Path) -> None:
    """Other plug-ins in the folder stay."""
    other = make_plugin(tmp_path / "modules" / "other.lrplugin")
    target = make_plugin(tmp_path / "modules" / plugin.FOLDER_NAME)
    assert (remove(target), remove(target)) == (True, False)
    assert other.is_dir()
    assert not target.exists()
