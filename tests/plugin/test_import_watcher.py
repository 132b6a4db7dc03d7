"""The import watch: what it flags, what it leaves alone, when it yields, and when it gives up."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from plugin.catalog import Photo
from plugin.fake_daemon import FakeDaemon, unreadable, verdict
from plugin.host import Host
from plugin.literal_files import PLUGIN

OLD = 500_000
FINISHED = 100  # seconds within which an import at rest is judged, portion by portion


@pytest.fixture
def host(tmp_path: Path, daemon: FakeDaemon) -> Host:
    """Lightroom with 500,000 old photos that no question may touch, and the watch switched on."""
    host = Host(PLUGIN, tmp_path)
    host.catalog.size(OLD)
    host.load()
    toggle(host)
    return host


def toggle(host: Host) -> None:
    """Choose the menu item and let it be done."""
    host.menu("Flag new imports automatically")
    host.run_for(5)


def add_import(host: Host, count: int, **facts: Any) -> list[Photo]:
    """Photos as an import adds them: unmarked, their files there."""
    first = len(host.catalog.photos)
    return [host.catalog.add_photo(f"/card/IMG_{first + n:05}.NEF", **facts) for n in range(count)]


def watermark(host: Host) -> int:
    """How far the watch has come in the catalog."""
    return int(host.catalog.properties["importWatermark"])


def count_checks(host: Host) -> int:
    """How often the watch has searched the catalog."""
    return sum(query["what"] == "findPhotos" for query in host.queries)


def log(host: Host) -> str:
    """The words that the plug-in logged."""
    return "\n".join(words for _, _, words in host.log)


def test_import_in_three_bursts_is_flagged_once_it_is_complete(host: Host, daemon: FakeDaemon) -> None:
    """300 photos that arrive in bursts are all judged, once each, and only after the last burst."""
    photos = []
    for _ in range(3):
        photos += add_import(host, 100)
        host.run_for(35)
        assert not daemon.jobs, "the import was still copying"
    host.run_for(FINISHED)
    assert [photo.marks for photo in photos] == [(3, "green", 1)] * 300
    assert sum(len(job.photos) for job in daemon.jobs.values()) == 300
    assert {job.order["source"] for job in daemon.jobs.values()} == {"import"}
    assert host.bezels[-1] == "New imports: 300 keep, 0 reject, 0 cannot tell"
    assert not host.dialogs
    host.check()


def test_catalog_is_never_scanned(host: Host) -> None:
    """In a catalog of 500,000 photos the watch reads only the new ones: a scan would be a violation."""
    add_import(host, 300)
    host.run_for(3600)
    assert "getAllPhotos" not in {query["what"] for query in host.queries}
    most = max(query["count"] for query in host.queries)
    assert most <= 300
    host.check()


def test_every_search_is_the_same_constant(host: Host) -> None:
    """A search that the host does not support never returns: nothing in it comes from a variable."""
    add_import(host, 3)
    host.run_for(FINISHED)
    searches = [str(query["detail"]) for query in host.queries if query["what"] == "findPhotos"]
    assert len(searches) > 3
    assert len(set(searches)) == 1
    host.check()


def test_one_import_is_one_job_with_one_undo(host: Host, daemon: FakeDaemon) -> None:
    """Whatever its size: no series is cut at a border, and one undo goes back to before it."""
    photos = add_import(host, 995)
    host.run_for(FINISHED)
    assert [len(job.photos) for job in daemon.jobs.values()] == [995]
    assert list(daemon.journals) == ["job-1"]
    assert host.bezels[-1].startswith("New imports: 995 keep")
    host.answer_dialog("Undo the auto-cull of", "ok")
    host.menu("Undo last auto-cull")
    host.run_for(300)
    assert {photo.marks for photo in photos} == {(None, "none", 0)}
    host.check()


def test_no_portion_skips_photos(host: Host, daemon: FakeDaemon) -> None:
    """In whatever order the host returns them, the watermark passes a photo only after it was judged."""
    photos = [
        add_import(host, 1, captured=f"2026-05-03T{9 - n % 10:02}:{n % 60:02}:00")[0] for n in range(450)
    ]
    host.run_for(FINISHED)
    assert all(photo.flag == 1 for photo in photos)
    host.check()


def test_each_import_has_its_own_count(host: Host) -> None:
    """The second bezel counts only the second import."""
    add_import(host, 3)
    host.run_for(FINISHED)
    add_import(host, 2)
    host.run_for(600)
    assert [text.split(",")[0] for text in host.bezels[1:]] == ["New imports: 3 keep", "New imports: 2 keep"]
    host.check()


@pytest.mark.parametrize(
    "facts",
    [{"rating": 1}, {"label": "blue"}, {"label": "Print this"}, {"flag": 1}, {"flag": -1}],
    ids=lambda facts: "-".join(f"{key} {value}" for key, value in facts.items()),
)
def test_photos_with_marks_are_left_alone(host: Host, daemon: FakeDaemon, facts: dict[str, Any]) -> None:
    """With one mark of any kind, of photographer or camera, the watch does not send the photo."""
    photo = add_import(host, 1, **facts)[0]
    before = photo.marks
    host.run_for(FINISHED)
    assert photo.marks == before
    assert not daemon.jobs
    assert not photo.properties
    host.check()


@pytest.mark.parametrize("name", ["clip.mp4", "back.tif", "back.psd", "back.psb"])
def test_videos_and_edited_copies_are_left_alone(host: Host, daemon: FakeDaemon, name: str) -> None:
    """Videos cannot be judged, and edited copies are not imports."""
    host.catalog.add_photo(f"/card/{name}")
    host.run_for(FINISHED)
    assert not daemon.jobs
    assert not host.progress_scopes, "a bar for nothing"
    host.check()


def test_copies_and_missing_files_are_left_alone(host: Host, daemon: FakeDaemon) -> None:
    """A copy is not an import, even where copies are marked; a missing file's preview is not judged."""
    host.lua_task("require('Settings').set('markCopies', true)")
    master = host.catalog.add_photo("/card/1.NEF", rating=3)
    copy = host.catalog.add_photo("/card/1.NEF", copy_of=master)
    host.catalog.add_photo("/card/2.NEF", exists=False, thumbnail=b"preview")
    other = host.catalog.add_photo("/card/3.NEF")
    host.run_for(FINISHED)
    assert list(daemon.job.photos) == [other.uuid]
    assert copy.marks == (None, "none", 0)
    host.check()


