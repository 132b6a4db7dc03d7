"""*Auto-cull selection*, from the menu to the marks in the catalog."""

from __future__ import annotations

import base64
import json
from pathlib import Path

import pytest

from plugin.fake_daemon import FakeDaemon, unreadable, verdict
from plugin.host import Host
from plugin.literal_files import PLUGIN
from plugin.shoots import (
    DOUBTED,
    HOUR,
    KEPT,
    REJECTED,
    UNMARKED,
    by_number,
    choose,
    cull,
    file,
    last_report,
    menu,
    shoot,
)


def test_selection_gets_its_marks(host: Host, daemon: FakeDaemon, tmp_path: Path) -> None:
    """Stars, label and flag of every verdict; the closing dialog counts all photos."""
    daemon.judge = by_number(rejects=2, doubts=1)
    photos = shoot(host, tmp_path, 10)
    report = cull(host).text
    assert [photo.marks for photo in photos] == [REJECTED, DOUBTED, *[KEPT] * 7, REJECTED]
    assert "10 of 10 photos judged" in report
    assert "7 keep, 2 reject, 1 cannot tell" in report
    assert "2 of 2 rejects come from closed eyes" in report
    assert "Marks written to 10 photos" in report


def test_only_the_selection_is_changed(host: Host, tmp_path: Path) -> None:
    """Neighbours in the filmstrip stay as they are."""
    others = shoot(host, tmp_path, 3)
    photos = shoot(host, tmp_path, 2)
    cull(host)
    assert {photo.marks for photo in photos} == {KEPT}
    assert {photo.marks for photo in others} == {UNMARKED}


def test_fields_hold_codes_score_and_reasons(host: Host, daemon: FakeDaemon, tmp_path: Path) -> None:
    """Codes for the panel's words, a score that sorts, and reasons with measured value and limit."""
    daemon.judge = by_number(rejects=10)
    [photo] = shoot(host, tmp_path, 1)
    cull(host)
    fields = photo.properties
    assert fields["reasons"] == "Eyes closed on the marked face (open 3 %, limit 20 %)"
    written = json.loads(fields["written"])
    assert written == {
        "flag": -1,
        "label": "red",
        "labelText": "Red",
        "previous": {"run": "job-1", "written": {}},
    }
    rest = {key: value for key, value in fields.items() if key not in ("reasons", "written")}
    assert rest == {
        "verdict": "reject",
        "mainReason": "eyes_closed",
        "score": "0.12",
        "focus": "0.90 sharp",
        "eyes": "closed",
        "category": "people",
        "model": "3f2a91c0",
        "cullState": "done:3f2a91c0",
    }


def test_texts_are_german_in_a_german_lightroom(daemon: FakeDaemon, tmp_path: Path) -> None:
    """Reasons in the catalog and the closing dialog follow the host's language; codes do not."""
    daemon.judge = by_number(rejects=10)
    host = Host(PLUGIN, tmp_path, language="de")
    host.load()
    [photo] = shoot(host, tmp_path, 1)
    menu(host, "Auswahl automatisch sichten")
    assert photo.property("reasons") == "Augen im markierten Gesicht geschlossen (offen 3 %, Grenze 20 %)"
    assert photo.property("verdict") == "reject"
    assert "1 von 1 Ablehnungen, Grund: geschlossene Augen" in last_report(host).text
    host.check()


def test_job_holds_the_metadata_of_the_catalog(host: Host, daemon: FakeDaemon, tmp_path: Path) -> None:
    """Path byte for byte, capture data, existing marks, profile, and the job's source."""
    path = file(tmp_path, 1).rename(tmp_path / "Müller & ß 日本.JPG")
    photo = host.catalog.add_photo(
        path,
        rating=4,
        label="blue",
        dateTimeOriginalISO8601="2026-05-01T10:00:00.25",
        isoSpeedRating=400,
        aperture=1.8,
        shutterSpeed=0.002,
        exposureBias=0.0,
        focalLength=85.0,
        cameraModel="NIKON Z 8",
        lens="NIKKOR Z 85mm",
    )
    host.select([photo])
    cull(host)
    [sent] = daemon.job.photos.values()
    assert sent == {
        "id": photo.uuid,
        "path": str(path),
        "capture": {
            "time": "2026-05-01T10:00:00.25",
            "camera": "NIKON Z 8",
            "lens": "NIKKOR Z 85mm",
            "focal_length": 85.0,
            "aperture": 1.8,
            "shutter": 0.002,
            "iso": 400,
            "exposure_bias": 0.0,
        },
        "marks": {"rating": 4, "label": "blue", "flag": 0},
    }
    order = daemon.job.order
    assert (order["source"], order["purpose"], order["profile"]) == ("user", "cull", "balanced")
    assert daemon.job.acknowledged


