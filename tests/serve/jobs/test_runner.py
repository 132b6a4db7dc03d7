"""The runner: one job at a time, users first, networks only while needed, and no job takes it down."""

from __future__ import annotations

from pathlib import Path

import pytest

from autocull.errors import PhotoError
from autocull.pipeline.cull_run import Measurer
from autocull.pipeline.evidence_store import Measurement
from autocull.read import Frame
from autocull.serve.jobs.job_settings import open_profile_store
from support import cull_run_fakes as fakes
from support.job_fixtures import Clock, Steps, daemon, no_workers, paths, until
from support.taste_factories import origin, profile


def test_an_import_gives_way_between_two_photos_and_goes_on_later(tmp_path: Path) -> None:
    """The user's job is done while the import waits; afterwards the import goes on where it was."""
    steps = Steps()
    second = steps.gate("i2.jpg")
    imported = paths(tmp_path / "a", "i1.jpg", "i2.jpg", "i3.jpg", "i4.jpg")
    mine = paths(tmp_path / "a", "u1.jpg", "u2.jpg")
    with daemon(tmp_path, steps.start) as opened:
        import_ = opened.submit(*imported, source="import")
        until(lambda: "i2.jpg" in steps.begun, "the import's second photo")
        user = opened.submit(*mine)
        second.set()
        assert opened.ended(user)["state"] == "done"
        assert opened.ended(import_)["done"] == 4
        assert set(opened.results(import_)) == {path.name for path in imported}
    assert steps.begun == ["i1.jpg", "i2.jpg", "u1.jpg", "u2.jpg", "i3.jpg", "i4.jpg"]


def test_one_job_computes_at_a_time(tmp_path: Path) -> None:
    """A user's second job waits for the first, and status tells which is in work and how many wait."""
    steps = Steps()
    gate = steps.gate("a.jpg")
    first, second = paths(tmp_path / "a", "a.jpg", "b.jpg")
    with daemon(tmp_path, steps.start) as opened:
        jobs = [opened.submit(first), opened.submit(second), opened.submit(second)]
        until(lambda: steps.begun, "the first photo")
        status = opened.get("/v1/status").get_json()
        assert (status["state"], status["job"], status["waiting"]) == ("working", jobs[0], 2)
        assert status["networks_loaded"]
        assert [opened.get(f"/v1/jobs/{job}").get_json()["state"] for job in jobs] == [
            "running", "waiting", "waiting",
        ]  # fmt: skip
        gate.set()
        assert [opened.ended(job)["state"] for job in jobs] == ["done"] * 3
        until(lambda: opened.runner.state().state == "idle", "rest")
    assert steps.begun == ["a.jpg", "b.jpg"]


def test_a_job_in_pieces_is_worked_on_as_they_come(tmp_path: Path) -> None:
    """The first piece is done before the last is sent; the job ends with the last."""
    first, second, third = paths(tmp_path / "a", "a.jpg", "b.jpg", "c.jpg")
    with daemon(tmp_path) as opened:
        job = opened.submit(first, more=True)
        until(lambda: opened.get(f"/v1/jobs/{job}").get_json()["done"] == 1, "the first piece")
        for path, more in ((second, True), (third, False)):
            told = opened.get(f"/v1/jobs/{job}").get_json()
            assert told["more"]
            assert told["state"] in ("waiting", "running")
            opened.post(
                f"/v1/jobs/{job}/photos", {"photos": [{"id": path.name, "path": str(path)}], "more": more}
            )
        assert opened.ended(job)["done"] == 3
        assert not opened.get(f"/v1/jobs/{job}").get_json()["more"]


def test_an_empty_job_is_done_at_once(tmp_path: Path) -> None:
    """Nothing to judge is no error, and starts no worker; an open job is ended by an empty last piece."""
    with daemon(tmp_path, no_workers) as opened:
        assert opened.ended(opened.submit())["total"] == 0
        job = opened.submit(more=True)
        opened.post(f"/v1/jobs/{job}/photos", {"photos": []})
        assert opened.ended(job)["state"] == "done"