def test_marks_set_before_the_judgement_are_kept(host: Host, daemon: FakeDaemon) -> None:
    """The photographer may rate photos between import and judgement."""
    marked, other = add_import(host, 2)
    host.run_for(25)
    marked.rating = 5
    host.run_for(FINISHED)
    assert marked.rating == 5
    assert list(daemon.job.photos) == [other.uuid]
    host.check()


@pytest.mark.parametrize("policy", ["respect", "fill", "overwrite"])
def test_marks_set_during_the_judgement_are_kept(host: Host, daemon: FakeDaemon, policy: str) -> None:
    """Whatever policy the settings have: the photographer did not start this run, so one mark is enough."""
    host.lua_task(f"assert(require('Settings').set('policy', '{policy}'))")
    daemon.speed = 0
    marked, other = add_import(host, 2)
    host.run(until=lambda: daemon.jobs, at_most_s=FINISHED)
    marked.rating = 5
    daemon.speed = 100
    host.run_for(FINISHED)
    assert marked.marks == (5, "none", 0)
    assert other.marks == (3, "green", 1)
    host.check()


def test_photo_removed_meanwhile_is_skipped(host: Host, daemon: FakeDaemon) -> None:
    """The photographer may remove a photo between the search and the reading of its metadata."""
    gone, other = add_import(host, 2)
    host.run(until=lambda: host.queries[-1]["what"] == "batchGetRawMetadata", at_most_s=FINISHED)
    gone.vanish()
    host.run_for(FINISHED)
    assert list(daemon.job.photos) == [other.uuid]
    assert "failure" not in log(host)
    host.check()


