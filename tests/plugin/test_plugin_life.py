"""The plug-in from load to unload: what it does by itself, and what it must not do."""

from __future__ import annotations

from pathlib import Path

import pytest

from plugin.fake_daemon import FakeDaemon
from plugin.host import Host
from plugin.literal_files import PLUGIN

ITEMS = [
    "Auto-cull selection",
    "Preview verdicts…",
    "Explain this photo",
    "Developer: self-test",
]


def loaded(home: Path, *, watch: bool = False) -> Host:
    """Lightroom with a large catalog and the plug-in."""
    host = Host(PLUGIN, home)
    host.catalog.size(500_000)
    if watch:
        host.set_pref("watchImports", value=True)
    host.load()
    return host


@pytest.mark.parametrize("language", ["en", "de"])
@pytest.mark.parametrize("platform", ["mac", "win"])
def test_loading_sends_no_request(tmp_path: Path, platform: str, language: str) -> None:
    """At the start the plug-in neither reads the catalog nor calls the daemon nor shows anything."""
    host = Host(PLUGIN, tmp_path, platform=platform, language=language)
    host.catalog.size(500_000)
    host.load()
    assert host.run(at_most_s=60), f"still running: {host.tasks}"
    assert not host.queries
    assert not host.http_requests
    assert not host.dialogs
    assert not host.bezels
    host.check()


def test_first_check_comes_after_the_start(tmp_path: Path) -> None:
    """With the watch on, the first query comes 20 seconds after the start of Lightroom."""
    host = loaded(tmp_path, watch=True)
    host.run_for(19)
    assert not host.queries
    host.run_for(5)
    assert host.queries
    host.check()


def test_shutting_down_never_waits(tmp_path: Path) -> None:
    """Unloading and quitting during a check end without a wait, which would be a violation."""
    host = loaded(tmp_path, watch=True)
    host.run_for(25)
    host.reload_plugin()
    host.run_for(5)
    host.quit()
    host.check()


def test_quitting_during_a_run_never_waits(tmp_path: Path) -> None:
    """The run of a user does not delay Lightroom."""
    with FakeDaemon(tmp_path, speed=0) as daemon:
        host = Host(PLUGIN, tmp_path)
        host.load()
        host.select([host.catalog.add_photo("/shoot/1.NEF")])
        host.menu("Auto-cull selection")
        host.run(until=lambda: daemon.jobs)
        host.quit()
        assert not host.tasks
        host.check()


def test_disabling_ends_run_and_watch(tmp_path: Path) -> None:
    """Disabled in the Plug-in Manager, the plug-in ends its run and its loop, and starts no new one."""
    with FakeDaemon(tmp_path, speed=0) as daemon:
        host = Host(PLUGIN, tmp_path)
        host.set_pref("watchImports", value=True)
        host.load()
        host.select([host.catalog.add_photo("/shoot/1.NEF")])
        host.menu("Auto-cull selection")
        host.run(until=lambda: daemon.jobs)
        host.lua_now((PLUGIN / "PluginShutdown.lua").read_text("utf-8"))
        host.run_for(400)
        assert not host.tasks
        assert daemon.job.state == "cancelled"
        host.check()


def test_error_at_the_start_does_not_disable_the_plugin(tmp_path: Path) -> None:
    """An error in the init script would disable the plug-in: it is caught and logged."""
    host = loaded(tmp_path)
    host.lua_now("require('ImportWatcher').start = function() error('broken') end")
    source = (PLUGIN / "PluginInit.lua").read_text("utf-8")
    host.lua_now(source)
    host.run_for(5)
    assert any("broken" in words for _, _, words in host.log)
    host.check()


@pytest.mark.parametrize("title", ITEMS)
def test_item_without_a_selection_shows_a_message(tmp_path: Path, title: str) -> None:
    """With nothing selected nothing is done, in a catalog of any size."""
    host = loaded(tmp_path)
    host.menu(title)
    host.run_for(30)
    assert len(host.dialogs) == 1
    assert "select" in host.dialogs[0].text.lower()
    assert not host.gates
    assert not host.http_requests
    host.check()


def test_panel_only_reads(tmp_path: Path) -> None:
    """Lightroom may draw the panel at any time: nothing is started, stopped or requested."""
    host = loaded(tmp_path, watch=True)
    host.run_for(5)
    tasks, prefs = host.tasks, host.prefs
    for _ in range(3):
        words = [control.title for control in host.panel()]
    assert "New imports are flagged automatically." in words
    assert any(str(tmp_path / ".autocull" / "plugin.log") in str(word) for word in words)
    assert (host.tasks, host.prefs) == (tasks, prefs)
    assert not host.queries
    assert not host.http_requests
    host.check()


def test_panel_shows_that_the_watch_is_off(tmp_path: Path) -> None:
    """And where to switch it on; at once, where it was on before."""
    host = loaded(tmp_path, watch=True)
    host.run_for(5)
    host.menu("Flag new imports automatically")
    host.run_for(1)
    assert any("New imports are not flagged." in str(control.title) for control in host.panel())
    host.check()


def test_panel_shows_why_the_watch_fails(tmp_path: Path) -> None:
    """Without a daemon the panel shows that it tries again, with the reason; hours later too."""
    host = Host(PLUGIN, tmp_path)
    host.load()
    host.menu("Flag new imports automatically")
    host.run_for(5)
    host.catalog.add_photo("/card/1.NEF")
    for duration in (200, 7200):
        host.run_for(duration)
        text = "\n".join(str(control.title) for control in host.panel())
        assert "cannot be flagged at the moment; Autocull tries again.\nAutocull is not running" in text
