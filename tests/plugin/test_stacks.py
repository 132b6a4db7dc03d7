"""Collapsed stacks: Lightroom selects their tops only, so the other photos are offered or mentioned."""

from __future__ import annotations

from pathlib import Path

import pytest

from plugin.fake_daemon import FakeDaemon
from plugin.host import Host
from plugin.literal_files import PLUGIN
from plugin.shoots import KEPT, UNMARKED, cull, last_report, menu, shoot

QUESTION = "And the 3 photos in collapsed stacks"


@pytest.mark.parametrize("button", ["ok", "other", "cancel"])
def test_photos_in_collapsed_stacks_are_offered(
    host: Host, daemon: FakeDaemon, tmp_path: Path, button: str
) -> None:
    """With them, without them (the report then names their number), or not at all."""
    photos = shoot(host, tmp_path, 5)
    host.catalog.stack(photos[:4])
    host.answer_dialog(QUESTION, button)
    report = cull(host).text
    marked = {"ok": photos, "other": [photos[0], photos[4]], "cancel": []}[button]
    assert [photo.marks for photo in photos] == [KEPT if photo in marked else UNMARKED for photo in photos]
    assert len(daemon.jobs) == bool(marked)
    assert ("3 photos in collapsed stacks were left out" in report) is (button == "other")


def test_open_stacks_and_single_photos_cause_no_question(host: Host, tmp_path: Path) -> None:
    """Their photos can be selected."""
    photos = shoot(host, tmp_path, 4)
    host.catalog.stack(photos[:3], collapsed=False)
    host.select(photos[:2])
    cull(host)
    assert [photo.marks for photo in photos] == [KEPT, KEPT, UNMARKED, UNMARKED]
    assert len(host.dialogs) == 1


def test_preview_offers_collapsed_stacks_too(host: Host, daemon: FakeDaemon, tmp_path: Path) -> None:
    """Left out there, they are mentioned in the report of what was written."""
    photos = shoot(host, tmp_path, 4)
    host.catalog.stack(photos)
    host.answer_dialog(QUESTION, "other")
    host.answer_dialog("Preview of the verdicts", "ok")
    menu(host, "Preview verdicts…")
    assert [photo.marks for photo in photos] == [KEPT, *[UNMARKED] * 3]
    assert "3 photos in collapsed stacks were left out" in last_report(host).text


def test_question_is_german_in_a_german_lightroom(daemon: FakeDaemon, tmp_path: Path) -> None:
    """Question and report."""
    host = Host(PLUGIN, tmp_path, language="de")
    host.load()
    host.catalog.stack(shoot(host, tmp_path, 4))
    host.answer_dialog("Auch die 3 Fotos in zugeklappten Stapeln", "Ohne sie")
    menu(host, "Auswahl automatisch sichten")
    assert "3 Fotos in zugeklappten Stapeln wurden ausgelassen" in last_report(host).text
    host.check()
