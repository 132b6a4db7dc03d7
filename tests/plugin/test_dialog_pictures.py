"""The pictures of the guide are those of the present dialogs, and no dialog cuts a text off."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from PIL import Image

from dialog_html import Picture, draw_page, is_cut_off, walk
from dialog_pictures import FOLDER, digest_in, digest_of
from dialog_scenes import SCENES, open_dialog
from plugin.german import english_words
from plugin.literal_files import PLUGIN, ROOT
from plugin.lua_text import uncommented

GUIDE = (ROOT / "docs/lightroom.md").read_text("utf-8")
MODAL = re.compile(r"LrDialogs\.(presentModalDialog|presentFloatingDialog|confirm)\b")


@pytest.mark.parametrize("name", SCENES)
def test_picture_is_of_the_present_dialog(name: str, tmp_path: Path) -> None:
    """Else run `PYTHONPATH=tests python docs/tools/dialog_pictures.py`."""
    page = draw_page(open_dialog(name, tmp_path))
    assert digest_in(FOLDER / f"{name}.png") == digest_of(page)


@pytest.mark.parametrize("language", ["en", "de"])
@pytest.mark.parametrize("name", SCENES)
def test_no_text_is_cut_off(name: str, language: str, tmp_path: Path) -> None:
    """Lightroom shows only what fits into the width of a text."""
    picture = open_dialog(name, tmp_path, language)
    texts = [view for tree in picture.trees for view in walk(tree)]
    assert [view["title"] for view in texts if is_cut_off(view)] == []
    assert picture.message or any(view["kind"] == "static_text" for view in texts)


@pytest.mark.parametrize("name", SCENES)
def test_german_dialog_has_no_english_text(name: str, tmp_path: Path) -> None:
    """The texts of all views, also those that no test reads by name."""
    picture = open_dialog(name, tmp_path, "de")
    titles = [str(view.get("title") or "") for tree in picture.trees for view in walk(tree)]
    items = [
        item["title"] for tree in picture.trees for view in walk(tree) for item in view.get("items") or []
    ]
    for text in [picture.message, picture.info, *titles, *items]:
        assert english_words(text) == set(), text


@pytest.mark.parametrize("name", SCENES)
def test_picture_is_modest_and_in_the_guide(name: str) -> None:
    """Below 60 kB, and with a text in its place."""
    path = FOLDER / f"{name}.png"
    assert path.stat().st_size < 60_000
    with Image.open(path) as image:
        assert max(image.size) <= 1200
    assert re.search(rf"!\[[^\]]{{10,}}\]\(dialogs/{name}\.png\)", GUIDE)


def test_there_is_no_other_picture() -> None:
    """One that no scene draws would stay as it is for ever."""
    assert {path.stem for path in FOLDER.iterdir()} == set(SCENES)


def test_every_file_that_opens_a_dialog_has_a_picture() -> None:
    """The files of the plug-in with a dialog that is to be answered."""
    files = {path.stem for path in PLUGIN.glob("*.lua") if MODAL.search(uncommented(path.read_text("utf-8")))}
    assert files == {
        "CullCommands", "FinishShoot", "InterruptedRun", "LastReport", "Learn", "Preview", "PreviousImport",
        "RunDialog", "SelfTest", "SettingsDialog", "Stacks", "UndoChoice", "WhyWindow",
    }  # fmt: skip


def test_view_without_a_drawing_is_an_error() -> None:
    """It would be missing in the picture."""
    with pytest.raises(KeyError, match="simple_list"):
        draw_page(Picture("x", "x", [{"kind": "simple_list", "children": []}]))


@pytest.mark.parametrize(
    ("view", "cut_off"),
    [
        ({"kind": "static_text", "title": "four", "width_in_chars": 3}, True),
        ({"kind": "static_text", "title": "four", "width_in_chars": 4}, False),
        ({"kind": "static_text", "title": "four", "width_in_chars": 3, "wrap": True}, False),
        ({"kind": "static_text", "title": "four"}, False),
    ],
)
def test_text_that_is_cut_off_is_detected(view: dict[str, object], cut_off: bool) -> None:
    """A line that is longer than its width, unless it wraps."""
    assert is_cut_off(view) is cut_off


def test_page_shows_what_was_typed_and_chosen() -> None:
    """Texts are escaped; of a menu the chosen title is drawn, of a hidden view nothing."""
    menu = {"kind": "popup_menu", "value": 2, "items": [{"value": 2, "title": "<two>"}], "children": []}
    hidden = {"kind": "static_text", "title": "not shown", "visible": False, "children": []}
    edit = {"kind": "edit_field", "value": "typed", "enabled": False, "children": []}
    page = draw_page(
        Picture("x", "x", [{"kind": "row", "children": [menu, hidden, edit]}], buttons=["No", "Go"])
    )
    assert "&lt;two&gt; ▾" in page
    assert "not shown" not in page
    assert re.search(r'class="off"><div class="edit">typed', page)
    assert page.index(">No<") < page.index('default">Go<')
