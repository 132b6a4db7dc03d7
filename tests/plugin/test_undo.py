"""*Undo last auto-cull*: marks that are still Autocull's are restored, and nothing else changes."""

from __future__ import annotations

from pathlib import Path

import pytest

from plugin.catalog import Photo
from plugin.dialogs import Dialog
from plugin.fake_daemon import FakeDaemon, problem
from plugin.host import Host
from plugin.shoots import HOUR, KEPT, REJECTED, UNMARKED, by_number, choose, cull, last_report, menu, shoot


def undo(host: Host, button: str = "ok") -> Dialog:
    """Choose *Undo last auto-cull*, answer the question, and return the last dialog."""
    host.answer_dialog("Undo the auto-cull of", button)
    menu(host, "Undo last auto-cull")
    return last_report(host)


def many(host: Host, count: int) -> list[Photo]:
    """Select so many photos, which the host believes to be there."""
    photos = [host.catalog.add_photo(f"/shoot/IMG_{number:04}.NEF") for number in range(count)]
    host.select(photos)
    return photos


def test_previous_marks_are_restored(host: Host, daemon: FakeDaemon, tmp_path: Path) -> None:
    """On photos without marks, with marks, and where overwrite replaced marks."""
    choose(host, policy="overwrite")
    daemon.judge = by_number(rejects=3)
    photos = shoot(host, tmp_path, 6)
    photos[0].rating, photos[1].label, photos[2].flag, photos[3].label = 5, "Kunde", 1, "purple"
    before = [photo.marks for photo in photos]
    cull(host)
    assert [photo.marks for photo in photos] == [REJECTED, REJECTED, KEPT, KEPT, KEPT, KEPT]
    report = undo(host).text
    assert [photo.marks for photo in photos] == before
    assert "The auto-cull is undone" in report
    assert "Marks restored on 6 photos" in report


def test_undo_is_confirmed_with_the_count(host: Host, tmp_path: Path) -> None:
    """Cancel changes nothing; the dialog shows the time and the count."""
    photos = shoot(host, tmp_path, 3)
    cull(host)
    undo(host, "cancel")
    assert "Undo the auto-cull of" in host.dialogs[-2].text
    assert {photo.marks for photo in photos} == {KEPT}
    assert "3 photos" in undo(host).text


def test_later_edits_stay(host: Host, tmp_path: Path) -> None:
    """Mark by mark: what the user changed since stays, the other marks are restored."""
    starred, flagged, untouched = shoot(host, tmp_path, 3)
    cull(host)
    starred.rating, flagged.flag = 5, -1
    report = undo(host).text
    assert starred.marks == (5, "none", 0)
    assert flagged.marks == (None, "none", -1)
    assert untouched.marks == UNMARKED
    assert "Changed since then, and left as they are: 2 photos" in report


def test_photo_with_all_marks_changed_is_counted(host: Host, tmp_path: Path) -> None:
    """The user set all three marks since: nothing is written to it."""
    [photo] = shoot(host, tmp_path, 1)
    cull(host)
    photo.rating, photo.label, photo.flag = 1, "red", -1
    report = undo(host).text
    assert photo.marks == (1, "red", -1)
    assert "Marks restored on 0 photos" in report


def test_undo_works_after_a_restart_of_everything(host: Host, daemon: FakeDaemon, tmp_path: Path) -> None:
    """The daemon has the journal, and the catalog stores its own id."""
    photos = shoot(host, tmp_path, 3)
    cull(host)
    host.quit()
    daemon.die(clean=True)
    daemon.start()
    host.load()
    undo(host)
    assert {photo.marks for photo in photos} == {UNMARKED}


def test_undo_reverts_the_last_run_and_then_the_one_before(
    host: Host, daemon: FakeDaemon, tmp_path: Path
) -> None:
    """Each run once, newest first; then a message shows that there is none left."""
    first = shoot(host, tmp_path, 2)
    cull(host)
    second = shoot(host, tmp_path, 2)
    cull(host)
    undo(host)
    assert [photo.marks for photo in (*first, *second)] == [KEPT, KEPT, UNMARKED, UNMARKED]
    undo(host)
    assert {photo.marks for photo in (*first, *second)} == {UNMARKED}
    menu(host, "Undo last auto-cull")
    assert "There is no auto-cull of this catalog to undo." in host.dialogs[-1].text


def test_undo_of_a_second_run_restores_the_first(host: Host, daemon: FakeDaemon, tmp_path: Path) -> None:
    """Undo is one step back, not to the beginning."""
    photos = shoot(host, tmp_path, 2)
    cull(host)
    daemon.judge = by_number(rejects=10)
    cull(host)
    undo(host)
    assert {photo.marks for photo in photos} == {KEPT}
    undo(host)
    assert {photo.marks for photo in photos} == {UNMARKED}


def test_restored_marks_count_as_user_set(host: Host, daemon: FakeDaemon, tmp_path: Path) -> None:
    """A run after the undo writes as the first did: no mark of Autocull's counts as a decision."""
    photos = shoot(host, tmp_path, 2)
    cull(host)
    undo(host)
    assert {photo.property("written") for photo in photos} == {None}
    cull(host)
    assert {photo.marks for photo in photos} == {KEPT}


def test_each_catalog_has_its_own_last_run(host: Host, daemon: FakeDaemon, tmp_path: Path) -> None:
    """Only this catalog's journals are requested from the daemon, by an id that stays."""
    shoot(host, tmp_path, 1)
    cull(host)
    undo(host)
    catalog_id = host.catalog.properties["catalogId"]
    assert catalog_id
    assert daemon.job.order["catalog"] == catalog_id
    assert any(f"catalog={catalog_id}&" in request.path for request in daemon.requests)


