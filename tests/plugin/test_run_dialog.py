"""*Auto-cull…*: one dialog before a run, whose answers are remembered."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from plugin.dialogs import Dialog
from plugin.fake_daemon import FakeDaemon, verdict
from plugin.host import Host
from plugin.shoots import KEPT, UNMARKED, by_number, choose, last_report, menu, shoot

TITLE = "Which photos"
STEMS = [f"IMG_{number:04}" for number in range(1, 6)]
SHOWN = "return #import('LrApplication').activeCatalog():getMultipleSelectedOrAllPhotos()"
RUN, AGAIN = "Auto-cull…", "Auto-cull again as last time"


def titles(dialog: Dialog, key: str) -> list[str]:
    """The choices of a menu of the dialog."""
    [control] = [each for each in dialog.controls if each.key == key]
    return [item["title"] for item in control.items]


def test_selected_photos_are_culled_as_answered(host: Host, daemon: FakeDaemon, tmp_path: Path) -> None:
    """Kind of shoot, strictness, taste and marks go into the run."""
    daemon.tastes = ["Sports days", "Weddings"]
    photos = shoot(host, tmp_path, 3)
    host.answer_dialog(
        TITLE,
        "Auto-cull",
        {"profile": "portrait", "strictness": 2, "taste": "Weddings", "writeRating": False},
    )
    menu(host, RUN)
    order = daemon.job.order
    assert (order["profile"], order["taste"]) == ("portrait", "Weddings")
    assert order["settings"]["eyes_reject"] == pytest.approx(0.313, abs=0.001)
    assert [photo.marks for photo in photos] == [(None, *KEPT[1:])] * 3
    assert titles(host.dialogs[0], "taste") == ["none", "Sports days", "Weddings"]


def test_middle_of_the_slider_sends_no_setting(host: Host, daemon: FakeDaemon, tmp_path: Path) -> None:
    """The limits of the kind of shoot apply."""
    shoot(host, tmp_path, 1)
    host.answer_dialog(TITLE, "Auto-cull")
    menu(host, RUN)
    assert daemon.job.order.get("settings") is None


def test_moved_limits_keep_own_marks(host: Host, daemon: FakeDaemon, tmp_path: Path) -> None:
    """The strictness does not displace the photographer's own table."""
    rows = [{"verdict": name, "score": 0, "stars": 1, "label": "none", "flag": 0} for name in
            ("keep", "cannot_tell", "reject")]  # fmt: skip
    choose(host, marks=rows, strictness=-1)
    shoot(host, tmp_path, 1)
    menu(host, "Auto-cull selection")
    assert daemon.job.order["settings"]["marks"] == rows
    assert daemon.job.order["settings"]["focus_reject"] == pytest.approx(0.16)


def test_one_active_photo_stands_for_all_that_are_shown(host: Host, tmp_path: Path) -> None:
    """A forgotten selection would cull one photo: all that are shown are offered first."""
    photos = shoot(host, tmp_path, 4)
    host.select(photos[:1])
    host.answer_dialog(TITLE, "Auto-cull")
    menu(host, RUN)
    assert host.dialogs[0].values["scope"] == "shown"
    assert titles(host.dialogs[0], "scope") == [
        "Selected photos: 1",
        "All photos shown: 4",
        "The whole folder: 4",
    ]
    assert {photo.marks for photo in photos} == {KEPT}


def test_folder_of_the_active_photo_is_offered(host: Host, tmp_path: Path) -> None:
    """Not only the selected photos, and no photo of another folder."""
    (tmp_path / "other").mkdir()
    others = shoot(host, tmp_path / "other", 2)
    photos = shoot(host, tmp_path, 5)
    host.select(photos[:2])
    host.answer_dialog(TITLE, "Auto-cull", {"scope": "folder"})
    menu(host, RUN)
    assert {photo.marks for photo in photos} == {KEPT}
    assert {photo.marks for photo in others} == {UNMARKED}


