"""The runner: one job at a time, users first, networks only while needed, and no job takes it down."""

from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path
from threading import Event

import pytest

import culling_fakes as fakes
from autocull.errors import ModelError
from autocull.measure.models import models_root, versions
from autocull.read import Frame
from autocull.run.cull import Measurer
from autocull.run.store import Measurement
from autocull.serve.job_store import JobStore
from autocull.serve.runner import Runner
from serving import Clock, code, daemon, no_workers, order, until, wanted


class Steps:
    """Workers that measure a photo when it is let through, and note the order."""

    def __init__(self) -> None:
        self.begun: list[str] = []
        self.gates: dict[str, Event] = {}

    def gate(self, name: str) -> Event:
        """Return the gate of a photo; it waits there until the event is set."""
        return self.gates.setdefault(name, Event())

    def start(self) -> Measurer:
        """Start such workers."""
        return fakes.FakeWorkers(self._measure)

    def _measure(self, frame: Frame) -> Measurement:
        self.begun.append(frame.path.name)
        if frame.path.name in self.gates:
            assert self.gates[frame.path.name].wait(60)
        return fakes.measured_or_refused(frame)


def paths(folder: Path, *names: str) -> list[Path]:
    """Make small files."""
    folder.mkdir(exist_ok=True)
    return [frame.path for frame in fakes.frames_in(folder, *names)]


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
        from autocull.errors import PhotoError

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


def broken_model(frame: Frame) -> Measurement:
    """Fail as a corrupt model does."""
    raise ModelError(
        models_root() / "focus" / "model.tflite",
        f"The model file {models_root()}/focus/model.tflite is corrupt.",
    )


def bug(frame: Frame) -> Measurement:
    """Fail as a bug does."""
    raise KeyError("secret detail")


@pytest.mark.parametrize(
    ("fault", "words"), [(broken_model, "focus/model.tflite is corrupt"), (bug, "unexpected error")]
)
def test_a_job_that_cannot_go_on_has_failed_and_the_next_one_is_taken(
    tmp_path: Path, fault: Callable[[Frame], Measurement], words: str, caplog: pytest.LogCaptureFixture
) -> None:
    """It says why without any path of ours, keeps what it has, and the workers are made anew."""
    caplog.set_level(logging.INFO)
    first, second = paths(tmp_path / "a", "a.jpg", "b.jpg")
    faults = [fault, fakes.measured_or_refused]
    with daemon(tmp_path, lambda: fakes.FakeWorkers(faults.pop(0))) as opened:
        failed = opened.ended(job := opened.submit(first))
        assert failed["state"] == "failed"
        assert words in failed["message"]
        assert opened.results(job) == {}
        assert opened.ended(opened.submit(second))["state"] == "done"
    for text in (failed["message"], caplog.text):
        assert str(models_root()) not in text
        assert str(tmp_path) not in text
        assert "Traceback" not in text
        assert "secret detail" not in text


def test_a_store_that_is_somebody_elses_fails_the_job(tmp_path: Path) -> None:
    """In words, without its place."""
    photo = paths(tmp_path / "a", "a.jpg")[0]
    with daemon(tmp_path, no_workers, store_file=photo) as opened:
        failed = opened.ended(opened.submit(photo))
    assert failed["state"] == "failed"
    assert ".sqlite" in failed["message"]
    assert str(tmp_path) not in failed["message"]


def test_settings_of_another_version_fail_the_job_in_words(tmp_path: Path) -> None:
    """A job that waited while Autocull was replaced, and whose settings are no more, says so."""
    with daemon(tmp_path, no_workers) as opened:
        job = opened.jobs.create(order(*wanted("1"), settings='{"eyes_gone": 1}')).id
        assert "another version" in str(opened.ended(job)["message"])