def test_marks_of_the_photographer_are_left_alone_and_counted(
    host: Host, daemon: FakeDaemon, tmp_path: Path
) -> None:
    """Five stars, a custom label, a pick: none of them is rejected or changed."""
    daemon.judge = by_number(rejects=10)
    starred, labelled, picked, bare = shoot(host, tmp_path, 4)
    starred.rating, labelled.label, picked.flag = 5, "Kunde", 1
    report = cull(host).text
    assert (starred.marks, labelled.marks, picked.marks) == (
        (5, "none", 0),
        (None, "Kunde", 0),
        (None, "none", 1),
    )
    assert bare.marks == REJECTED
    assert "Your own marks were left alone on 3 photos" in report
    assert "Marks written to 1 photos" in report


def test_overwrite_writes_every_chosen_mark(host: Host, daemon: FakeDaemon, tmp_path: Path) -> None:
    """The switches still apply."""
    choose(host, policy="overwrite", writeFlag=False)
    daemon.judge = by_number(rejects=10)
    [photo] = shoot(host, tmp_path, 1, rating=5, label="Kunde", flag=1)
    cull(host)
    assert photo.marks == (None, "red", 1)


def test_run_respects_marks_that_the_user_changed(host: Host, daemon: FakeDaemon, tmp_path: Path) -> None:
    """Marks that are still Autocull's follow the new verdict; those that the user changed or cleared stay."""
    same, changed, cleared = shoot(host, tmp_path, 3)
    cull(host)
    changed.rating, cleared.flag = 5, 0
    daemon.judge = by_number(rejects=10)
    cull(host)
    assert same.marks == REJECTED
    assert changed.marks == (5, "green", 1)
    assert cleared.marks == (None, "green", 0)


def test_second_identical_run_writes_no_mark(host: Host, tmp_path: Path) -> None:
    """The report counts photos that had the marks already."""
    shoot(host, tmp_path, 3)
    cull(host)
    assert "3 photos had these marks already" in cull(host).text


def test_run_without_a_selection_does_nothing(host: Host, daemon: FakeDaemon, tmp_path: Path) -> None:
    """Lightroom would return the whole filmstrip: the plug-in shows that nothing is selected instead."""
    photos = shoot(host, tmp_path, 3)
    host.select([])
    assert "No photo is selected, so nothing was done." in cull(host).text
    assert {photo.marks for photo in photos} == {UNMARKED}
    assert daemon.jobs == {}


@pytest.mark.parametrize("button", ["ok", "cancel"])
def test_more_photos_than_the_limit_are_confirmed(
    host: Host, daemon: FakeDaemon, tmp_path: Path, button: str
) -> None:
    """Above the limit a dialog shows the count; at the limit there is none."""
    choose(host, confirmAbove=4)
    photos = shoot(host, tmp_path, 5)
    host.answer_dialog("Auto-cull 5 photos", button)
    menu(host, "Auto-cull selection")
    assert {photo.marks for photo in photos} == ({KEPT} if button == "ok" else {UNMARKED})
    assert len(daemon.jobs) == (1 if button == "ok" else 0)
    host.select(photos[:4])
    assert "Auto-cull is done" in cull(host).text