def test_what_is_known_is_not_measured_again(tmp_path: Path) -> None:
    """A second job, by other settings, starts no worker and judges anew."""
    mine = paths(tmp_path / "a", "a.jpg", "soft.jpg", "refuse.jpg")
    with daemon(tmp_path) as opened:
        first = opened.ended(opened.submit(*mine))
    assert first["verdicts"] == {"keep": 1, "reject": 1, "cannot_tell": 0}
    with daemon(tmp_path, no_workers) as opened:
        job = opened.submit(*mine, settings={"defocus_trust": "ignore"}, profile="sports")
        again = opened.ended(job)
        assert again["verdicts"] == {"keep": 2, "reject": 0, "cannot_tell": 0}
        assert (again["errors"], again["profile"]) == (1, "sports")
        assert not opened.get("/v1/status").get_json()["networks_loaded"]


def test_the_marks_table_of_a_job_gives_its_marks(tmp_path: Path) -> None:
    """Rows that are sent with a job replace the whole table."""
    rows = [
        {"verdict": "keep", "stars": 5, "label": "purple", "flag": 1}, {"verdict": "reject", "label": "blue"},
        {"verdict": "cannot_tell"},
    ]  # fmt: skip
    mine = paths(tmp_path / "a", "a.jpg", "soft.jpg")
    with daemon(tmp_path) as opened:
        job = opened.submit(*mine, settings={"marks": rows})
        opened.ended(job)
        found = opened.results(job)
    marks = {id_: (each["rating"], each["label"], each["flag"]) for id_, each in found.items()}
    assert marks == {"a.jpg": (5, "purple", 1), "soft.jpg": (0, "blue", 0)}


def test_a_file_under_several_ids_is_measured_once(tmp_path: Path) -> None:
    """Virtual copies each get the result, in one piece or in several, also where it is an error."""
    good, bad = paths(tmp_path / "a", "good.jpg", "refuse.jpg")
    workers = fakes.FakeWorkers(fakes.measured_or_refused)
    photos = [{"id": f"{path.stem}{copy}", "path": str(path)} for copy in range(3) for path in (good, bad)]
    with daemon(tmp_path, lambda: workers) as opened:
        job = opened.post("/v1/jobs", {"photos": photos[:4], "more": True}).get_json()["id"]
        until(lambda: opened.get(f"/v1/jobs/{job}").get_json()["done"] == 4, "the first piece")
        opened.post(f"/v1/jobs/{job}/photos", {"photos": photos[4:]})
        opened.ended(job)
        results = opened.results(job)
    assert len(results) == 6
    assert {result["verdict"] for id_, result in results.items() if "good" in id_} == {"keep"}
    assert {result["error"]["code"] for id_, result in results.items() if "refuse" in id_} == {"damaged"}
    assert sorted(path.stem for path in workers.asked) == ["good", "refuse"]


def test_the_other_picture_is_judged_where_the_file_is_missing(tmp_path: Path) -> None:
    """Only there: a file that is there is judged itself, and where neither is, the file is missing."""
    there, preview = paths(tmp_path / "a", "there.jpg", "soft preview.jpg")
    gone = str(tmp_path / "gone.nef")

    def measure(frame: Frame) -> Measurement:
        if not frame.path.exists():
            return Measurement(PhotoError(frame.path, "It is gone.", code="missing"))
        return fakes.measure_by_name(frame)

    photos = [
        {"id": "there", "path": str(there), "fallback": str(preview)},
        {"id": "gone", "path": gone, "fallback": str(preview)},
        {"id": "neither", "path": gone, "fallback": gone + ".jpg"},
        {"id": "bad fallback", "path": gone, "fallback": "relative.jpg"},
    ]
    with daemon(tmp_path, lambda: fakes.FakeWorkers(measure)) as opened:
        job = opened.post("/v1/jobs", {"photos": photos}).get_json()["id"]
        opened.ended(job)
        found = opened.results(job)
    assert {id_: (each["verdict"], each["source"]) for id_, each in found.items()} == {
        "there": ("keep", "file"), "gone": ("reject", "fallback"), "neither": (None, None),
        "bad fallback": (None, None),
    }  # fmt: skip
    assert found["neither"]["error"]["code"] == found["bad fallback"]["error"]["code"] == "missing"


