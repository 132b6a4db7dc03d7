"""The list of runs that *Undo last auto-cull* offers."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest

from plugin.dialogs import Dialog
from plugin.fake_daemon import FakeDaemon
from plugin.host import Host
from plugin.shoots import KEPT, REJECTED, UNMARKED, by_number, cull, menu, shoot

UNDO = "Undo last auto-cull"
HOUR = 3600


def offered(dialog: Dialog) -> list[str]:
    """The runs in the list."""
    [control] = [each for each in dialog.controls if each.key == "index"]
    return [item["title"] for item in control.items]


def test_runs_have_local_time_and_count(host: Host, daemon: FakeDaemon, tmp_path: Path) -> None:
    """Newest first; the time is that of the photographer's clock, also across midnight."""
    host.knob("timeZone", 2 * HOUR)
    for count, created in ((2, "2026-11-20T22:30:00Z"), (3, "2026-11-21T10:00:00Z")):
        shoot(host, tmp_path, count)
        cull(host)
        daemon.created[daemon.job.id] = created
    host.answer_dialog("Undo the auto-cull of", "cancel")
    menu(host, UNDO)
    assert offered(host.dialogs[-1]) == ["2026-11-21 12:00, photos: 3", "2026-11-21 00:30, photos: 2"]


def test_newest_run_is_chosen(host: Host, daemon: FakeDaemon, tmp_path: Path) -> None:
    """The other one stays."""
    older = shoot(host, tmp_path, 2)
    cull(host)
    newer = shoot(host, tmp_path, 2)
    cull(host)
    host.answer_dialog("Undo the auto-cull of", "Undo")
    menu(host, UNDO)
    assert {photo.marks for photo in older} == {KEPT}
    assert {photo.marks for photo in newer} == {UNMARKED}


def test_earlier_run_can_be_undone_alone(host: Host, daemon: FakeDaemon, tmp_path: Path) -> None:
    """The newer run stays, and stays in the list."""
    older = shoot(host, tmp_path, 2)
    cull(host)
    daemon.judge = by_number(rejects=10)
    newer = shoot(host, tmp_path, 1)
    cull(host)
    host.answer_dialog("Undo the auto-cull of", "Undo", {"index": 2})
    menu(host, UNDO)
    assert {photo.marks for photo in older} == {UNMARKED}
    assert {photo.marks for photo in newer} == {REJECTED}
    host.answer_dialog("Undo the auto-cull of", "cancel")
    menu(host, UNDO)
    assert len(offered(host.dialogs[-1])) == 1


@pytest.mark.parametrize(
    "created",
    ["1970-01-01T00:00:00Z", "2000-02-29T23:59:59Z", "2024-12-31T12:00:00Z", "2026-03-01T00:00:01Z"],
)
def test_times_of_the_daemon_are_read(host: Host, created: str) -> None:
    """Leap days and ends of years included."""
    seconds = host.lua_task(f"return require('UndoChoice').posixTime('{created}')")
    assert seconds == datetime.fromisoformat(created).timestamp()


def test_unknown_time_is_shown_as_it_is(host: Host, daemon: FakeDaemon, tmp_path: Path) -> None:
    """A later daemon may write it in another form."""
    shoot(host, tmp_path, 1)
    cull(host)
    daemon.created[daemon.job.id] = "yesterday"
    host.answer_dialog("Undo the auto-cull of", "cancel")
    menu(host, UNDO)
    assert offered(host.dialogs[-1]) == ["yesterday, photos: 1"]


def test_list_is_german_in_a_german_lightroom(german_host: Host, tmp_path: Path) -> None:
    """The label, and each run."""
    shoot(german_host, tmp_path, 1)
    menu(german_host, "Auswahl automatisch sichten")
    german_host.answer_dialog("Sichtung rückgängig machen", "cancel")
    german_host.menu("MenuUndo.lua")
    german_host.run_for(60)
    assert offered(german_host.dialogs[-1]) == ["2026-11-21 10:00, Fotos: 1"]