def test_photos_from_before_switching_on_are_never_flagged(tmp_path: Path, daemon: FakeDaemon) -> None:
    """Switching on stores the watermark: a photo that was imported an hour before stays as it is."""
    host = Host(PLUGIN, tmp_path)
    host.catalog.size(OLD)
    host.load()
    earlier = add_import(host, 20)
    toggle(host)
    later = add_import(host, 1)[0]
    host.run_for(FINISHED)
    earlier[0].rating = 4
    host.run_for(FINISHED)
    assert list(daemon.job.photos) == [later.uuid]
    assert len(daemon.jobs) == 1
    host.check()


def test_own_writes_do_not_make_the_watch_loop(host: Host, daemon: FakeDaemon) -> None:
    """Writing marks touches the photos, so the search finds them again: they are not judged again."""
    photos = add_import(host, 10)
    host.run_for(FINISHED)
    for photo in photos:
        photo.rating = None
        photo.label = "none"
        photo.flag = 0
    host.run_for(7200)
    assert len(daemon.jobs) == 1
    assert photos[0].marks == (None, "none", 0)
    host.check()


def test_done_marker_works_without_the_watermark(host: Host, daemon: FakeDaemon) -> None:
    """A photo with `done` is not judged again, even where the catalog lost the watermark."""
    photo = add_import(host, 1)[0]
    host.run_for(FINISHED)
    assert photo.property("cullState") == "done:3f2a91c0"
    photo.rating, photo.label, photo.flag = None, "none", 0
    host.lua_task(
        """local catalog = import 'LrApplication'.activeCatalog()
        catalog:withPrivateWriteAccessDo(function()
          catalog:setPropertyForPlugin(_PLUGIN, 'importWatermark', 500000)
        end, { timeout = 5 })"""
    )
    host.run_for(900)
    assert len(daemon.jobs) == 1
    assert watermark(host) == photo.id
    host.check()


def test_more_than_5000_photos_at_once_are_not_flagged(host: Host, daemon: FakeDaemon) -> None:
    """A merged catalog is not an import from a card: one message, and the next import is flagged."""
    add_import(host, 5001)
    host.run_for(3600)
    assert not daemon.jobs
    bezels = [text for text in host.bezels if "5001" in text]
    assert bezels == ["5001 new photos at once are not flagged: use Auto-cull previous import"]
    add_import(host, 2)
    host.run_for(600)
    assert len(daemon.job.photos) == 2
    assert not host.dialogs
    host.check()


def test_watch_checks_less_often_while_nothing_happens(host: Host) -> None:
    """From 20 seconds to 5 minutes: a day without imports costs a few hundred cheap queries."""
    host.run_for(3600)
    before = count_checks(host)
    host.run_for(24 * 3600)
    assert count_checks(host) - before == pytest.approx(24 * 12, abs=2)
    host.check()


def test_watch_checks_often_again_after_an_import(host: Host) -> None:
    """After a long pause an import is flagged within 5 minutes and two checks."""
    host.run_for(3600)
    photo = add_import(host, 1)[0]
    host.run_for(300 + 60)
    assert photo.flag == 1
    host.check()


def test_watch_never_gives_up(host: Host, daemon: FakeDaemon) -> None:
    """Ten failures in a row are shown once, in a bezel; after a day the import is flagged all the same."""
    daemon.die(clean=True)
    photo = add_import(host, 1)[0]
    host.run_for(24 * 3600)
    bezels = [text for text in host.bezels if "cannot flag new imports" in text]
    assert bezels == ["Autocull cannot flag new imports and keeps trying; see Plug-in Manager"]
    assert photo.marks == (None, "none", 0)
    assert not host.dialogs
    daemon.start()
    host.run_for(600)
    assert photo.flag == 1
    host.check()


def test_next_start_tries_again_after_giving_up(host: Host, daemon: FakeDaemon) -> None:
    """The setting stays on: a new start of Lightroom with a daemon flags the remaining photos."""
    daemon.die(clean=True)
    photo = add_import(host, 1)[0]
    host.run_for(2 * 3600)
    host.quit()
    daemon.start()
    host.load()
    host.run_for(FINISHED)
    assert photo.flag == 1
    host.check()


