"""Runs in which something goes wrong: what was done stays and is counted, and the rest is told."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from plugin.catalog import Photo
from plugin.fake_daemon import Asked, FakeDaemon, Said, problem, verdict
from plugin.host import Host
from plugin.literal_files import PLUGIN
from plugin.shoots import HOUR, KEPT, UNMARKED, by_number, choose, cull, menu, shoot


def many(host: Host, count: int, **facts: Any) -> list[Photo]:
    """Select so many photos, which the host believes to be there."""
    host.answer_dialog(f"Auto-cull {count} photos", "ok", times=None if count <= 2000 else 1)
    photos = [host.catalog.add_photo(f"/shoot/IMG_{number:04}.NEF", **facts) for number in range(count)]
    host.select(photos)
    return photos


def start(host: Host, daemon: FakeDaemon, results: int) -> None:
    """Choose *Auto-cull selection* and let it go on until the daemon has so many results."""
    host.menu("Auto-cull selection")
    host.run(until=lambda: daemon.jobs and len(daemon.job.results) >= results)


def slowly(daemon: FakeDaemon, speed: int) -> Any:
    """Let every other question for results find none, and the rest find `speed` photos."""

    def respond(asked: Asked) -> None:
        daemon.speed = speed if daemon.paths("GET").count(asked.path.split("?")[0]) % 2 else 0

    return respond


def marked(photos: list[Photo]) -> int:
    """How many of the photos have marks."""
    return sum(photo.marks != UNMARKED for photo in photos)


# -- length and cancel -----------------------------------------------------------------------------------


def test_five_thousand_photos_and_a_slow_daemon(host: Host, daemon: FakeDaemon) -> None:
    """All get their marks in gates of at most 200, the bar reaches its end, Lightroom never freezes."""
    daemon.judge = by_number(rejects=3, doubts=1)
    daemon.on_request = slowly(daemon, 60)
    photos = many(host, 5000)
    captions: set[str] = set()
    host.cancel_progress(lambda scope: captions.add(scope.caption))
    said = cull(host).text
    assert "5000 of 5000 photos judged" in said
    assert Counter(photo.flag for photo in photos) == {1: 3000, -1: 1500, 0: 500}
    assert max(gate["writes"] for gate in host.gates) <= 200 * 13
    assert any("8.1 photos/s" in caption and "minutes left" in caption for caption in captions)
    assert {scope.done / scope.total for scope in host.progress_scopes} == {1.0}
    assert host.steps < 2_000_000


def test_photos_go_to_the_daemon_in_pieces(host: Host, daemon: FakeDaemon) -> None:
    """500 at a time, so that the first are judged while the last are read, and no body is too large."""
    many(host, 1200)
    cull(host)
    bodies = [asked.body for asked in daemon.asked if asked.body and "photos" in asked.body]
    assert [(len(body["photos"]), body["more"]) for body in bodies] == [
        (500, True),
        (500, True),
        (200, False),
    ]
    sizes = [len(request.sent or b"") for request in host.http_requests]
    assert max(sizes) < 4 * 1024 * 1024


@pytest.mark.parametrize("platform", ["mac", "win"])
def test_cancel_at_a_third(tmp_path: Path, daemon: FakeDaemon, platform: Any) -> None:
    """The daemon stops, what it had judged is written and counted, and the rest is untouched."""
    host = Host(PLUGIN, tmp_path, platform=platform)
    host.load()
    daemon.speed = 50
    photos = many(host, 1500)
    host.cancel_progress(lambda scope: scope.done >= 500)
    said = cull(host).text
    done = marked(photos)
    assert 500 <= done < 700
    assert done == len(daemon.job.results)
    assert "Auto-cull was cancelled: what was done is kept" in said
    assert f"Marks written to {done} photos" in said
    assert daemon.job.state == "cancelled"
    host.check()


def test_cancel_while_the_catalog_is_read(host: Host, daemon: FakeDaemon) -> None:
    """At any moment: after the first piece nothing more is read, and the open job is closed."""
    photos = many(host, 1800)
    host.cancel_progress(lambda scope: bool(daemon.jobs))
    said = cull(host).text
    assert "was cancelled" in said
    assert len(daemon.job.photos) == 500
    assert daemon.job.state == "cancelled"
    assert marked(photos) == len(daemon.job.results)


def test_a_second_run_is_refused_while_one_goes_on(host: Host, daemon: FakeDaemon, tmp_path: Path) -> None:
    """Two runs would plan on the same marks."""
    daemon.speed = 1
    shoot(host, tmp_path, 30)
    start(host, daemon, results=3)
    host.menu("Auto-cull selection")
    host.run(at_most_s=HOUR)
    assert "Autocull is at work already" in host.dialogs[0].text
    assert len(daemon.jobs) == 1
    assert len(daemon.job.results) == 30


def test_a_user_goes_ahead_of_the_import_watch(host: Host, daemon: FakeDaemon, tmp_path: Path) -> None:
    """The portion of an import ends as busy, so that the watch takes it again; her run follows at once."""
    daemon.speed = 1
    photos = shoot(host, tmp_path, 40)
    source = """
      local LrFunctionContext = import 'LrFunctionContext'
      LrFunctionContext.postAsyncTaskWithContext('import', function(context)
        assert(require('RunLock').acquire(context, 'import'))
        local progress = import('LrProgressScope') { title = 'import', functionContext = context }
        progress:setCancelable(true)
        local tally, err = require('CullRun').cull {
          photos = import('LrApplication').activeCatalog():getTargetPhotos(), source = 'import',
          context = context, progress = progress, settings = require('Settings').all(), dryRun = false,
        }
        rawset(_G, 'OUTCOME', tostring(tally) .. ' ' .. err.code)
      end)
    """
    host.lua_now(source)
    host.run(until=lambda: daemon.jobs and len(daemon.job.results) >= 5)
    cull(host)
    assert host.lua_now("return OUTCOME") == "nil busy"
    assert [job.order["source"] for job in daemon.jobs.values()] == ["import", "user"]
    assert daemon.jobs["job-1"].state == "cancelled"
    assert {photo.marks for photo in photos} == {KEPT}


def test_the_wait_for_an_import_has_a_bar_that_can_be_cancelled(
    host: Host, daemon: FakeDaemon, tmp_path: Path
) -> None:
    """Nothing is read before the bar is there, and who cancels it is not told that Autocull is at work."""
    shoot(host, tmp_path, 3)
    host.lua_now("""
      import('LrFunctionContext').postAsyncTaskWithContext('import', function(context)
        assert(require('RunLock').acquire(context, 'import'))
        import('LrTasks').sleep(40)
      end)
    """)
    host.run_for(1)
    before = host.now
    host.cancel_progress(lambda scope: host.now > before + 5)
    host.menu("Auto-cull selection")
    host.run(at_most_s=HOUR)
    assert [scope.title for scope in host.progress_scopes] == ["Auto-cull"]
    assert not host.dialogs
    assert not daemon.jobs


# -- the daemon ------------------------------------------------------------------------------------------


def test_a_daemon_that_dies_and_comes_back_goes_on(host: Host, daemon: FakeDaemon, tmp_path: Path) -> None:
    """Killed in mid-job: the plug-in starts it again, and no photo is lost or counted twice."""
    daemon.speed = 5
    daemon.launcher()
    photos = shoot(host, tmp_path, 60)
    start(host, daemon, results=20)
    daemon.die()
    host.on_execute = lambda command: daemon.start() or 0
    host.run(at_most_s=HOUR)
    said = host.dialogs[-1].text
    assert "60 of 60 photos judged" in said
    assert "Marks written to 60 photos" in said
    assert {photo.marks for photo in photos} == {KEPT}
    assert len(daemon.jobs) == 1


def test_a_daemon_that_dies_before_a_write_loses_no_journal(
    host: Host, daemon: FakeDaemon, tmp_path: Path
) -> None:
    """The call that keeps the marks of before is asked again; nothing is written without it."""
    daemon.launcher()
    photos = shoot(host, tmp_path, 3)
    host.on_execute = lambda command: daemon.start() or 0
    died: list[Asked] = []

    def die(asked: Asked) -> Said | None:
        if asked.path.endswith("/journal") and not died:
            died.append(asked)
            return problem(503, "store", "The disk is full.")
        return None

    daemon.on_request = die
    cull(host)
    assert {photo.marks for photo in photos} == {KEPT}
    assert len(daemon.journals["job-1"]) == 3


def test_nothing_is_written_without_a_journal(host: Host, daemon: FakeDaemon, tmp_path: Path) -> None:
    """Where the daemon cannot keep the marks of before, they stay; photos are counted, the reason told."""
    photos = shoot(host, tmp_path, 3)
    refuse = problem(500, "internal", "The journal cannot be kept.")
    daemon.on_request = lambda asked: refuse if asked.path.endswith("/journal") else None
    said = cull(host).text
    assert {photo.marks for photo in photos} == {UNMARKED}
    assert "Auto-cull is not complete" in said
    assert "3 could not be written" in said
    assert "The journal cannot be kept." in said


def test_a_daemon_that_stays_dead_ends_the_run_with_its_log(
    host: Host, daemon: FakeDaemon, tmp_path: Path
) -> None:
    """What was written before is counted; the dialog says why and where the log is."""
    daemon.speed = 5
    daemon.launcher(log="/logs/autocull.log")
    photos = shoot(host, tmp_path, 60)
    start(host, daemon, results=20)
    daemon.die()
    host.on_execute = lambda command: 3
    host.run(at_most_s=HOUR)
    said = host.dialogs[-1].text
    done = marked(photos)
    assert 0 < done < 60
    assert f"Marks written to {done} photos" in said
    assert "Autocull could not be started (3)" in said
    assert "/logs/autocull.log" in said


def test_a_job_that_fails_says_why(host: Host, daemon: FakeDaemon, tmp_path: Path) -> None:
    """A daemon without its networks is no empty success."""

    def fail(asked: Asked) -> None:
        if daemon.jobs:
            daemon.job.state, daemon.job.message = "failed", "A network is damaged. Run autocull install."

    daemon.on_request = fail
    shoot(host, tmp_path, 3)
    said = cull(host).text
    assert "Autocull gave up: A network is damaged. Run autocull install." in said


def test_refused_settings_are_told_in_the_daemons_words(
    host: Host, daemon: FakeDaemon, tmp_path: Path
) -> None:
    """422 names the setting; no photo is touched."""
    refuse = problem(422, "bad_settings", "The marks table has no row for keep.")
    daemon.on_request = lambda asked: refuse if asked.path == "/v1/jobs" else None
    photos = shoot(host, tmp_path, 2)
    assert "The marks table has no row for keep." in cull(host).text
    assert marked(photos) == 0


@pytest.mark.parametrize(
    "wrong",
    [{"rating": 7}, {"label": "pink"}, {"flag": 3}, {"verdict": "delete"}, {"reasons": "none"}],
    ids=str,
)
def test_a_result_out_of_shape_is_never_written(
    host: Host, daemon: FakeDaemon, tmp_path: Path, wrong: dict[str, Any]
) -> None:
    """It is named as unreadable; its neighbours get their marks."""
    daemon.judge = lambda photo: verdict(**wrong) if "0002" in photo["path"] else verdict()
    photos = shoot(host, tmp_path, 3)
    said = cull(host).text
    assert [photo.marks for photo in photos] == [KEPT, UNMARKED, KEPT]
    assert "IMG_0002.JPG: Autocull answered with" in said


@pytest.mark.parametrize(
    "answer",
    [
        {"results": [], "next": -1, "complete": False},
        {"results": [verdict()], "next": 0, "complete": False},
        {"results": {}, "next": 0},
        {},
    ],
    ids=["backwards", "in a circle", "without an end", "nothing"],
)
def test_pages_that_lead_nowhere_end_the_run(
    host: Host, daemon: FakeDaemon, tmp_path: Path, answer: dict[str, Any]
) -> None:
    """A daemon that answers nonsense does not keep Lightroom busy for ever."""
    daemon.on_request = lambda asked: (200, answer) if "/results" in asked.path else None
    photos = shoot(host, tmp_path, 2)
    assert "Autocull answered with" in cull(host).text
    assert marked(photos) == 0


def test_a_result_that_comes_twice_or_for_nobody_counts_once(
    host: Host, daemon: FakeDaemon, tmp_path: Path
) -> None:
    """The larger number stands, in whatever order; one for a photo that was never sent is written nowhere."""
    [photo] = shoot(host, tmp_path, 1)
    answers = [
        (1, photo.uuid, "reject"), (4, photo.uuid, "keep"), (2, photo.uuid, "cannot_tell"),
        (5, "nobody", "reject"),
    ]  # fmt: skip
    results = [{"number": number, "id": id_, **verdict(answer)} for number, id_, answer in answers]

    def respond(asked: Asked) -> Said | None:
        if "/results" not in asked.path:
            return None
        daemon.job.state = "done"
        return 200, {"results": results, "next": 5, "complete": True}

    daemon.on_request = respond
    said = cull(host).text
    assert photo.marks == KEPT
    assert "1 keep, 0 reject, 0 cannot tell" in said


# -- the catalog -----------------------------------------------------------------------------------------


def test_a_catalog_that_is_busy_for_a_while_is_waited_for(
    host: Host, daemon: FakeDaemon, tmp_path: Path
) -> None:
    """Three tries of 30 seconds: an import that holds it for 40 seconds loses nothing."""
    photos = shoot(host, tmp_path, 5)
    start(host, daemon, results=5)
    host.catalog.hold_gate(40)
    host.run(at_most_s=HOUR)
    assert "Auto-cull is done" in host.dialogs[-1].text
    assert {photo.marks for photo in photos} == {KEPT}


def test_a_catalog_that_stays_busy_is_told_and_nothing_is_called_written(
    host: Host, daemon: FakeDaemon, tmp_path: Path
) -> None:
    """An aborted gate is no error of the host, and yet nothing was written: all photos count as failed."""
    photos = shoot(host, tmp_path, 5)
    start(host, daemon, results=5)
    host.catalog.hold_gate(10_000)
    host.run(at_most_s=HOUR)
    said = host.dialogs[-1].text
    assert [gate["status"] for gate in host.gates if gate["kind"] != "private"] == ["aborted"] * 3
    assert marked(photos) == 0
    assert "Marks written to 0 photos" in said
    assert "5 could not be written" in said
    assert "Lightroom was busy with something else" in said


def test_marks_set_while_the_gate_was_waited_for_are_hers(
    host: Host, daemon: FakeDaemon, tmp_path: Path
) -> None:
    """A plan from before the wait is thrown away, and the marks are read again."""
    daemon.judge = by_number(rejects=10)
    photo, other = shoot(host, tmp_path, 2)
    start(host, daemon, results=2)
    host.catalog.hold_gate(20)
    host.run(until=lambda: host.now > 10)
    photo.rating = 5
    host.run(at_most_s=HOUR)
    assert photo.marks == (5, "none", 0)
    assert other.flag == -1


def test_marks_set_while_the_journal_was_waited_for_are_hers(
    host: Host, daemon: FakeDaemon, tmp_path: Path
) -> None:
    """The daemon dies after the marks were read, and is a while in coming back: they are read again."""
    daemon.launcher()
    photo, other = shoot(host, tmp_path, 2)

    def die(asked: Asked) -> Said | None:
        if not asked.path.endswith("/journal") or host.programs.commands:
            return None
        daemon.die()
        return problem(503, "stopping", "The daemon is ending.")

    class Slow:
        """A launcher that takes a while; meanwhile she marks a photo."""

        def __init__(self) -> None:
            self.ready = host.now + 10
            photo.rating = 5

        def poll(self) -> int | None:
            if host.now < self.ready:
                return None
            daemon.start()
            return 0

    daemon.on_request = die
    host.on_execute = lambda command: Slow()
    cull(host)
    assert photo.marks == (5, "green", 1)
    assert other.marks == KEPT


@pytest.mark.parametrize(("table", "key"), [("FORMATTED_KEYS", "label"), ("RAW_KEYS", "rating")])
def test_marks_that_cannot_be_read_are_not_written_over(
    host: Host, daemon: FakeDaemon, tmp_path: Path, table: str, key: str
) -> None:
    """Unknown is not unset: her own label, which only its text shows, or her stars, may be there."""
    photo, other = shoot(host, tmp_path, 2)
    photo.label, other.rating = "Kunde", 5
    before = photo.marks, other.marks
    start(host, daemon, results=2)
    host.lua[table][key] = None
    host.run(at_most_s=HOUR)
    said = host.dialogs[-1].text
    assert (photo.marks, other.marks) == before
    assert "2 could not be written" in said
    assert "IMG_0001.JPG: Lightroom does not return its marks, so they stay unchanged" in said


def test_a_photo_that_fails_inside_a_gate_leaves_its_neighbours(
    host: Host, daemon: FakeDaemon, tmp_path: Path
) -> None:
    """The gate is not rolled back; the photo is named with Lightroom's reason."""
    photos = shoot(host, tmp_path, 5)
    host.fail_write(photos[2], "the photo is being synced")
    said = cull(host).text
    assert [photo.flag for photo in photos] == [1, 1, 0, 1, 1]
    assert "1 could not be written" in said
    assert "IMG_0003.JPG" in said
    assert "the photo is being synced" in said


