"""Series in Lightroom: photos are judged a second time, within their series; the last result counts."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from plugin.fake_daemon import FakeDaemon, better_reason, series, verdict
from plugin.host import Host
from plugin.literal_files import PLUGIN
from plugin.observed import Scope
from plugin.shoots import KEPT, REJECTED, UNMARKED, by_number, choose, cull, last_report, menu, shoot

BEHIND = "Frame IMG_0001.JPG of this series is better: sharper by 9 % (merit 50 %, kept from 70 % on)"


def burst(photos: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """Compare as a daemon does: all photos are one burst, of which the first is the best."""
    best, size = photos[0]["path"], len(photos)
    revised = {photos[0]["id"]: verdict(series=series(1, size, best))}
    for rank, photo in enumerate(photos[1:], 2):
        position = series(rank, size, best)
        revised[photo["id"]] = verdict("reject", reasons=[better_reason(best)], series=position)
    return revised


def bracket(photos: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """All photos are one bracket, kept whole, whatever the first verdicts were."""
    best, size = photos[0]["path"], len(photos)
    return {
        photo["id"]: verdict(series=series(rank, size, best, "bracket"))
        for rank, photo in enumerate(photos, 1)
    }


def test_burst_has_one_keep_and_the_others_name_it(host: Host, daemon: FakeDaemon, tmp_path: Path) -> None:
    """Each photo is counted once, under its last verdict; marks, fields and reasons are the last ones too."""
    daemon.compare = burst
    photos = shoot(host, tmp_path, 4)
    report = cull(host).text
    assert [photo.marks for photo in photos] == [KEPT, *[REJECTED] * 3]
    assert "4 of 4 photos judged" in report
    assert "1 keep, 3 reject, 0 cannot tell" in report
    assert "3 of 3 rejects come from better frames of a series" in report
    assert "Bursts: 1, with 4 photos" in report
    assert "Marks written to 4 photos" in report
    assert photos[2].property("reasons") == BEHIND
    assert photos[0].property("reasons") is None
    assert {photo.property("seriesId") for photo in photos} == {"0123456789ab"}
    assert {photo.property("seriesKind") for photo in photos} == {"burst"}
    assert [photo.property("seriesRank") for photo in photos] == ["1/4", "2/4", "3/4", "4/4"]


def test_bracket_is_kept_whole(host: Host, daemon: FakeDaemon, tmp_path: Path) -> None:
    """Frames that were first rejected for their exposure get the marks of a keep."""
    daemon.judge, daemon.compare = by_number(rejects=3), bracket
    photos = shoot(host, tmp_path, 3)
    report = cull(host).text
    assert {photo.marks for photo in photos} == {KEPT}
    assert "3 keep, 0 reject, 0 cannot tell" in report
    assert "Brackets, kept whole: 1, with 3 photos" in report
    assert [photo.property("seriesRank") for photo in photos] == ["1/3", "2/3", "3/3"]


def test_undo_restores_the_marks_from_before_the_run(host: Host, daemon: FakeDaemon, tmp_path: Path) -> None:
    """Not those of the first of the two verdicts: no mark is left, and user marks are as they were."""
    choose(host, policy="overwrite")
    daemon.compare = burst
    photos = shoot(host, tmp_path, 4)
    photos[2].rating, photos[3].label = 5, "Kunde"
    before = [photo.marks for photo in photos]
    cull(host)
    assert [photo.marks for photo in photos] == [KEPT, *[REJECTED] * 3]
    host.answer_dialog("Undo the auto-cull of", "ok")
    menu(host, "Undo last auto-cull")
    assert [photo.marks for photo in photos] == before
    assert "Marks restored on 4 photos" in last_report(host).text


def test_each_photo_is_marked_once_and_only_after_the_comparison(
    host: Host, daemon: FakeDaemon, tmp_path: Path
) -> None:
    """A filtered view stays calm meanwhile; a photo that is rated in the middle keeps its stars."""
    daemon.compare = burst
    photos = shoot(host, tmp_path, 3)
    observed: set[object] = set()

    def between(_: object) -> bool:
        if len(daemon.jobs) and daemon.job.results and not daemon.job.compared:
            observed.update(photo.marks for photo in photos if photo is not photos[1])
            photos[1].rating = 5
        return False

    host.cancel_progress(between)
    report = cull(host).text
    assert observed == {UNMARKED}
    assert [photo.marks for photo in photos] == [KEPT, (5, "none", 0), REJECTED]
    assert "Your own marks were left alone on 1 photos" in report
    assert "Marks written to 2 photos" in report
    assert host.undo_steps == ["Auto-cull"]


def test_series_fields_are_cleared_for_a_photo_judged_alone(
    host: Host, daemon: FakeDaemon, tmp_path: Path
) -> None:
    """Fields of an earlier run do not stay: only the photos of one run are compared."""
    daemon.compare = burst
    photos = shoot(host, tmp_path, 3)
    cull(host)
    alone = series(1, 1, photos[1].path, "single", "ba9876543210")
    daemon.compare = lambda sent: {sent[0]["id"]: verdict(series=alone)}
    host.select([photos[1]])
    cull(host)
    assert photos[1].marks == KEPT
    assert photos[1].property("seriesKind") == "single"
    assert photos[1].property("seriesId") is None
    assert photos[1].property("seriesRank") is None


@pytest.mark.parametrize(("acts", "words"), [(True, None), (False, None)])
def test_prediction_of_the_taste_is_a_field(
    host: Host, daemon: FakeDaemon, tmp_path: Path, acts: bool, words: None
) -> None:
    """Two decimals, which sort; where it decides, the reason names it."""
    likely = {"code": "select_likely", "measured": 0.934, "limit": 0.9, "where": None, "text": "…"}
    select = {"probability": 0.934, "profile": "mine", "acts": acts}
    daemon.compare = lambda sent: {
        photo["id"]: verdict(select=select, reasons=[likely] if acts else []) for photo in sent
    }
    [photo] = shoot(host, tmp_path, 1)
    cull(host)
    assert photo.property("select") == "0.93"
    report = "You would probably select it (probability 93 %, limit 90 %)"
    assert photo.property("reasons") == (report if acts else None)


def test_preview_shows_series_and_writes_the_last_verdicts(
    host: Host, daemon: FakeDaemon, tmp_path: Path
) -> None:
    """Counts of the dialog are those of the second verdicts, and so are the marks that it writes."""
    daemon.compare = burst
    photos = shoot(host, tmp_path, 4)
    host.answer_dialog("Preview of the verdicts", "ok")
    menu(host, "Preview verdicts…")
    shown = next(dialog for dialog in host.dialogs if "Preview of the verdicts" in dialog.text)
    assert "1 keep, 3 reject, 0 cannot tell" in shown.texts
    assert "Bursts: 1, with 4 photos" in shown.texts
    assert [photo.marks for photo in photos] == [KEPT, *[REJECTED] * 3]


def test_photo_is_explained_within_its_series(host: Host, daemon: FakeDaemon, tmp_path: Path) -> None:
    """The photos of its series are judged with it, and no others; its rank is shown."""
    daemon.compare = burst
    photos = shoot(host, tmp_path, 3)
    others = shoot(host, tmp_path, 2)
    host.select(photos)
    cull(host)
    host.select([photos[1]])
    daemon.compare = lambda sent: burst(sorted(sent, key=lambda photo: str(photo["path"])))
    menu(host, "Explain this photo")
    assert set(daemon.job.photos) == {photo.uuid for photo in photos}
    assert not {photo.uuid for photo in others} & set(daemon.job.photos)
    assert host.dialogs[-1].message == "IMG_0002.JPG: Reject"
    lines = (host.dialogs[-1].info or "").split("\n")
    assert lines[0] == f"• {BEHIND}"
    assert "Burst of 3: rank 2, after IMG_0001.JPG" in lines


def test_photo_of_a_series_with_a_longer_id_is_no_sibling(
    host: Host, daemon: FakeDaemon, tmp_path: Path
) -> None:
    """The search that surely returns also matches ids that contain the wanted one."""
    daemon.compare = burst
    photos = shoot(host, tmp_path, 3)
    cull(host)
    photos[2]._record.fields.seriesId = "0123456789abc"
    host.select([photos[0]])
    menu(host, "Explain this photo")
    assert set(daemon.job.photos) == {photo.uuid for photo in photos[:2]}


def test_photo_without_a_series_is_explained_alone(host: Host, daemon: FakeDaemon, tmp_path: Path) -> None:
    """No search is made."""
    photos = shoot(host, tmp_path, 2)
    cull(host)
    host.select([photos[1]])
    request = len(host.queries)
    menu(host, "Explain this photo")
    assert set(daemon.job.photos) == {photos[1].uuid}
    assert not [query for query in host.queries[request:] if query["what"] == "findPhotos"]


def test_watch_writes_the_last_verdicts(host: Host, daemon: FakeDaemon, tmp_path: Path) -> None:
    """An import's burst has one keep, and the message counts each photo once."""
    daemon.compare = burst
    host.menu("Flag new imports automatically")
    host.run_for(5)
    photos = shoot(host, tmp_path, 3)
    host.select([])
    host.run_for(300)
    assert [photo.marks for photo in photos] == [KEPT, *[REJECTED] * 2]
    assert host.bezels[-1] == "New imports: 1 keep, 2 reject, 0 cannot tell"