def test_daemon_that_returns_in_time_gets_the_waiting_photos(host: Host, daemon: FakeDaemon) -> None:
    """A few failures are cleared by the first success, and no photo is lost."""
    daemon.die(clean=True)
    photos = add_import(host, 3)
    host.run_for(300)
    assert photos[0].flag == 0
    daemon.start()
    host.run_for(900)
    assert [photo.flag for photo in photos] == [1, 1, 1]
    assert host.prefs["watchImports"] is True
    host.check()


def test_only_failures_in_a_row_count(host: Host, daemon: FakeDaemon) -> None:
    """A daemon that is down every night does not end the watch after some nights."""
    for _ in range(4):
        photo = add_import(host, 1)[0]
        daemon.die(clean=True)
        host.run_for(600)
        daemon.start()
        host.run_for(900)
        assert photo.flag == 1
    assert len(re.findall(r"import watch, failure", log(host))) > 10
    assert host.tasks == ["Autocull import watch"]
    host.check()


def test_busy_catalog_is_tried_again(host: Host, daemon: FakeDaemon) -> None:
    """Where another part of Lightroom holds the catalog for minutes, the photos are flagged afterwards."""
    photo = add_import(host, 1)[0]
    host.run_for(45)
    host.catalog.hold_gate(240)
    host.run_for(1200)
    assert photo.flag == 1
    host.check()


def test_watch_stays_off_if_the_watermark_cannot_be_stored(tmp_path: Path, daemon: FakeDaemon) -> None:
    """Where the catalog stays busy the watch is not on: else it would flag photos that are there already."""
    host = Host(PLUGIN, tmp_path)
    host.load()
    host.menu("Flag new imports automatically")
    host.run(until=lambda: len(host.gates) == 2)
    host.catalog.hold_gate(200)
    host.run_for(300)
    assert [gate["status"] for gate in host.gates[2:]] == ["aborted"] * 3
    assert [dialog.message for dialog in host.dialogs] == ["New imports are not flagged"]
    assert not host.prefs.get("watchImports")
    assert "importWatermark" not in host.catalog.properties
    host.check()


def test_undo_history_holds_only_the_marks(host: Host) -> None:
    """The watermark is stored without a step that the photographer could undo by mistake."""
    before = host.undo_steps
    add_import(host, 450)
    host.run_for(FINISHED)
    steps = [gate for gate in host.gates[2:] if gate["kind"] == "write"]
    assert len(steps) == 3
    assert len(set(host.undo_steps) - set(before)) == 1
    host.check()


def test_watch_does_nothing_during_a_users_run(host: Host, daemon: FakeDaemon) -> None:
    """Afterwards it continues."""
    marked = host.catalog.add_photo("/shoot/1.NEF", rating=1)
    host.run_for(60)
    host.select([marked])
    daemon.speed = 0
    host.menu("Auto-cull selection")
    new = add_import(host, 1)[0]
    before = count_checks(host)
    host.run_for(300)
    assert count_checks(host) == before
    assert [job.order["source"] for job in daemon.jobs.values()] == ["user"]
    daemon.speed = 100
    host.run_for(600)
    assert new.flag == 1
    host.check()


def test_portion_yields_to_a_users_run(host: Host, daemon: FakeDaemon) -> None:
    """The portion ends when the user starts a run, which comes first; the portion is finished later."""
    photos = add_import(host, 50)
    daemon.speed = 1
    host.run(until=lambda: sum(photo.flag for photo in photos) >= 5, at_most_s=FINISHED)
    marked = host.catalog.add_photo("/shoot/1.NEF")
    host.select([marked])
    host.menu("Auto-cull selection")
    host.run(until=lambda: marked.flag == 1, at_most_s=120)
    daemon.speed = 100
    host.run_for(600)
    assert all(photo.flag == 1 for photo in photos)
    assert "failure" not in log(host)
    assert "New imports: 50 keep, 0 reject, 0 cannot tell" in host.bezels
    host.check()


def test_cancelled_import_is_not_flagged_further(host: Host, daemon: FakeDaemon) -> None:
    """A cancel ends this import. What is done stays; the next import is flagged again."""
    photos = add_import(host, 450)
    daemon.speed = 20
    host.cancel_progress(lambda scope: scope.done >= 100)
    host.run_for(600)
    done = sum(photo.flag == 1 for photo in photos)
    assert 100 <= done < 200
    assert len(daemon.jobs) == 1
    assert "Cancelled: the rest of this import is not flagged" in host.bezels
    host.cancel_progress(lambda scope: False)
    later = add_import(host, 1)[0]
    host.run_for(600)
    assert later.flag == 1
    host.check()


