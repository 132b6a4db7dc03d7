"""Clients that vanish, drives that hang, photos that kill, and very many of them: more rows of faults."""

from __future__ import annotations

import tracemalloc
from functools import partial
from pathlib import Path
from threading import Event

from autocull.pipeline.evidence_store import Measurement, identify
from autocull.pipeline.worker_pool import Workers
from autocull.read import Frame
from autocull.serve.jobs.file_probe import FileProbe
from support import cull_run_fakes as fakes
from support.job_fixtures import code, daemon, no_workers, until


def test_row_22_who_vanishes_finds_everything_later(tmp_path: Path) -> None:
    """Nobody asks while the job is worked on; after a restart its results are there, page by page, again."""
    frames = fakes.frames_in(tmp_path, *(f"{number}.jpg" for number in range(20)))
    with daemon(tmp_path / "home") as opened:
        job = opened.submit(*(frame.path for frame in frames))
        until(lambda: not opened.jobs.get(job).live, "the end of the job")
    with daemon(tmp_path / "home", no_workers) as opened:
        first = opened.results(job)
        assert len(first) == 20
        assert opened.results(job) == first
        assert opened.post(f"/v1/jobs/{job}/acknowledge").get_json() == {"id": job}
        assert code(opened.get(f"/v1/jobs/{job}")) == "unknown_job"
        assert code(opened.get(f"/v1/jobs/{job}/results")) == "unknown_job"


def test_row_22_cancelling_twice_and_afterwards_is_no_error(tmp_path: Path) -> None:
    """Also where the job is done or in work; an unknown one is unknown."""
    gate, begun = Event(), Event()

    def measure(frame: Frame) -> Measurement:
        begun.set()
        assert gate.wait(60)
        return fakes.measure_by_name(frame)

    frames = fakes.frames_in(tmp_path, "a.jpg", "b.jpg")
    with daemon(tmp_path / "home", lambda: fakes.FakeWorkers(measure)) as opened:
        job = opened.submit(*(frame.path for frame in frames))
        assert begun.wait(60)
        states = [opened.post(f"/v1/jobs/{job}/cancel").get_json()["state"] for _ in range(2)]
        assert states == ["cancelled", "cancelled"]
        gate.set()
        assert opened.ended(opened.submit(frames[0].path))["state"] == "done"
        assert opened.results(job) == {}
        assert code(opened.post("/v1/jobs/none/cancel")) == "unknown_job"


def test_row_24_a_drive_that_hangs_costs_its_photos_and_no_others(tmp_path: Path) -> None:
    """Its photos time out, all but the first at once; those with another picture are judged by that."""
    never = Event()

    def look(frame: Frame, versions: object) -> bytes | None:
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
    with daemon(tmp_path / "home", identify=FileProbe(0.3, look)) as opened:
        job = opened.post("/v1/jobs", {"photos": photos}).get_json()["id"]
        assert opened.ended(job)["errors"] == 3
        results = opened.results(job)
    never.set()
    errors = {id_: result["error"] and result["error"]["code"] for id_, result in results.items()}
    assert errors == {f"nas/{name}": "timeout" for name in "abc"} | {
        f"local/{name}": None for name in "abc"
    } | {"preview": None}
    assert results["preview"]["source"] == "fallback"


def test_row_24_a_drive_that_is_pulled_in_mid_job_is_named_photo_by_photo(tmp_path: Path) -> None:
    """What vanishes is missing, the job is done, and on the next one everything is there again."""

    def measure(frame: Frame) -> Measurement:
        if frame.path.stem == "1":
            drive.rename(tmp_path / "pulled")
        return fakes.measure_by_name(frame)

    drive = tmp_path / "drive"
    drive.mkdir()
    paths = [frame.path for frame in fakes.frames_in(drive, *(f"{number}.jpg" for number in range(4)))]
    with daemon(tmp_path / "home", lambda: fakes.FakeWorkers(measure)) as opened:
        job = opened.submit(*paths)
        assert opened.ended(job)["errors"] == 3
        found = opened.results(job)
        assert found["0.jpg"]["verdict"] == "keep"
        assert {found[f"{number}.jpg"]["error"]["code"] for number in (1, 2, 3)} == {"missing"}
        (tmp_path / "pulled").rename(drive)
        opened.runner._start_workers = lambda: fakes.FakeWorkers(fakes.measure_by_name)
        opened.runner._workers = None
        assert opened.ended(opened.submit(*paths))["errors"] == 0


def peak(folder: Path, photos: int) -> int:
    """Return the most memory (bytes) that a job of so many photos takes, from its sending to its end."""
    with daemon(folder, no_workers, running=False) as opened:
        job = opened.submit(more=True)
        tracemalloc.start()
        try:
            for start in range(0, photos, 1000):
                piece = [{"id": str(start + number), "path": f"photo {number}"} for number in range(1000)]
                opened.post(f"/v1/jobs/{job}/photos", {"photos": piece, "more": start + 1000 < photos})
            opened.runner.start()
            opened.ended(job)
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()


def test_row_25_memory_does_not_grow_with_the_shoot(tmp_path: Path) -> None:
    """Four times the photos take no more memory: neither those that wait nor those that are done are held."""
    peak(tmp_path / "warm", 1000)
    few, many = peak(tmp_path / "few", 2000), peak(tmp_path / "many", 8000)
    assert many < few + 1_000_000


def test_row_28_a_bad_photo_fails_no_neighbour_and_fails_the_same_way_again(tmp_path: Path) -> None:
    """Files that kill, hang or confuse a real worker process are named; the second time says the same."""
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
    with daemon(tmp_path / "home", start) as opened:
        answers = []
        for _ in range(2):
            job = opened.submit(*paths)
            assert opened.ended(job)["state"] == "done"
            found = opened.results(job)
            answers.append(
                {
                    name: (each["verdict"], each["error"] and each["error"]["code"])
                    for name, each in found.items()
                }
            )
    assert answers[0] == answers[1]
    assert answers[0] == {f"{number}.jpg": ("keep", None) for number in range(1, 6)} | {
        "kill.nef": (None, "crashed"), "hang.nef": (None, "timeout"), "surprise.nef": (None, "damaged"),
        "refuse.nef": (None, "damaged"),
    }  # fmt: skip
