"""*This shoot is finished*: marks of an auto-cull become the photographer's own."""

from __future__ import annotations

from pathlib import Path

import pytest

from plugin.catalog import Photo
from plugin.fake_daemon import FakeDaemon
from plugin.host import Host
from plugin.shoots import KEPT, REJECTED, by_number, cull, menu, shoot

FINISH = "This shoot is finished"
QUESTION = "Take over the marks of Autocull on 10 photos"


@pytest.fixture
def photos(host: Host, daemon: FakeDaemon, tmp_path: Path) -> list[Photo]:
    """Ten photos after a run, three of them rejected."""
    daemon.judge = by_number(rejects=3)
    result = shoot(host, tmp_path, 10)
    cull(host)
    return result


def test_later_run_leaves_what_was_taken_over(host: Host, daemon: FakeDaemon, photos: list[Photo]) -> None:
    """No mark changes, now or with another verdict."""
    before = [photo.marks for photo in photos]
    steps = len(host.undo_steps)
    host.answer_dialog(QUESTION, "Take over")
    menu(host, FINISH)
    assert [photo.marks for photo in photos] == before
    assert len(host.undo_steps) == steps
    assert host.bezels[-1] == "Marks taken over on 10 photos"
    daemon.judge = by_number(rejects=10)
    host.select(photos)
    cull(host)
    assert [photo.marks for photo in photos] == before


def test_learning_counts_agreement(host: Host, photos: list[Photo]) -> None:
    """Before, no mark of the run is a decision; afterwards each is."""
    decide = """local catalog = import 'LrApplication'.activeCatalog()
      local marked = require('CatalogReader').readDecisionMarks(catalog:getTargetPhotos())
      local count = 0
      for _, each in ipairs(marked) do
        if require('CullPlan').userSet(each.marks).flag then count = count + 1 end
      end
      return count"""
    assert host.lua_task(decide) == 0
    host.answer_dialog(QUESTION, "Take over")
    menu(host, FINISH)
    assert host.lua_task(decide) == 10


def test_cancel_changes_nothing(host: Host, daemon: FakeDaemon, photos: list[Photo]) -> None:
    """The next run still changes its own marks."""
    host.answer_dialog(QUESTION, "cancel")
    menu(host, FINISH)
    daemon.judge = by_number(rejects=10)
    host.select(photos)
    cull(host)
    assert {photo.marks for photo in photos} == {REJECTED}


def test_only_selected_photos_are_taken_over(host: Host, daemon: FakeDaemon, photos: list[Photo]) -> None:
    """With one or none selected it is all that are shown."""
    host.select(photos[3:5])
    host.answer_dialog("on 2 photos", "Take over")
    menu(host, FINISH)
    daemon.judge = by_number(rejects=10)
    host.select(photos)
    cull(host)
    assert [photo.marks == KEPT for photo in photos].count(True) == 2
    host.select(photos[:1])
    host.answer_dialog("on 8 photos", "cancel")
    menu(host, FINISH)


def test_photos_without_marks_of_a_run_are_named(host: Host, tmp_path: Path) -> None:
    """There is no dialog."""
    shoot(host, tmp_path, 2)
    menu(host, FINISH)
    assert host.bezels[-1] == "No photo here has marks of Autocull"


def test_question_is_german_in_a_german_lightroom(german_host: Host, tmp_path: Path) -> None:
    """And the bezel at the end."""
    shoot(german_host, tmp_path, 2)
    menu(german_host, "Auswahl automatisch sichten")
    german_host.answer_dialog("als eigene übernehmen", "Übernehmen")
    menu(german_host, "Diese Aufnahmen sind fertig")
    assert german_host.bezels[-1] == "Markierungen bei 2 Fotos übernommen"
