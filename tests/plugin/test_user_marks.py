"""No mark of the photographer's is lost: set meanwhile, after two runs, by another label set, or undone."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from plugin.catalog import Photo
from plugin.fake_daemon import FakeDaemon
from plugin.host import Host
from plugin.literal_files import PLUGIN
from plugin.shoots import HOUR, KEPT, REJECTED, UNMARKED, by_number, choose, cull, last_report, menu, shoot

GERMAN = {"red": "Rot", "yellow": "Gelb", "green": "Grün", "blue": "Blau", "purple": "Lila"}


def undo(host: Host) -> str:
    """Choose *Undo last auto-cull*, confirm it, and return the report."""
    host.answer_dialog("Undo the auto-cull of", "ok")
    menu(host, "Undo last auto-cull")
    return last_report(host).text


def once(action: str, act: Callable[[], Any]) -> Callable[[str], None]:
    """Return a hook that acts once, right before the first gate of this name opens."""
    done: list[str] = []

    def before(name: str) -> None:
        if name == action and not done:
            done.append(name)
            act()

    return before


def change_all(photos: list[Photo]) -> None:
    """Let the photographer set one mark of each photo, of another kind each."""
    for number, photo in enumerate(photos):
        name, value = [("rating", 5), ("label", "blue"), ("flag", -1), ("label", "Kunde")][number % 4]
        setattr(photo, name, value)


# -- row 1: marks that are set between reading and the gate ---------------------------------------------


@pytest.mark.parametrize("policy", ["respect", "fill", "overwrite"])
def test_marks_set_right_before_the_gate_are_left_alone(
    host: Host, daemon: FakeDaemon, tmp_path: Path, policy: str
) -> None:
    """Whatever the policy: a photo that differs from the plan is left alone, and counted."""
    choose(host, policy=policy)
    photos = shoot(host, tmp_path, 10)
    host.before_gate(once("Auto-cull", lambda: change_all(photos[:8])))
    report = cull(host).text
    assert [photo.marks for photo in photos[:4]] == [
        (5, "none", 0), (None, "blue", 0), (None, "none", -1), (None, "Kunde", 0),
    ]  # fmt: skip
    assert [photo.marks for photo in photos[8:]] == [KEPT, KEPT]
    assert "Your own marks were left alone on 8 photos" in report
    before = [photo.marks for photo in photos[:8]]
    undo(host)
    assert [photo.marks for photo in photos[:8]] == before
    assert {photo.marks for photo in photos[8:]} == {UNMARKED}


def test_plan_counts_where_no_photo_can_be_read_in_a_gate(host: Host, tmp_path: Path) -> None:
    """Some hosts refuse a read there; then the marks from before the gate count."""
    host.knob("readsInGate", value=False)
    photos = shoot(host, tmp_path, 3)
    cull(host)
    assert {photo.marks for photo in photos} == {KEPT}


def test_marks_set_right_before_the_gate_of_an_undo_are_left_alone(host: Host, tmp_path: Path) -> None:
    """And counted as changed."""
    marked, other = shoot(host, tmp_path, 2)
    cull(host)
    host.before_gate(once("Undo auto-cull", lambda: setattr(marked, "rating", 5)))
    report = undo(host)
    assert marked.marks == (5, "green", 1)
    assert other.marks == UNMARKED
    assert "Changed since then, and left as they are: 1 photos" in report


def test_marks_set_right_before_the_gate_of_the_watch_are_left_alone(host: Host, tmp_path: Path) -> None:
    """The photographer did not even start this run."""
    host.menu("Flag new imports automatically")
    host.run_for(5)
    marked, other = shoot(host, tmp_path, 2)
    host.select([])
    host.before_gate(once("Auto-cull", lambda: setattr(marked, "rating", 5)))
    host.run_for(300)
    assert marked.marks == (5, "none", 0)
    assert other.marks == KEPT


# -- row 2: who wrote a mark ----------------------------------------------------------------------------


def test_undo_restores_who_wrote_a_mark(host: Host, daemon: FakeDaemon, tmp_path: Path) -> None:
    """After the undo of a second run the first one's rejects are Autocull's: the next run may change them."""
    daemon.judge = by_number(rejects=10)
    photos = shoot(host, tmp_path, 3)
    cull(host)
    daemon.judge = by_number()
    cull(host)
    undo(host)
    assert {photo.marks for photo in photos} == {REJECTED}
    decided = host.lua_task(
        "local progress = { isCanceled = function() return false end, setPortionComplete = function() end }"
        "return #require('DecisionCollector').collect(progress).decisions"
    )
    assert decided == 0, "Learn takes Autocull's marks for decisions"
    cull(host)
    assert {photo.marks for photo in photos} == {KEPT}


def test_three_undos_go_back_through_three_runs(host: Host, daemon: FakeDaemon, tmp_path: Path) -> None:
    """After each the marks are Autocull's; after the last there are none."""
    [photo] = shoot(host, tmp_path, 1)
    steps = []
    for rejects in (0, 10, 0):
        daemon.judge = by_number(rejects=rejects)
        cull(host)
        steps.append((photo.marks, photo.property("written")))
    for marks, written in (*reversed(steps[:-1]), (UNMARKED, None)):
        undo(host)
        assert (photo.marks, photo.property("written")) == (marks, written)


