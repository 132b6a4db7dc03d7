"""Info.lua: what Lightroom needs to load the plug-in, and nothing that it would refuse."""

from __future__ import annotations

import re

import pytest

from autocull import __version__
from plugin.literal_files import PLUGIN, german, table

INFO = table("Info.lua")
MENU = INFO["LrLibraryMenuItems"]
FILES = [value for key, value in INFO.items() if isinstance(value, str) and value.endswith(".lua")]


def test_identifier_is_unchanged() -> None:
    """Fields and undo depend on it: it never changes."""
    assert INFO["LrToolkitIdentifier"] == "app.autocull.lightroom"


def test_version_is_the_daemons() -> None:
    """Plug-in and daemon are released as one; the numbers are numbers, as the host demands."""
    version = INFO["VERSION"]
    assert version["display"] == __version__
    parts = [version["major"], version["minor"], version["revision"]]
    assert ".".join(str(part) for part in parts) == __version__
    assert isinstance(version["build"], int)


@pytest.mark.parametrize("name", [*FILES, *(item["file"] for item in MENU)])
def test_every_file_of_info_exists(name: str) -> None:
    """A missing file prevents the whole plug-in from loading."""
    assert (PLUGIN / name).is_file()


def test_menu_holds_the_documented_items() -> None:
    """The items, their order and their titles."""
    assert [item["title"] for item in MENU] == [
        "Auto-cull…",
        "Auto-cull again as last time",
        "Auto-cull selection",
        "Auto-cull previous import",
        "Preview verdicts…",
        "Undo last auto-cull",
        "Show last report",
        "Explain this photo",
        "Show photos to review",
        "Why window",
        "Compare this series",
        "Next series",
        "Previous series",
        "This shoot is finished",
        "Learn from my picks…",
        "Flag new imports automatically",
        "Settings…",
        "Developer: self-test",
    ]


def test_every_module_has_the_same_menu() -> None:
    """The Library menu exists in the Library module only; File > Plug-in Extras is in all of them."""
    assert INFO["LrExportMenuItems"] == MENU


def test_menu_is_german_in_a_german_lightroom() -> None:
    """Every item has a German title."""
    titles = [item["title"] for item in table("Info.lua", german())["LrLibraryMenuItems"]]
    assert titles[0] == "Automatisch sichten…"
    assert not set(titles) & {item["title"] for item in MENU}


def test_no_menu_item_needs_a_selection() -> None:
    """A click without a selection shows a message, instead of a disabled item."""
    assert all("enabledWhen" not in item for item in MENU)


@pytest.mark.parametrize("name", [item["file"] for item in MENU])
def test_menu_file_is_two_lines_that_start_a_task(name: str) -> None:
    """A menu file runs outside of any task: it may only start one."""
    lines = (PLUGIN / name).read_text("utf-8").strip().splitlines()
    assert len(lines) == 2
    assert re.match(r"MenuCommand\.start\('", lines[1])


@pytest.mark.parametrize("name", ["Info.lua", "MetadataDefinition.lua", "MetadataTagset.lua"])
def test_table_file_imports_nothing(name: str) -> None:
    """The host evaluates these where `import` and `require` do not exist."""
    assert not re.search(r"\b(import|require)[ (]*'[A-Z]", (PLUGIN / name).read_text("utf-8"))