def test_a_photo_that_vanishes_is_counted(host: Host, daemon: FakeDaemon, tmp_path: Path) -> None:
    """Removed from the catalog while it was judged: named, and no reason to stop."""
    photos = shoot(host, tmp_path, 3)
    start(host, daemon, results=3)
    photos[1].vanish()
    host.run(at_most_s=HOUR)
    said = host.dialogs[-1].text
    assert [photo.marks for photo in (photos[0], photos[2])] == [KEPT, KEPT]
    assert "IMG_0002.JPG: is no longer in the catalog" in said


def test_a_photo_that_vanishes_keeps_no_neighbour_from_collection_and_keyword(
    host: Host, daemon: FakeDaemon, tmp_path: Path
) -> None:
    """Lightroom refuses it; the others are in their collection and have their keyword, and it is told."""
    choose(host, collections=True, keywords=True)
    photos = shoot(host, tmp_path, 3)
    start(host, daemon, results=3)
    photos[1].vanish()
    host.run(at_most_s=HOUR)
    said = host.dialogs[-1].text
    assert "Not in the collections of the run: 1 photos" in said
    assert "Without a keyword: 1 photos" in said
    assert list(host.catalog.collections.values()) == [[photos[0], photos[2]]]
    assert [photo.keywords for photo in (photos[0], photos[2])] == [["Autocull/People"]] * 2