def test_nothing_selected_offers_all_that_are_shown(host: Host, tmp_path: Path) -> None:
    """The dialog shows their count."""
    photos = shoot(host, tmp_path, 3)
    host.select([])
    host.answer_dialog("All photos shown|Which photos", "Auto-cull")
    menu(host, RUN)
    assert titles(host.dialogs[0], "scope") == ["All photos shown: 3"]
    assert {photo.marks for photo in photos} == {KEPT}


def test_view_without_photos_is_named(host: Host, daemon: FakeDaemon) -> None:
    """No dialog of choices about nothing."""
    menu(host, RUN)
    assert "Lightroom shows no photo, so nothing was done." in host.dialogs[-1].text
    assert daemon.jobs == {}


def test_cancel_changes_nothing(host: Host, daemon: FakeDaemon, tmp_path: Path) -> None:
    """Neither photos nor what is remembered."""
    photos = shoot(host, tmp_path, 2)
    host.answer_dialog(TITLE, "cancel", {"profile": "sports"})
    menu(host, RUN)
    assert {photo.marks for photo in photos} == {UNMARKED}
    assert daemon.jobs == {}
    assert not host.prefs.get("profile")


@pytest.mark.parametrize(
    ("button", "marks"),
    [
        ("Colours only, flags left to me", (None, "green", 0)),
        ("No marks: look first", UNMARKED),
        ("All marks", KEPT),
    ],
)
def test_ready_choices_of_marks(
    host: Host, tmp_path: Path, button: str, marks: tuple[int | None, str, int]
) -> None:
    """One click sets the three switches; verdict and reasons are written to the fields in each case."""
    [photo] = shoot(host, tmp_path, 1)
    host.answer_dialog(TITLE, "Auto-cull", press=[button])
    menu(host, RUN)
    assert photo.marks == marks
    assert photo.property("verdict") == "keep"


def test_second_run_writes_the_marks_left_out(host: Host, daemon: FakeDaemon, tmp_path: Path) -> None:
    """A run without marks, then one with all marks: the photos get the marks."""
    photos = shoot(host, tmp_path, 3)
    host.answer_dialog(TITLE, "Auto-cull", press=["No marks: look first"])
    menu(host, RUN)
    host.answer_dialog(TITLE, "Auto-cull", press=["All marks"])
    menu(host, RUN)
    assert {photo.marks for photo in photos} == {KEPT}


def test_last_answers_are_remembered(host: Host, daemon: FakeDaemon, tmp_path: Path) -> None:
    """The next dialog begins with them, and *again as last time* uses them without a dialog."""
    photos = shoot(host, tmp_path, 4)
    host.select(photos[:2])
    host.answer_dialog(TITLE, "Auto-cull", {"scope": "folder", "profile": "event", "strictness": 1})
    menu(host, RUN)
    host.select(photos[:1])
    menu(host, AGAIN)
    assert len(daemon.job.photos) == 4
    assert daemon.job.order["profile"] == "event"
    host.answer_dialog(TITLE, "cancel")
    menu(host, RUN)
    values = host.dialogs[-1].values
    assert (values["scope"], values["profile"], values["strictness"]) == ("folder", "event", 1)


def test_dialog_confirms_a_large_count_itself(host: Host, tmp_path: Path) -> None:
    """Above the limit, only *again as last time* shows another."""
    choose(host, confirmAbove=2)
    photos = shoot(host, tmp_path, 3)
    host.answer_dialog(TITLE, "Auto-cull")
    menu(host, RUN)
    assert {photo.marks for photo in photos} == {KEPT}
    host.answer_dialog("Auto-cull 3 photos", "cancel")
    menu(host, AGAIN)


def test_taste_in_use_stays_in_the_list(host: Host, daemon: FakeDaemon, tmp_path: Path) -> None:
    """Even where the daemon does not list it."""
    choose(host, taste="Old")
    shoot(host, tmp_path, 1)
    daemon.die()
    host.answer_dialog(TITLE, "cancel")
    menu(host, RUN)
    assert titles(host.dialogs[0], "taste") == ["none", "Old"]


