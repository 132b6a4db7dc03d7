"""The settings dialog: what it shows, stores and refuses, in both languages."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from autocull.judge.settings import DEFAULT_MARKS
from plugin.dialogs import Dialog
from plugin.host import Host
from plugin.literal_files import PLUGIN, english, german

TITLE = "Autocull settings"


@pytest.fixture
def host(tmp_path: Path) -> Host:
    """Lightroom with the plug-in loaded."""
    host = Host(PLUGIN, tmp_path)
    host.load()
    return host


def show(host: Host) -> list[Dialog]:
    """Choose the menu item, run the answers, and return what was shown."""
    host.menu("Settings…")
    host.run_for(10)
    return host.dialogs


def stored(host: Host) -> dict[str, Any]:
    """The settings as a run would use them."""
    result = host.lua_task("return require('Settings').all()")
    assert isinstance(result, dict)
    return result


def test_dialog_shows_the_settings_in_use(host: Host) -> None:
    """A fresh plug-in shows the defaults and the daemon's own marks, which cannot be edited yet."""
    host.answer_dialog(TITLE, "cancel")
    (dialog,) = show(host)
    values = dialog.values
    assert (values["profile"], values["policy"], values["confirmAbove"]) == ("balanced", "respect", "2000")
    assert values["ownMarks"] is False
    names = ["keep1", "keep2", "keep3", "keep4", "cannotTell", "reject"]
    shown = [(values[f"{n}Stars"], values[f"{n}Label"], values[f"{n}Flag"]) for n in names]
    assert shown == [(row.stars, row.label, row.flag) for row in DEFAULT_MARKS]
    assert [values[f"{n}Score"] for n in names[:3]] == ["0.9", "0.7", "0.45"]
    assert not any(control.enabled for control in dialog.controls if control.key == "keep1Stars")
    host.check()


def test_cancel_changes_nothing(host: Host) -> None:
    """What was typed is gone."""
    host.answer_dialog(TITLE, "cancel", {"profile": "sports", "collections": True})
    show(host)
    assert not host.prefs.get("profile")
    host.check()


def test_save_stores_every_field(host: Host) -> None:
    """Each control reaches the setting that it names."""
    expected = {
        "profile": "portrait",
        "taste": "my weddings",
        "strictness": -1,
        "policy": "fill",
        "writeRating": False,
        "writeLabel": False,
        "writeFlag": False,
        "markCopies": True,
        "collections": True,
        "keywords": True,
    }
    host.answer_dialog(TITLE, "Save", expected | {"confirmAbove": " 500 "})
    show(host)
    assert stored(host) == expected | {"confirmAbove": 500, "watchImports": False}
    host.check()


def test_own_marks_are_stored_as_rows(host: Host) -> None:
    """A score may have a comma, a row without one is not used, and the lowest row takes the rest."""
    typed = {"ownMarks": True, "keep1Score": "0,85", "keep1Stars": 5, "keep1Label": "blue", "keep1Flag": 1}
    host.answer_dialog(TITLE, "Save", typed | {"keep2Score": "", "keep3Score": " "})
    show(host)
    rows = stored(host)["marks"]
    assert rows[0] == {"verdict": "keep", "score": 0.85, "stars": 5, "label": "blue", "flag": 1}
    assert [(row["verdict"], row["score"]) for row in rows[1:]] == [
        ("keep", 0),
        ("cannot_tell", 0),
        ("reject", 0),
    ]
    host.check()


def test_own_marks_are_shown_as_they_were_saved(host: Host) -> None:
    """Opened again and saved, nothing changes."""
    host.answer_dialog(TITLE, "Save", {"ownMarks": True, "keep2Score": "", "rejectLabel": "purple"})
    show(host)
    before = stored(host)
    host.answer_dialog(TITLE, "Save")
    show(host)
    assert stored(host) == before
    assert before["marks"][-1]["label"] == "purple"
    host.check()