def test_run_cancelled_before_the_comparison_keeps_its_verdicts(
    host: Host, daemon: FakeDaemon, tmp_path: Path
) -> None:
    """Each photo has its verdict without its series, and that is what the report counts."""
    daemon.speed, daemon.compare = 5, burst
    photos = shoot(host, tmp_path, 30)
    host.cancel_progress(lambda scope: scope.done >= 10)
    report = cull(host).text
    done = len(daemon.job.results)
    assert [photo.marks for photo in photos] == [KEPT] * done + [UNMARKED] * (30 - done)
    assert f"{done} keep, 0 reject, 0 cannot tell" in report
    assert {photo.property("seriesId") for photo in photos} == {None}


def test_five_thousand_photos_are_judged_twice_in_few_undo_steps(tmp_path: Path, daemon: FakeDaemon) -> None:
    """Half of them twice, each marked once; Lightroom's thread and memory are never taxed."""
    host = Host(PLUGIN, tmp_path, platform="win")
    host.load()
    host.answer_dialog("Auto-cull 5000 photos", "ok", times=1)
    photos = [host.catalog.add_photo(f"/shoot/IMG_{number:04}.NEF") for number in range(5000)]
    host.select(photos)
    daemon.compare = lambda sent: burst(sent[:2500])
    memory: list[float] = []
    count = host.bridge.lua.eval("function() collectgarbage() return collectgarbage('count') end")
    before = count()
    captions: set[str] = set()

    def measure(scope: Scope) -> bool:
        if scope.caption not in captions:
            memory.append(count() - before)
        captions.add(scope.caption)
        return False

    host.cancel_progress(measure)
    report = cull(host).text
    assert "2501 keep, 2499 reject, 0 cannot tell" in report
    assert "Marks written to 5000 photos" in report
    assert "Bursts: 1, with 2500 photos" in report
    assert sum(photo.marks == REJECTED for photo in photos) == 2499
    assert len(host.undo_steps) <= 30
    assert max(memory) < 60 * 1024, "KiB of Lua memory"
    host.check()


