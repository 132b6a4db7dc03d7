"""Runs with faults: what was done stays and is counted, and the rest is reported."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from plugin.catalog import Photo
from plugin.fake_daemon import DaemonRequest, FakeDaemon, Response, problem, verdict
from plugin.host import Host
from plugin.literal_files import PLUGIN
from plugin.shoots import HOUR, KEPT, UNMARKED, by_number, choose, cull, last_report, menu, shoot


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
    """Let every other request for results return none, and the others return `speed` photos."""

    def respond(request: DaemonRequest) -> None:
        daemon.speed = speed if daemon.paths("GET").count(request.path.split("?")[0]) % 2 else 0

    return respond


def marked(photos: list[Photo]) -> int:
    """How many of the photos have marks."""
    return sum(photo.marks != UNMARKED for photo in photos)


# -- length and cancel -----------------------------------------------------------------------------------


def test_five_thousand_photos_with_a_slow_daemon_get_their_marks(host: Host, daemon: FakeDaemon) -> None:
    """All get their marks in gates of at most 200, the bar reaches its end, Lightroom never freezes."""
    daemon.judge = by_number(rejects=3, doubts=1)
    daemon.on_request = slowly(daemon, 60)
    photos = many(host, 5000)
    captions: set[str] = set()
    host.cancel_progress(lambda scope: captions.add(scope.caption))
    report = cull(host).text
    assert "5000 of 5000 photos judged" in report
    assert Counter(photo.flag for photo in photos) == {1: 3000, -1: 1500, 0: 500}
    assert max(gate["writes"] for gate in host.gates) <= 200 * 13
    assert any("8.1 photos/s" in caption and "minutes left" in caption for caption in captions)
    assert {scope.done / scope.total for scope in host.progress_scopes} == {1.0}
    assert host.steps < 2_000_000


def test_photos_are_sent_to_the_daemon_in_batches(host: Host, daemon: FakeDaemon) -> None:
    """500 at a time, so that the first are judged while the last are read, and no body is too large."""
    many(host, 1200)
    cull(host)
    bodies = [request.body for request in daemon.requests if request.body and "photos" in request.body]
    assert [(len(body["photos"]), body["more"]) for body in bodies] == [
        (500, True),
        (500, True),
        (200, False),
    ]
    sizes = [len(request.sent or b"") for request in host.http_requests]
    assert max(sizes) < 4 * 1024 * 1024


@pytest.mark.parametrize("platform", ["mac", "win"])
def test_cancel_at_a_third_keeps_what_is_done(tmp_path: Path, daemon: FakeDaemon, platform: Any) -> None:
    """The daemon stops; finished results are written and counted, and the other photos are unchanged."""
    host = Host(PLUGIN, tmp_path, platform=platform)
    host.load()
    daemon.speed = 50
    photos = many(host, 1500)
    host.cancel_progress(lambda scope: scope.done >= 500)
    report = cull(host).text
    done = marked(photos)
    assert 500 <= done < 700
    assert done == len(daemon.job.results)
    assert "Auto-cull was cancelled: what was done is kept" in report
    assert f"Marks written to {done} photos" in report
    assert daemon.job.state == "cancelled"
    host.check()


def test_cancel_while_the_catalog_is_read_closes_the_job(host: Host, daemon: FakeDaemon) -> None:
    """After the first batch nothing more is read, and the open job is closed."""
    photos = many(host, 1800)
    host.cancel_progress(lambda scope: bool(daemon.jobs))
    report = cull(host).text
    assert "was cancelled" in report
    assert len(daemon.job.photos) == 500
    assert daemon.job.state == "cancelled"
    assert marked(photos) == len(daemon.job.results)


def test_second_run_is_refused_during_a_run(host: Host, daemon: FakeDaemon, tmp_path: Path) -> None:
    """Two runs would plan on the same marks."""
    daemon.speed = 1
    shoot(host, tmp_path, 30)
    start(host, daemon, results=3)
    host.menu("Auto-cull selection")
    host.run(at_most_s=HOUR)
    assert "Autocull is at work already" in host.dialogs[0].text
    assert len(daemon.jobs) == 1
    assert len(daemon.job.results) == 30


def test_user_has_priority_over_the_import_watch(host: Host, daemon: FakeDaemon, tmp_path: Path) -> None:
    """The portion of an import ends as busy, so that the watch repeats it; the user's run follows at once."""
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


