"""*Auto-cull previous import*: the view changes, a dialog announces it, and the shown photos are culled."""

from __future__ import annotations

from pathlib import Path

import pytest

from plugin.fake_daemon import FakeDaemon
from plugin.host import Host
from plugin.literal_files import PLUGIN
from plugin.shoots import last_report

TITLE = "Auto-cull previous import"
SOURCES = "return import 'LrApplication'.activeCatalog():getActiveSources()"


@pytest.fixture
def host(tmp_path: Path, daemon: FakeDaemon) -> Host:
    """A large catalog, of which three photos are the previous import, and another is selected."""
    host = Host(PLUGIN, tmp_path)
    host.catalog.size(500_000)
    host.load()
    host.catalog.previous_import([host.catalog.add_photo(f"/card/{number}.NEF") for number in range(3)])
    host.select([host.catalog.add_photo("/shoot/1.NEF")])
    return host


def choose(host: Host) -> None:
    """Choose the menu item and let it be done."""
    host.menu(TITLE)
    host.run_for(120)


def test_previous_import_is_culled(host: Host, daemon: FakeDaemon) -> None:
    """Only its photos, by a run of the user, after a dialog with their number and the changed view."""
    host.answer_dialog(r"Auto-cull the previous import \(photos: 3\)", "Auto-cull")
    choose(host)
    *imported, other = host.catalog.photos
    assert [photo.flag for photo in imported] == [1, 1, 1]
    assert other.flag == 0
    assert daemon.job.order["source"] == "user"
    assert "shows Previous Import" in host.dialogs[0].text
    assert "3 of 3" in last_report(host).text
    host.check()


def test_dialog_can_be_cancelled(host: Host, daemon: FakeDaemon) -> None:
    """Nothing is requested from the daemon."""
    host.answer_dialog("Auto-cull the previous import", "cancel")
    choose(host)
    assert not daemon.jobs
    assert not host.progress_scopes
    host.check()


def test_source_and_selection_are_put_back(host: Host) -> None:
    """As they were before, also with several selected photos."""
    photos = [host.catalog.photos[3], host.catalog.add_photo("/shoot/2.NEF")]
    host.select(photos)
    host.answer_dialog("Auto-cull the previous import", "ok")
    choose(host)
    assert host.lua_task(SOURCES) == ["all_photos"]
    assert host.selected == photos
    host.check()


def test_cancelled_dialog_puts_the_source_back(host: Host) -> None:
    """Nothing was done, so nothing stays changed."""
    host.answer_dialog("Auto-cull the previous import", "cancel")
    choose(host)
    assert host.lua_task(SOURCES) == ["all_photos"]
    assert host.selected == [host.catalog.photos[3]]
    host.check()


def test_selection_made_meanwhile_stays(host: Host) -> None:
    """The photographer works with the import already, and it stays shown."""
    host.answer_dialog(
        "Auto-cull the previous import", "ok", then=lambda _: host.select(host.catalog.photos[:1])
    )
    choose(host)
    assert host.lua_task(SOURCES) == ["previous_import"]
    assert host.selected == host.catalog.photos[:1]
    host.check()


def test_many_photos_are_confirmed_once(host: Host, daemon: FakeDaemon) -> None:
    """Above the limit in the settings there is one dialog, not two."""
    host.lua_task("require('Settings').set('confirmAbove', 2)")
    host.answer_dialog("Auto-cull 3 photos", "ok")
    choose(host)
    assert [dialog.kind for dialog in host.dialogs] == ["confirm"]
    assert len(daemon.job.photos) == 3
    host.check()


def test_empty_previous_import_shows_a_message(host: Host, daemon: FakeDaemon) -> None:
    """Nothing was imported since the start: no run, one message."""
    host.catalog.previous_import([])
    choose(host)
    assert [dialog.message for dialog in host.dialogs] == ["Previous Import shows no photos"]
    assert not daemon.jobs
    host.check()


def test_view_that_does_not_change_shows_a_message(host: Host, daemon: FakeDaemon) -> None:
    """Where Lightroom keeps another view, the wrong photos are not culled."""
    host.knob("stuckView", value=True)
    choose(host)
    (dialog,) = host.dialogs
    assert "Lightroom did not show Previous Import." in dialog.text
    assert "Auto-cull selection" in dialog.text
    assert not daemon.jobs
    host.check()


def test_selection_that_stays_shows_a_message(host: Host, daemon: FakeDaemon) -> None:
    """Else the photos that were selected before would be culled in place of the import."""
    host.knob("stuckSelection", value=True)
    choose(host)
    (dialog,) = host.dialogs
    assert "Lightroom did not clear the selection." in dialog.text
    assert not daemon.jobs
    host.check()


def test_catalog_is_not_scanned(host: Host) -> None:
    """Only the photos of the import are read."""
    host.answer_dialog("Auto-cull the previous import", "ok")
    choose(host)
    assert max(query["count"] for query in host.queries) <= 3
    host.check()


def test_texts_are_german(tmp_path: Path, daemon: FakeDaemon) -> None:
    """Question and view are German where Lightroom is."""
    host = Host(PLUGIN, tmp_path, language="de")
    host.load()
    host.catalog.previous_import([host.catalog.add_photo("/card/1.NEF")])
    host.answer_dialog(r"Den vorherigen Import automatisch sichten \(Fotos: 1\)", "Sichten")
    host.menu("Vorherigen Import automatisch sichten")
    host.run_for(60)
    assert host.catalog.photos[0].flag == 1
    host.check()
