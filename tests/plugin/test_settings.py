"""The plug-in's settings: their defaults, which values are refused and how, and what survives."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from autocull.judge import PROFILES
from autocull.judge.settings import DEFAULT_MARKS
from plugin.host import Host
from plugin.literal_files import PLUGIN

DEFAULTS = {
    "profile": "balanced",
    "taste": "",
    "strictness": 0,
    "policy": "respect",
    "writeRating": True,
    "writeLabel": True,
    "writeFlag": True,
    "markCopies": False,
    "collections": False,
    "keywords": False,
    "confirmAbove": 2000,
    "watchImports": False,
}
ROWS = [
    {"verdict": "keep", "score": 0.8, "stars": 5, "label": "blue", "flag": 1},
    {"verdict": "keep", "score": 0, "stars": 1, "label": "none", "flag": 0},
    {"verdict": "cannot_tell", "score": 0, "stars": 0, "label": "none", "flag": 0},
    {"verdict": "reject", "score": 0, "stars": 0, "label": "purple", "flag": -1},
]
REFUSED = [
    ("profile", "wedding", "must be one of balanced, portrait"),
    ("profile", None, "must be one of"),
    ("taste", "a/b", "a name of at most 40 letters, or empty"),
    ("taste", "x" * 41, "a name of at most 40 letters, or empty"),
    ("taste", 3, "a name of at most 40 letters, or empty"),
    ("policy", "replace", "must be one of respect, fill, overwrite"),
    ("writeFlag", 1, "must be on or off"),
    ("keywords", "yes", "must be on or off"),
    ("confirmAbove", 0, "a whole number from 1 to 100000"),
    ("confirmAbove", 100_001, "a whole number from 1 to 100000"),
    ("confirmAbove", 2.5, "a whole number from 1 to 100000"),
    ("confirmAbove", float("nan"), "a whole number from 1 to 100000"),
    ("confirmAbove", "2000", "a whole number from 1 to 100000"),
    ("marks", "none", "a table of 3 to 20 rows"),
    ("marks", [], "a table of 3 to 20 rows"),
    ("marks", ROWS * 6, "a table of 3 to 20 rows"),
    ("marks", ROWS[:3], "reject needs a row with score 0"),
    ("marks", [ROWS[0], *ROWS[2:]], "keep needs a row with score 0"),
    ("marks", [*ROWS, ROWS[0]], "two rows of one verdict have the same score"),
    ("marks", [ROWS[0] | {"verdict": "maybe"}, *ROWS[1:]], "each row needs a verdict"),
    ("marks", [ROWS[0] | {"score": 1.5}, *ROWS[1:]], "a score must be a number from 0 to 1"),
    ("marks", [ROWS[0] | {"score": "high"}, *ROWS[1:]], "a score must be a number from 0 to 1"),
    ("marks", [ROWS[0] | {"stars": 6}, *ROWS[1:]], "stars must be a whole number from 0 to 5"),
    ("marks", [ROWS[0] | {"stars": 2.5}, *ROWS[1:]], "stars must be a whole number from 0 to 5"),
    ("marks", [ROWS[0] | {"label": "pink"}, *ROWS[1:]], "a label must be one of none, red"),
    ("marks", [ROWS[0] | {"flag": 2}, *ROWS[1:]], "a flag must be -1 (rejected), 0 (none) or 1 (picked)"),
]


@pytest.fixture
def host(tmp_path: Path) -> Host:
    """Lightroom with the plug-in loaded and nothing stored."""
    host = Host(PLUGIN, tmp_path)
    host.load()
    return host


def lua(value: Any) -> str:
    """Write a value as Lua source."""
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{key} = {lua(each)}" for key, each in value.items()) + " }"
    if isinstance(value, list):
        return "{ " + ", ".join(lua(each) for each in value) + " }"
    if isinstance(value, bool) or value is None:
        return {True: "true", False: "false", None: "nil"}[value]
    return repr(value) if value == value else "0/0"


def settings(host: Host, call: str) -> Any:
    """Call a function of Settings and return its first value, or its error as a dict under `refused`."""
    return host.lua_task(
        f"""local value, err = require('Settings').{call}
        if err then return {{ refused = err }} end
        return value"""
    )


def test_defaults_match_the_guide(host: Host) -> None:
    """Nothing stored: respectful, all marks written, no collections or keywords, no watch."""
    assert settings(host, "all()") == DEFAULTS
    assert settings(host, "defaults()") == DEFAULTS
    assert set(settings(host, "names()")) == {*DEFAULTS, "marks"}
    host.check()


def test_profiles_are_the_daemons(host: Host) -> None:
    """Every profile of the daemon can be chosen, and no other."""
    assert settings(host, "PROFILES") == list(PROFILES)


def test_marks_table_of_the_dialog_is_the_daemons(host: Host) -> None:
    """The table that is shown before it is changed is the one that applies."""
    shown = host.lua_task("return require('SettingsForm').DAEMON_MARKS")
    assert shown == [row.model_dump() for row in DEFAULT_MARKS]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("profile", "portrait"),
        ("policy", "overwrite"),
        ("writeRating", False),
        ("confirmAbove", 1),
        ("marks", ROWS),
    ],
)
def test_settings_survive_a_reload(host: Host, name: str, value: Any) -> None:
    """Settings outlive the plug-in's environment."""
    assert settings(host, f"set({name!r}, {lua(value)})") is True
    host.reload_plugin()
    assert settings(host, "all()") == DEFAULTS | {name: value}
    host.check()