def test_a_photo_that_vanishes_inside_the_gate_is_counted(
    host: Host, daemon: FakeDaemon, tmp_path: Path
) -> None:
    """Even between the last look and the write."""
    photos = shoot(host, tmp_path, 3)
    host.before_gate(lambda name: photos[1].vanish() if name == "Auto-cull" else None)
    said = cull(host).text
    assert [photo.marks for photo in (photos[0], photos[2])] == [KEPT, KEPT]
    assert "1 could not be written" in said


def test_a_photo_that_vanished_before_it_was_read_is_skipped(
    host: Host, daemon: FakeDaemon, tmp_path: Path
) -> None:
    """The selection may be older than the catalog."""
    photos = shoot(host, tmp_path, 3)
    host.menu("Auto-cull selection")
    host.run(until=lambda: host.http_requests)
    photos[0].vanish()
    host.run(at_most_s=HOUR)
    assert "1 skipped: no longer in the catalog" in host.dialogs[-1].text
    assert len(daemon.job.photos) == 2


# -- ends ------------------------------------------------------------------------------------------------


def test_the_journal_is_with_the_daemon_before_each_gate_opens(host: Host, daemon: FakeDaemon) -> None:
    """Every mark that a gate changes stands in the journal, with what it was, before the gate opens."""
    photos = many(host, 450, label="yellow", flag=1)
    by_id = {photo.uuid: photo for photo in photos}
    seen: list[int] = []

    def look(name: str) -> None:
        if name != "Auto-cull":
            return
        journal = daemon.journals["job-1"]
        for uuid, entry in journal.items():
            if by_id[uuid].rating is None:
                assert entry["before"] == {"rating": None}
                assert entry["after"] == {"rating": 3}
        seen.append(len(journal))

    host.before_gate(look)
    cull(host)
    assert seen == [200, 400, 450]
    assert {photo.marks for photo in photos} == {(3, "yellow", 1)}