def test_dialog_is_german_in_a_german_lightroom(german_host: Host, tmp_path: Path) -> None:
    """Every text of it."""
    shoot(german_host, tmp_path, 1)
    german_host.answer_dialog("Welche Fotos", "cancel", {"strictness": -2})
    menu(german_host, "Automatisch sichten…")
    [dialog] = german_host.dialogs
    assert "nachsichtig" in dialog.text
    assert "Nur Farben, Flaggen setze ich selbst" in dialog.text
    assert titles(dialog, "scope")[0] == "Ausgewählte Fotos: 1"


def scored(values: dict[str, float]) -> Any:
    """A judge: kept with the score of its file name."""
    return lambda photo: verdict(score=values[Path(photo["path"]).stem])


def test_keep_about_marks_the_best_alone(host: Host, daemon: FakeDaemon, tmp_path: Path) -> None:
    """The others get no marks and are not rejected; their verdict stays, and the report counts them."""
    photos = shoot(host, tmp_path, 5)
    daemon.judge = scored(dict(zip(STEMS, (0.5, 0.9, 0.7, 0.9, 0.3), strict=True)))
    host.answer_dialog(TITLE, "Auto-cull", {"keepAbout": "2"})
    menu(host, RUN)
    assert [photo.marks for photo in photos] == [UNMARKED, KEPT, UNMARKED, KEPT, UNMARKED]
    assert {photo.property("verdict") for photo in photos} == {"keep"}
    report = last_report(host).text
    assert "3 kept photos got no marks: you wanted about 2" in report
    assert "Marks written to 2 photos" in report


def test_photos_as_good_as_the_last_of_the_best_stay_with_them(
    host: Host, daemon: FakeDaemon, tmp_path: Path
) -> None:
    """About N: equal photos are treated alike."""
    photos = shoot(host, tmp_path, 4)
    daemon.judge = scored(dict(zip(STEMS, (0.9, 0.7, 0.7, 0.3), strict=False)))
    host.answer_dialog(TITLE, "Auto-cull", {"keepAbout": "2"})
    menu(host, RUN)
    assert [photo.marks for photo in photos] == [KEPT, KEPT, KEPT, UNMARKED]


def test_taste_that_decides_ranks_before_the_score(host: Host, daemon: FakeDaemon, tmp_path: Path) -> None:
    """And one that is only shown does not."""
    photos = shoot(host, tmp_path, 2)
    for acts, marks in ((True, [UNMARKED, KEPT]), (False, [KEPT, UNMARKED])):

        def judge(photo: dict[str, Any], acts: bool = acts) -> dict[str, Any]:
            is_first = photo["path"].endswith("1.JPG")
            select = {"probability": 0.2 if is_first else 0.8, "profile": "mine", "acts": acts}
            return verdict(score=0.9 if is_first else 0.5, select=select)

        daemon.judge = judge
        host.answer_dialog(TITLE, "Auto-cull", {"keepAbout": "1", "scope": "selected"})
        menu(host, RUN)
        assert [photo.marks for photo in photos] == marks


def test_number_beyond_all_kept_photos_changes_nothing(
    host: Host, daemon: FakeDaemon, tmp_path: Path
) -> None:
    """None is kept to reach it: rejects and doubts stay what they are."""
    photos = shoot(host, tmp_path, 10)
    daemon.judge = by_number(rejects=3, doubts=2)
    host.answer_dialog(TITLE, "Auto-cull", {"keepAbout": "100"})
    menu(host, RUN)
    assert sum(photo.marks == KEPT for photo in photos) == 5
    assert "you wanted about" not in last_report(host).text


def test_keep_about_leaves_the_photographers_marks(host: Host, daemon: FakeDaemon, tmp_path: Path) -> None:
    """Also with *overwrite*; earlier marks beyond the number are removed, and undo restores them."""
    choose(host, policy="overwrite")
    photos = shoot(host, tmp_path, 3)
    daemon.judge = scored(dict(zip(STEMS, (0.9, 0.5, 0.4), strict=False)))
    menu(host, "Auto-cull selection")
    photos[2].rating = 5
    host.answer_dialog(TITLE, "Auto-cull", {"keepAbout": "1"})
    menu(host, RUN)
    assert [photo.marks for photo in photos] == [KEPT, UNMARKED, (5, "none", 0)]
    host.answer_dialog("Undo the auto-cull of", "ok")
    menu(host, "Undo last auto-cull")
    assert [photo.marks for photo in photos] == [KEPT, KEPT, (5, *KEPT[1:])]


