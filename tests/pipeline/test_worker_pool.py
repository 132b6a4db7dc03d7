"""Tests of worker processes: failing files are named, the others finish, the start is not timed."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from threading import Event, Thread
from typing import Any

import pytest
from pebble import ProcessPool

from autocull.errors import AutocullError, ModelError, PhotoError
from autocull.pipeline.evidence_store import Measurement
from autocull.pipeline.worker_pool import QUEUED_PER_WORKER, Measure, Worker, Workers
from autocull.read import Frame
from support import cull_run_fakes as fakes


@contextmanager
def running_workers(
    prepare: Callable[[], Measure] = fakes.by_name, *, count: int = 1, time_limit: float = 30
) -> Iterator[Workers]:
    """Start workers, and end them whatever happens."""
    workers = Workers(prepare, count=count, time_limit=time_limit)
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
        running_workers(fakes.dies_at_start) as workers,
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
        assert len(read) <= 1 + QUEUED_PER_WORKER


def test_stop_ends_a_worker_that_hangs(tmp_path: Path) -> None:
    """Stopping waits neither for the frame in progress nor for those in the queue."""
    with running_workers(count=2, time_limit=600) as workers:
        measured = workers.measure(fakes.frames_in(tmp_path, "a.jpg", "hang.jpg", "hang2.jpg", "b.jpg"))
        assert next(measured)[0].path.stem == "a"


def test_ctrl_c_waits_until_a_frame_is_queued(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Pressed inside the pool's queue it is raised right after: no lock stays read, and stopping ends."""
    events: list[str] = []
    schedule = ProcessPool.schedule

    def press_ctrl_c(pool: ProcessPool, measure: Any, args: tuple[Frame], timeout: float) -> Any:
        future = schedule(pool, measure, args=args, timeout=timeout)
        add_callback = future.add_done_callback
        signal.raise_signal(signal.SIGINT)
        events.append(f"{args[0].path.stem} is queued")
        future.add_done_callback = lambda call: (add_callback(call), events.append("has its callback"))
        return future

    with running_workers() as workers:
        monkeypatch.setattr(ProcessPool, "schedule", press_ctrl_c)
        with pytest.raises(KeyboardInterrupt):
            list(workers.measure(fakes.frames_in(tmp_path, "a.jpg", "b.jpg")))
        assert events == ["a is queued", "has its callback"]
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