def test_models_that_are_missing_fail_the_job_and_not_the_status(tmp_path: Path) -> None:
    """Status answers with no versions, and a job says which file is missing."""
    (tmp_path / "models" / "focus").mkdir(parents=True)
    (tmp_path / "models" / "focus" / "config.json").write_text("{}")
    photo = paths(tmp_path / "a", "a.jpg")[0]
    with daemon(tmp_path, no_workers, models=tmp_path / "models") as opened:
        assert opened.get("/v1/status").get_json()["models"] == {}
        failed = opened.ended(opened.submit(photo))
    assert "focus/config.json" in failed["message"]
    assert str(tmp_path) not in failed["message"]
    with daemon(tmp_path / "b", no_workers, running=False) as opened:
        assert opened.get("/v1/status").get_json()["models"] == versions(models_root())


def test_stopping_finishes_the_photo_in_work_and_keeps_the_job(tmp_path: Path) -> None:
    """The next start goes on with the photo after it; meanwhile new jobs are refused."""
    steps = Steps()
    gate = steps.gate("b.jpg")
    mine = paths(tmp_path / "a", "a.jpg", "b.jpg", "c.jpg")
    with daemon(tmp_path, steps.start) as opened:
        job = opened.submit(*mine)
        until(lambda: "b.jpg" in steps.begun, "the second photo")
        opened.runner._stopping.set()
        assert code(opened.post("/v1/jobs", {"photos": []})) == "stopping"
        assert code(opened.post(f"/v1/jobs/{job}/photos", {"photos": []})) == "stopping"
        assert opened.get("/v1/status").get_json()["state"] == "stopping"
        gate.set()
        opened.runner.stop()
        told = opened.get(f"/v1/jobs/{job}").get_json()
        assert (told["state"], told["done"]) == ("waiting", 2)
    with daemon(tmp_path, steps.start) as opened:
        assert opened.ended(job)["done"] == 3
    assert steps.begun == ["a.jpg", "b.jpg", "c.jpg"]


class Stuck:
    """Workers whose photo never comes back, until they are stopped."""

    def __init__(self) -> None:
        self.stopped = Event()
        self.begun = Event()

    def measure(self, frames: object) -> object:
        """Take a photo in, and hang; when stopped, say that it killed its worker."""
        frame = next(frames)  # type: ignore[call-overload]
        self.begun.set()
        assert self.stopped.wait(60)
        yield frame, Measurement(fakes.PhotoError(frame.path, "Killed.", code="crashed"))

    def stop(self) -> None:
        """End the hanging."""
        self.stopped.set()


def test_stopping_does_not_wait_for_a_photo_that_hangs(tmp_path: Path) -> None:
    """Its worker is ended, what that says is not believed, and the job goes on at the next start."""
    stuck = Stuck()
    photo = paths(tmp_path / "a", "a.jpg")[0]
    with daemon(tmp_path, lambda: stuck) as opened:  # type: ignore[arg-type,return-value]
        job = opened.submit(photo)
        assert stuck.begun.wait(60)
        opened.runner.stop(0.1)
        assert stuck.stopped.is_set()
    with daemon(tmp_path) as opened:
        assert opened.ended(job)["verdicts"]["keep"] == 1


def test_each_job_is_a_line_in_the_log(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """With its end and its numbers, and without the names of photos."""
    caplog.set_level(logging.INFO)
    mine = paths(tmp_path / "a", "a.jpg", "refuse.jpg")
    with daemon(tmp_path) as opened:
        job = opened.submit(*mine)
        opened.ended(job)
        until(lambda: opened.runner.state().state == "idle", "rest")
    assert f"Job {job} (user, balanced): done, 2 of 2 photos, 1 unreadable" in caplog.text
    assert "refuse" not in caplog.text


def test_a_runner_that_was_never_started_stops_too(tmp_path: Path) -> None:
    """Stopping twice, or before the start, is no error."""
    jobs = JobStore(None, pytest.fail)
    runner = Runner(jobs, store_file=None, models=tmp_path, start_workers=no_workers, idle_s=1)
    runner.stop()
    runner.stop()
    assert runner.state().state == "stopping"
    jobs.close()
