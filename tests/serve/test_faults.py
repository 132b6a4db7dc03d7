"""Time and death: each row of faults with what is left afterwards.

The numbers are those of the list of attacks and faults in docs/protocol.md ("What it survives").
"""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from threading import Event

import pytest

from autocull.pipeline.evidence_store import Measurement
from autocull.read import Frame
from autocull.serve.jobs import runner as runner_module
from autocull.serve.jobs.store import JobStore
from autocull.serve.jobs.tables import SCHEMA
from support import cull_run_fakes as fakes
from support import daemon_fault_driver as serving_driver
from support.job_fixtures import Clock, Daemon, code, daemon, no_workers, order, outcome, until, wanted

TESTS = Path(serving_driver.__file__).parents[1]
PHOTOS = 60


def results_in(file: Path) -> list[tuple[int, str, str]]:
    """Read number, id and result of every photo that has one, as another program would."""
    if not file.exists():
        return []
    with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True, timeout=30)) as connection:
        try:
            return connection.execute(
                "SELECT number, id, result FROM photos WHERE number IS NOT NULL ORDER BY number"
            ).fetchall()
        except sqlite3.OperationalError:  # the tables are being made
            return []


@pytest.mark.skipif(os.name == "nt", reason="Windows has no kill -9")
def test_row_17_killed_again_and_again_a_job_ends_with_every_verdict_once(tmp_path: Path) -> None:
    """kill -9 in mid-job, several times; each restart goes on, and what was there stays as it was."""
    file = tmp_path / "jobs.sqlite"
    environment = os.environ | {"PYTHONPATH": os.pathsep.join([str(TESTS), *sys.path])}
    command = [sys.executable, str(TESTS / "support" / "daemon_fault_driver.py"), str(tmp_path), str(PHOTOS)]
    before: list[tuple[int, str, str]] = []
    for kill in (1, 9, 17, 30, None):
        with subprocess.Popen(command, env=environment) as child:
            if kill is None:
                assert child.wait(100) == 0
            else:
                until(lambda least=kill: len(results_in(file)) >= least, f"{kill} results")
                child.send_signal(signal.SIGKILL)
        now = results_in(file)
        assert now[: len(before)] == before, "a result was lost or changed"
        before = now
    assert [number for number, *_ in before] == list(range(1, PHOTOS + 1))
    assert {id_ for _, id_, _ in before} == {f"{number}.jpg" for number in range(PHOTOS)}


def limit_pages(opened: Daemon, pages: int | None) -> None:
    """Let the file of jobs grow no further than by so many pages, as a full disk does; None: as it likes."""
    with opened.jobs._database.read_connection() as connection:
        count = connection.execute("PRAGMA page_count").fetchone()[0]
        connection.execute(f"PRAGMA max_page_count = {2**30 if pages is None else count + pages}")


def test_row_19_a_full_disk_refuses_jobs_and_keeps_those_it_has(tmp_path: Path) -> None:
    """503 in words while there is no room, nothing half kept; with room again everything goes on."""
    with daemon(tmp_path, no_workers, running=False) as opened:
        job = opened.submit("/a.jpg", more=True)
        limit_pages(opened, 0)
        photos = [{"id": str(number), "path": "/" + "x" * 2000} for number in range(50)]
        answer = opened.post(f"/v1/jobs/{job}/photos", {"photos": photos})
        assert (answer.status_code, code(answer)) == (503, "store")
        assert code(opened.post("/v1/jobs", {"photos": photos})) == "store"
        assert opened.get(f"/v1/jobs/{job}").get_json()["total"] == 1
        assert len(opened.get("/v1/jobs").get_json()["jobs"]) == 1
        limit_pages(opened, None)
        assert opened.post(f"/v1/jobs/{job}/photos", {"photos": photos}).get_json()["total"] == 51


