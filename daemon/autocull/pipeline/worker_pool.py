"""Worker processes that measure frames; a file that kills or hangs a worker becomes that frame's error.

Each worker is a fresh process (`spawn`, on every system) that ignores Ctrl-C and owns what `prepare` returns:
one decode buffer, one ensemble. Pixels never travel between processes.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future
from concurrent.futures import TimeoutError as LimitPassed
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from multiprocessing.context import SpawnContext, SpawnProcess
from queue import Empty, SimpleQueue
from threading import current_thread, main_thread
from typing import Any

from pebble import ProcessExpired, ProcessPool

from autocull.errors import AutocullError, ModelError, PhotoError
from autocull.pipeline.evidence_store import Measurement
from autocull.read import Frame

Measure = Callable[[Frame], Measurement]
"""Reads and measures one frame, in a worker; ModelError ends the run, other errors are the frame's."""

QUEUED_PER_WORKER = 3
"""Frames in the queue per worker: keeps every worker busy, and bounds memory for any shoot."""

MAX_RESTARTS = 2
"""How often in a row the pool is restarted without a result in between, before the run fails."""

_COPY_ADVICE = "If it does so again, the file is damaged: copy it from the card or the backup."
_POLL_INTERVAL = 0.2  # seconds between checks for Ctrl-C, which does not wake a waiting thread on Windows


class Worker:
    """What one worker process owns, from its start to its end: the `Measure` that `prepare` makes.

    Where `prepare` fails, its error is raised at the first frame, so that the run can name it.
    """

    def __init__(self, prepare: Callable[[], Measure]) -> None:
        self._failure: BaseException | None = None
        try:
            self._measure = prepare()
        except Exception as error:  # noqa: BLE001 - whatever it is, the parent process reports it
            self._failure = error

    def measure(self, frame: Frame) -> Measurement:
        """Measure a frame; whatever goes wrong with the photo is its measurement, ModelError is raised."""
        if self._failure is not None:
            raise self._failure
        try:
            return self._measure(frame)
        except PhotoError as error:
            return Measurement(error)
        except ModelError:
            raise
        except MemoryError:
            message = "There is not enough memory to read it. Try again with --workers 1."
            return Measurement(PhotoError(frame.path, message, code="out_of_memory"))
        except Exception as error:  # noqa: BLE001 - a library's error about one file must not end the run
            message = f"Reading it failed in an unexpected way ({_summarise(error)}). {_COPY_ADVICE}"
            return Measurement(PhotoError(frame.path, message, code="damaged"))


_process_workers: list[Worker] = []
"""The one worker of this process, once it is started."""


class _TrackedSpawnContext(SpawnContext):
    """Starts the pool's processes, and keeps a list of them so that all can be killed.

    A process that is still starting when the pool closes its locks would print a traceback on the terminal.
    """

    def __init__(self) -> None:
        super().__init__()
        self._processes: list[SpawnProcess] = []

    def Process(self, *args: Any, **options: Any) -> SpawnProcess:  # type: ignore[override] # noqa: N802 - the context's own name
        """Create a process and add it to the list."""
        process = SpawnProcess(*args, **options)
        self._processes.append(process)
        return process

    def kill_all(self) -> None:
        """Kill every process of this context."""
        for process in self._processes:
            if process.pid is not None:
                process.kill()