@pytest.mark.parametrize(("name", "value", "why"), REFUSED)
def test_invalid_value_is_refused_with_a_message(host: Host, name: str, value: Any, why: str) -> None:
    """The error names the setting as the dialog does, with what is accepted; nothing is stored."""
    error = settings(host, f"set({name!r}, {lua(value)})")["refused"]
    assert why in error["message"]
    assert error["message"].startswith(host.lua_task(f"return require('Settings').title({name!r})"))
    assert error["kind"] == "plugin"
    assert name not in host.prefs
    host.check()


def test_unknown_setting_is_refused_by_name(host: Host) -> None:
    """A misspelt name is not ignored."""
    assert "eyesStrict" in settings(host, "set('eyesStrict', true)")["refused"]["message"]
    assert "eyesStrict" not in host.prefs


def test_saving_is_all_or_nothing(host: Host) -> None:
    """One bad value, and none of the good ones is stored."""
    expected = DEFAULTS | {"profile": "sports", "confirmAbove": 0}
    assert "refused" in settings(host, f"save({lua(expected)})")
    assert settings(host, "all()") == DEFAULTS
    assert "refused" in settings(host, f"save({lua(DEFAULTS | {'typo': 1})})")
    missing = {name: value for name, value in DEFAULTS.items() if name != "policy"}
    assert "refused" in settings(host, f"save({lua(missing)})")
    assert settings(host, f"save({lua(DEFAULTS | {'profile': 'sports', 'marks': ROWS})})") is True
    assert settings(host, "all()") == DEFAULTS | {"profile": "sports", "marks": ROWS}
    assert settings(host, f"save({lua(DEFAULTS)})") is True
    assert settings(host, "all()") == DEFAULTS
    host.check()


def test_invalid_stored_value_counts_as_the_default_and_is_listed(tmp_path: Path) -> None:
    """A value of a later version or edited by hand neither stops the plug-in nor is hidden."""
    host = Host(PLUGIN, tmp_path)
    host.set_pref("policy", "replace")
    host.set_pref("confirmAbove", -3)
    host.load()
    assert settings(host, "all()") == DEFAULTS
    assert set(settings(host, "problems()")) == {"policy", "confirmAbove"}
    host.check()


def test_changes_to_a_returned_table_do_not_change_settings(host: Host) -> None:
    """The table is a deep copy: no run can change the settings by accident."""
    settings(host, f"set('marks', {lua(ROWS)})")
    host.lua_task("local all = require('Settings').all(); all.marks[1].stars = 0; all.profile = 'x'")
    assert settings(host, "all()") == DEFAULTS | {"marks": ROWS}
    host.lua_task(f"local rows = {lua(ROWS)}; require('Settings').set('marks', rows); rows[1].stars = 0")
    assert settings(host, "all()") == DEFAULTS | {"marks": ROWS}
