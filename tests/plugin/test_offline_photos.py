"""Slow catalogs and photos without their files: small portions, a quick cancel, a job that was closed."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Any

from plugin.catalog import Photo
from plugin.fake_daemon import DaemonRequest, FakeDaemon, Response, problem
from plugin.host import Host
from plugin.shoots import HOUR, KEPT, choose, cull, last_report, shoot


def offline(host: Host, count: int, thumbnail: bytes = b"jpeg") -> list[Photo]:
    """Select photos whose disk is not connected, with previews that Lightroom renders in 0.2 s each."""
    photos = [
        host.catalog.add_photo(f"/offline/IMG_{number:04}.NEF", exists=False, thumbnail=thumbnail)
        for number in range(count)
    ]
    host.select(photos)
    return photos


def portions(daemon: FakeDaemon) -> list[int]:
    """The number of photos in each request that has some."""
    bodies = [request.body for request in daemon.requests if request.body and "photos" in request.body]
    return [len(body["photos"]) for body in bodies]


def test_cancel_while_previews_are_rendered_takes_two_seconds(host: Host, daemon: FakeDaemon) -> None:
    """It is not the whole portion that is rendered first."""
    photos = offline(host, 1100)
    pressed: list[float] = []

    def press(scope: Any) -> bool:
        if daemon.jobs and not pressed:
            pressed.append(host.now)
        return bool(pressed)

    host.cancel_progress(press)
    host.menu("Auto-cull selection")
    host.run(until=lambda: daemon.jobs and daemon.job.state == "cancelled", at_most_s=HOUR)
    assert host.now - pressed[0] <= 2
    host.run(at_most_s=HOUR)
    assert len(daemon.job.photos) < 50
    judged = {result["id"] for result in daemon.job.results}
    assert [photo.marks == KEPT for photo in photos] == [photo.uuid in judged for photo in photos]


def test_previews_are_sent_in_small_portions(host: Host, daemon: FakeDaemon) -> None:
    """The daemon judges the first ones while the others are rendered."""
    photos = offline(host, 100)
    cull(host)
    assert max(portions(daemon)) <= 20
    assert {photo.marks for photo in photos} == {KEPT}


def test_requests_with_large_previews_stay_below_the_limit(host: Host, daemon: FakeDaemon) -> None:
    """The daemon refuses bodies of 4 MiB; all photos arrive, each with its preview."""
    photos = offline(host, 12, thumbnail=b"\xff\xd8" + bytes(700_000))
    cull(host)
    assert {len(sent["preview"]) for sent in daemon.job.photos.values()} == {933_336}
    assert len(daemon.job.photos) == 12
    assert max(portions(daemon)) == 3
    assert {photo.marks for photo in photos} == {KEPT}


def test_preview_that_is_too_large_is_rendered_smaller(host: Host, daemon: FakeDaemon) -> None:
    """And left out where it is too large even then: the other photos are judged."""
    photos = offline(host, 3)
    sizes = {photos[0].uuid: (2_000_000, 500_000), photos[1].uuid: (2_000_000, 2_000_000)}
    for photo in photos[:2]:
        large, small = (bytes(size) for size in sizes[photo.uuid])
        photo._record.thumbnailsBySide = host.bridge.lua.table_from({2048: large, 1024: small})
    report = cull(host).text
    assert {id_: len(base64.b64decode(sent["preview"])) for id_, sent in daemon.job.photos.items()} == {
        photos[0].uuid: 500_000,
        photos[2].uuid: 4,
    }
    assert "1 skipped: no file and no preview" in report


def test_previews_do_not_stay_in_memory(host: Host, daemon: FakeDaemon) -> None:
    """60 previews of 700 kB would be 56 MB as texts."""
    for number, photo in enumerate(offline(host, 60)):
        photo._record.thumbnail = bytes([number]) * 700_000  # Lua keeps equal texts once
    count = host.bridge.lua.eval("function() collectgarbage() return collectgarbage('count') end")
    before, memory = count(), []
    host.menu("Auto-cull selection")
    host.run(until=lambda: memory.append(count() - before) or not host.tasks, at_most_s=HOUR)
    assert len(daemon.job.photos) == 60
    assert max(memory) < 30 * 1024, "KiB of Lua memory"


def test_job_that_was_closed_meanwhile_is_opened_anew(host: Host, daemon: FakeDaemon) -> None:
    """The daemon closes one that gets nothing for ten minutes; all photos are judged in the new one."""
    photos = offline(host, 60)

    def close(request: DaemonRequest) -> Response | None:
        if request.path.endswith("/job-1/photos") and len(daemon.job.photos) > 20:
            daemon.jobs["job-1"].more = False
            return problem(409, "wrong_state", "The job is closed.")
        return None

    daemon.on_request = close
    report = cull(host).text
    assert "60 of 60 photos judged" in report
    assert [len(job.photos) < 60 for job in daemon.jobs.values()] == [True, False]
    assert daemon.jobs["job-1"].state != "running"
    assert {photo.marks for photo in photos} == {KEPT}
    assert list(daemon.journals) == ["job-2"]
    assert all(sent["preview"] for sent in daemon.job.photos.values())


def test_job_that_is_closed_each_time_ends_the_run(host: Host, daemon: FakeDaemon) -> None:
    """It is not opened anew for ever; what was judged is written."""
    offline(host, 60)
    refuse = problem(409, "wrong_state", "The job is closed.")
    daemon.on_request = lambda request: refuse if request.path.endswith("/photos") else None
    cull(host)
    assert len(daemon.jobs) == 4
    assert "The job is closed." in last_report(host).text


def test_skipped_photos_are_counted_once_where_a_job_is_opened_anew(
    host: Host, daemon: FakeDaemon, tmp_path: Path
) -> None:
    """All photos are read again for the new job."""
    videos = [host.catalog.add_photo(tmp_path / f"{number}.MOV") for number in range(2)]
    photos = offline(host, 60)
    host.select([*videos, *photos])

    def close(request: DaemonRequest) -> Response | None:
        is_first = request.path.endswith("/job-1/photos")
        return problem(409, "wrong_state", "The job is closed.") if is_first else None

    daemon.on_request = close
    report = cull(host).text
    assert "60 of 62 photos judged" in report
    assert "2 videos skipped" in report


def test_slow_reads_make_smaller_portions(host: Host, daemon: FakeDaemon) -> None:
    """A catalog that answers slowly never ends the run."""
    host.knob("batchSeconds", 0.01)
    photos = [host.catalog.add_photo(f"/shoot/IMG_{number:04}.NEF") for number in range(900)]
    host.select(photos)
    cull(host)
    sizes = portions(daemon)
    assert sizes[0] == 500
    assert all(size <= 250 for size in sizes[1:])
    assert {photo.marks for photo in photos} == {KEPT}


def test_rating_of_minus_one_is_left_alone(host: Host, daemon: FakeDaemon, tmp_path: Path) -> None:
    """Other programs write it for rejects; it could not be restored, so even overwrite leaves it."""
    choose(host, policy="overwrite")
    photo, other = shoot(host, tmp_path, 2)
    photo.rating = -1
    report = cull(host).text
    assert photo.marks == (-1, "green", 1)
    assert other.marks == KEPT
    assert "Your own marks were left alone on 1 photos" in report


def test_texts_that_are_not_utf_8_do_not_end_the_run(host: Host, daemon: FakeDaemon, tmp_path: Path) -> None:
    """A label stays, a camera is not sent, and a photo with such a path is skipped and counted."""
    choose(host, policy="overwrite")
    labelled, filmed, named, plain = shoot(host, tmp_path, 4)
    wrong = host.bridge.lua.eval("'caf' .. string.char(233)")
    labelled._record.label = wrong
    filmed._record.formatted.cameraModel = wrong
    named._record.path = wrong
    report = cull(host).text
    assert (labelled.rating, labelled.flag) == (3, 1)
    assert labelled._record.label == wrong
    assert (filmed.marks, plain.marks) == (KEPT, KEPT)
    assert "1 skipped: their path is no valid text" in report
    assert named._record.rating is None
