"""The plug-in's files come into Lightroom's folder whole, and go out of it without a trace."""

from __future__ import annotations

from pathlib import Path

import pytest

from autocull.errors import DaemonError
from autocull.install import plugin
from autocull.install.plugin import (
    IDENTIFIER,
    find_plugin_source,
    install,
    is_autocull_plugin,
    is_current,
    remove,
)


def made(folder: Path, **files: str) -> Path:
    """Make a plug-in of our identifier, with further files."""
    folder.mkdir(parents=True)
    (folder / "Info.lua").write_text(f"return {{ LrToolkitIdentifier = '{IDENTIFIER}' }}")
    for name, text in files.items():
        (folder / f"{name}.lua").write_text(text)
    return folder


def below(folder: Path) -> set[str]:
    """List everything in a folder."""
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*")}


def test_the_plug_in_is_found_and_is_ours() -> None:
    """This installation has it, with the identifier that decides what is removed."""
    assert is_autocull_plugin(find_plugin_source())
    assert IDENTIFIER in (find_plugin_source() / "Info.lua").read_text("utf-8")


def test_the_whole_plug_in_is_copied(tmp_path: Path) -> None:
    """Every file of the real plug-in arrives as it is, and a second time nothing is done."""
    target = tmp_path / "Möd ules" / plugin.NAME
    assert install(find_plugin_source(), target) is True
    assert is_current(find_plugin_source(), target)
    assert install(find_plugin_source(), target) is False
    assert below(target.parent) >= {plugin.NAME, f"{plugin.NAME}/Info.lua"}
    assert {path.name for path in target.parent.iterdir()} == {plugin.NAME}


def test_an_older_one_is_replaced_as_a_whole(tmp_path: Path) -> None:
    """No file of the version before stays, or Lightroom might load it."""
    source = made(tmp_path / "new", Kept="2", New="2")
    target = made(tmp_path / "modules" / plugin.NAME, Kept="1", Gone="1")
    assert not is_current(source, target)
    assert install(source, target) is True
    assert below(target) == {"Info.lua", "Kept.lua", "New.lua"}
    assert (target / "Kept.lua").read_text() == "2"
    assert below(target.parent) == {plugin.NAME, *(f"{plugin.NAME}/{name}" for name in below(target))}


def test_hidden_files_are_no_part_of_it(tmp_path: Path) -> None:
    """What an editor or a system leaves in a folder neither travels nor counts."""
    source = made(tmp_path / "new")
    (source / ".DS_Store").write_text("x")
    target = tmp_path / "modules" / plugin.NAME
    install(source, target)
    assert below(target) == {"Info.lua"}
    (target / ".DS_Store").write_text("y")
    assert is_current(source, target)


def test_what_is_not_ours_is_neither_replaced_nor_removed(tmp_path: Path) -> None:
    """A folder of that name by somebody else stays as it is."""
    foreign = tmp_path / plugin.NAME
    foreign.mkdir()
    (foreign / "Info.lua").write_text("return { LrToolkitIdentifier = 'com.else' }")
    with pytest.raises(DaemonError, match="is not Autocull's plug-in"):
        install(made(tmp_path / "new"), foreign)
    assert remove(foreign) is False
    assert below(foreign) == {"Info.lua"}


def test_an_installation_without_a_plug_in_is_said(tmp_path: Path) -> None:
    """A package that lost it cannot install it."""
    with pytest.raises(DaemonError, match="Install Autocull again"):
        install(tmp_path / "nothing", tmp_path / plugin.NAME)


@pytest.mark.parametrize("failing", [1, 2])
def test_a_failure_at_any_step_leaves_the_old_one(
    failing: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where Lightroom holds a file, on Windows, the plug-in of before is whole, and no rest lies about."""
    source = made(tmp_path / "new", New="2")
    target = made(tmp_path / "modules" / plugin.NAME, Old="1")
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
    assert below(target) == {"Info.lua", "Old.lua"}
    assert {path.name for path in target.parent.iterdir()} == {plugin.NAME}


def test_taking_it_away_twice_is_taking_it_away_once(tmp_path: Path) -> None:
    """Other plug-ins beside it stay."""
    other = made(tmp_path / "modules" / "other.lrplugin")
    target = made(tmp_path / "modules" / plugin.NAME)
    assert (remove(target), remove(target)) == (True, False)
    assert other.is_dir()
    assert not target.exists()
