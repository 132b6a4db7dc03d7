"""An evening's work with the plug-in, from the first run to learning, in both languages."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from plugin.catalog import Photo
from plugin.dialogs import Answer, Dialog
from plugin.fake_daemon import FakeDaemon, better_reason, series, verdict
from plugin.german import check_german
from plugin.host import Host
from plugin.literal_files import PLUGIN
from plugin.shoots import DOUBTED, HOUR, KEPT, REJECTED, UNMARKED, by_number, shoot
from plugin.windows import Window

SHOWN = "return #import('LrApplication').activeCatalog():getMultipleSelectedOrAllPhotos()"
ALL = "local all = import('LrApplication').activeCatalog() all:setActiveSources { all.kAllPhotos }"


def burst(photos: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """Photos 5 and 6 are a burst, of which the first is better; 7 to 9 are a bracket."""
    pair, bracket = photos[4:6], photos[6:9]
    best = pair[0]["path"]
    revised = {pair[0]["id"]: verdict(series=series(1, 2, best, id_="aaaaaaaaaaaa"))}
    worse = series(2, 2, best, id_="aaaaaaaaaaaa")
    revised[pair[1]["id"]] = verdict("reject", reasons=[better_reason(best)], series=worse)
    for rank, photo in enumerate(bracket, 1):
        position = series(rank, 3, bracket[0]["path"], "bracket", "bbbbbbbbbbbb")
        revised[photo["id"]] = verdict(series=position)
    return revised


class CancelQuestion(Answer):
    """Cancels each question; messages need no answer."""

    def fits(self, dialog: Dialog) -> bool:
        """Whether it is a question."""
        return dialog.kind != "message"


@pytest.fixture(params=["en", "de"])
def host(request: pytest.FixtureRequest, tmp_path: Path, daemon: FakeDaemon) -> Any:
    """Lightroom in each language; nothing English is shown in a German one."""
    host = Host(PLUGIN, tmp_path, language=request.param)
    host.load()
    daemon.judge, daemon.compare = by_number(rejects=2, doubts=2), burst
    yield host
    if request.param == "de":
        check_german(host)
    host.check()


def choose(host: Host, file: str) -> None:
    """Choose a menu item by the name of its file, so that its language does not matter."""
    host.menu(file)
    host.run(at_most_s=HOUR)


def press(host: Host, english: str, german: str) -> None:
    """Press a button of the open window."""
    Window(host).press(german if host.language == "de" else english)


def marks(photos: list[Photo]) -> list[tuple[int | None, str, int]]:
    """The marks of all photos."""
    return [photo.marks for photo in photos]


def test_evening_from_the_first_run_to_learning(host: Host, daemon: FakeDaemon, tmp_path: Path) -> None:
    """Fields first, then marks; review, decide, compare, finish, run again, learn."""
    photos = shoot(host, tmp_path, 10)
    nothing = {"writeRating": False, "writeLabel": False, "writeFlag": False, "thenReview": True}
    host.answer_dialog("", "ok", nothing)
    choose(host, "MenuRun.lua")
    assert marks(photos) == [UNMARKED] * 10
    assert [photo.property("mainReason") for photo in photos if photo.property("verdict") == "reject"] == [
        "eyes_closed", "better_in_series", "eyes_closed",
    ]  # fmt: skip

    host.select([])
    assert host.lua_task(SHOWN) == 2, "only what is to be reviewed"
    host.lua_task(ALL)
    host.select(photos)
    host.answer_dialog(
        "", "ok", {name: True for name in nothing if name != "thenReview"} | {"thenReview": False}
    )
    choose(host, "MenuRun.lua")
    written = [REJECTED, DOUBTED, DOUBTED, KEPT, KEPT, REJECTED, KEPT, KEPT, KEPT, REJECTED]
    assert marks(photos) == written
    choose(host, "MenuReport.lua")
    assert "10" in host.dialogs[-1].text

    host.select(photos[:1])
    host.menu("MenuWhy.lua")
    host.run_for(5)
    press(host, "Next doubtful", "Nächstes unklares")
    assert host.selected == [photos[1]]
    press(host, "Keep", "Behalten")
    press(host, "Next doubtful", "Nächstes unklares")
    assert host.selected == [photos[2]]
    press(host, "Reject", "Ablehnen")
    assert (photos[1].flag, photos[2].flag) == (1, -1)
    press(host, "Next series", "Nächste Serie")
    assert set(host.selected) == set(photos[4:6])
    Window(host).close()

    choose(host, "MenuNextSeries.lua")
    assert set(host.selected) == set(photos[6:9])
    assert host.view == "survey"
    choose(host, "MenuPreviousSeries.lua")
    assert host.view == "compare"
    host.select(photos[5:6])
    choose(host, "MenuCompareSeries.lua")
    assert set(host.selected) == set(photos[4:6])

    host.select(photos[:1])
    host.answer_dialog("", "ok")
    choose(host, "MenuFinish.lua")
    decided = marks(photos)
    choose(host, "MenuRunAgain.lua")
    assert marks(photos) == decided, "what was taken over is the photographer's"

    host.select(photos)
    host.answer_dialog("", "ok")
    choose(host, "MenuLearn.lua")
    host.answer_dialog("", "ok")
    choose(host, "MenuReport.lua")
    assert host.prefs["taste"] == "mine"
    assert {decision["decision"] for decision in daemon.decisions} == {"select", "reject"}


def test_every_item_works_without_a_selection(host: Host, tmp_path: Path) -> None:
    """A message or a bezel, and never an error; in an empty catalog too."""
    files = [item["file"] for item in host.info["LrLibraryMenuItems"]]
    for photos in (0, 3):
        shoot(host, tmp_path, photos)
        host.select([])
        for file in files:
            host._dialogs.answers[:] = [CancelQuestion("", "cancel", {}, (), None, 0.0, None)]
            host.menu(file)
            host.run(at_most_s=600)
            for record in list(host.lua.windows.values()):
                record.close()
            host.run(at_most_s=60)
            assert host.errors == []
    host._dialogs.answers.clear()


def test_undo_after_an_evening_restores_what_was_there(host: Host, tmp_path: Path) -> None:
    """Run by run, chosen from the list."""
    photos = shoot(host, tmp_path, 10, rating=None)
    photos[3].rating = 2
    before = marks(photos)
    host.answer_dialog("", "ok", {"keepAbout": "3"})
    choose(host, "MenuRun.lua")
    assert marks(photos) != before
    host.answer_dialog("", "ok")
    choose(host, "MenuUndo.lua")
    assert marks(photos) == before
    choose(host, "MenuReport.lua")
    words = "wiederhergestellt" if host.language == "de" else "restored"
    assert words in host.dialogs[-1].text
