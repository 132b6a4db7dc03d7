"""Failures around a job, and stopping the runner: a failure affects one job and is reported."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from pathlib import Path
from threading import Event, Thread
from threading import enumerate as enumerate_threads

import psutil
import pytest

from autocull.errors import ModelError, PhotoError
from autocull.measure.models import models_root, versions
from autocull.pipeline.evidence_store import Measurement
from autocull.pipeline.worker_pool import Workers
from autocull.read import Frame
from autocull.serve.jobs import runner as runner_module
from autocull.serve.jobs.model import Job
from autocull.serve.jobs.runner import Runner
from support import cull_run_fakes as fakes
from support.job_fixtures import (
    JobDatabase,
    SteppedWorkers,
    create_files,
    error_code,
    fail_if_started,
    job_request,
    open_daemon,
    requested_photos,
    wait_until,
)
from support.process_kills import kill_processes


def fail_with_model_error(frame: Frame) -> Measurement:
    """Fail as a corrupt model does."""
    raise ModelError(
        models_root() / "focus" / "model.tflite",
        f"The model file {models_root()}/focus/model.tflite is corrupt.",
    )


def fail_with_bug(frame: Frame) -> Measurement:
    """Fail as a bug does."""
    raise KeyError("secret detail")


@pytest.mark.parametrize(
    ("fault", "words"),
    [(fail_with_model_error, "focus/model.tflite is corrupt"), (fail_with_bug, "Unexpected error")],
)
def test_failed_job_does_not_stop_the_next(
    tmp_path: Path, fault: Callable[[Frame], Measurement], words: str, caplog: pytest.LogCaptureFixture
) -> None:
    """It has a message without local paths, keeps its results, and new workers are started."""
    caplog.set_level(logging.INFO)
    first, second = create_files(tmp_path / "a", "a.jpg", "b.jpg")
    faults = [fault, fakes.measured_or_refused]
    with open_daemon(tmp_path, lambda: fakes.FakeWorkers(faults.pop(0))) as daemon:
        failed = daemon.wait_for_end(job := daemon.submit(first))
        assert failed["state"] == "failed"
        assert words in failed["message"]
        assert daemon.results(job) == {}
        assert daemon.wait_for_end(daemon.submit(second))["state"] == "done"
    for text in (failed["message"], caplog.text):
        assert str(models_root()) not in text
        assert str(tmp_path) not in text
        assert "Traceback" not in text
        assert "secret detail" not in text


def test_evidence_store_of_another_program_fails_the_job(tmp_path: Path) -> None:
    """With a message without its path."""
    photo = create_files(tmp_path / "a", "a.jpg")[0]
    with open_daemon(tmp_path, fail_if_started, store_file=photo) as daemon:
        failed = daemon.wait_for_end(daemon.submit(photo))
    assert failed["state"] == "failed"
    assert ".sqlite" in failed["message"]
    assert str(tmp_path) not in failed["message"]


def test_settings_of_another_version_fail_the_job(tmp_path: Path) -> None:
    """As after an upgrade while the job waited."""
    with open_daemon(tmp_path, fail_if_started) as daemon:
        job = daemon.jobs.create(job_request(*requested_photos("1"), settings='{"eyes_gone": 1}')).id
        assert "another version" in str(daemon.wait_for_end(job)["message"])


def test_missing_models_fail_the_job(tmp_path: Path) -> None:
    """The status still answers, and the message names the missing file."""
    (tmp_path / "models" / "focus").mkdir(parents=True)
    (tmp_path / "models" / "focus" / "config.json").write_text("{}")
    photo = create_files(tmp_path / "a", "a.jpg")[0]
    with open_daemon(tmp_path, fail_if_started, models=tmp_path / "models") as daemon:
        assert daemon.get("/v1/status").get_json()["models"] == {}
        failed = daemon.wait_for_end(daemon.submit(photo))
    assert "focus/config.json" in failed["message"]
    assert str(tmp_path) not in failed["message"]
    with open_daemon(tmp_path / "b", fail_if_started, running=False) as daemon:
        assert daemon.get("/v1/status").get_json()["models"] == versions(models_root())


def test_stopping_finishes_the_photo_in_work_and_keeps_the_job(tmp_path: Path) -> None:
    """The next start goes on with the following photo; meanwhile new jobs are refused."""
    steps = SteppedWorkers()
    release = steps.hold("b.jpg")
    files = create_files(tmp_path / "a", "a.jpg", "b.jpg", "c.jpg")
    with open_daemon(tmp_path, steps.start) as daemon:
        job = daemon.submit(*files)
        wait_until(lambda: "b.jpg" in steps.started, "the second photo")
        stopping = Thread(target=daemon.runner.stop)
        stopping.start()
        wait_until(lambda: daemon.runner.state().state == "stopping", "the request to stop")
        assert error_code(daemon.post("/v1/jobs", {"photos": []})) == "stopping"
        assert error_code(daemon.post(f"/v1/jobs/{job}/photos", {"photos": []})) == "stopping"
        assert daemon.get("/v1/status").get_json()["state"] == "stopping"
        release.set()
        stopping.join(60)
        job_json = daemon.get(f"/v1/jobs/{job}").get_json()
        assert (job_json["state"], job_json["done"]) == ("waiting", 2)
    with open_daemon(tmp_path, steps.start) as daemon:
        assert daemon.wait_for_end(job)["done"] == 3
    assert steps.started == ["a.jpg", "b.jpg", "c.jpg"]


class HangingWorkers:
    """Workers whose photo hangs until they are stopped."""

    def __init__(self) -> None:
        self.stopped = Event()
        self.started = Event()

    def measure(self, frames: object) -> object:
        """Take a photo and hang; when stopped, report that its worker was killed."""
        frame = next(frames)  # type: ignore[call-overload]
        self.started.set()
        assert self.stopped.wait(60)
        yield frame, Measurement(PhotoError(frame.path, "Killed.", code="crashed"))

    def stop(self) -> None:
        """End the hanging."""
        self.stopped.set()


def test_stopping_does_not_wait_for_a_hanging_photo(tmp_path: Path) -> None:
    """Its worker is killed, the resulting error is ignored, and the job goes on at the next start."""
    workers = HangingWorkers()
    photo = create_files(tmp_path / "a", "a.jpg")[0]
    with open_daemon(tmp_path, lambda: workers) as daemon:  # type: ignore[arg-type,return-value]
        job = daemon.submit(photo)
        assert workers.started.wait(60)
        daemon.runner.stop(0.1)
        assert workers.stopped.is_set()
    with open_daemon(tmp_path) as daemon:
        assert daemon.wait_for_end(job)["verdicts"]["keep"] == 1


def test_stopping_ends_hanging_worker_processes(tmp_path: Path) -> None:
    """The thread ends, and the job waits for the next start."""
    photo = create_files(tmp_path / "a", "hang.jpg")[0]
    started = Event()

    class RecordingWorkers(Workers):
        def measure(self, frames: Iterable[Frame]) -> Iterator[tuple[Frame, Measurement]]:
            return super().measure(started.set() or frame for frame in frames)

    def start() -> Workers:
        return RecordingWorkers(fakes.by_name, count=1, time_limit=600)

    with open_daemon(tmp_path, start) as daemon:
        job = daemon.submit(photo)
        assert started.wait(60)
        daemon.runner.stop(0.2)
        wait_until(lambda: "runner" not in {each.name for each in enumerate_threads()}, "the thread's end")
        assert daemon.jobs.counts(job).done == 0
        assert daemon.jobs.get(job).live


def test_row_28_idle_worker_killed_between_two_jobs_costs_nothing(tmp_path: Path) -> None:
    """As by a system that is short of memory: the next job is done, with a verdict for every photo."""
    first, second = (create_files(tmp_path / name, "a.jpg", "b.jpg") for name in "ab")
    others = set(psutil.Process().children())
    with open_daemon(tmp_path, partial(Workers, fakes.by_name, count=2, time_limit=60)) as daemon:
        assert daemon.wait_for_end(daemon.submit(*first))["verdicts"]["keep"] == 2
        killed = [each for each in psutil.Process().children() if each not in others]
        assert killed
        kill_processes(killed)
        assert daemon.wait_for_end(daemon.submit(*second))["verdicts"]["keep"] == 2


def test_workers_that_cannot_start_fail_one_job(tmp_path: Path) -> None:
    """As while an upgrade replaces the program: the job after it is done."""
    marker, photo = tmp_path / "repaired", create_files(tmp_path / "a", "a.jpg")[0]
    start = partial(Workers, partial(fakes.fails_until, marker), count=1, time_limit=60, start_patience=0.5)
    with open_daemon(tmp_path, start) as daemon:
        failed = daemon.wait_for_end(daemon.submit(photo))
        assert (failed["state"], failed["done"]) == ("failed", 0)
        assert "end as soon as they start" in failed["message"]
        marker.touch()
        assert daemon.wait_for_end(daemon.submit(photo))["state"] == "done"


def test_a_bug_between_two_jobs_does_not_end_the_runner(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """It is logged, and the next job is worked on."""
    monkeypatch.setattr(runner_module, "RETRY_DELAY", 0.01)
    photo = create_files(tmp_path / "a", "a.jpg")[0]
    with open_daemon(tmp_path, running=False) as daemon:
        original, bugs = daemon.queue.next_job, [KeyError("secret")]

        def next_job() -> Job | None:
            if bugs:
                raise bugs.pop()
            return original()

        monkeypatch.setattr(daemon.queue, "next_job", next_job)
        daemon.runner.start()
        assert daemon.wait_for_end(daemon.submit(photo))["state"] == "done"
    assert "unexpected error: KeyError in next_job" in caplog.text
    assert "secret" not in caplog.text


def test_each_job_is_logged_in_one_line(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """With its end and its counts, without names of photos."""
    caplog.set_level(logging.INFO)
    files = create_files(tmp_path / "a", "a.jpg", "refuse.jpg")
    with open_daemon(tmp_path) as daemon:
        job = daemon.submit(*files)
        daemon.wait_for_end(job)
        wait_until(lambda: daemon.runner.state().state == "idle", "rest")
    assert f"Job {job} (user, balanced): done, 2 of 2 photos, 1 unreadable" in caplog.text
    assert "refuse" not in caplog.text


def test_runner_that_was_not_started_can_be_stopped(tmp_path: Path) -> None:
    """Also twice."""
    database = JobDatabase(None)
    runner = Runner(
        database.jobs,
        database.queue,
        store_file=None,
        models=tmp_path,
        start_workers=fail_if_started,
        idle_s=1,
    )
    runner.stop()
    runner.stop()
    assert runner.state().state == "stopping"
    database.close()
