"""Worker processes: neighbours finish, offenders are named, the start is not counted."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from autocull.errors import AutocullError, ModelError, PhotoError
from autocull.pipeline import worker_pool
from autocull.pipeline.evidence_store import Measurement
from autocull.pipeline.worker_pool import QUEUED_PER_WORKER, Measure, Workers
from autocull.read import Frame
from support import cull_run_fakes as fakes


@contextmanager
def working(
    prepare: Callable[[], Measure] = fakes.by_name, *, count: int = 1, time_limit: float = 30
) -> Iterator[Workers]:
    """Start workers, and end them whatever happens."""
    team = Workers(prepare, count=count, time_limit=time_limit)
    try:
        yield team
    finally:
        team.stop()


def outcomes(measured: Iterator[tuple[Frame, Measurement]]) -> dict[str, str]:
    """Map each file's stem to "ok" or the code of its error."""
    return {
        frame.path.stem: measurement.outcome.code if isinstance(measurement.outcome, PhotoError) else "ok"
        for frame, measurement in measured
    }


def test_every_frame_comes_back_with_its_own_measurement(tmp_path: Path) -> None:
    """Frames go in and each comes out once, evidence and thumbnail intact on their way between processes."""
    frames = fakes.frames_in(tmp_path, *(f"{number}.jpg" for number in range(12)))
    with working(count=2) as team:
        measured = list(team.measure(frames))
    assert {frame.path for frame, _ in measured} == {frame.path for frame in frames}
    assert all(measurement == fakes.measure_by_name(frame) for frame, measurement in measured)


def test_offenders_are_named_and_neighbours_finish(tmp_path: Path) -> None:
    """A file that kills, leaves, hangs, eats memory or surprises costs itself alone."""
    offenders = {
        "a_kill": "crashed", "b_exit": "crashed", "c_hang": "timeout", "d_memory": "out_of_memory",
        "e_surprise": "damaged", "f_refuse": "damaged",
    }  # fmt: skip
    names = [name for pair in zip(offenders, "123456", strict=True) for name in pair]
    frames = fakes.frames_in(tmp_path, *(f"{name}.nef" for name in names))
    with working(count=2, time_limit=1.5) as team:
        found = outcomes(team.measure(frames))
    assert found == offenders | dict.fromkeys("123456", "ok")


def test_an_error_says_what_happened_in_one_line(tmp_path: Path) -> None:
    """The message of a surprise names the exception without line breaks, that of a timeout the option."""
    with working(time_limit=0.5) as team:
        frames = fakes.frames_in(tmp_path, "surprise.jpg", "hang.jpg")
        errors = {frame.path.stem: m.outcome for frame, m in team.measure(frames)}
    assert "ValueError: a library stumbled" in str(errors["surprise"])
    assert "0.5 s (--time-limit)" in str(errors["hang"])
    assert errors["hang"] is not None
    assert isinstance(errors["hang"], PhotoError)
    assert errors["hang"].path == frames[1].path


def test_the_start_of_a_worker_is_not_counted(tmp_path: Path) -> None:
    """A worker that needs longer to start than a frame may take still measures it."""
    with working(partial(fakes.slow_start, 1.0), time_limit=0.5) as team:
        assert outcomes(team.measure(fakes.frames_in(tmp_path, "a.jpg"))) == {"a": "ok"}


@pytest.mark.parametrize(("prepare", "name"), [(fakes.no_model, "a"), (fakes.by_name, "model")])
def test_a_model_that_is_not_usable_ends_the_run(
    tmp_path: Path, prepare: Callable[[], Measure], name: str
) -> None:
    """ModelError is no error of a photo, neither at the worker's start nor at its first use."""
    with working(prepare) as team, pytest.raises(ModelError, match=r"model .* Install"):
        list(team.measure(fakes.frames_in(tmp_path, f"{name}.jpg")))


def test_a_worker_that_never_starts_ends_the_run(tmp_path: Path) -> None:
    """Workers that die before their first frame are tried a few times, then the run says so."""
    with working(fakes.dies_at_start) as team, pytest.raises(AutocullError, match="as soon as they start"):
        list(team.measure(fakes.frames_in(tmp_path, "a.jpg", "b.jpg")))


