"""What goes wrong around a job, and how the runner ends: each job fails or waits by itself, and says why."""

from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path
from threading import Event

import pytest

from autocull.errors import ModelError, PhotoError
from autocull.measure.models import models_root, versions
from autocull.pipeline.evidence_store import Measurement
from autocull.pipeline.worker_pool import Workers
from autocull.read import Frame
from autocull.serve.jobs import runner as runner_module
from autocull.serve.jobs.model import Job
from autocull.serve.jobs.runner import Runner
from autocull.serve.jobs.store import JobStore
from support import cull_run_fakes as fakes
from support.job_fixtures import Steps, code, daemon, no_workers, order, paths, until, wanted


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
        yield frame, Measurement(PhotoError(frame.path, "Killed.", code="crashed"))

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


def test_stopping_ends_real_workers_that_hang(tmp_path: Path) -> None:
    """No process is left, the thread ends, and the job waits for the next start."""
    photo = paths(tmp_path / "a", "hang.jpg")[0]
    team: list[Workers] = []

    def start() -> Workers:
        team.append(Workers(fakes.by_name, count=1, time_limit=600))
        return team[-1]

    with daemon(tmp_path, start) as opened:
        job = opened.submit(photo)
        until(lambda: team and team[0]._pending, "the photo in work")
        opened.runner.stop(0.2)
        until(lambda: not opened.runner._thread.is_alive(), "the end of the runner's thread")
        assert opened.jobs.counts(job).done == 0
        assert opened.jobs.get(job).live


def test_a_bug_between_two_jobs_does_not_end_the_runner(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """It is in the log, and the next job is taken all the same."""
    monkeypatch.setattr(runner_module, "_RETRY_DELAY", 0.01)
    photo = paths(tmp_path / "a", "a.jpg")[0]
    with daemon(tmp_path, running=False) as opened:
        look, bugs = opened.jobs.queue.next_job, [KeyError("secret")]

        def next_job() -> Job | None:
            if bugs:
                raise bugs.pop()
            return look()

        monkeypatch.setattr(opened.jobs.queue, "next_job", next_job)
        opened.runner.start()
        assert opened.ended(opened.submit(photo))["state"] == "done"
    assert "unexpected error: KeyError in next_job" in caplog.text
    assert "secret" not in caplog.text


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