def test_default_limit_is_two_thousand(host: Host, daemon: FakeDaemon, tmp_path: Path) -> None:
    """2,001 photos are confirmed before any of them is read."""
    path = file(tmp_path, 1)
    host.select([host.catalog.add_photo(path) for _ in range(2001)])
    host.answer_dialog("Auto-cull 2001 photos", "cancel")
    menu(host, "Auto-cull selection")
    assert len(host.dialogs) == 1
    assert daemon.jobs == {}


def test_videos_and_missing_files_are_skipped_and_counted(
    host: Host, daemon: FakeDaemon, tmp_path: Path
) -> None:
    """A missing file without any image neither stops the run nor gets a guess."""
    [photo] = shoot(host, tmp_path, 1)
    video = host.catalog.add_photo(file(tmp_path, 2, "MOV"))
    missing = host.catalog.add_photo(tmp_path / "gone.NEF", exists=False)
    host.select([photo, video, missing])
    report = cull(host).text
    assert "1 videos skipped" in report
    assert "1 skipped: no file and no preview" in report
    assert [each.marks for each in (photo, video, missing)] == [KEPT, UNMARKED, UNMARKED]
    assert list(daemon.job.photos) == [photo.uuid]
    assert host.progress_scopes[-1].done == host.progress_scopes[-1].total == 3


def test_missing_file_is_judged_by_its_smart_preview(host: Host, daemon: FakeDaemon, tmp_path: Path) -> None:
    """The path stays the last registered one; the smart preview is sent as the fallback."""
    preview = file(tmp_path, 9, "dng")
    photo = host.catalog.add_photo(
        tmp_path / "gone.NEF",
        exists=False,
        smartPreviewInfo={"smartPreviewPath": str(preview), "smartPreviewSize": 1},
    )
    host.catalog.files[str(preview)] = True
    host.select([photo])
    cull(host)
    [sent] = daemon.job.photos.values()
    assert (sent["path"], sent["fallback"]) == (str(tmp_path / "gone.NEF"), str(preview))
    assert photo.marks == KEPT


def test_missing_file_is_judged_by_a_rendered_preview(host: Host, daemon: FakeDaemon, tmp_path: Path) -> None:
    """Lightroom's own JPEG goes to the daemon in the request; no file is written for it."""
    daemon.judge = lambda sent: verdict(source="fallback")
    before = set(tmp_path.rglob("*"))
    photo = host.catalog.add_photo(tmp_path / "gone.NEF", exists=False, thumbnail=b"\xff\xd8jpeg\x00\xff\xd9")
    host.select([photo])
    cull(host)
    [sent] = daemon.job.photos.values()
    assert base64.b64decode(sent["preview"]) == b"\xff\xd8jpeg\x00\xff\xd9"
    assert photo.marks == KEPT
    assert {path.suffix for path in set(tmp_path.rglob("*")) - before} <= {".log"}


@pytest.mark.parametrize("copies", [True, False])
def test_virtual_copies_are_marked_only_if_wanted(
    host: Host, daemon: FakeDaemon, tmp_path: Path, copies: bool
) -> None:
    """The master's file is sent under both ids; the daemon measures a file once."""
    choose(host, markCopies=copies)
    [master] = shoot(host, tmp_path, 1)
    copy = host.catalog.add_photo(master.path, copy_of=master)
    host.select([master, copy])
    report = cull(host).text
    assert master.marks == KEPT
    assert copy.marks == (KEPT if copies else UNMARKED)
    assert ("1 virtual copies skipped" in report) is not copies
    assert {sent["path"] for sent in daemon.job.photos.values()} == {master.path}


def test_unreadable_photos_are_named_and_keep_their_marks(
    host: Host, daemon: FakeDaemon, tmp_path: Path
) -> None:
    """With the reason, and the other photos are judged; a long list continues in the log."""
    bad = {f"IMG_{number:04}" for number in range(1, 13)}
    daemon.judge = lambda photo: unreadable() if Path(photo["path"]).stem in bad else verdict()
    photos = shoot(host, tmp_path, 14)
    report = cull(host).text
    assert "12 could not be read" in report
    assert "IMG_0001.JPG: The file ends early." in report
    assert "IMG_0011.JPG" not in report
    assert "and 2 more" in report
    assert [photo.marks for photo in photos] == [*[UNMARKED] * 12, KEPT, KEPT]
    log = (tmp_path / ".autocull" / "plugin.log").read_text("utf-8")
    assert "IMG_0012.JPG" in log