def test_networks_are_unloaded_when_nothing_was_to_do(tmp_path: Path) -> None:
    """The workers end after the idle time, and start again with the next job that needs them."""
    started: list[fakes.FakeWorkers] = []

    def start() -> Measurer:
        started.append(fakes.FakeWorkers(fakes.measured_or_refused))
        return started[-1]

    first, second, third = paths(tmp_path / "a", "a.jpg", "b.jpg", "c.jpg")
    clock = Clock(0)
    with daemon(tmp_path, start, idle_s=300, elapsed=clock) as opened:
        assert not opened.runner.state().networks_loaded
        opened.ended(opened.submit(first))
        opened.ended(opened.submit(second))
        assert len(started) == 1
        assert opened.runner.state().networks_loaded
        until(lambda: opened.runner.state().state == "idle", "rest")
        clock.now += 301
        opened.jobs.wake()
        until(lambda: not opened.runner.state().networks_loaded, "the unloading")
        assert started[0].stopped
        opened.ended(opened.submit(third))
        assert len(started) == 2
    assert started[1].stopped


def test_the_copies_of_a_photo_end_as_one_series(tmp_path: Path) -> None:
    """The best is kept, the other is rejected and names it; a photo of another place stays alone."""
    mine = paths(tmp_path / "a", "kiss@1.jpg", "kiss@2 worse.jpg", "cake.jpg")
    with daemon(tmp_path) as opened:
        job = opened.submit(*mine)
        told = opened.ended(job)
        found = opened.results(job)
    assert told["verdicts"] == {"keep": 2, "reject": 1, "cannot_tell": 0}
    assert told["reasons"] == {"copy": 1}
    best, worse, other = (found[path.name] for path in mine)
    assert [each["verdict"] for each in (best, worse, other)] == ["keep", "reject", "keep"]
    assert worse["reasons"][0]["beside"]["path"] == str(mine[0])
    assert best["series"]["id"] == worse["series"]["id"] != other["series"]["id"]
    places = [each["series"] for each in (best, worse, other)]
    assert [(place["kind"], place["rank"], place["size"]) for place in places] == [
        ("duplicate", 1, 2), ("duplicate", 2, 2), ("single", 1, 1),
    ]  # fmt: skip
    assert worse["number"] > other["number"], "what changed comes behind what was read"


def test_a_job_in_pieces_is_compared_when_the_last_is_done(tmp_path: Path) -> None:
    """Until then each photo is a series of its own; afterwards the pieces know each other."""
    first, second = paths(tmp_path / "a", "kiss@1.jpg", "kiss@2 worse.jpg")
    with daemon(tmp_path) as opened:
        job = opened.submit(first, more=True)
        until(lambda: opened.get(f"/v1/jobs/{job}").get_json()["done"] == 1, "the first piece")
        assert opened.results(job)[first.name]["series"]["kind"] == "single"
        photo = {"id": second.name, "path": str(second)}
        opened.post(f"/v1/jobs/{job}/photos", {"photos": [photo], "more": False})
        opened.ended(job)
        found = opened.results(job)
    assert {each["series"]["size"] for each in found.values()} == {2}
    assert found[second.name]["verdict"] == "reject"


@pytest.mark.parametrize("knows", [True, False])
def test_the_taste_of_a_job_is_asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, knows: bool) -> None:
    """Every readable photo gets its probability; it acts only on what it learned from the same networks."""
    monkeypatch.setenv("AUTOCULL_TASTES", str(tmp_path / "tastes"))
    models = fakes.VERSIONS if knows else {"faces": "of another time"}
    open_profile_store().save(profile(name="mine", origin=origin(models=models)))
    mine = paths(tmp_path / "a", "kiss.jpg", "cake.jpg", "refuse.jpg")
    with daemon(tmp_path) as opened:
        plain, asked = opened.submit(*mine), opened.submit(*mine, taste="mine")
        opened.ended(plain)
        opened.ended(asked)
        without, found = opened.results(plain), opened.results(asked)
    assert {each["select"] for each in without.values()} == {None}
    assert found["refuse.jpg"]["select"] is None
    for name in ("kiss.jpg", "cake.jpg"):
        said = found[name]["select"]
        assert (said["profile"], said["acts"]) == ("mine", knows)
        assert 0 < said["probability"] <= 1
        if not knows:
            assert found[name]["verdict"] == without[name]["verdict"]


def test_a_taste_that_is_deleted_meanwhile_fails_its_job(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In words, rather than to judge without it."""
    monkeypatch.setenv("AUTOCULL_TASTES", str(tmp_path / "tastes"))
    open_profile_store().save(profile(name="mine"))
    with daemon(tmp_path, no_workers, running=False) as opened:
        job = opened.submit("/a.jpg", taste="mine")
        open_profile_store().delete("mine")
        opened.runner.start()
        told = opened.ended(job)
    assert told["state"] == "failed"
    assert "There is no taste called 'mine'" in told["message"]
