"""One worker process: what it does, and how the run starts it, sends it frames and learns of its end.

Each worker is a fresh process (`spawn`, on every system) that ignores Ctrl-C and owns what `prepare` returns:
one decode buffer, one ensemble. It has a pipe of its own, so the death of one worker concerns no other.
"""

from __future__ import annotations

import os
import signal
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from multiprocessing import get_context, parent_process
from multiprocessing.connection import Connection
from threading import Thread, current_thread, main_thread
from typing import Any

from autocull.errors import AutocullError, ModelError, PhotoError
from autocull.pipeline.evidence_store import Measurement
from autocull.read import Frame

Measure = Callable[[Frame], Measurement]
"""Reads and measures one frame, in a worker; ModelError ends the run, other errors are the frame's."""

COPY_ADVICE = "If it does so again, the file is damaged: copy it from the card or the backup."

KILL_TIMEOUT = 3.0
"""Seconds to wait for the end of a killed process; one that reads from a drive that hangs may not end."""

_INTERRUPTS = tuple(
    getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)
)


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
            message = f"Reading it failed in an unexpected way ({_summarise(error)}). {COPY_ADVICE}"
            return Measurement(PhotoError(frame.path, message, code="damaged"))


@dataclass(slots=True)
class Task:
    """A frame to measure; `deaths` counts the workers that ended or took too long while they measured it."""

    frame: Frame
    deaths: int = 0
    abandoned: bool = False
    """Whether nobody waits for it any more."""


class WorkerProcess:
    """A running worker process, for its run: it measures its `tasks` in order, the first one now.

    `running_s` is the running time, in seconds, of its start or of its first task; the run adds to it.
    Raises OSError where the system starts no process.
    """

    def __init__(self, prepare: Callable[[], Measure]) -> None:
        context = get_context("spawn")
        connection, worker_end = context.Pipe()
        self._process = context.Process(
            target=run_worker, args=(prepare, worker_end), name="autocull-worker", daemon=True
        )
        with _block_ctrl_c():
            self._process.start()
        worker_end.close()  # the worker's end must be its own: its death then closes the pipe
        self.connection: Connection = connection
        self.tasks: deque[Task] = deque()
        self.ready = False
        self.running_s = 0.0

    def is_alive(self) -> bool:
        """Return whether the process runs."""
        return self._process.is_alive()

    def has_ended(self) -> bool:
        """Return whether the process has ended and everything that it sent was received.

        Needed on Windows, where a pipe stays open if its process ends before it has taken over its end.
        """
        try:
            return not self._process.is_alive() and not self.connection.poll()
        except OSError:
            return True

    def send(self, task: Task) -> bool:
        """Send a task; False where the process has ended, which then does not have it."""
        try:
            self.connection.send(task.frame)
        except OSError:
            return False
        if self.ready and not self.tasks:
            self.running_s = 0.0
        self.tasks.append(task)
        return True

    def receive(self) -> tuple[Task, Measurement | BaseException] | None:
        """Return the first task with its outcome; None where it is the message that it is ready.

        Raises EOFError where the process has ended.
        """
        try:
            answer = self.connection.recv()
        except OSError as error:  # it was killed while it sent something
            raise EOFError from error
        self.running_s = 0.0
        if not self.ready:
            self.ready = True
            return None
        return self.tasks.popleft(), answer

    def kill(self) -> None:
        """Kill the process without waiting for its end."""
        self._process.kill()

    def wait_for_end(self) -> int | None:
        """Kill the process unless it ends, and return its exit code; None where it cannot be killed."""
        self._process.join(KILL_TIMEOUT)
        if self._process.is_alive():
            self.kill()
            self._process.join(KILL_TIMEOUT)
        return self._process.exitcode


def run_worker(prepare: Callable[[], Measure], connection: Connection) -> None:
    """Measure the frames that come through `connection`, until it is closed; the body of a worker process."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if hasattr(signal, "SIGHUP"):
        signal.signal(signal.SIGHUP, signal.SIG_IGN)  # a closed terminal ends the run, and that its workers
    signal.signal(signal.SIGTERM, signal.SIG_DFL)  # a decoder that hangs would never run Python's handler
    Thread(target=_end_with_parent, name="end-with-parent", daemon=True).start()
    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)  # decoders and networks print to the standard error
    worker = Worker(prepare)
    with suppress(EOFError, OSError):  # the run has ended
        connection.send(None)
        while True:
            connection.send(_outcome_of(worker, connection.recv()))


def _outcome_of(worker: Worker, frame: Frame) -> Measurement | BaseException:
    """Return the measurement of a frame, or the error that ends the run, as something that can be sent."""
    try:
        return worker.measure(frame)
    except AutocullError as error:
        return error
    except Exception as error:  # noqa: BLE001 - it is raised in the parent process
        return RuntimeError(_summarise(error))  # some libraries' errors cannot be pickled


def _end_with_parent() -> None:
    """End this process as soon as its parent has ended, whatever a decoder does at that time."""
    parent = parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


@contextmanager
def defer_interrupts() -> Iterator[None]:
    """Defer Ctrl-C, SIGTERM and SIGHUP to the end of the block, where they have a handler of this program.

    Raised inside the start of a process or a lock, they would leave a process that nobody knows, or the lock.
    """
    if current_thread() is not main_thread():  # nothing is raised in other threads
        yield
        return
    received: list[int] = []
    previous = {
        number: signal.signal(number, lambda received_number, _: received.append(received_number))
        for number in _INTERRUPTS
        if callable(signal.getsignal(number))
    }
    try:
        yield
    finally:
        for number, handler in previous.items():
            signal.signal(number, handler)
        for number in set(received):
            signal.raise_signal(number)


@contextmanager
def _block_ctrl_c() -> Iterator[None]:
    """Let a process that is started in the block ignore Ctrl-C, even before it runs Python code.

    It inherits the blocked signal. Windows has no signal masks; there the workers ignore Ctrl-C as soon as
    they run.
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


def _summarise(error: Any) -> str:
    return " ".join(f"{type(error).__name__}: {error}".split())[:200]
