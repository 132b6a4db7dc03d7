"""Faults of clients, drives and photos, and very long jobs: more rows of faults."""

from __future__ import annotations

import os
import tracemalloc
from functools import partial
from pathlib import Path
from threading import Event
from typing import Any

import pytest

from autocull.errors import PhotoError
from autocull.pipeline.evidence_store import Measurement, identify
from autocull.pipeline.worker_pool import Workers
from autocull.read import Frame
from autocull.serve.jobs.file_probe import FileProbe
from support import cull_run_fakes as fakes
from support.job_fixtures import error_code, fail_if_started, open_daemon, wait_until


def test_row_22_results_wait_for_a_client_that_disappeared(tmp_path: Path) -> None:
    """After a restart they can be read, page by page, repeatedly."""
    frames = fakes.frames_in(tmp_path, *(f"{number}.jpg" for number in range(20)))
    with open_daemon(tmp_path / "home") as daemon:
        job = daemon.submit(*(frame.path for frame in frames))
        wait_until(lambda: not daemon.jobs.get(job).live, "the end of the job")
    with open_daemon(tmp_path / "home", fail_if_started) as daemon:
        first = daemon.results(job)
        assert len(first) == 20
        assert daemon.results(job) == first
        assert daemon.post(f"/v1/jobs/{job}/acknowledge").get_json() == {"id": job}
        assert error_code(daemon.get(f"/v1/jobs/{job}")) == "unknown_job"
        assert error_code(daemon.get(f"/v1/jobs/{job}/results")) == "unknown_job"


def test_row_22_repeated_cancellation_is_no_error(tmp_path: Path) -> None:
    """Also if the job is done or running; an unknown one is reported."""
    gate, started = Event(), Event()

    def measure(frame: Frame) -> Measurement:
        started.set()
        assert gate.wait(60)
        return fakes.measure_by_name(frame)

    frames = fakes.frames_in(tmp_path, "a.jpg", "b.jpg")
    with open_daemon(tmp_path / "home", lambda: fakes.FakeWorkers(measure)) as daemon:
        job = daemon.submit(*(frame.path for frame in frames))
        assert started.wait(60)
        states = [daemon.post(f"/v1/jobs/{job}/cancel").get_json()["state"] for _ in range(2)]
        assert states == ["cancelled", "cancelled"]
        gate.set()
        assert daemon.wait_for_end(daemon.submit(frames[0].path))["state"] == "done"
        assert daemon.results(job) == {}
        assert error_code(daemon.post("/v1/jobs/none/cancel")) == "unknown_job"


def test_row_24_hanging_drive_affects_only_its_photos(tmp_path: Path) -> None:
    """They time out, all but the first at once; photos with a fallback are judged by that."""
    never = Event()

    def identify_slowly(frame: Frame, versions: object) -> bytes | None:
        if "nas" in frame.path.parts:
            never.wait(120)
        return identify(frame, {})

    local, nas = tmp_path / "local", tmp_path / "nas"
    for folder in (local, nas):
        folder.mkdir()
        fakes.frames_in(folder, "a.jpg", "b.jpg", "c.jpg")
    photos = [
        {"id": f"{folder.name}/{name}", "path": str(folder / f"{name}.jpg")}
        for name in "abc"
        for folder in (nas, local)
    ]
    photos.append({"id": "preview", "path": str(nas / "d.jpg"), "fallback": str(local / "a.jpg")})
    with open_daemon(tmp_path / "home", probe=FileProbe(0.3, identify_slowly)) as daemon:
        job = daemon.post("/v1/jobs", {"photos": photos}).get_json()["id"]
        assert daemon.wait_for_end(job)["errors"] == 3
        results = daemon.results(job)
    never.set()
    errors = {id_: result["error"] and result["error"]["code"] for id_, result in results.items()}
    assert errors == {f"nas/{name}": "timeout" for name in "abc"} | {
        f"local/{name}": None for name in "abc"
    } | {"preview": None}
    assert results["preview"]["source"] == "fallback"