def test_wait_for_an_import_can_be_cancelled(host: Host, daemon: FakeDaemon, tmp_path: Path) -> None:
    """Nothing is read before the bar is shown; a cancel shows no message that Autocull is at work."""
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


def test_run_continues_after_a_daemon_crash(host: Host, daemon: FakeDaemon, tmp_path: Path) -> None:
    """Killed during a job: the plug-in starts it again, and no photo is lost or counted twice."""
    daemon.speed = 5
    daemon.launcher()
    photos = shoot(host, tmp_path, 60)
    start(host, daemon, results=20)
    daemon.die()
    host.on_execute = lambda command: daemon.start() or 0
    host.run(at_most_s=HOUR)
    report = last_report(host).text
    assert "60 of 60 photos judged" in report
    assert "Marks written to 60 photos" in report
    assert {photo.marks for photo in photos} == {KEPT}
    assert len(daemon.jobs) == 1


def test_daemon_crash_before_a_write_loses_no_journal(host: Host, daemon: FakeDaemon, tmp_path: Path) -> None:
    """The call that saves the previous marks is repeated; nothing is written without it."""
    daemon.launcher()
    photos = shoot(host, tmp_path, 3)
    host.on_execute = lambda command: daemon.start() or 0
    died: list[DaemonRequest] = []

    def die(request: DaemonRequest) -> Response | None:
        if request.path.endswith("/journal") and not died:
            died.append(request)
            return problem(503, "store", "The disk is full.")
        return None

    daemon.on_request = die
    cull(host)
    assert {photo.marks for photo in photos} == {KEPT}
    assert len(daemon.journals["job-1"]) == 3


def test_nothing_is_written_without_a_journal(host: Host, daemon: FakeDaemon, tmp_path: Path) -> None:
    """Where the daemon cannot save the previous marks, they stay; photos are counted, the reason is shown."""
    photos = shoot(host, tmp_path, 3)
    refuse = problem(500, "internal", "The journal cannot be kept.")
    daemon.on_request = lambda request: refuse if request.path.endswith("/journal") else None
    report = cull(host).text
    assert {photo.marks for photo in photos} == {UNMARKED}
    assert "Auto-cull is not complete" in report
    assert "3 could not be written" in report
    assert "The journal cannot be kept." in report


def test_run_ends_if_the_daemon_cannot_be_restarted(host: Host, daemon: FakeDaemon, tmp_path: Path) -> None:
    """Nothing is written without it, what was judged is counted, and the reason and the log are shown."""
    daemon.speed = 5
    daemon.launcher(log="/logs/autocull.log")
    photos = shoot(host, tmp_path, 60)
    start(host, daemon, results=20)
    daemon.die()
    host.on_execute = lambda command: 3
    host.run(at_most_s=HOUR)
    report = last_report(host).text
    assert marked(photos) == 0
    assert "of 60 photos judged" in report
    assert "Marks written to 0 photos" in report
    assert "Autocull could not be started (3)" in report
    assert "/logs/autocull.log" in report


def test_failed_job_shows_its_reason(host: Host, daemon: FakeDaemon, tmp_path: Path) -> None:
    """A daemon without its networks is not an empty success."""

    def fail(request: DaemonRequest) -> None:
        if daemon.jobs:
            daemon.job.state, daemon.job.message = "failed", "A network is damaged. Run autocull install."

    daemon.on_request = fail
    shoot(host, tmp_path, 3)
    report = cull(host).text
    assert "Autocull gave up: A network is damaged. Run autocull install." in report


def test_refused_settings_show_the_daemons_message(host: Host, daemon: FakeDaemon, tmp_path: Path) -> None:
    """422 names the setting; no photo is changed."""
    refuse = problem(422, "bad_settings", "The marks table has no row for keep.")
    daemon.on_request = lambda request: refuse if request.path == "/v1/jobs" else None
    photos = shoot(host, tmp_path, 2)
    assert "The marks table has no row for keep." in cull(host).text
    assert marked(photos) == 0


