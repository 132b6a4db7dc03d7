"""docs/lightroom.md describes every menu item, setting and field of the plug-in, and no others."""

from __future__ import annotations

import re

import pytest

from plugin.literal_files import PLUGIN, ROOT, english, table

GUIDE = (ROOT / "docs/lightroom.md").read_text("utf-8")
MENU = [item["title"] for item in table("Info.lua")["LrLibraryMenuItems"]]
FIELDS = {field["id"]: field for field in table("MetadataDefinition.lua")["metadataFieldsForPhotos"]}
DEFINED = re.findall(r"\{ name = '(\w+)', default", (PLUGIN / "Settings.lua").read_text("utf-8"))
TITLES = dict(
    re.findall(r"^  (\w+) = LOC '\$\$\$/[^=]+=(.*)',$", (PLUGIN / "Settings.lua").read_text("utf-8"), re.M)
)


WORDS = english("JudgingControls.lua")
PROFILES = [text for key, text in WORDS.items() if key.startswith("Autocull/Profile/")]
NUMBERS = ["20 seconds", "up to 5 minutes", "in two checks", "5,000", "ten failures"]


def rows(heading: str) -> list[list[str]]:
    """The rows of the tables of one section, as cells, without heads."""
    section = GUIDE.split(f"\n## {heading}\n", 1)[1].split("\n## ", 1)[0]
    lines = [line.strip("|").split("|") for line in section.splitlines() if line.startswith("| ")]
    return [[cell.strip() for cell in line] for line in lines]


@pytest.mark.parametrize("title", MENU)
def test_every_menu_item_is_explained(title: str) -> None:
    """Each item has a row in the table of the menu, with its exact title."""
    assert f"*{title}*" in [row[0] for row in rows("The menu")]


def test_guide_lists_no_other_menu_item() -> None:
    """Every row of that table is an item."""
    assert [row[0].strip("*") for row in rows("The menu")[1:] if not row[0].startswith("-")] == MENU


@pytest.mark.parametrize("name", DEFINED)
def test_every_setting_is_explained(name: str) -> None:
    """Each setting has a row with its title in the dialog and its name."""
    assert any(row[:2] == [f"*{TITLES[name]}*", f"`{name}`"] for row in rows("Settings")), name


def test_search_finds_all_settings() -> None:
    """The search above finds them: a changed layout of Settings.lua must not empty it."""
    assert len(DEFINED) == len(TITLES) == 13


@pytest.mark.parametrize("name", FIELDS)
def test_every_field_is_explained(name: str) -> None:
    """Each custom field is in the guide by its name, and by its title where it has one."""
    assert f"`{name}`" in GUIDE
    assert "title" not in FIELDS[name] or f"*{FIELDS[name]['title']}*" in GUIDE


@pytest.mark.parametrize("name", FIELDS)
def test_values_of_every_enumeration_are_explained(name: str) -> None:
    """What the panel may show is in the guide."""
    choices = FIELDS[name].get("values", {})
    for key, choice in choices.items():
        assert not isinstance(key, int) or choice["title"] in GUIDE


@pytest.mark.parametrize("text", PROFILES)
def test_every_profile_of_the_dialog_is_explained(text: str) -> None:
    """The kinds of shoot are in the guide with the titles of the dialog."""
    assert text in GUIDE


def test_numbers_of_the_import_watch_match_the_guide() -> None:
    """Checks, limits and failures."""
    source = (PLUGIN / "ImportWatcher.lua").read_text("utf-8")
    numbers = dict(re.findall(r"^ImportWatcher\.(\w+) = (\d+)", source, re.M))
    assert numbers == {
        "SHORTEST": "20",
        "LONGEST": "300",
        "QUIET": "2",
        "MOST": "5000",
        "FAILURES": "10",
    }
    for words in NUMBERS:
        assert words in re.sub(r"\s+", " ", GUIDE), words


def test_messages_in_the_guide_match_the_plugin() -> None:
    """A message of a dialog can be searched for, letter by letter."""
    quoted = [row[0].strip("*") for row in rows("When something is wrong") if row[0].startswith("*")]
    texts = set(english().values())
    assert len(quoted) == 8
    for message in quoted:
        assert any(text.startswith(message) for text in texts), message