def test_row_24_drive_that_hangs_while_it_is_read_costs_one_time_limit(tmp_path: Path) -> None:
    """The other photos on it fail at once, or are judged by their fallback; local photos are judged."""
    if os.name == "nt":
        pytest.skip("needs a pipe")
    local, nas = tmp_path / "local", tmp_path / "nas"
    for folder in (local, nas):
        folder.mkdir()
        fakes.frames_in(folder, "a.jpg", "b.jpg", "c.jpg")
    hanging = nas / "0.jpg"
    os.mkfifo(hanging)
    measured: list[str] = []

    def measure(frame: Frame) -> Measurement:
        measured.append(str(frame.path.relative_to(tmp_path)))
        if frame.path == hanging:
            return Measurement(PhotoError(frame.path, "It took longer than 60 s.", code="timeout"))
        return fakes.measured_or_refused(frame)

    photos: list[dict[str, Any]] = [{"id": "nas/0", "path": str(hanging)}]
    photos += [{"id": f"nas/{name}", "path": str(nas / f"{name}.jpg")} for name in "ab"]
    photos.append({"id": "preview", "path": str(nas / "c.jpg"), "fallback": str(local / "c.jpg")})
    photos += [{"id": f"local/{name}", "path": str(local / f"{name}.jpg")} for name in "ab"]
    probe = FileProbe(0.3, lambda *_: b"there", lambda path: path.parent)
    with open_daemon(tmp_path / "home", lambda: fakes.FakeWorkers(measure), probe=probe) as daemon:
        job = daemon.post("/v1/jobs", {"photos": photos}).get_json()["id"]
        daemon.wait_for_end(job)
        results = daemon.results(job)
    with hanging.open("wb"):
        pass
    errors = {id_: result["error"] and result["error"]["code"] for id_, result in results.items()}
    assert errors == {
        "nas/0": "timeout", "nas/a": "timeout", "nas/b": "timeout", "preview": None, "local/a": None,
        "local/b": None,
    }  # fmt: skip
    assert measured == [
        str(Path(name)) for name in ("nas/0.jpg", "local/c.jpg", "local/a.jpg", "local/b.jpg")
    ]


def test_row_24_photos_of_a_removed_drive_are_missing(tmp_path: Path) -> None:
    """The job is done, and the next one measures them again."""

    def measure(frame: Frame) -> Measurement:
        if frame.path.stem in removals:
            drive.rename(pulled)
        return fakes.measure_by_name(frame)

    drive, pulled, removals = tmp_path / "drive", tmp_path / "pulled", ["1"]
    drive.mkdir()
    paths = [frame.path for frame in fakes.frames_in(drive, *(f"{number}.jpg" for number in range(4)))]
    with open_daemon(tmp_path / "home", lambda: fakes.FakeWorkers(measure)) as daemon:
        job = daemon.submit(*paths)
        assert daemon.wait_for_end(job)["errors"] == 3
        results = daemon.results(job)
        assert results["0.jpg"]["verdict"] == "keep"
        assert {results[f"{number}.jpg"]["error"]["code"] for number in (1, 2, 3)} == {"missing"}
        pulled.rename(drive)
        removals.clear()
        assert daemon.wait_for_end(daemon.submit(*paths))["errors"] == 0


def measure_peak_memory(folder: Path, photos: int) -> int:
    """Return the peak memory in bytes of a job of so many photos, from its creation to its end."""
    with open_daemon(folder, fail_if_started, running=False) as daemon:
        job = daemon.submit(more=True)
        tracemalloc.start()
        try:
            for start in range(0, photos, 1000):
                part = [{"id": str(start + number), "path": f"photo {number}"} for number in range(1000)]
                daemon.post(f"/v1/jobs/{job}/photos", {"photos": part, "more": start + 1000 < photos})
            daemon.runner.start()
            daemon.wait_for_end(job)
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()


def test_row_25_memory_does_not_grow_with_the_job(tmp_path: Path) -> None:
    """Neither pending photos nor results are held in memory."""
    measure_peak_memory(tmp_path / "warm", 1000)
    few, many = measure_peak_memory(tmp_path / "few", 2000), measure_peak_memory(tmp_path / "many", 8000)
    assert many < few + 1_000_000


def test_row_28_bad_photo_affects_no_other_photo(tmp_path: Path) -> None:
    """Files that crash, hang or confuse a worker process are named, with the same error each time."""
    names = [
        "1.jpg",
        "kill.nef",
        "2.jpg",
        "hang.nef",
        "3.jpg",
        "surprise.nef",
        "4.jpg",
        "refuse.nef",
        "5.jpg",
    ]
    paths = [frame.path for frame in fakes.frames_in(tmp_path, *names)]
    start = partial(Workers, fakes.by_name, count=2, time_limit=2.0)
    with open_daemon(tmp_path / "home", start) as daemon:
        outcomes = []
        for _ in range(2):
            job = daemon.submit(*paths)
            assert daemon.wait_for_end(job)["state"] == "done"
            results = daemon.results(job)
            outcomes.append(
                {
                    name: (each["verdict"], each["error"] and each["error"]["code"])
                    for name, each in results.items()
                }
            )
    assert outcomes[0] == outcomes[1]
    assert outcomes[0] == {f"{number}.jpg": ("keep", None) for number in range(1, 6)} | {
        "kill.nef": (None, "crashed"), "hang.nef": (None, "timeout"), "surprise.nef": (None, "damaged"),
        "refuse.nef": (None, "damaged"),
    }  # fmt: skip