@pytest.mark.parametrize(
    "wrong",
    [{"rating": 7}, {"label": "pink"}, {"flag": 3}, {"verdict": "delete"}, {"reasons": "none"}],
    ids=str,
)
def test_invalid_result_is_never_written(
    host: Host, daemon: FakeDaemon, tmp_path: Path, wrong: dict[str, Any]
) -> None:
    """It is listed as unreadable; the other photos get their marks."""
    daemon.judge = lambda photo: verdict(**wrong) if "0002" in photo["path"] else verdict()
    photos = shoot(host, tmp_path, 3)
    report = cull(host).text
    assert [photo.marks for photo in photos] == [KEPT, UNMARKED, KEPT]
    assert "IMG_0002.JPG: Autocull answered with" in report


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
def test_invalid_pages_end_the_run(
    host: Host, daemon: FakeDaemon, tmp_path: Path, answer: dict[str, Any]
) -> None:
    """Invalid answers do not keep Lightroom busy for ever."""
    daemon.on_request = lambda request: (200, answer) if "/results" in request.path else None
    photos = shoot(host, tmp_path, 2)
    assert "Autocull answered with" in cull(host).text
    assert marked(photos) == 0


def test_duplicate_and_unknown_results_are_not_counted(
    host: Host, daemon: FakeDaemon, tmp_path: Path
) -> None:
    """The largest number counts, in any order; a result for a photo that was never sent is not written."""
    [photo] = shoot(host, tmp_path, 1)
    answers = [
        (1, photo.uuid, "reject"), (4, photo.uuid, "keep"), (2, photo.uuid, "cannot_tell"),
        (5, "nobody", "reject"),
    ]  # fmt: skip
    results = [{"number": number, "id": id_, **verdict(answer)} for number, id_, answer in answers]

    def respond(request: DaemonRequest) -> Response | None:
        if "/results" not in request.path:
            return None
        daemon.job.state = "done"
        return 200, {"results": results, "next": 5, "complete": True}

    daemon.on_request = respond
    report = cull(host).text
    assert photo.marks == KEPT
    assert "1 keep, 0 reject, 0 cannot tell" in report


# -- the catalog -----------------------------------------------------------------------------------------


def test_run_waits_for_a_busy_catalog(host: Host, daemon: FakeDaemon, tmp_path: Path) -> None:
    """Three tries of 30 seconds: an import that holds it for 40 seconds loses nothing."""
    photos = shoot(host, tmp_path, 5)
    start(host, daemon, results=5)
    host.catalog.hold_gate(40)
    host.run(at_most_s=HOUR)
    assert "Auto-cull is done" in last_report(host).text
    assert {photo.marks for photo in photos} == {KEPT}


def test_run_waits_for_a_catalog_that_stays_busy(host: Host, daemon: FakeDaemon, tmp_path: Path) -> None:
    """An import holds it for half an hour: the bar reports it, and then all marks are written."""
    photos = shoot(host, tmp_path, 5)
    captions: set[str] = set()
    host.cancel_progress(lambda scope: captions.add(scope.caption))
    start(host, daemon, results=5)
    host.catalog.hold_gate(1800)
    host.run(at_most_s=HOUR)
    assert "Lightroom is busy; Autocull waits" in captions
    assert {photo.marks for photo in photos} == {KEPT}
    assert "Marks written to 5 photos" in last_report(host).text


def test_wait_for_a_busy_catalog_can_be_cancelled(host: Host, daemon: FakeDaemon, tmp_path: Path) -> None:
    """Nothing was written, and the report calls it cancelled."""
    photos = shoot(host, tmp_path, 5)
    start(host, daemon, results=5)
    host.catalog.hold_gate(10_000)
    host.cancel_progress(lambda scope: "busy" in scope.caption)
    host.run(at_most_s=HOUR)
    report = last_report(host).text
    assert marked(photos) == 0
    assert "was cancelled" in report
    assert "Marks written to 0 photos" in report


def test_marks_set_while_waiting_for_the_gate_are_kept(
    host: Host, daemon: FakeDaemon, tmp_path: Path
) -> None:
    """A plan from before the wait is dropped, and the marks are read again."""
    daemon.judge = by_number(rejects=10)
    photo, other = shoot(host, tmp_path, 2)
    start(host, daemon, results=2)
    host.catalog.hold_gate(20)
    host.run(until=lambda: host.now > 10)
    photo.rating = 5
    host.run(at_most_s=HOUR)
    assert photo.marks == (5, "none", 0)
    assert other.flag == -1