def test_lightroom_that_dies_in_mid_apply_can_undo_what_it_wrote(
    host: Host, daemon: FakeDaemon, tmp_path: Path
) -> None:
    """Killed right before the second gate: after the restart undo restores the first 200, and harms none."""
    photos = many(host, 450)

    class Killed(Exception):  # noqa: N818 - stands for the end of the process
        """The process is gone."""

    opened: list[str] = []

    def kill(name: str) -> None:
        opened.append(name)
        if opened.count("Auto-cull") == 2:
            raise Killed

    host.before_gate(kill)
    host.menu("Auto-cull selection")
    with pytest.raises(Killed):
        host.run(at_most_s=HOUR)
    host.kill()
    assert marked(photos) == 200
    assert len(daemon.journals["job-1"]) == 400
    opened.append("Auto-cull")
    host.load()
    host.answer_dialog("Undo the auto-cull of", "ok")
    menu(host, "Undo last auto-cull")
    assert marked(photos) == 0
    assert "Marks restored on 200 photos" in host.dialogs[-1].text


def test_reload_during_a_run_ends_it_and_the_next_one_starts(
    host: Host, daemon: FakeDaemon, tmp_path: Path
) -> None:
    """The old run stops at its next step, with its marks; the new plug-in is not kept waiting."""
    daemon.speed = 1
    photos = shoot(host, tmp_path, 40)
    start(host, daemon, results=5)
    host.reload_plugin()
    host.run(at_most_s=HOUR)
    assert daemon.job.state == "cancelled"
    assert marked(photos) == len(daemon.job.results) < 40
    daemon.speed = 100
    cull(host)
    assert marked(photos) == 40


def test_a_run_that_fails_leaves_no_place_taken(host: Host, daemon: FakeDaemon, tmp_path: Path) -> None:
    """After an error the next run starts: the place is given back by the context."""
    photos = shoot(host, tmp_path, 2)
    daemon.on_request = lambda asked: problem(500, "internal", "Oh.") if asked.path == "/v1/jobs" else None
    assert "Oh." in cull(host).text
    daemon.on_request = lambda asked: None
    assert "Auto-cull is done" in cull(host).text
    assert {photo.marks for photo in photos} == {KEPT}
