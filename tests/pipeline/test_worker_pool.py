"""Tests of worker processes: failing files are named, the others finish, the start is not timed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from itertools import count as numbers
from multiprocessing import spawn
from pathlib import Path
from threading import Event, Thread

import psutil
import pytest

from autocull.errors import AutocullError, ModelError, PhotoError
from autocull.pipeline import worker_pool
from autocull.pipeline.evidence_store import Measurement
from autocull.pipeline.worker_pool import FRAMES_PER_WORKER, MAX_DEATHS, MAX_KILLS, Workers
from autocull.pipeline.worker_process import Measure, Worker, WorkerProcess
from autocull.read import Frame
from support import cull_run_fakes as fakes
from support.process_kills import is_running, kill_processes


@contextmanager
def running_workers(
    prepare: Callable[[], Measure] = fakes.by_name,
    *,
    count: int = 1,
    time_limit: float = 30,
    start_patience: float = 60,
) -> Iterator[Workers]:
    """Start workers, and end them whatever happens."""
    workers = Workers(prepare, count=count, time_limit=time_limit, start_patience=start_patience)
    try:
        yield workers
    finally:
        workers.stop()


def outcomes(measured: Iterator[tuple[Frame, Measurement]]) -> dict[str, str]:
    """Map each file's stem to "ok" or the code of its error."""
    return {
        frame.path.stem: measurement.outcome.code if isinstance(measurement.outcome, PhotoError) else "ok"
        for frame, measurement in measured
    }


def test_every_frame_has_its_measurement(tmp_path: Path) -> None:
    """Each frame is yielded once, with evidence and thumbnail intact after the way between processes."""
    frames = fakes.frames_in(tmp_path, *(f"{number}.jpg" for number in range(12)))
    with running_workers(count=2) as workers:
        measured = list(workers.measure(frames))
    assert {frame.path for frame, _ in measured} == {frame.path for frame in frames}
    assert all(measurement == fakes.measure_by_name(frame) for frame, measurement in measured)


def test_failing_files_cost_no_other(tmp_path: Path) -> None:
    """A file that kills, exits, hangs, exhausts memory or raises costs itself alone."""
    expected = {
        "a_kill": "crashed", "b_exit": "crashed", "c_hang": "timeout", "d_memory": "out_of_memory",
        "e_surprise": "damaged", "f_refuse": "damaged",
    }  # fmt: skip
    names = [name for pair in zip(expected, "123456", strict=True) for name in pair]
    frames = fakes.frames_in(tmp_path, *(f"{name}.nef" for name in names))
    with running_workers(count=2, time_limit=1.5) as workers:
        codes = outcomes(workers.measure(frames))
    assert codes == expected | dict.fromkeys("123456", "ok")


def test_error_message_is_one_line(tmp_path: Path) -> None:
    """That of an unexpected exception names it without line breaks, that of a timeout the option."""
    with running_workers(time_limit=0.5) as workers:
        frames = fakes.frames_in(tmp_path, "surprise.jpg", "hang.jpg")
        errors = {frame.path.stem: m.outcome for frame, m in workers.measure(frames)}
    assert "ValueError: a library stumbled" in str(errors["surprise"])
    assert "0.5 s (--time-limit)" in str(errors["hang"])
    assert errors["hang"] is not None
    assert isinstance(errors["hang"], PhotoError)
    assert errors["hang"].path == frames[1].path


def test_start_of_a_worker_is_not_timed(tmp_path: Path) -> None:
    """A worker that takes longer to start than the time limit of a frame still measures it."""
    with running_workers(partial(fakes.slow_start, 1.0), time_limit=0.5) as workers:
        assert outcomes(workers.measure(fakes.frames_in(tmp_path, "a.jpg"))) == {"a": "ok"}


@pytest.mark.parametrize(("prepare", "name"), [(fakes.no_model, "a"), (fakes.by_name, "model")])
def test_unusable_model_ends_the_run(tmp_path: Path, prepare: Callable[[], Measure], name: str) -> None:
    """ModelError is no error of a photo, neither at the worker's start nor at its first use."""
    with running_workers(prepare) as workers, pytest.raises(ModelError, match=r"model .* Install"):
        list(workers.measure(fakes.frames_in(tmp_path, f"{name}.jpg")))