@pytest.mark.parametrize(
    ("typed", "why"),
    [
        ({"confirmAbove": "many"}, "Ask before more photos than: must be a whole number"),
        ({"confirmAbove": ""}, "Ask before more photos than: must be a whole number"),
        ({"ownMarks": True, "keep1Score": "1.2"}, "a score must be a number from 0 to 1"),
        ({"ownMarks": True, "keep1Score": "best"}, "a score must be a number from 0 to 1"),
        ({"ownMarks": True, "keep1Score": "0.7"}, "two rows of one verdict have the same score"),
        ({"ownMarks": True, "keep1Score": "0"}, "two rows of one verdict have the same score"),
    ],
)
def test_invalid_input_shows_a_message_and_stays_typed(host: Host, typed: dict[str, Any], why: str) -> None:
    """The dialog opens again with what was typed, and nothing has been stored."""
    host.answer_dialog(TITLE, "Save", typed)
    host.answer_dialog("These settings are not saved", "ok")
    host.answer_dialog(TITLE, "cancel")
    _, refusal, again = show(host)
    assert why in refusal.text
    assert {name: again.values[name] for name in typed} == typed
    assert not {"profile", "confirmAbove", "marks"} & set(host.prefs)
    host.check()


def test_reset_sets_the_defaults_in_the_fields(host: Host) -> None:
    """One button; saved as everything else is, by Save."""
    host.answer_dialog(TITLE, "Save", {"profile": "event", "policy": "overwrite", "ownMarks": True})
    show(host)
    host.answer_dialog(TITLE, "Save", press=["Reset to defaults"])
    show(host)
    result = stored(host)
    assert (result["profile"], result["policy"], result.get("marks")) == ("balanced", "respect", None)
    host.check()


def test_watch_is_switched_as_by_its_menu_item(host: Host) -> None:
    """On starts the loop and stores the watermark; off ends it."""
    host.answer_dialog(TITLE, "Save", {"watchImports": True})
    show(host)
    assert host.tasks == ["Autocull import watch"]
    assert "importWatermark" in host.catalog.properties
    host.answer_dialog(TITLE, "Save", {"watchImports": False})
    show(host)
    host.run_for(400)
    assert not host.tasks
    host.check()


def test_watch_that_cannot_be_switched_on_shows_a_message(host: Host) -> None:
    """Where the catalog stays busy the other settings are saved, and the watch stays off."""
    host.catalog.hold_gate(1000)
    host.answer_dialog(TITLE, "Save", {"watchImports": True, "profile": "sports"})
    host.answer_dialog("New imports are not flagged", "ok")
    host.menu("Settings…")
    host.run_for(400)
    assert host.prefs["profile"] == "sports"
    assert host.prefs["watchImports"] is False
    host.check()


def test_every_control_is_german(tmp_path: Path) -> None:
    """No English word is left in the German dialog."""
    host = Host(PLUGIN, tmp_path, language="de")
    host.load()
    host.answer_dialog("Autocull-Einstellungen", "Speichern")
    host.menu("Einstellungen…")
    host.run_for(10)
    (dialog,) = host.dialogs
    items = [item["title"] for control in dialog.controls for item in control.items]
    words = english("Settings.lua", "SettingsDialog.lua")
    same = {text for key, text in words.items() if german()[key] == text}
    assert not (set(dialog.texts) | set(items)) & (set(words.values()) - same)
    assert {"Art der Aufnahmen", "Sterne schreiben", "Eigene Markierungen verwenden"} <= set(dialog.texts)
    host.check()


def test_dialog_shows_every_setting(host: Host) -> None:
    """Every setting has its title in the dialog."""
    host.answer_dialog(TITLE, "cancel")
    (dialog,) = show(host)
    names = host.lua_task("return require('Settings').names()")
    for name in names:
        title = host.lua_task(f"return require('Settings').title('{name}')")
        assert title in dialog.texts, name
    host.check()