def test_row_19_a_disk_that_fills_up_in_mid_job_costs_no_verdict(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """The runner says so once, waits, and goes on when there is room."""
    monkeypatch.setattr(runner_module, "_RETRY_DELAY", 0.01)
    names = [f"{number}.jpg" for number in range(100)]
    (tmp_path / "shoot").mkdir()
    frames = fakes.frames_in(tmp_path / "shoot", *names)
    with daemon(tmp_path, running=False) as opened:
        job = opened.submit(*(frame.path for frame in frames))
        limit_pages(opened, 2)
        opened.runner.start()
        until(lambda: "Waiting" in caplog.text, "the runner's word about the disk")
        assert opened.get(f"/v1/jobs/{job}").get_json()["state"] in ("waiting", "running")
        limit_pages(opened, None)
        assert opened.ended(job)["verdicts"]["keep"] == 100
        assert set(opened.results(job)) == set(names)
    assert caplog.text.count("Waiting") == 1


def _garbage(file: Path) -> None:
    file.write_bytes(b"no database " * 1000)


def _newer(file: Path) -> None:
    JobStore(file, pytest.fail).close()
    with closing(sqlite3.connect(file)) as connection:
        connection.execute(f"PRAGMA user_version = {SCHEMA.version + 1}")


def _empty(file: Path) -> None:
    file.touch()


@pytest.mark.parametrize(("spoil", "said"), [(_garbage, "damaged"), (_newer, "version"), (_empty, None)])
def test_row_19_a_file_that_cannot_be_used_is_put_aside(
    tmp_path: Path, spoil: Callable[[Path], None], said: str | None
) -> None:
    """Damaged or from a newer version: renamed, never deleted, said, and a new one works."""
    file = tmp_path / "jobs.sqlite"
    spoil(file)
    before = file.read_bytes()
    with daemon(tmp_path, running=False) as opened:
        opened.submit("/a.jpg")
        assert [said in sentence for sentence in opened.said] == ([True] if said else [])
        assert not any(str(tmp_path) in sentence for sentence in opened.said), "it goes into the log"
    if said:
        assert (tmp_path / "jobs-aside-1.sqlite").read_bytes() == before


def test_row_19_damage_in_mid_work_is_said_and_survived(tmp_path: Path) -> None:
    """The request that meets it gets 503 `store`, the next one works on a new file; the old one is there."""
    with daemon(tmp_path, running=False) as opened:
        for _ in range(30):
            opened.submit(*(f"/{'x' * 900}/{number}" for number in range(20)))
    file = tmp_path / "jobs.sqlite"
    content = bytearray(file.read_bytes())
    content[8192:] = b"\x5a" * (len(content) - 8192)
    file.write_bytes(content)
    with daemon(tmp_path, no_workers, running=False) as opened:
        answers = {code(opened.get("/v1/jobs")) for _ in range(3)}
        assert None in answers
        assert answers <= {None, "store"}
        opened.submit("/a.jpg")
        assert "damaged" in opened.said[0]
        assert (tmp_path / "jobs-aside-1.sqlite").exists()


def test_row_19_a_file_deleted_under_us_is_written_again(tmp_path: Path) -> None:
    """With all that was in it."""
    if os.name == "nt":
        pytest.skip("Windows does not delete a file that is open")
    with daemon(tmp_path, running=False) as opened:
        job = opened.submit("/a.jpg")
        for file in tmp_path.glob("jobs.sqlite*"):
            file.unlink()
        second = opened.submit("/b.jpg")
        assert "deleted while in use" in opened.said[0]
    with daemon(tmp_path, running=False) as opened:
        assert {found["id"] for found in opened.get("/v1/jobs").get_json()["jobs"]} == {job, second}


def test_row_19_without_a_place_for_the_file_jobs_work_until_the_end(tmp_path: Path) -> None:
    """A sentence says that they will not survive a restart."""
    (tmp_path / "home").write_text("a file where the folder should be")
    frames = fakes.frames_in(tmp_path, "a.jpg")
    with daemon(tmp_path / "home", store_file=None) as opened:
        assert opened.ended(opened.submit(frames[0].path))["state"] == "done"
        assert "do not survive a restart" in opened.said[0]


def test_row_19_originals_are_untouched_by_all_this(tmp_path: Path) -> None:
    """Bytes and times of the photos are after a job what they were before."""
    shoot = tmp_path / "shoot"
    shoot.mkdir()
    frames = fakes.frames_in(shoot, "a.jpg", "soft.jpg", "refuse.jpg")
    before = {path: (path.read_bytes(), path.stat().st_mtime_ns) for path in shoot.iterdir()}
    with daemon(tmp_path / "home") as opened:
        opened.ended(opened.submit(*(frame.path for frame in frames)))
    assert {path: (path.read_bytes(), path.stat().st_mtime_ns) for path in shoot.iterdir()} == before


@pytest.mark.parametrize("jump", [-400 * 86400, -3600, 3600, 3 * 86400])
def test_row_21_a_clock_that_jumps_loses_nothing(tmp_path: Path, jump: float) -> None:
    """Set back or forward in mid-job (also by an hour at the end of summer): all verdicts, in order."""
    clock = Clock()
    with closing(JobStore(tmp_path / "jobs.sqlite", pytest.fail, clock, Clock(0))) as jobs:
        job = jobs.create(order(*wanted("1", "2"), more=True))
        jobs.queue.begin(job.id)
        jobs.queue.record(job.id, *wanted("1"), outcome())
        clock.now += jump
        jobs.expire()
        assert jobs.queue.close_abandoned() == []
        later = jobs.create(order())
        jobs.add_photos(job.id, wanted("3"), more=False)
        for photo in wanted("2", "3"):
            jobs.queue.record(job.id, photo, outcome())
        assert jobs.queue.finish(job.id)
        jobs.expire()
        assert [row["id"] for row in jobs.list_results(job.id, 0, 9)[0]] == ["1", "2", "3"]
        assert [found.id for found in jobs.list_newest()] == [later.id, job.id]


def test_row_21_a_night_asleep_in_mid_job_is_no_error(tmp_path: Path) -> None:
    """Even a clock that counts the sleep gives no rate below zero, and the job goes on."""
    clock, gate = Clock(0), Event()

    def measure(frame: Frame) -> Measurement:
        if frame.path.stem == "b":
            clock.now += 8 * 3600
            assert gate.wait(60)
        return fakes.measure_by_name(frame)

    frames = fakes.frames_in(tmp_path, "a.jpg", "b.jpg", "c.jpg")
    with daemon(tmp_path / "home", lambda: fakes.FakeWorkers(measure), elapsed=clock) as opened:
        job = opened.submit(*(frame.path for frame in frames))
        told = until(
            lambda: (now := opened.get(f"/v1/jobs/{job}").get_json())["done"] == 1 and now, "the first photo"
        )
        assert told["rate"] is None or told["rate"] >= 0
        gate.set()
        assert opened.ended(job)["done"] == 3
