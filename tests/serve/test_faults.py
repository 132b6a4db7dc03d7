"""Faults of time, disk and process: each row, with what is left afterwards.

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
from typing import Any

import pytest

from autocull import sqlite as sqlite_module
from autocull.pipeline.evidence_store import Measurement
from autocull.read import Frame
from autocull.serve.jobs import runner as runner_module
from autocull.serve.jobs.tables import SCHEMA
from support import cull_run_fakes as fakes
from support import daemon_fault_driver as serving_driver
from support.job_fixtures import (
    Clock,
    Daemon,
    JobDatabase,
    SteppedWorkers,
    create_files,
    error_code,
    fail_if_started,
    job_request,
    open_daemon,
    photo_outcome,
    requested_photos,
    wait_until,
)

TESTS = Path(serving_driver.__file__).parents[1]
PHOTOS = 60


def read_results(file: Path) -> list[tuple[int, str, str]]:
    """Return number, id and result of every photo that has one, read as another program would."""
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
def test_row_17_repeatedly_killed_daemon_loses_no_verdict(tmp_path: Path) -> None:
    """Each restart goes on, and earlier results do not change."""
    file = tmp_path / "jobs.sqlite"
    environment = os.environ | {"PYTHONPATH": os.pathsep.join([str(TESTS), *sys.path])}
    command = [sys.executable, str(TESTS / "support" / "daemon_fault_driver.py"), str(tmp_path), str(PHOTOS)]
    before: list[tuple[int, str, str]] = []
    for kill in (1, 9, 17, 30, None):
        with subprocess.Popen(command, env=environment) as child:
            if kill is None:
                assert child.wait(100) == 0
            else:
                wait_until(lambda least=kill: len(read_results(file)) >= least, f"{kill} results")
                child.send_signal(signal.SIGKILL)
        current = read_results(file)
        assert current[: len(before)] == before, "a result was lost or changed"
        before = current
    assert [number for number, *_ in before] == list(range(1, PHOTOS + 1))
    assert {id_ for _, id_, _ in before} == {f"{number}.jpg" for number in range(PHOTOS)}


def limit_pages(daemon: Daemon, pages: int | None) -> None:
    """Limit the growth of the job database to so many pages, as a full disk does; None removes the limit."""
    with daemon.database.read_connection() as connection:
        count = connection.execute("PRAGMA page_count").fetchone()[0]
        connection.execute(f"PRAGMA max_page_count = {2**30 if pages is None else count + pages}")


def test_row_19_full_disk_refuses_new_jobs(tmp_path: Path) -> None:
    """503 while there is no space, nothing is stored in part; with space again everything goes on."""
    with open_daemon(tmp_path, fail_if_started, running=False) as daemon:
        job = daemon.submit("/a.jpg", more=True)
        limit_pages(daemon, 0)
        photos = [{"id": str(number), "path": "/" + "x" * 2000} for number in range(50)]
        response = daemon.post(f"/v1/jobs/{job}/photos", {"photos": photos})
        assert (response.status_code, error_code(response)) == (503, "store")
        assert error_code(daemon.post("/v1/jobs", {"photos": photos})) == "store"
        assert daemon.get(f"/v1/jobs/{job}").get_json()["total"] == 1
        assert len(daemon.get("/v1/jobs").get_json()["jobs"]) == 1
        limit_pages(daemon, None)
        assert daemon.post(f"/v1/jobs/{job}/photos", {"photos": photos}).get_json()["total"] == 51


def test_row_19_disk_that_fills_up_costs_no_verdict(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """The runner logs it once, waits, and goes on when there is space."""
    monkeypatch.setattr(runner_module, "RETRY_DELAY", 0.01)
    names = [f"{number}.jpg" for number in range(100)]
    (tmp_path / "shoot").mkdir()
    frames = fakes.frames_in(tmp_path / "shoot", *names)
    with open_daemon(tmp_path, running=False) as daemon:
        job = daemon.submit(*(frame.path for frame in frames))
        limit_pages(daemon, 2)
        daemon.runner.start()
        wait_until(lambda: "Waiting" in caplog.text, "the runner's word about the disk")
        assert daemon.get(f"/v1/jobs/{job}").get_json()["state"] in ("waiting", "running")
        limit_pages(daemon, None)
        assert daemon.wait_for_end(job)["verdicts"]["keep"] == 100
        assert set(daemon.results(job)) == set(names)
    assert caplog.text.count("Waiting") == 1


def limit_evidence(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the store of evidence grow no more once it is open."""

    def open_limited(path: Path, schema: sqlite_module.DatabaseSchema) -> sqlite3.Connection | None:
        connection = open_file(path, schema)
        if connection is not None and schema.name == "evidence store":
            pages = connection.execute("PRAGMA page_count").fetchone()[0]
            connection.execute(f"PRAGMA max_page_count = {pages}")
        return connection

    open_file = sqlite_module.open_file
    monkeypatch.setattr(sqlite_module, "open_file", open_limited)


