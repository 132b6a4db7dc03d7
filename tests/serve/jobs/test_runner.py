"""The runner: one job at a time, users first, networks loaded only while needed."""

from __future__ import annotations

import time
from pathlib import Path
from unittest.mock import MagicMock

import pytest

from autocull.errors import PhotoError
from autocull.pipeline.cull_run import Measurer
from autocull.pipeline.evidence_store import Measurement
from autocull.read import Frame, fingerprint_frame
from autocull.serve.app import create_app
from autocull.serve.jobs import runner
from autocull.serve.jobs.job_settings import open_profile_store
from autocull.serve.jobs.queue import POLL_TIMEOUT
from support import cull_run_fakes as fakes
from support.job_fixtures import (
    HEADERS,
    TOKEN,
    Clock,
    JobDatabase,
    SteppedWorkers,
    create_files,
    fail_if_started,
    job_request,
    open_daemon,
    requested_photos,
    wait_until,
)
from support.metadata_writers import make_jpeg, write_rating
from support.taste_factories import origin, profile


def test_import_gives_way_to_a_users_job(tmp_path: Path) -> None:
    """It pauses between two photos, and goes on afterwards where it was."""
    steps = SteppedWorkers()
    second = steps.hold("i2.jpg")
    imported = create_files(tmp_path / "a", "i1.jpg", "i2.jpg", "i3.jpg", "i4.jpg")
    user_files = create_files(tmp_path / "a", "u1.jpg", "u2.jpg")
    with open_daemon(tmp_path, steps.start) as daemon:
        import_ = daemon.submit(*imported, source="import")
        wait_until(lambda: "i2.jpg" in steps.started, "the import's second photo")
        user = daemon.submit(*user_files)
        second.set()
        assert daemon.wait_for_end(user)["state"] == "done"
        assert daemon.wait_for_end(import_)["done"] == 4
        assert set(daemon.results(import_)) == {path.name for path in imported}
    assert steps.started == ["i1.jpg", "i2.jpg", "u1.jpg", "u2.jpg", "i3.jpg", "i4.jpg"]


def test_job_without_requests_gives_way(tmp_path: Path) -> None:
    """Requests for a job, its results and its photos count; that of the list does not."""
    elapsed = Clock(0)
    database = JobDatabase(tmp_path / "jobs.sqlite", elapsed=elapsed)
    runner = MagicMock(**{"rate.return_value": None})
    app = create_app(
        token=TOKEN, jobs=database.jobs, journals=database.journals, runner=runner,
        learnings=MagicMock(), stop=pytest.fail,
    )  # fmt: skip
    client = app.test_client()
    left, polled = (database.jobs.create(job_request(*requested_photos("1"), more=True)).id for _ in range(2))
    body = {"json": {"photos": [], "more": True}}
    for method, path, options in [
        ("GET", f"/v1/jobs/{polled}", {}),
        ("GET", f"/v1/jobs/{polled}/results", {}),
        ("POST", f"/v1/jobs/{polled}/photos", body),
    ]:
        elapsed.now += POLL_TIMEOUT
        assert client.get("/v1/jobs", headers=HEADERS).status_code == 200
        assert next_id(database) == left
        assert client.open(path, method=method, headers=HEADERS, **options).status_code < 300
        assert next_id(database) == polled
    database.close()


def next_id(database: JobDatabase) -> str:
    """Return the id of the job to work on."""
    job = database.queue.next_job()
    assert job is not None
    return job.id


def test_jobs_run_one_at_a_time(tmp_path: Path) -> None:
    """A user's second job waits for the first; the status names the one and counts the others."""
    steps = SteppedWorkers()
    release = steps.hold("a.jpg")
    first, second = create_files(tmp_path / "a", "a.jpg", "b.jpg")
    with open_daemon(tmp_path, steps.start) as daemon:
        jobs = [daemon.submit(first), daemon.submit(second), daemon.submit(second)]
        wait_until(lambda: steps.started, "the first photo")
        status = daemon.get("/v1/status").get_json()
        assert (status["state"], status["job"], status["waiting"]) == ("working", jobs[0], 2)
        assert status["networks_loaded"]
        assert [daemon.get(f"/v1/jobs/{job}").get_json()["state"] for job in jobs] == [
            "running", "waiting", "waiting",
        ]  # fmt: skip
        release.set()
        assert [daemon.wait_for_end(job)["state"] for job in jobs] == ["done"] * 3
        wait_until(lambda: daemon.runner.state().state == "idle", "rest")
    assert steps.started == ["a.jpg", "b.jpg"]