def test_steps_of_native_undo_have_one_name(tmp_path: Path, daemon: FakeDaemon) -> None:
    """On macOS a run is one step; on Windows each chunk of 200 photos is one, under the same name."""
    for platform, steps in (("mac", 1), ("win", 3)):
        host = Host(PLUGIN, tmp_path, platform=platform)
        host.load()
        path = file(tmp_path, 1)
        host.select([host.catalog.add_photo(path) for _ in range(401)])
        cull(host)
        assert host.undo_steps == ["Auto-cull"] * steps
        host.check()


def test_progress_bar_is_shown_before_the_catalog_is_read(host: Host, tmp_path: Path) -> None:
    """It shows rate and time left during the run, and is gone at the end."""
    shoot(host, tmp_path, 3)
    host.menu("Auto-cull selection")
    host.run(until=lambda: bool(host.progress_scopes))
    assert not [query for query in host.queries if "Metadata" in query["what"]]
    host.run(at_most_s=HOUR)
    assert all(scope.is_done for scope in host.progress_scopes)


def test_missing_collection_is_reported(host: Host, daemon: FakeDaemon, tmp_path: Path) -> None:
    """Also where later ones are created, which the length of the Lua table does not show."""
    soft = {"code": "out_of_focus", "measured": 0.1, "limit": 0.3, "where": None, "text": "Out of focus"}
    answers = [verdict("keep"), verdict("cannot_tell"), verdict("reject"), verdict("reject", reasons=[soft])]
    daemon.judge = lambda photo: answers[int(Path(photo["path"]).stem[-4:]) - 1]
    shoot(host, tmp_path, 4)
    choose(host, collections=True)
    refuse = host.bridge.lua.eval(
        "function(make) return function(self, name, ...) "
        "if name == 'Reject: Eyes closed' then return nil end return make(self, name, ...) end end"
    )
    host.lua.catalogMethods["createCollection"] = refuse(host.lua.catalogMethods["createCollection"])
    report = cull(host).text
    assert "Lightroom did not create all collections of the run." in report
    result = {name.split("/")[1]: len(members) for name, members in host.catalog.collections.items()}
    assert result == {"Picks": 1, "To review": 1, "Reject: Out of focus": 1}


def test_collections_and_keywords_only_if_wanted(host: Host, daemon: FakeDaemon, tmp_path: Path) -> None:
    """A set for the run with Picks, To review and one per reason; categories under one parent."""
    daemon.judge = by_number(rejects=2, doubts=1)
    photos = shoot(host, tmp_path, 10)
    cull(host)
    assert host.catalog.collections == {}
    assert host.catalog.keywords == []
    choose(host, collections=True, keywords=True)
    cull(host)
    result = {name.split("/")[1]: members for name, members in host.catalog.collections.items()}
    assert {name: len(members) for name, members in result.items()} == {
        "Picks": 7,
        "To review": 1,
        "Reject: Eyes closed": 2,
    }
    assert result["To review"] == [photos[1]]
    assert host.catalog.keywords == ["Autocull", "Autocull/People"]
    assert all(photo.keywords == ["Autocull/People"] for photo in photos)


def test_own_marks_go_to_the_daemon_as_rows(host: Host, daemon: FakeDaemon, tmp_path: Path) -> None:
    """The daemon decides on marks: the table of the settings is sent with the job."""
    rows = [
        {"verdict": "keep", "score": 0, "stars": 1, "label": "none", "flag": 0},
        {"verdict": "cannot_tell", "score": 0, "stars": 0, "label": "none", "flag": 0},
        {"verdict": "reject", "score": 0, "stars": 0, "label": "none", "flag": -1},
    ]
    choose(host, marks=rows)
    shoot(host, tmp_path, 1)
    cull(host)
    assert daemon.job.order["settings"] == {"marks": rows}