def test_marks_set_while_waiting_for_the_journal_are_kept(
    host: Host, daemon: FakeDaemon, tmp_path: Path
) -> None:
    """The daemon crashes after the marks were read, and restarts slowly: they are read again."""
    daemon.launcher()
    photo, other = shoot(host, tmp_path, 2)

    def die(request: DaemonRequest) -> Response | None:
        if not request.path.endswith("/journal") or host.programs.commands:
            return None
        daemon.die()
        return problem(503, "stopping", "The daemon is ending.")

    class Slow:
        """A launcher that takes a while; meanwhile the photographer marks a photo."""

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
def test_marks_that_cannot_be_read_are_not_overwritten(
    host: Host, daemon: FakeDaemon, tmp_path: Path, table: str, key: str
) -> None:
    """Unknown is not unset: there may be a custom label, which only its text shows, or stars."""
    photo, other = shoot(host, tmp_path, 2)
    photo.label, other.rating = "Kunde", 5
    before = photo.marks, other.marks
    start(host, daemon, results=2)
    host.lua[table][key] = None
    host.run(at_most_s=HOUR)
    report = last_report(host).text
    assert (photo.marks, other.marks) == before
    assert "2 could not be written" in report
    assert "IMG_0001.JPG: Lightroom does not return its marks, so they stay unchanged" in report


def test_photo_that_fails_inside_a_gate_does_not_affect_others(
    host: Host, daemon: FakeDaemon, tmp_path: Path
) -> None:
    """The gate is not rolled back; the photo is listed with Lightroom's reason."""
    photos = shoot(host, tmp_path, 5)
    host.fail_write(photos[2], "the photo is being synced")
    report = cull(host).text
    assert [photo.flag for photo in photos] == [1, 1, 0, 1, 1]
    assert "1 could not be written" in report
    assert "IMG_0003.JPG" in report
    assert "the photo is being synced" in report


def test_removed_photo_is_counted(host: Host, daemon: FakeDaemon, tmp_path: Path) -> None:
    """Removed from the catalog while it was judged: it is listed, and the run continues."""
    photos = shoot(host, tmp_path, 3)
    start(host, daemon, results=3)
    photos[1].vanish()
    host.run(at_most_s=HOUR)
    report = last_report(host).text
    assert [photo.marks for photo in (photos[0], photos[2])] == [KEPT, KEPT]
    assert "IMG_0002.JPG: is no longer in the catalog" in report


def test_removed_photo_does_not_affect_collections_and_keywords(
    host: Host, daemon: FakeDaemon, tmp_path: Path
) -> None:
    """Lightroom refuses it; the others get their collection and keyword, and the report names it."""
    choose(host, collections=True, keywords=True)
    photos = shoot(host, tmp_path, 3)
    start(host, daemon, results=3)
    photos[1].vanish()
    host.run(at_most_s=HOUR)
    report = last_report(host).text
    assert "Not in the collections of the run: 1 photos" in report
    assert "Without a keyword: 1 photos" in report
    assert list(host.catalog.collections.values()) == [[photos[0], photos[2]]]
    assert [photo.keywords for photo in (photos[0], photos[2])] == [["Autocull/People"]] * 2


def test_photo_removed_inside_the_gate_is_counted(host: Host, daemon: FakeDaemon, tmp_path: Path) -> None:
    """Even between the last read and the write."""
    photos = shoot(host, tmp_path, 3)
    host.before_gate(lambda name: photos[1].vanish() if name == "Auto-cull" else None)
    report = cull(host).text
    assert [photo.marks for photo in (photos[0], photos[2])] == [KEPT, KEPT]
    assert "1 could not be written" in report


def test_photo_removed_before_it_was_read_is_skipped(host: Host, daemon: FakeDaemon, tmp_path: Path) -> None:
    """The selection may be older than the catalog."""
    photos = shoot(host, tmp_path, 3)
    host.menu("Auto-cull selection")
    host.run(until=lambda: host.http_requests)
    photos[0].vanish()
    host.run(at_most_s=HOUR)
    assert "1 skipped: no longer in the catalog" in last_report(host).text
    assert len(daemon.job.photos) == 2


