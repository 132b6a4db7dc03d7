"""Slow catalogs and photos without their files: small portions, a quick cancel, a job that was closed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from plugin.catalog import Photo
from plugin.fake_daemon import DaemonRequest, FakeDaemon, Response, problem, verdict
from plugin.host import Host
from plugin.shoots import HOUR, KEPT, choose, cull, shoot


def offline(host: Host, count: int) -> list[Photo]:
    """Select photos whose disk is not connected, with previews that Lightroom renders in 0.2 s each."""
    photos = [
        host.catalog.add_photo(f"/offline/IMG_{number:04}.NEF", exists=False, thumbnail=b"jpeg")
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


def test_previews_are_deleted_once_their_result_is_there(host: Host, daemon: FakeDaemon) -> None:
    """Not only at the end of the run, which may be hours later."""
    daemon.speed = 4
    left: list[int] = []

    def judge(photo: dict[str, Any]) -> dict[str, Any]:
        left.append(len(list(Path(photo["fallback"]).parent.glob("*.jpg"))))
        return verdict(source="fallback")

    daemon.judge = judge
    offline(host, 8)
    cull(host)
    assert left == [8] * 4 + [4] * 4


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
