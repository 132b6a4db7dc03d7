"""Preferences that version 0.1 stored (tests/data/version_0_1/prefs.json) keep working."""

from __future__ import annotations

import json
from pathlib import Path

from plugin.host import Host

FILE = Path(__file__).parents[1] / "data" / "version_0_1" / "prefs.json"
PREFS = json.loads(FILE.read_text("utf-8"))
GENERATIONS = {"watchGeneration", "runGeneration"}


def test_stored_settings_are_used(host: Host) -> None:
    """Every setting is taken as it was stored; none counts as invalid."""
    host.lua_task(
        f"""local prefs = import 'LrPrefs'.prefsForPlugin()
        for name, value in pairs(require('Json').decode([[{FILE.read_text("utf-8")}]])) do
          prefs[name] = value
        end"""
    )
    host.reload_plugin()
    settings = {name: value for name, value in PREFS.items() if name not in GENERATIONS}
    assert host.lua_task("return require('Settings').all()") == settings | {"strictness": 0}
    assert host.lua_task("return next(require('Settings').problems()) == nil")
    assert host.prefs["runGeneration"] >= PREFS["runGeneration"]
    host.check()