def test_parts_of_a_job_are_judged_as_they_arrive(tmp_path: Path) -> None:
    """The first part is done before the last is sent; the job ends with the last."""
    first, second, third = create_files(tmp_path / "a", "a.jpg", "b.jpg", "c.jpg")
    with open_daemon(tmp_path) as daemon:
        job = daemon.submit(first, more=True)
        wait_until(lambda: daemon.get(f"/v1/jobs/{job}").get_json()["done"] == 1, "the first part")
        for path, more in ((second, True), (third, False)):
            job_json = daemon.get(f"/v1/jobs/{job}").get_json()
            assert job_json["more"]
            assert job_json["state"] in ("waiting", "running")
            daemon.post(
                f"/v1/jobs/{job}/photos", {"photos": [{"id": path.name, "path": str(path)}], "more": more}
            )
        assert daemon.wait_for_end(job)["done"] == 3
        assert not daemon.get(f"/v1/jobs/{job}").get_json()["more"]


def test_empty_job_is_done_at_once(tmp_path: Path) -> None:
    """No worker is started; an open job is ended by an empty last part."""
    with open_daemon(tmp_path, fail_if_started) as daemon:
        assert daemon.wait_for_end(daemon.submit())["total"] == 0
        job = daemon.submit(more=True)
        daemon.post(f"/v1/jobs/{job}/photos", {"photos": []})
        assert daemon.wait_for_end(job)["state"] == "done"


def test_stored_evidence_is_not_measured_again(tmp_path: Path) -> None:
    """A second job, with other settings, starts no worker and judges again."""
    user_files = create_files(tmp_path / "a", "a.jpg", "soft.jpg", "refuse.jpg")
    with open_daemon(tmp_path) as daemon:
        first = daemon.wait_for_end(daemon.submit(*user_files))
    assert first["verdicts"] == {"keep": 1, "reject": 1, "cannot_tell": 0}
    with open_daemon(tmp_path, fail_if_started) as daemon:
        job = daemon.submit(*user_files, settings={"defocus_trust": "ignore"}, profile="sports")
        again = daemon.wait_for_end(job)
        assert again["verdicts"] == {"keep": 2, "reject": 0, "cannot_tell": 0}
        assert (again["errors"], again["profile"]) == (1, "sports")
        assert not daemon.get("/v1/status").get_json()["networks_loaded"]