def test_long_journals_are_paged_and_gates_stay_short(host: Host, daemon: FakeDaemon) -> None:
    """450 photos: three pages, three gates, one name; a bar that reaches its end."""
    photos = many(host, 450)
    cull(host)
    steps = len(host.gates)
    undo(host)
    assert {photo.marks for photo in photos} == {UNMARKED}
    gates = host.gates[steps:]
    assert [gate["name"] for gate in gates] == ["Undo auto-cull"] * 3
    assert max(gate["writes"] for gate in gates) <= 200 * 4
    assert host.progress_scopes[-1].done == 450


def test_cancelled_undo_can_be_finished(host: Host, daemon: FakeDaemon) -> None:
    """What was restored stays restored, and the rest is offered again."""
    photos = many(host, 450)
    cull(host)
    host.cancel_progress(lambda scope: scope.title == "Undo auto-cull" and scope.done >= 200)
    report = undo(host).text
    assert "partly undone" in report
    assert 0 < sum(photo.marks == UNMARKED for photo in photos) < 450
    host.cancel_progress(lambda scope: False)
    undo(host)
    assert {photo.marks for photo in photos} == {UNMARKED}


def test_removed_photos_are_counted(host: Host, tmp_path: Path) -> None:
    """And the others are restored."""
    gone, kept = shoot(host, tmp_path, 2)
    cull(host)
    gone.vanish()
    report = undo(host).text
    assert "No longer in the catalog: 1 photos" in report
    assert kept.marks == UNMARKED


def test_marks_that_cannot_be_read_keep_the_journal_open(
    host: Host, daemon: FakeDaemon, tmp_path: Path
) -> None:
    """They may have been changed, so they stay; a later undo restores them."""
    photos = shoot(host, tmp_path, 2)
    cull(host)
    host.lua.FORMATTED_KEYS["label"] = None
    assert "Could not be written: 2 photos" in undo(host).text
    assert {photo.marks for photo in photos} == {KEPT}
    host.lua.FORMATTED_KEYS["label"] = True
    undo(host)
    assert {photo.marks for photo in photos} == {UNMARKED}


def test_photo_that_cannot_be_written_keeps_the_journal_open(
    host: Host, daemon: FakeDaemon, tmp_path: Path
) -> None:
    """It is counted, and the next undo continues with it."""
    photos = shoot(host, tmp_path, 3)
    cull(host)
    host.fail_write(photos[1], "the photo is being synced")
    report = undo(host).text
    assert "Could not be written: 1 photos" in report
    assert photos[1].flag == 1
    assert daemon.undone == set()
    undo(host)
    assert {photo.marks for photo in photos} == {UNMARKED}
    assert daemon.undone == {"job-1"}


def test_undo_waits_for_a_busy_catalog_until_it_is_cancelled(
    host: Host, daemon: FakeDaemon, tmp_path: Path
) -> None:
    """Photos that were not restored do not count as restored; the journal stays open."""
    photos = shoot(host, tmp_path, 2)
    cull(host)
    host.answer_dialog("Undo the auto-cull of", "ok", after=5)
    host.menu("Undo last auto-cull")
    host.run(until=lambda: bool(host.dialogs))
    host.catalog.hold_gate(600)
    host.cancel_progress(lambda scope: scope.title == "Undo auto-cull" and "busy" in scope.caption)
    host.run(at_most_s=HOUR)
    report = last_report(host).text
    assert "partly undone" in report
    assert "Marks restored on 0 photos" in report
    assert {photo.marks for photo in photos} == {KEPT}
    assert daemon.undone == set()
    host.cancel_progress(lambda scope: False)
    undo(host)
    assert {photo.marks for photo in photos} == {UNMARKED}


@pytest.mark.parametrize(
    "answer",
    [
        problem(500, "internal", "The store is damaged."),
        (200, {"entries": [{"number": 1, "id": "x", "before": 3, "after": {}}], "next": 1, "complete": True}),
        (200, {"entries": [], "next": -1, "complete": False}),
    ],
    ids=["an error", "an entry without marks", "a page that goes backwards"],
)
def test_invalid_journal_changes_nothing(
    host: Host, daemon: FakeDaemon, tmp_path: Path, answer: tuple[int, dict[str, object]]
) -> None:
    """And is not marked as undone."""
    photos = shoot(host, tmp_path, 2)
    cull(host)
    daemon.on_request = lambda request: answer if "/entries" in request.path else None
    assert "partly undone" in undo(host).text
    assert {photo.marks for photo in photos} == {KEPT}
    assert daemon.undone == set()


def test_fields_of_the_verdict_stay(host: Host, tmp_path: Path) -> None:
    """Marks are restored; measured values stay readable."""
    [photo] = shoot(host, tmp_path, 1)
    cull(host)
    undo(host)
    assert photo.property("verdict") == "keep"
    assert photo.property("cullState") == "done:3f2a91c0"


def test_undo_is_refused_during_a_run(host: Host, daemon: FakeDaemon, tmp_path: Path) -> None:
    """A message shows it."""
    daemon.speed = 1
    shoot(host, tmp_path, 20)
    host.menu("Auto-cull selection")
    host.run(until=lambda: bool(daemon.jobs))
    host.menu("Undo last auto-cull")
    host.run(at_most_s=HOUR)
    assert "Autocull is at work already" in host.dialogs[0].text
