"""The end of a run: a bezel, and *Show last report*; no window opens in the middle of other work."""

from __future__ import annotations

from pathlib import Path

import pytest

from plugin.fake_daemon import FakeDaemon, unreadable
from plugin.host import Host
from plugin.shoots import HOUR, by_number, choose, cull, last_report, menu, shoot


def test_run_ends_with_a_bezel_and_without_a_window(host: Host, daemon: FakeDaemon, tmp_path: Path) -> None:
    """The outcome fades over the photos; the report comes when it is wanted, with time and counts."""
    daemon.judge = by_number(rejects=2, doubts=1)
    shoot(host, tmp_path, 10)
    menu(host, "Auto-cull selection")
    assert host.dialogs == []
    assert host.bezels == ["Auto-cull is done: 7 keep, 2 reject, 1 cannot tell"]
    report = last_report(host)
    assert report.message == "Auto-cull is done (2026-05-04 10:00)"
    assert "Marks written to 10 photos" in report.text
    assert report.style == "info"


def test_bezel_of_an_incomplete_run_refers_to_the_report(
    host: Host, daemon: FakeDaemon, tmp_path: Path
) -> None:
    """Where photos could not be read, their names are in the report, which is a warning."""
    daemon.judge = lambda photo: unreadable()
    shoot(host, tmp_path, 1)
    menu(host, "Auto-cull selection")
    assert host.bezels == ["Auto-cull is done: 0 keep, 0 reject, 0 cannot tell. More in Show last report"]
    assert last_report(host).style == "warning"


def test_undo_ends_with_a_bezel(host: Host, tmp_path: Path) -> None:
    """Its question is a dialog, its end is none."""
    shoot(host, tmp_path, 2)
    cull(host)
    host.answer_dialog("Undo the auto-cull of", "ok")
    before = len(host.dialogs)
    menu(host, "Undo last auto-cull")
    assert len(host.dialogs) == before + 1
    assert host.bezels[-1] == "The auto-cull is undone: Marks restored on 2 photos"
    assert "Marks restored on 2 photos" in last_report(host).text


def test_failure_at_the_click_is_a_dialog(host: Host, daemon: FakeDaemon, tmp_path: Path) -> None:
    """Nothing else goes on yet, so it is the answer to the click."""
    daemon.die(clean=True)
    shoot(host, tmp_path, 1)
    menu(host, "Auto-cull selection")
    assert "does not know how to start it" in host.dialogs[-1].text
    assert host.bezels == []


def test_late_failure_is_a_bezel(host: Host, daemon: FakeDaemon, tmp_path: Path) -> None:
    """The daemon dies in the middle of the run: the reason is in the report."""
    daemon.speed = 0
    shoot(host, tmp_path, 3)
    host.menu("Auto-cull selection")
    host.run(until=lambda: daemon.jobs)
    host.run_for(30)
    daemon.die(clean=True)
    host.run(at_most_s=HOUR)
    assert host.dialogs == []
    assert host.bezels[-1].endswith("More in Show last report")
    assert 'Run "autocull install" in a terminal' in last_report(host).text


def test_report_outlives_a_restart(host: Host, tmp_path: Path) -> None:
    """It is kept in the preferences."""
    shoot(host, tmp_path, 3)
    cull(host)
    host.quit()
    host.load()
    assert "3 of 3 photos judged" in last_report(host).text


@pytest.mark.parametrize("stored", [None, "text", 7])
def test_missing_report_is_named(tmp_path: Path, daemon: FakeDaemon, host: Host, stored: object) -> None:
    """Before the first run, and where the preferences hold something else."""
    host.quit()
    if stored is not None:
        host.set_pref("lastReport", stored)
    host.load()
    assert "There is no report yet" in last_report(host).text


def test_report_is_german_in_a_german_lightroom(german_host: Host, tmp_path: Path) -> None:
    """Bezel, title and text."""
    choose(german_host, policy="fill")
    shoot(german_host, tmp_path, 1)
    menu(german_host, "Auswahl automatisch sichten")
    assert german_host.bezels == ["Die automatische Sichtung ist fertig: 1 behalten, 0 ablehnen, 0 unklar"]
    assert "1 von 1 Fotos beurteilt" in last_report(german_host).text