def writes(host: Host) -> list[dict[str, Any]]:
    """The gates that add a step to the undo history."""
    return [gate for gate in host.gates if gate["kind"] == "write"]


def test_second_run_that_is_cancelled_changes_nothing(host: Host, daemon: FakeDaemon, tmp_path: Path) -> None:
    """Lone verdicts would turn rejects of a series into keeps; photos without a verdict get theirs."""
    daemon.compare = burst
    photos = shoot(host, tmp_path, 40)
    cull(host)
    before = [(photo.marks, photo.properties) for photo in photos]
    steps = len(writes(host))
    daemon.speed = 5
    new = host.catalog.add_photo("/shoot/new.NEF")
    host.select([new, *photos])
    host.cancel_progress(lambda scope: scope.done >= 20)
    report = cull(host).text
    assert [(photo.marks, photo.properties) for photo in photos] == before
    assert new.marks == KEPT
    assert "was cancelled" in report
    assert "Marks written to 1 photos" in report
    assert f"{len(daemon.job.results) - 1} photos keep their earlier verdict" in report
    assert len(writes(host)) == steps + 1


def test_second_run_that_finds_the_same_writes_nothing(
    host: Host, daemon: FakeDaemon, tmp_path: Path
) -> None:
    """Neither marks nor fields: not one gate opens, so there is nothing to undo."""
    daemon.judge, daemon.compare = by_number(rejects=3, doubts=2), burst
    photos = shoot(host, tmp_path, 20)
    cull(host)
    gates, touched = len(writes(host)), [photo.properties for photo in photos]
    report = cull(host).text
    assert "20 photos had these marks already" in report
    assert len(writes(host)) == gates
    assert [photo.properties for photo in photos] == touched
    assert len(daemon.journals) == 1


def test_series_texts_are_german_in_a_german_lightroom(daemon: FakeDaemon, tmp_path: Path) -> None:
    """Report and reasons; the codes in the fields stay."""
    daemon.compare = burst
    host = Host(PLUGIN, tmp_path, language="de")
    host.load()
    photos = shoot(host, tmp_path, 2)
    menu(host, "Auswahl automatisch sichten")
    assert "Serienaufnahmen: 1, mit 2 Fotos" in last_report(host).text
    assert (photos[1].property("reasons") or "").startswith("Bild IMG_0001.JPG dieser Serie ist besser")
    assert photos[1].property("seriesKind") == "burst"
    host.check()