def test_unreadable_photos_are_counted_and_not_tried_for_ever(host: Host, daemon: FakeDaemon) -> None:
    """A damaged file is counted in the bezel, and does not keep the watch busy."""
    daemon.judge = lambda photo: unreadable() if photo["path"].endswith("1.NEF") else verdict("reject")
    add_import(host, 2)
    host.run_for(3600)
    assert len(daemon.jobs) == 1
    assert host.bezels[-1] == "New imports: 0 keep, 1 reject, 0 cannot tell, 1 unreadable"
    host.check()


def test_reload_ends_the_old_loop_and_starts_one(host: Host, daemon: FakeDaemon) -> None:
    """After *Reload Plug-in* one loop runs, not two."""
    host.reload_plugin()
    host.run_for(700)
    assert host.tasks.count("Autocull import watch") == 1
    before = count_checks(host)
    host.run_for(3000)
    assert count_checks(host) - before <= 3000 / 300 + 1
    host.check()


def test_reload_during_a_portion_loses_nothing(host: Host, daemon: FakeDaemon) -> None:
    """The old portion ends, the new loop handles the rest: every photo is judged and written."""
    photos = add_import(host, 60)
    daemon.speed = 5
    host.run(until=lambda: any(photo.flag == 1 for photo in photos), at_most_s=FINISHED)
    host.reload_plugin()
    host.run_for(1200)
    assert all(photo.marks == (3, "green", 1) for photo in photos)
    assert host.tasks == ["Autocull import watch"]
    host.check()


def test_portion_is_finished_after_lightroom_restarted(host: Host, daemon: FakeDaemon) -> None:
    """What was not written before the end is written after the next start."""
    photos = add_import(host, 60)
    daemon.speed = 5
    host.run(until=lambda: any(photo.flag == 1 for photo in photos), at_most_s=FINISHED)
    host.quit()
    host.load()
    host.run_for(1200)
    assert all(photo.flag == 1 for photo in photos)
    host.check()


def test_watch_that_is_off_sends_no_query(host: Host, daemon: FakeDaemon) -> None:
    """The loop ends, and a later import stays as it is."""
    toggle(host)
    photo = add_import(host, 1)[0]
    before = len(host.queries)
    host.run_for(3600)
    assert len(host.queries) == before
    assert photo.flag == 0
    assert not host.tasks
    assert host.bezels == ["New imports will be flagged", "New imports are no longer flagged"]
    host.check()


def test_watermark_stays_when_the_watch_is_switched_off_and_on(host: Host, daemon: FakeDaemon) -> None:
    """An import that it could not judge, or that came meanwhile, is not lost."""
    daemon.die(clean=True)
    failed = add_import(host, 2)
    host.run_for(300)
    before = watermark(host)
    toggle(host)
    missed = add_import(host, 2)
    daemon.start()
    toggle(host)
    assert watermark(host) == before
    host.run_for(FINISHED)
    assert {photo.flag for photo in (*failed, *missed)} == {1}
    host.check()


def test_the_watch_is_off_until_it_is_switched_on(tmp_path: Path, daemon: FakeDaemon) -> None:
    """A fresh plug-in sends no query to the catalog by itself."""
    host = Host(PLUGIN, tmp_path)
    host.catalog.size(OLD)
    host.load()
    add_import(host, 5)
    assert host.run(at_most_s=3600), "a loop goes on"
    assert not host.queries
    host.check()


def test_another_catalog_starts_at_its_own_first_check(tmp_path: Path, daemon: FakeDaemon) -> None:
    """With the setting on, old photos of a catalog that never had the watch are not flagged."""
    host = Host(PLUGIN, tmp_path)
    host.set_pref("watchImports", value=True)
    host.catalog.size(OLD)
    old = add_import(host, 3)
    host.load()
    host.run_for(60)
    new = add_import(host, 1)[0]
    host.run_for(400)
    assert [photo.flag for photo in old] == [0, 0, 0]
    assert new.flag == 1
    host.check()