def test_marks_written_into_files_change_nothing(tmp_path: Path) -> None:
    """Written during the job: series are recognised; and after it: the next job measures nothing."""
    paths = [tmp_path / f"a{number}.jpg" for number in range(4)]
    for number, path in enumerate(paths):
        path.write_bytes(make_jpeg(number // 2))

    def measure(frame: Frame) -> Measurement:
        if frame.path == paths[-1]:  # the results of the others are there, and the host writes their marks
            for path in paths:
                write_rating(path, 3)
        scene = fakes.evidence(scene=str(paths.index(frame.path) // 2))
        return Measurement(scene, fakes.JPEG, fingerprint_frame(frame))

    with open_daemon(tmp_path, lambda: fakes.FakeWorkers(measure)) as daemon:
        job = daemon.submit(*paths)
        assert daemon.wait_for_end(job)["errors"] == 0
        kinds = [row["series"]["kind"] for row in daemon.results(job).values()]
        assert "single" not in kinds
    for path in paths:
        write_rating(path, 5)
    with open_daemon(tmp_path, fail_if_started) as daemon:
        job = daemon.submit(*paths)
        assert daemon.wait_for_end(job)["errors"] == 0
        assert [row["series"]["kind"] for row in daemon.results(job).values()] == kinds


def test_marks_table_of_a_job_is_used(tmp_path: Path) -> None:
    """The rows that are sent with a job replace the whole table."""
    rows = [
        {"verdict": "keep", "stars": 5, "label": "purple", "flag": 1}, {"verdict": "reject", "label": "blue"},
        {"verdict": "cannot_tell"},
    ]  # fmt: skip
    user_files = create_files(tmp_path / "a", "a.jpg", "soft.jpg")
    with open_daemon(tmp_path) as daemon:
        job = daemon.submit(*user_files, settings={"marks": rows})
        daemon.wait_for_end(job)
        results = daemon.results(job)
    marks = {id_: (each["rating"], each["label"], each["flag"]) for id_, each in results.items()}
    assert marks == {"a.jpg": (5, "purple", 1), "soft.jpg": (0, "blue", 0)}


def test_file_with_several_ids_is_measured_once(tmp_path: Path) -> None:
    """Virtual copies each get the result or the error, whether they arrive in one part or in several."""
    good, bad = create_files(tmp_path / "a", "good.jpg", "refuse.jpg")
    workers = fakes.FakeWorkers(fakes.measured_or_refused)
    photos = [{"id": f"{path.stem}{copy}", "path": str(path)} for copy in range(3) for path in (good, bad)]
    with open_daemon(tmp_path, lambda: workers) as daemon:
        job = daemon.post("/v1/jobs", {"photos": photos[:4], "more": True}).get_json()["id"]
        wait_until(lambda: daemon.get(f"/v1/jobs/{job}").get_json()["done"] == 4, "the first part")
        daemon.post(f"/v1/jobs/{job}/photos", {"photos": photos[4:]})
        daemon.wait_for_end(job)
        results = daemon.results(job)
    assert len(results) == 6
    assert {result["verdict"] for id_, result in results.items() if "good" in id_} == {"keep"}
    assert {result["error"]["code"] for id_, result in results.items() if "refuse" in id_} == {"damaged"}
    assert sorted(path.stem for path in workers.requested) == ["good", "refuse"]


def test_fallback_is_judged_only_if_the_file_is_missing(tmp_path: Path) -> None:
    """If neither exists, the file is reported as missing."""
    existing, preview = create_files(tmp_path / "a", "there.jpg", "soft preview.jpg")
    gone = str(tmp_path / "gone.nef")

    def measure(frame: Frame) -> Measurement:
        if not frame.path.exists():
            return Measurement(PhotoError(frame.path, "It is gone.", code="missing"))
        return fakes.measure_by_name(frame)

    photos = [
        {"id": "there", "path": str(existing), "fallback": str(preview)},
        {"id": "gone", "path": gone, "fallback": str(preview)},
        {"id": "neither", "path": gone, "fallback": gone + ".jpg"},
        {"id": "bad fallback", "path": gone, "fallback": "relative.jpg"},
    ]
    with open_daemon(tmp_path, lambda: fakes.FakeWorkers(measure)) as daemon:
        job = daemon.post("/v1/jobs", {"photos": photos}).get_json()["id"]
        daemon.wait_for_end(job)
        results = daemon.results(job)
    assert {id_: (each["verdict"], each["source"]) for id_, each in results.items()} == {
        "there": ("keep", "file"), "gone": ("reject", "fallback"), "neither": (None, None),
        "bad fallback": (None, None),
    }  # fmt: skip
    assert results["neither"]["error"]["code"] == results["bad fallback"]["error"]["code"] == "missing"


def test_networks_are_unloaded_when_idle(tmp_path: Path) -> None:
    """The workers stop after the idle time, and start again with the next job that needs them."""
    started: list[fakes.FakeWorkers] = []

    def start() -> Measurer:
        started.append(fakes.FakeWorkers(fakes.measured_or_refused))
        return started[-1]

    first, second, third = create_files(tmp_path / "a", "a.jpg", "b.jpg", "c.jpg")
    clock = Clock(0)
    with open_daemon(tmp_path, start, idle_s=300, elapsed=clock) as daemon:
        assert not daemon.runner.state().networks_loaded
        daemon.wait_for_end(daemon.submit(first))
        daemon.wait_for_end(daemon.submit(second))
        assert len(started) == 1
        assert daemon.runner.state().networks_loaded
        wait_until(lambda: daemon.runner.state().state == "idle", "rest")
        clock.now += 301
        daemon.queue.wake()
        wait_until(lambda: not daemon.runner.state().networks_loaded, "the unloading")
        assert started[0].stopped
        daemon.wait_for_end(daemon.submit(third))
        assert len(started) == 2
    assert started[1].stopped


def test_copies_of_a_photo_become_one_series(tmp_path: Path) -> None:
    """The best is kept, the other is rejected and names it; another photo stays a series of one."""
    user_files = create_files(tmp_path / "a", "kiss@1.jpg", "kiss@2 worse.jpg", "cake.jpg")
    with open_daemon(tmp_path) as daemon:
        job = daemon.submit(*user_files)
        job_json = daemon.wait_for_end(job)
        results = daemon.results(job)
    assert job_json["verdicts"] == {"keep": 2, "reject": 1, "cannot_tell": 0}
    assert job_json["reasons"] == {"copy": 1}
    best, worse, other = (results[path.name] for path in user_files)
    assert [each["verdict"] for each in (best, worse, other)] == ["keep", "reject", "keep"]
    assert worse["reasons"][0]["beside"]["path"] == str(user_files[0])
    assert best["series"]["id"] == worse["series"]["id"] != other["series"]["id"]
    positions = [each["series"] for each in (best, worse, other)]
    assert [(position["kind"], position["rank"], position["size"]) for position in positions] == [
        ("duplicate", 1, 2), ("duplicate", 2, 2), ("single", 1, 1),
    ]  # fmt: skip
    assert worse["number"] > other["number"], "what changed comes behind what was read"


def test_series_are_formed_after_the_last_part(tmp_path: Path) -> None:
    """Until then each photo is a series of one."""
    first, second = create_files(tmp_path / "a", "kiss@1.jpg", "kiss@2 worse.jpg")
    with open_daemon(tmp_path) as daemon:
        job = daemon.submit(first, more=True)
        wait_until(lambda: daemon.get(f"/v1/jobs/{job}").get_json()["done"] == 1, "the first part")
        assert daemon.results(job)[first.name]["series"]["kind"] == "single"
        photo = {"id": second.name, "path": str(second)}
        daemon.post(f"/v1/jobs/{job}/photos", {"photos": [photo], "more": False})
        daemon.wait_for_end(job)
        results = daemon.results(job)
    assert {each["series"]["size"] for each in results.values()} == {2}
    assert results[second.name]["verdict"] == "reject"


@pytest.mark.parametrize("is_same_models", [True, False])
def test_taste_of_a_job_is_applied(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, is_same_models: bool
) -> None:
    """Every readable photo gets a probability; a taste acts only if learned with the same networks."""
    monkeypatch.setenv("AUTOCULL_TASTES", str(tmp_path / "tastes"))
    models = fakes.VERSIONS if is_same_models else {"faces": "of another time"}
    open_profile_store().save(profile(name="mine", origin=origin(models=models)))
    user_files = create_files(tmp_path / "a", "kiss.jpg", "cake.jpg", "refuse.jpg")
    with open_daemon(tmp_path) as daemon:
        without_taste, with_taste = daemon.submit(*user_files), daemon.submit(*user_files, taste="mine")
        daemon.wait_for_end(without_taste)
        daemon.wait_for_end(with_taste)
        plain_results, results = daemon.results(without_taste), daemon.results(with_taste)
    assert {each["select"] for each in plain_results.values()} == {None}
    assert results["refuse.jpg"]["select"] is None
    for name in ("kiss.jpg", "cake.jpg"):
        selection = results[name]["select"]
        assert (selection["profile"], selection["acts"]) == ("mine", is_same_models)
        assert 0 < selection["probability"] <= 1
        if not is_same_models:
            assert results[name]["verdict"] == plain_results[name]["verdict"]


def test_deleted_taste_fails_its_job(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The job is not judged without its taste."""
    monkeypatch.setenv("AUTOCULL_TASTES", str(tmp_path / "tastes"))
    open_profile_store().save(profile(name="mine"))
    with open_daemon(tmp_path, fail_if_started, running=False) as daemon:
        job = daemon.submit("/a.jpg", taste="mine")
        open_profile_store().delete("mine")
        daemon.runner.start()
        job_json = daemon.wait_for_end(job)
    assert job_json["state"] == "failed"
    assert "There is no taste called 'mine'" in job_json["message"]


def test_memory_is_returned_once_after_each_job(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """When the networks are unloaded, not at every turn of an idle daemon."""
    calls: list[str] = []
    monkeypatch.setattr(runner, "release_memory", lambda: calls.append("released"))
    [path] = create_files(tmp_path / "a", "a.jpg")
    with open_daemon(tmp_path, idle_s=0.02) as daemon:
        for number in (1, 2):
            daemon.wait_for_end(daemon.submit(path))
            wait_until(lambda expected=number: len(calls) == expected, "the release")
            for _ in range(3):
                daemon.queue.wake()
                time.sleep(0.02)
            assert len(calls) == number