class Workers:
    """A pool of `count` processes that measure; each calls `prepare` once, at its start, for its `Measure`.

    `prepare` must be importable by name (a module's function, or a `partial` of one). `time_limit` is in
    seconds per frame, the worker's start not counted.
    """

    def __init__(self, prepare: Callable[[], Measure], *, count: int, time_limit: float) -> None:
        self._prepare = prepare
        self._count = count
        self._limit = time_limit
        self._pool = self._new_pool()
        self._results: SimpleQueue[Future[Measurement]] = SimpleQueue()
        self._pending: dict[Future[Measurement], Frame] = {}
        self._restarts = 0

    def measure(self, frames: Iterable[Frame]) -> Iterator[tuple[Frame, Measurement]]:
        """Yield each frame with its measurement, as they come; `frames` is read only a few ahead.

        A frame that killed its worker has the error `crashed`, one that took too long `timeout`; the others
        finish. Raises ModelError where a model is not usable, and AutocullError where no worker can start.
        """
        remaining = iter(frames)
        while True:
            while len(self._pending) < self._count * (1 + QUEUED_PER_WORKER) and (
                frame := next(remaining, None)
            ):
                self._submit(frame)
            if not self._pending:
                return
            yield from self._wait_for_result()

    def stop(self) -> None:
        """Kill every worker at once, also one that hangs; frames in progress are lost.

        `measure` in another thread then raises AutocullError.
        """
        self._stopped = True
        with _defer_ctrl_c():
            self._pool.stop()  # type: ignore[no-untyped-call] # pebble leaves this one out
            self._context.kill_all()
            self._pool.join()

    def _submit(self, frame: Frame) -> None:
        with _defer_ctrl_c():
            future = self._pool.schedule(_measure_frame, args=(frame,), timeout=self._limit)
            self._pending[future] = frame
            future.add_done_callback(lambda done: self._results.put(done))

    def _wait_for_result(self) -> Iterator[tuple[Frame, Measurement]]:
        """Wait for one result; yields nothing where the pool broke and its frames were queued again."""
        future = self._next_result()
        if self._stopped:  # errors from here on are not the photos'
            raise _stopped_error()
        frame = self._pending.pop(future, None)
        if frame is None:  # a result of the pool before a restart
            return
        error = future.exception()
        if isinstance(error, BrokenProcessPool):
            self._restart(frame)
            return
        self._restarts = 0
        yield frame, self._error_measurement(frame, error) if error else future.result()

    def _next_result(self) -> Future[Measurement]:
        while not self._stopped:
            try:
                return self._results.get(timeout=_POLL_INTERVAL)
            except Empty:
                continue
        raise _stopped_error()

    def _error_measurement(self, frame: Frame, error: BaseException) -> Measurement:
        """Return the error of a frame whose worker died or took too long; raises every other error."""
        if isinstance(error, ProcessExpired):
            message = f"Reading it killed its worker process (exit code {error.exitcode}). {_COPY_ADVICE}"
            return Measurement(PhotoError(frame.path, message, code="crashed"))
        if isinstance(error, LimitPassed):
            message = f"Reading it took longer than {self._limit:g} s (--time-limit). {_COPY_ADVICE}"
            return Measurement(PhotoError(frame.path, message, code="timeout"))
        raise error

    def _restart(self, frame: Frame) -> None:
        """Start a new pool for the pending frames, after a worker died between two frames."""
        self._restarts += 1
        if self._restarts > MAX_RESTARTS:
            raise AutocullError("The worker processes end as soon as they start. Install Autocull again.")
        frames = [frame, *self._pending.values()]
        self._pending.clear()
        self.stop()
        self._pool = self._new_pool()
        for each in frames:
            self._submit(each)

    def _new_pool(self) -> ProcessPool:
        self._stopped = False
        self._context = _TrackedSpawnContext()
        pool = ProcessPool(
            max_workers=self._count,
            initializer=_start_worker,
            initargs=(self._prepare,),
            context=self._context,
        )
        with _defer_ctrl_c(), _block_ctrl_c():
            assert pool.active  # this starts the pool's threads and processes
        return pool


def _stopped_error() -> AutocullError:
    return AutocullError("The worker processes were stopped.")


@contextmanager
def _defer_ctrl_c() -> Iterator[None]:
    """Defer Ctrl-C until the end of the block: raised inside a queue or a future it would leave a lock held.

    (`threading.Condition.__enter__` may be interrupted between acquiring its lock and returning; the pool's
    threads then wait for that lock for ever.)
    """
    if current_thread() is not main_thread():  # nothing is raised in other threads
        yield
        return
    signals: list[int] = []
    previous_handler = signal.signal(signal.SIGINT, lambda number, _: signals.append(number))
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, previous_handler)
        if signals:
            signal.raise_signal(signal.SIGINT)


@contextmanager
def _block_ctrl_c() -> Iterator[None]:
    """Let processes that are started in the block ignore Ctrl-C, even before they run Python code.

    The pool's threads, and the processes they start, inherit the blocked signal. Windows has no signal masks;
    there the workers ignore Ctrl-C as soon as they run.
    """
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    from multiprocessing.resource_tracker import ensure_running  # absent on Windows

    ensure_running()  # started later, it would let the signal through again (Python 3.11)
    previous_mask = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, previous_mask)


def _start_worker(prepare: Callable[[], Measure]) -> None:
    """Prepare this process as a worker."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)  # a decoder that hangs would never run Python's handler
    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)  # decoders and networks print to the standard error
    _process_workers.append(Worker(prepare))


def _measure_frame(frame: Frame) -> Measurement:
    """Measure a frame with the worker of this process."""
    return _process_workers[0].measure(frame)


def _summarise(error: Any) -> str:
    return " ".join(f"{type(error).__name__}: {error}".split())[:200]