def test_mark_changed_before_an_undo_stays_the_photographers(
    host: Host, daemon: FakeDaemon, tmp_path: Path
) -> None:
    """Five stars since the second run: they stay, and no later run takes them for Autocull's."""
    [photo] = shoot(host, tmp_path, 1)
    cull(host)
    daemon.judge = by_number(rejects=10)
    cull(host)
    photo.rating = 5
    undo(host)
    assert photo.marks == (5, "green", 1)
    cull(host)
    assert photo.rating == 5


# -- row 3: the self-test -------------------------------------------------------------------------------


@pytest.mark.parametrize("label", ["none", "purple", "Print this", "Red"])
def test_self_test_restores_labels_as_texts(host: Host, tmp_path: Path, label: str) -> None:
    """Not as the "gray" or "other" that they read back as; a text of another label set is a text too."""
    host.catalog.label_set = {"red": "Wählen"}
    [photo] = shoot(host, tmp_path, 1, label=label)
    before = photo.marks
    host.answer_dialog("May the self-test write to one photo", "ok")
    host.menu("Developer: self-test")
    host.run_for(300)
    assert photo.marks == before
    assert "restore: as before" in Path(host.revealed[0]).read_text("utf-8")


# -- row 4: overwrite, and marks set in mid-run ---------------------------------------------------------


def test_marks_set_while_the_gate_is_awaited_survive_overwrite_and_undo(
    host: Host, daemon: FakeDaemon, tmp_path: Path
) -> None:
    """Five stars given after the marks were journaled: the photo is left alone and counted, also by undo."""
    choose(host, policy="overwrite")
    daemon.judge = by_number(rejects=10)
    photo, other = shoot(host, tmp_path, 2)
    host.catalog.hold_gate(20)
    host.menu("Auto-cull selection")
    host.run(until=lambda: daemon.journals)
    photo.rating, photo.label = 5, "blue"
    host.run(at_most_s=HOUR)
    assert photo.marks == (5, "blue", 0)
    assert other.marks == REJECTED
    assert "Your own marks were left alone on 1 photos" in last_report(host).text
    undo(host)
    assert photo.marks == (5, "blue", 0)
    assert other.marks == UNMARKED


# -- row 5: label sets ----------------------------------------------------------------------------------


def test_undo_and_runs_recognise_labels_after_the_set_was_switched(
    host: Host, daemon: FakeDaemon, tmp_path: Path
) -> None:
    """Autocull's label has lost its colour, and is recognised by its text."""
    first, second = shoot(host, tmp_path, 2)
    cull(host)
    host.catalog.label_set = GERMAN
    assert first.label == "Green"
    host.select([second])
    cull(host)
    assert second.marks == KEPT, "the same verdict in the new set"
    undo(host)
    undo(host)
    assert {photo.marks for photo in (first, second)} == {UNMARKED}


def test_undo_restores_the_text_that_the_photographer_had(
    host: Host, daemon: FakeDaemon, tmp_path: Path
) -> None:
    """A label of the old set comes back as it was, though the new set has another text for its colour."""
    choose(host, policy="overwrite")
    [photo] = shoot(host, tmp_path, 1, label="blue")
    cull(host)
    host.catalog.label_set = GERMAN
    undo(host)
    assert photo.label == "Blue"


@pytest.mark.parametrize("read_as", ["gray", "grey"])
def test_labels_are_recognised_where_all_read_gray(daemon: FakeDaemon, tmp_path: Path, read_as: str) -> None:
    """As in some localized hosts: a second run may change Autocull's labels, and undo restores them."""
    host = Host(PLUGIN, tmp_path, language="de")
    host.catalog.label_set = GERMAN
    for knob, value in (("labelsReadGray", True), ("noLabel", read_as), ("otherLabel", read_as)):
        host.knob(knob, value)
    host.load()
    photos = shoot(host, tmp_path, 2)
    labelled = host.catalog.add_photo("/shoot/labelled.NEF", label="red")
    host.select([*photos, labelled])
    menu(host, "Auswahl automatisch sichten")
    assert labelled.label == "red"
    daemon.judge = by_number(rejects=10)
    host.select(photos)
    menu(host, "Auswahl automatisch sichten")
    assert {photo.marks for photo in photos} == {REJECTED}
    for _ in range(2):
        host.answer_dialog("rückgängig machen", "ok")
        menu(host, "Letzte Sichtung rückgängig machen")
    assert {photo.marks for photo in photos} == {UNMARKED}
    host.check()


# -- row 6: the import watch ----------------------------------------------------------------------------


@pytest.mark.parametrize("read_as", ["gray", "grey", "none"])
def test_watch_judges_photos_without_a_label(host: Host, tmp_path: Path, read_as: str) -> None:
    """Whatever no label reads back as."""
    host.knob("noLabel", read_as)
    host.menu("Flag new imports automatically")
    host.run_for(5)
    photos = shoot(host, tmp_path, 55)
    host.select([])
    host.run_for(300)
    assert {photo.marks for photo in photos} == {KEPT}