# -- ends ------------------------------------------------------------------------------------------------


def test_journal_is_saved_before_each_gate_opens(host: Host, daemon: FakeDaemon) -> None:
    """Every mark that a gate changes is in the journal, with its previous value, before the gate opens."""
    photos = many(host, 450, label="yellow", flag=1)
    by_id = {photo.uuid: photo for photo in photos}
    lengths: list[int] = []

    def check_journal(name: str) -> None:
        if name != "Auto-cull":
            return
        journal = daemon.journals["job-1"]
        for uuid, entry in journal.items():
            if by_id[uuid].rating is None:
                assert entry["before"] == {"rating": None}
                assert entry["after"] == {"rating": 3}
        lengths.append(len(journal))

    host.before_gate(check_journal)
    cull(host)
    assert lengths == [200, 400, 450]
    assert {photo.marks for photo in photos} == {(3, "yellow", 1)}


def test_undo_restores_marks_after_lightroom_crashed_during_a_run(
    host: Host, daemon: FakeDaemon, tmp_path: Path
) -> None:
    """Killed before the second gate: after the restart undo restores the first 200 and changes no other."""
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
    assert "Marks restored on 200 photos" in last_report(host).text


@pytest.mark.parametrize("button", ["Go on", "Start the new one", "cancel"])
def test_interrupted_run_is_offered_again(
    host: Host, daemon: FakeDaemon, tmp_path: Path, button: str
) -> None:
    """Lightroom crashed in the middle: the next run goes on with it if wanted, and the offer comes once."""
    daemon.speed = 5
    photos = shoot(host, tmp_path, 30)
    start(host, daemon, results=10)
    host.kill()
    host.load()
    daemon.speed = 100
    [other] = shoot(host, tmp_path, 1)
    host.answer_dialog("Go on with the auto-cull of 30 photos that was interrupted", button)
    menu(host, "Auto-cull selection")
    expected = {"Go on": (30, UNMARKED), "Start the new one": (0, KEPT), "cancel": (0, UNMARKED)}[button]
    assert (marked(photos), other.marks) == expected
    if button != "cancel":
        cull(host)
        assert other.marks == KEPT


def test_run_that_ended_is_not_offered_again(host: Host, daemon: FakeDaemon, tmp_path: Path) -> None:
    """Whether it came to its end, was cancelled, or failed."""
    shoot(host, tmp_path, 30)
    cull(host)
    daemon.speed = 5
    host.cancel_progress(lambda scope: scope.done >= 10)
    cull(host)
    host.cancel_progress(lambda scope: False)
    host.quit()
    host.load()
    assert "Auto-cull is done" in cull(host).text
    assert "interruptedRun" not in host.catalog.properties


def test_reload_during_a_run_ends_it_and_the_next_one_starts(
    host: Host, daemon: FakeDaemon, tmp_path: Path
) -> None:
    """The old run writes nothing: it could not note which marks are Autocull's. The new one goes on."""
    daemon.speed = 1
    photos = shoot(host, tmp_path, 40)
    start(host, daemon, results=5)
    host.reload_plugin()
    host.run(at_most_s=HOUR)
    assert daemon.job.state == "cancelled"
    assert marked(photos) == 0
    daemon.speed = 100
    host.answer_dialog("Go on with the auto-cull of 40 photos", "ok")
    cull(host)
    assert marked(photos) == 40
    assert {photo.property("verdict") for photo in photos} == {"keep"}


def test_failed_run_releases_the_lock(host: Host, daemon: FakeDaemon, tmp_path: Path) -> None:
    """After an error the next run starts: the context releases the lock."""
    photos = shoot(host, tmp_path, 2)
    daemon.on_request = lambda request: (
        problem(500, "internal", "Oh.") if request.path == "/v1/jobs" else None
    )
    assert "Oh." in cull(host).text
    daemon.on_request = lambda request: None
    assert "Auto-cull is done" in cull(host).text
    assert {photo.marks for photo in photos} == {KEPT}