def test_row_19_store_that_cannot_be_written_costs_no_series(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The results are those of a run with space, also of a job that gave way to another in between."""
    names = [f"scene{number // 3}@{number}{'worse' if number % 3 else ''}.jpg" for number in range(30)]
    (tmp_path / "shoot").mkdir()
    frames = fakes.frames_in(tmp_path / "shoot", *names)
    [other] = create_files(tmp_path / "other", "u.jpg")

    def run(folder: Path) -> tuple[dict[str, Any], list[str]]:
        folder.mkdir()
        steps = SteppedWorkers()
        hold = steps.hold(names[10])
        with open_daemon(folder, steps.start) as daemon:
            imported = daemon.submit(*(frame.path for frame in frames), source="import")
            wait_until(lambda: names[10] in steps.started, "a photo of the import")
            user = daemon.submit(other)
            hold.set()
            daemon.wait_for_end(user)
            assert daemon.wait_for_end(imported)["problem"] is None
            rows = daemon.results(imported)
        return {name: {**row, "number": 0} for name, row in rows.items()}, steps.started

    undisturbed, _ = run(tmp_path / "1")
    assert {row["series"]["size"] for row in undisturbed.values()} == {3}
    limit_evidence(monkeypatch)
    results, started = run(tmp_path / "2")
    assert results == undisturbed
    assert sorted(started) == sorted([*names, other.name])


def test_row_19_lost_evidence_is_reported(tmp_path: Path) -> None:
    """Where some photos of a job cannot be compared, it reports their number."""
    paths = create_files(tmp_path / "shoot", "a@1.jpg", "a@2.jpg", "b.jpg")
    with open_daemon(tmp_path) as daemon:
        job = daemon.submit(*paths, more=True)
        wait_until(lambda: daemon.get(f"/v1/jobs/{job}").get_json()["done"] == 3, "the first pass")
        with closing(sqlite3.connect(tmp_path / "store.sqlite")) as connection, connection:
            connection.execute("DELETE FROM photos WHERE CAST(path AS TEXT) LIKE '%b.jpg'")
        daemon.post(f"/v1/jobs/{job}/photos", {"photos": [], "more": False})
        ended = daemon.wait_for_end(job)
        assert ended["state"] == "done"
        assert (ended["problem"]["code"], ended["problem"]["parameters"]) == ("not_compared", {"photos": 1})
        assert ended["message"] == ended["problem"]["message"]
        assert {row["series"]["size"] for row in daemon.results(job).values()} == {1, 2}


def _write_garbage(file: Path) -> None:
    file.write_bytes(b"no database " * 1000)


def _write_newer_version(file: Path) -> None:
    JobDatabase(file).close()
    with closing(sqlite3.connect(file)) as connection:
        connection.execute(f"PRAGMA user_version = {SCHEMA.version + 1}")


def _create_empty(file: Path) -> None:
    file.touch()


@pytest.mark.parametrize(
    ("damage", "problem"),
    [(_write_garbage, "damaged"), (_write_newer_version, "version"), (_create_empty, None)],
)
def test_row_19_unusable_file_is_renamed(
    tmp_path: Path, damage: Callable[[Path], None], problem: str | None
) -> None:
    """A damaged or newer file is renamed with a warning, never deleted, and a new one works."""
    file = tmp_path / "jobs.sqlite"
    damage(file)
    before = file.read_bytes()
    with open_daemon(tmp_path, running=False) as daemon:
        daemon.submit("/a.jpg")
        assert [problem in sentence for sentence in daemon.warnings] == ([True] if problem else [])
        assert not any(str(tmp_path) in sentence for sentence in daemon.warnings), "it goes into the log"
    if problem:
        assert (tmp_path / "jobs-aside-1.sqlite").read_bytes() == before


def test_row_19_damage_at_run_time_is_survived(tmp_path: Path) -> None:
    """One request gets 503 `store`, the next ones work on a new file; the old one is kept."""
    with open_daemon(tmp_path, running=False) as daemon:
        for _ in range(30):
            daemon.submit(*(f"/{'x' * 900}/{number}" for number in range(20)))
    file = tmp_path / "jobs.sqlite"
    content = bytearray(file.read_bytes())
    content[8192:] = b"\x5a" * (len(content) - 8192)
    file.write_bytes(content)
    with open_daemon(tmp_path, fail_if_started, running=False) as daemon:
        codes = {error_code(daemon.get("/v1/jobs")) for _ in range(3)}
        assert None in codes
        assert codes <= {None, "store"}
        daemon.submit("/a.jpg")
        assert "damaged" in daemon.warnings[0]
        assert (tmp_path / "jobs-aside-1.sqlite").exists()


def test_row_19_deleted_file_is_written_again(tmp_path: Path) -> None:
    """With its content."""
    if os.name == "nt":
        pytest.skip("Windows does not delete a file that is open")
    with open_daemon(tmp_path, running=False) as daemon:
        job = daemon.submit("/a.jpg")
        for file in tmp_path.glob("jobs.sqlite*"):
            file.unlink()
        second = daemon.submit("/b.jpg")
        assert "deleted while in use" in daemon.warnings[0]
    with open_daemon(tmp_path, running=False) as daemon:
        assert {job["id"] for job in daemon.get("/v1/jobs").get_json()["jobs"]} == {job, second}


def test_row_19_nothing_is_acknowledged_without_a_usable_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Jobs and journals are refused with `store`, the status has the problem, and nothing is lost."""
    monkeypatch.setattr(sqlite_module, "REOPEN_DELAY", 0)
    monkeypatch.setattr(sqlite_module, "_TIMEOUT", 0.01)
    monkeypatch.setattr(runner_module, "RETRY_DELAY", 0.01)
    first, second = create_files(tmp_path / "shoot", "a.jpg", "b.jpg")
    entries = {"entries": [{"id": "1", "before": {"flag": 0}, "after": {"flag": 1}}]}
    with open_daemon(tmp_path, running=False) as daemon:
        job = daemon.submit(first)
        daemon.post(f"/v1/jobs/{job}/journal", entries)
    with closing(sqlite3.connect(tmp_path / "jobs.sqlite", isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")  # a program for backups, at login
        with open_daemon(tmp_path) as daemon:
            body = {"photos": [{"id": "b", "path": str(second)}]}
            for _ in range(2):
                assert error_code(daemon.post("/v1/jobs", body)) == "store"
                assert error_code(daemon.post(f"/v1/jobs/{job}/journal", entries)) == "store"
            status = daemon.get("/v1/status").get_json()
            assert (status["problem"]["code"], status["waiting"]) == ("store", 0)
            assert str(tmp_path) not in status["problem"]["message"]
            other.execute("ROLLBACK")
            assert daemon.wait_for_end(job)["done"] == 1
            later = daemon.wait_for_end(daemon.submit(second))["id"]
            assert daemon.get("/v1/status").get_json()["problem"] is None
            journals = daemon.get("/v1/journals").get_json()["journals"]
            assert [(each["id"], each["entries"]) for each in journals] == [(job, 1)]
    with open_daemon(tmp_path, running=False) as daemon:
        assert [each["id"] for each in daemon.get("/v1/jobs").get_json()["jobs"]] == [later, job]


def test_row_19_folder_in_place_of_the_file_refuses_jobs(tmp_path: Path) -> None:
    """The daemon starts, and nothing is kept in memory only."""
    (tmp_path / "jobs.sqlite").mkdir()
    [path] = create_files(tmp_path / "shoot", "a.jpg")
    with open_daemon(tmp_path) as daemon:
        body = {"photos": [{"id": "b", "path": str(path)}]}
        assert error_code(daemon.post("/v1/jobs", body)) == "store"
        assert daemon.get("/v1/status").status_code == 200


def test_row_19_photos_are_not_modified(tmp_path: Path) -> None:
    """Their bytes and times are the same after a job."""
    shoot = tmp_path / "shoot"
    shoot.mkdir()
    frames = fakes.frames_in(shoot, "a.jpg", "soft.jpg", "refuse.jpg")
    before = {path: (path.read_bytes(), path.stat().st_mtime_ns) for path in shoot.iterdir()}
    with open_daemon(tmp_path / "home") as daemon:
        daemon.wait_for_end(daemon.submit(*(frame.path for frame in frames)))
    assert {path: (path.read_bytes(), path.stat().st_mtime_ns) for path in shoot.iterdir()} == before


@pytest.mark.parametrize("jump", [-400 * 86400, -3600, 3600, 3 * 86400])
def test_row_21_clock_jumps_lose_nothing(tmp_path: Path, jump: float) -> None:
    """Backwards or forwards during a job, also by an hour at the end of summer time."""
    clock = Clock()
    with closing(JobDatabase(tmp_path / "jobs.sqlite", pytest.fail, clock, Clock(0))) as database:
        jobs, queue = database.jobs, database.queue
        job = jobs.create(job_request(*requested_photos("1", "2"), more=True))
        queue.begin(job.id)
        queue.record(job.id, *requested_photos("1"), photo_outcome())
        clock.now += jump
        queue.expire()
        assert queue.close_abandoned() == []
        later = jobs.create(job_request())
        jobs.add_photos(job.id, requested_photos("3"), more=False)
        for photo in requested_photos("2", "3"):
            queue.record(job.id, photo, photo_outcome())
        assert queue.finish(job.id)
        queue.expire()
        assert [row["id"] for row in jobs.list_results(job.id, 0, 9)[0]] == ["1", "2", "3"]
        assert [job.id for job in jobs.list_newest()] == [later.id, job.id]


def test_row_21_sleep_during_a_job_is_no_error(tmp_path: Path) -> None:
    """The rate is never negative, even if the clock counts the sleep, and the job goes on."""
    clock, gate = Clock(0), Event()

    def measure(frame: Frame) -> Measurement:
        if frame.path.stem == "b":
            clock.now += 8 * 3600
            assert gate.wait(60)
        return fakes.measure_by_name(frame)

    frames = fakes.frames_in(tmp_path, "a.jpg", "b.jpg", "c.jpg")
    with open_daemon(tmp_path / "home", lambda: fakes.FakeWorkers(measure), elapsed=clock) as daemon:
        job = daemon.submit(*(frame.path for frame in frames))
        job_json = wait_until(
            lambda: (current := daemon.get(f"/v1/jobs/{job}").get_json())["done"] == 1 and current,
            "the first photo",
        )
        assert job_json["rate"] is None or job_json["rate"] >= 0
        gate.set()
        assert daemon.wait_for_end(job)["done"] == 3