def test_a_worker_that_dies_between_frames_costs_no_frame(tmp_path: Path) -> None:
    """When the pool breaks, its frames are handed to a new one."""
    frames = fakes.frames_in(tmp_path, "a.jpg", "b.jpg", "c.jpg")
    with working(partial(fakes.dies_once, tmp_path / "marker")) as team:
        assert outcomes(team.measure(frames)) == {"a": "ok", "b": "ok", "c": "ok"}


def test_frames_are_read_only_a_few_ahead(tmp_path: Path) -> None:
    """Memory stays flat: no more frames are taken in than can be kept busy."""
    taken: list[Frame] = []

    def endless() -> Iterator[Frame]:
        for frame in fakes.frames_in(tmp_path, *(f"{number}.jpg" for number in range(100))):
            taken.append(frame)
            yield frame

    with working() as team:
        measured = team.measure(endless())
        next(measured)
        assert len(taken) <= 1 + QUEUED_PER_WORKER


def test_stop_ends_a_worker_that_hangs(tmp_path: Path) -> None:
    """Stopping waits neither for the frame in the making nor for those in the queue."""
    with working(count=2, time_limit=600) as team:
        measured = team.measure(fakes.frames_in(tmp_path, "a.jpg", "hang.jpg", "hang2.jpg", "b.jpg"))
        assert next(measured)[0].path.stem == "a"


def test_ctrl_c_waits_until_a_frame_is_handed_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Pressed inside the pool's queue it is heard right after: no lock stays taken, and stopping ends."""
    heard: list[str] = []
    with working() as team:
        schedule = team._pool.schedule

        def pressed_inside(measure: Any, args: tuple[Frame], timeout: float) -> Any:
            future = schedule(measure, args=args, timeout=timeout)
            then = future.add_done_callback
            signal.raise_signal(signal.SIGINT)
            heard.append(f"{args[0].path.stem} is in the queue")
            future.add_done_callback = lambda call: (then(call), heard.append("and looked after"))
            return future

        monkeypatch.setattr(team._pool, "schedule", pressed_inside)
        with pytest.raises(KeyboardInterrupt):
            list(team.measure(fakes.frames_in(tmp_path, "a.jpg", "b.jpg")))
        assert heard == ["a is in the queue", "and looked after"]
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


@pytest.mark.parametrize(
    ("name", "code"),
    [("memory", "out_of_memory"), ("surprise", "damaged"), ("refuse", "damaged"), ("good", "ok")],
)
def test_what_a_photo_does_to_a_worker_is_its_measurement(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, code: str
) -> None:
    """Inside a worker nothing that one photo causes gets out, but as that photo's error."""
    monkeypatch.setattr(worker_pool, "_state", worker_pool._WorkerState(measure=fakes.measure_by_name))
    [frame] = fakes.frames_in(tmp_path, f"{name}.jpg")
    assert outcomes(iter([(frame, worker_pool._measure_frame(frame))])) == {name: code}


def test_a_worker_that_could_not_be_prepared_says_so_at_its_first_photo(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The failure of the start, and a model's at its first use, are raised as they are."""
    failure = ModelError(tmp_path, "The model file is missing.")
    monkeypatch.setattr(worker_pool, "_state", worker_pool._WorkerState(failure=failure))
    with pytest.raises(ModelError, match="missing"):
        worker_pool._measure_frame(Frame(tmp_path))
    monkeypatch.setattr(worker_pool, "_state", worker_pool._WorkerState(measure=fakes.measure_by_name))
    with pytest.raises(ModelError, match="corrupt"):
        worker_pool._measure_frame(Frame(tmp_path / "model.jpg"))


def test_workers_that_are_still_starting_end_in_silence(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """Ctrl-C right after the start leaves no traceback of a half-started process on the terminal."""
    for _ in range(3):
        with working(count=3) as team:
            team._submit(*fakes.frames_in(tmp_path, "a.jpg"))
    assert capfd.readouterr().err == ""


def test_stop_ends_the_wait_of_another_thread(tmp_path: Path) -> None:
    """Who waits for a measurement when somebody else stops the workers does not wait for ever."""
    frames = fakes.frames_in(tmp_path, "hang.jpg")

    def wait() -> None:
        with suppress(AutocullError):
            list(team.measure(frames))

    with working(time_limit=600) as team:
        thread = Thread(target=wait)
        thread.start()
        deadline = time.monotonic() + 60
        while not team._pending and time.monotonic() < deadline:
            time.sleep(0.01)
        team.stop()
        thread.join(60)
        assert not thread.is_alive()