def test_storing_the_watermark_leaves_no_collection_set(host: Host) -> None:
    """The set that shows the catalog's counter is deleted again."""
    assert watermark(host) > OLD
    assert not host.catalog.collection_sets
    host.check()


@pytest.mark.parametrize("scan", ["done", "cancelled"])
def test_photos_are_scanned_if_there_is_more_than_one_counter(tmp_path: Path, scan: str) -> None:
    """They are scanned once, under a bar that can be cancelled."""
    host = Host(PLUGIN, tmp_path)
    host.knob("separateCounters", value=True)
    host.catalog.size(3000, scan=True)
    host.load()
    newest = add_import(host, 1)[0]
    if scan == "cancelled":
        host.cancel_progress(lambda scope: scope.done >= 2000)
        host.answer_dialog("New imports are not flagged", "ok")
    host.menu("Flag new imports automatically")
    host.run_for(10)
    assert host.prefs.get("watchImports", False) is (scan == "done")
    if scan == "done":
        assert watermark(host) == newest.id
    host.check()


def test_watch_works_on_windows(tmp_path: Path, daemon: FakeDaemon) -> None:
    """Paths with drive letters and of network shares reach the daemon as they are."""
    host = Host(PLUGIN, tmp_path, platform="win")
    host.catalog.size(OLD)
    host.load()
    toggle(host)
    paths = ["C:\\Fotos\\Zoë 1.NEF", "\\\\nas\\Shooting\\2.NEF"]
    photos = [host.catalog.add_photo(path) for path in paths]
    host.run_for(FINISHED)
    assert [photo["path"] for photo in daemon.job.photos.values()] == paths
    assert [photo.flag for photo in photos] == [1, 1]
    host.check()


def test_5000_at_once_are_still_an_import(host: Host, daemon: FakeDaemon) -> None:
    """A full card is judged to its last photo, in portions; the only thread is never blocked for long."""
    photos = add_import(host, 5000)
    host.run_for(1800)
    assert all(photo.flag == 1 for photo in photos)
    assert [len(job.photos) for job in daemon.jobs.values()] == [5000]
    assert host.bezels[-1].startswith("New imports: 5000 keep")
    assert host.steps < 3_000_000, "steps between two yields"
    host.check()


def test_written_marks_follow_the_settings(host: Host, daemon: FakeDaemon) -> None:
    """Profile, own marks and the choice of marks apply to imports as to the user's runs."""
    host.lua_task(
        """local Settings = require 'Settings'
        assert(Settings.set('profile', 'sports'))
        assert(Settings.set('writeLabel', false))
        assert(Settings.set('collections', true))"""
    )
    photo = add_import(host, 1)[0]
    host.run_for(FINISHED)
    assert daemon.job.order["profile"] == "sports"
    assert photo.marks == (3, "none", 1)
    assert not host.catalog.collections, "an import makes no collections"
    host.check()


def test_an_import_can_be_undone(host: Host, daemon: FakeDaemon) -> None:
    """A portion is a run: *Undo last auto-cull* reverts it, and the watch does not repeat it."""
    photos = add_import(host, 3)
    host.run_for(FINISHED)
    host.answer_dialog("Undo the auto-cull", "ok")
    host.menu("Undo last auto-cull")
    host.run_for(60)
    assert [photo.marks for photo in photos] == [(None, "none", 0)] * 3
    host.run_for(900)
    assert [photo.marks for photo in photos] == [(None, "none", 0)] * 3
    assert len(daemon.jobs) == 1
    host.check()


def test_bezels_are_german_in_a_german_lightroom(tmp_path: Path, daemon: FakeDaemon) -> None:
    """Its bezels are German where Lightroom is."""
    host = Host(PLUGIN, tmp_path, language="de")
    host.catalog.size(OLD)
    host.load()
    host.menu("Neue Importe automatisch markieren")
    host.run_for(5)
    add_import(host, 4)
    host.run_for(FINISHED)
    assert host.bezels == ["Neue Importe werden markiert", "Neue Importe: 4 behalten, 0 ablehnen, 0 unklar"]
    host.check()