def test_keep_about_is_remembered(host: Host, daemon: FakeDaemon, tmp_path: Path) -> None:
    """For the next dialog and for *again as last time*; other items mark all."""
    photos = shoot(host, tmp_path, 3)
    daemon.judge = scored(dict(zip(STEMS, (0.9, 0.5, 0.4), strict=False)))
    host.answer_dialog(TITLE, "Auto-cull", {"keepAbout": " 1 "})
    menu(host, RUN)
    menu(host, AGAIN)
    assert [photo.marks for photo in photos] == [KEPT, UNMARKED, UNMARKED]
    host.answer_dialog(TITLE, "cancel")
    menu(host, RUN)
    assert host.dialogs[-1].values["keepAbout"] == "1"
    menu(host, "Auto-cull selection")
    assert {photo.marks for photo in photos} == {KEPT}


@pytest.mark.parametrize("text", ["0", "-3", "many", "1.5"])
def test_wrong_number_to_keep_is_refused(host: Host, daemon: FakeDaemon, tmp_path: Path, text: str) -> None:
    """The dialog opens again with what was typed."""
    shoot(host, tmp_path, 1)
    host.answer_dialog(TITLE, "Auto-cull", {"keepAbout": text})
    host.answer_dialog(TITLE, "cancel")
    menu(host, RUN)
    assert "enter a whole number above 0" in host.dialogs[1].text
    assert host.dialogs[2].values["keepAbout"] == text
    assert daemon.jobs == {}


def test_picks_of_a_run_are_those_with_marks(host: Host, daemon: FakeDaemon, tmp_path: Path) -> None:
    """The collection holds no photo beyond the number."""
    choose(host, collections=True)
    photos = shoot(host, tmp_path, 3)
    daemon.judge = scored(dict(zip(STEMS, (0.9, 0.5, 0.4), strict=False)))
    host.answer_dialog(TITLE, "Auto-cull", {"keepAbout": "2"})
    menu(host, RUN)
    [picks] = host.catalog.collections.values()
    assert picks == photos[:2]


@pytest.mark.parametrize("wanted", [True, False])
def test_collapsed_stacks_are_chosen_in_the_dialog(
    host: Host, daemon: FakeDaemon, tmp_path: Path, wanted: bool
) -> None:
    """No second question; the answer is remembered for *again as last time*."""
    photos = shoot(host, tmp_path, 5)
    host.catalog.stack(photos[:4])
    host.answer_dialog(TITLE, "Auto-cull", {"inStacks": wanted})
    menu(host, RUN)
    assert len(host.dialogs) == 1
    assert [photo.marks == KEPT for photo in photos] == [True, wanted, wanted, wanted, True]
    assert ("3 photos in collapsed stacks were left out" in last_report(host).text) is not wanted
    menu(host, AGAIN)
    assert len(daemon.job.photos) == (5 if wanted else 2)


@pytest.mark.parametrize("wanted", [True, False])
def test_source_changes_to_what_is_to_be_reviewed_where_wanted(
    host: Host, daemon: FakeDaemon, tmp_path: Path, wanted: bool
) -> None:
    """After a run that was not cancelled."""
    shoot(host, tmp_path, 10)
    daemon.judge = by_number(rejects=2, doubts=3)
    host.answer_dialog(TITLE, "Auto-cull", {"thenReview": wanted})
    menu(host, RUN)
    host.select([])
    assert host.lua_task(SHOWN) == (3 if wanted else 10)


def test_cancelled_run_changes_no_source(host: Host, daemon: FakeDaemon, tmp_path: Path) -> None:
    """The photographer goes on where the run was cancelled."""
    shoot(host, tmp_path, 10)
    daemon.speed = 0
    host.cancel_progress(lambda scope: bool(daemon.jobs))
    host.answer_dialog(TITLE, "Auto-cull", {"thenReview": True})
    menu(host, RUN)
    assert host.catalog.collection_sets == []