def test_worker_that_never_starts_ends_the_run(tmp_path: Path) -> None:
    """Workers that die before their first frame are restarted a few times, then the run fails."""
    with (
        running_workers(fakes.dies_at_start, start_patience=0.5) as workers,
        pytest.raises(AutocullError, match="as soon as they start"),
    ):
        list(workers.measure(fakes.frames_in(tmp_path, "a.jpg", "b.jpg")))


def test_worker_that_dies_between_frames_costs_no_frame(tmp_path: Path) -> None:
    """When the pool breaks, its frames are queued in a new one."""
    frames = fakes.frames_in(tmp_path, "a.jpg", "b.jpg", "c.jpg")
    with running_workers(partial(fakes.dies_once, tmp_path / "marker")) as workers:
        assert outcomes(workers.measure(frames)) == {"a": "ok", "b": "ok", "c": "ok"}


def test_frames_are_read_only_a_few_ahead(tmp_path: Path) -> None:
    """No more frames are read than the queue holds: memory does not grow."""
    read: list[Frame] = []

    def count_frames() -> Iterator[Frame]:
        for frame in fakes.frames_in(tmp_path, *(f"{number}.jpg" for number in range(100))):
            read.append(frame)
            yield frame

    with running_workers() as workers:
        measured = workers.measure(count_frames())
        next(measured)
        assert len(read) <= FRAMES_PER_WORKER


def test_stop_ends_a_worker_that_hangs(tmp_path: Path) -> None:
    """Stopping waits neither for the frame in progress nor for those in the queue."""
    with running_workers(count=2, time_limit=600) as workers:
        measured = workers.measure(fakes.frames_in(tmp_path, "a.jpg", "hang.jpg", "hang2.jpg", "b.jpg"))
        assert next(measured)[0].path.stem == "a"


def worker_processes() -> list[psutil.Process]:
    """List the running worker processes of this process."""
    children = filter(is_running, psutil.Process().children())
    return [child for child in children if "spawn_main" in " ".join(child.cmdline())]


def kill_workers() -> None:
    """Kill every worker process, and wait for its end."""
    kill_processes(worker_processes())


def test_killed_worker_leaves_its_exit_code() -> None:
    """The run, and not the test that kills, fetches it: by it a photo is not blamed as early."""
    worker = WorkerProcess(fakes.by_name)
    kill_workers()
    assert worker.wait_for_end() == (15 if os.name == "nt" else -signal.SIGKILL)


def test_idle_workers_killed_between_two_jobs_cost_nothing(tmp_path: Path) -> None:
    """A system that is short of memory kills idle workers: the next job has all its measurements."""
    with running_workers(count=2) as workers:
        for letter in "ab":
            frames = fakes.frames_in(tmp_path, *(f"{letter}{number}.jpg" for number in range(8)))
            assert set(outcomes(workers.measure(frames)).values()) == {"ok"}
            kill_workers()


def test_workers_killed_in_work_cost_no_photo(tmp_path: Path) -> None:
    """All workers are killed after every third photo, and each photo still has its measurement."""
    frames = fakes.frames_in(tmp_path, *(f"{number}.jpg" for number in range(12)))
    measured: list[tuple[Frame, Measurement]] = []
    with running_workers(partial(fakes.slowly, 0.05), count=2) as workers:
        for each in workers.measure(frames):
            measured.append(each)
            if len(measured) % 3 == 0:
                kill_workers()
    assert outcomes(iter(measured)) == {str(number): "ok" for number in range(12)}
    assert len(measured) == 12


@pytest.mark.parametrize("name", ["kill", "exit", "hang"])
def test_photo_is_not_blamed_for_its_first_worker(tmp_path: Path, name: str) -> None:
    """What ends one worker and not the next has its measurement."""
    frames = fakes.frames_in(tmp_path, f"{name}.jpg", "a.jpg")
    with running_workers(partial(fakes.acts_once, tmp_path), time_limit=1) as workers:
        assert outcomes(workers.measure(frames)) == {name: "ok", "a": "ok"}


@pytest.mark.parametrize(("name", "tries"), [("kill", MAX_KILLS), ("exit", MAX_DEATHS), ("hang", MAX_DEATHS)])
def test_blamed_photo_was_tried_in_fresh_workers(tmp_path: Path, name: str, tries: int) -> None:
    """Each further try is the first photo of another process; photos behind it are measured once."""
    frames = fakes.frames_in(tmp_path, "a.jpg", f"{name}.jpg", "b.jpg", "c.jpg")
    with running_workers(partial(fakes.counts_tries, tmp_path), time_limit=0.5) as workers:
        assert outcomes(workers.measure(frames))[name] in {"crashed", "timeout"}
    processes = {path.stem: path.read_text().split() for path in tmp_path.glob("*.tries")}
    assert len(processes[name]) == len(set(processes[name])) == tries
    assert all(len(processes[other]) == 1 for other in "abc")
    assert not set(processes["a"]) & set(processes[name][1:])


def test_sleep_of_the_computer_does_not_count_as_reading(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A clock that jumps two hours again and again blames no photo."""
    jumps = numbers(1)
    monkeypatch.setattr(worker_pool, "time", time_with(lambda: 7200.0 * next(jumps)))
    with running_workers(partial(fakes.slowly, 0.3), time_limit=60) as workers:
        assert set(outcomes(workers.measure(fakes.frames_in(tmp_path, "a.jpg", "b.jpg"))).values()) == {"ok"}


def time_with(monotonic: Callable[[], float]) -> object:
    """Make a module `time` with another clock."""

    class Time:
        sleep = staticmethod(time.sleep)

    Time.monotonic = staticmethod(monotonic)  # type: ignore[attr-defined]
    return Time


def test_workers_that_cannot_start_fail_one_job_only(tmp_path: Path) -> None:
    """Once the cause is gone, the same pool measures the next job."""
    marker = tmp_path / "repaired"
    frames = fakes.frames_in(tmp_path, "a.jpg", "b.jpg")
    with running_workers(partial(fakes.fails_until, marker), count=2, start_patience=0.5) as workers:
        with pytest.raises(AutocullError, match=r"as soon as they start \(exit code 3\)"):
            list(workers.measure(frames))
        marker.touch()
        assert outcomes(workers.measure(frames)) == {"a": "ok", "b": "ok"}


@pytest.mark.skipif(os.name == "nt", reason="Windows starts no missing program")
def test_missing_python_ends_the_job_with_words(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As while an upgrade replaces the installation; when it is back, the next job succeeds."""
    frames = fakes.frames_in(tmp_path, "a.jpg")
    with running_workers(start_patience=0.5) as workers:
        assert outcomes(workers.measure(frames)) == {"a": "ok"}
        monkeypatch.setattr(spawn, "_python_exe", os.fsencode(tmp_path / "no python"))
        kill_workers()
        with pytest.raises(AutocullError, match="as soon as they start"):
            list(workers.measure(frames))
        monkeypatch.undo()
        assert outcomes(workers.measure(frames)) == {"a": "ok"}


def test_start_that_fails_for_a_while_is_tried_again(tmp_path: Path) -> None:
    """Frames wait for it: a pool gives up by time, not after a number of starts."""
    marker = tmp_path / "repaired"
    timer = Thread(target=lambda: (time.sleep(2), marker.touch()))
    with running_workers(partial(fakes.fails_until, marker), count=2) as workers:
        timer.start()
        assert outcomes(workers.measure(fakes.frames_in(tmp_path, "a.jpg"))) == {"a": "ok"}
        timer.join()


def test_measurements_of_an_ended_call_are_not_yielded_in_the_next(tmp_path: Path) -> None:
    """A job that ends early leaves frames in the workers; the next one gets its own only."""
    with running_workers() as workers:
        first = workers.measure(fakes.frames_in(tmp_path, "a.jpg", "b.jpg", "c.jpg"))
        next(first)
        first.close()
        assert outcomes(workers.measure(fakes.frames_in(tmp_path, "d.jpg"))) == {"d": "ok"}


ORPHAN = """
import sys
from pathlib import Path
from autocull.pipeline.worker_pool import Workers
from autocull.read import Frame
from support import cull_run_fakes as fakes

if __name__ == "__main__":
    folder = Path(sys.argv[1])
    workers = Workers(fakes.by_name, count=1, time_limit=600)
    for frame, _ in workers.measure([Frame(folder / "a.jpg"), Frame(folder / "hang.jpg")]):
        print("measured", flush=True)
"""


def test_worker_ends_with_its_parent(tmp_path: Path) -> None:
    """One that hangs in a photo when the run is killed does not stay behind."""
    script = tmp_path / "orphan.py"
    script.write_text(ORPHAN)
    environment = os.environ | {
        "PYTHONPATH": os.pathsep.join([str(Path(fakes.__file__).parents[1]), *sys.path])
    }
    run = subprocess.Popen(
        [sys.executable, str(script), str(tmp_path)], env=environment, stdout=subprocess.PIPE, text=True
    )
    assert run.stdout is not None
    assert run.stdout.readline() == "measured\n"
    children = psutil.Process(run.pid).children()
    assert children
    run.kill()
    run.wait()
    run.stdout.close()
    _, alive = psutil.wait_procs(children, timeout=60)
    assert not alive


def test_ctrl_c_waits_until_a_process_is_recorded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Pressed while a worker starts it is raised right after: stopping finds the process and ends it."""

    class PressedAtStart(WorkerProcess):
        def __init__(self, prepare: Callable[[], Measure]) -> None:
            super().__init__(prepare)
            signal.raise_signal(signal.SIGINT)

    with running_workers() as workers:
        kill_workers()
        monkeypatch.setattr(worker_pool, "WorkerProcess", PressedAtStart)
        with pytest.raises(KeyboardInterrupt):
            list(workers.measure(fakes.frames_in(tmp_path, "a.jpg")))
        assert worker_processes()
    assert not worker_processes()
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


@pytest.mark.parametrize(
    ("name", "code"),
    [("memory", "out_of_memory"), ("surprise", "damaged"), ("refuse", "damaged"), ("good", "ok")],
)
def test_error_inside_a_worker_is_the_photos_measurement(tmp_path: Path, name: str, code: str) -> None:
    """Nothing that one photo causes leaves the worker, except as that photo's error."""
    [frame] = fakes.frames_in(tmp_path, f"{name}.jpg")
    assert outcomes(iter([(frame, Worker(fakes.by_name).measure(frame))])) == {name: code}


def test_failed_preparation_is_raised_at_the_first_photo(tmp_path: Path) -> None:
    """The error of the start, and a model's at its first use, are raised as they are."""
    with pytest.raises(ModelError, match="missing"):
        Worker(fakes.no_model).measure(Frame(tmp_path / "a.jpg"))
    with pytest.raises(ModelError, match="corrupt"):
        Worker(fakes.by_name).measure(Frame(tmp_path / "model.jpg"))


@contextmanager
def waiting_thread(workers: Workers, frames: list[Frame]) -> Iterator[Thread]:
    """Let another thread wait for the frames' measurements; they are queued when the block begins."""
    queued = Event()

    def feed() -> Iterator[Frame]:
        yield from frames
        queued.set()

    def wait() -> None:
        with suppress(AutocullError):
            list(workers.measure(feed()))

    thread = Thread(target=wait)
    thread.start()
    assert queued.wait(60)
    yield thread
    thread.join(60)


def test_workers_stopped_while_starting_are_silent(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """Ctrl-C right after the start leaves no traceback of a half-started process on the terminal."""
    for _ in range(3):
        frames = fakes.frames_in(tmp_path, "a.jpg")
        with running_workers(count=3) as workers, waiting_thread(workers, frames):
            workers.stop()
    assert capfd.readouterr().err == ""


def test_stop_ends_the_wait_of_another_thread(tmp_path: Path) -> None:
    """A thread that waits for a measurement when another one stops the workers does not wait for ever."""
    with running_workers(time_limit=600) as workers:
        with waiting_thread(workers, fakes.frames_in(tmp_path, "hang.jpg")) as thread:
            workers.stop()
        assert not thread.is_alive()
