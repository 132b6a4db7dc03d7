"""Worker processes that measure frames; a file that kills or hangs a worker becomes that frame's error.

The pool heals itself: a worker that ends is replaced, at any time, and only a frame that ended fresh workers
again and again is blamed. Pixels never travel between processes.
"""

from __future__ import annotations

import signal
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from multiprocessing.connection import wait
from threading import Lock

from autocull.errors import AutocullError, PhotoError
from autocull.pipeline.evidence_store import Measurement
from autocull.pipeline.worker_process import (
    COPY_ADVICE,
    Measure,
    Task,
    WorkerProcess,
    defer_interrupts,
)
from autocull.read import Frame

FRAMES_PER_WORKER = 3
"""Frames that a worker has or that wait for it: keeps every worker busy, and bounds memory for any shoot."""

MAX_DEATHS = 2
"""Workers that may end while they measure one frame, or take too long for it, before the frame is blamed."""

MAX_KILLS = 5
"""The same for workers that were killed from outside, as a system does that is short of memory."""

START_PATIENCE = 30.0
"""Seconds of failing starts, while no worker runs, after which the run fails."""

START_LIMIT = 120.0
"""Seconds of running time after which a worker that is still starting is killed."""

MAX_START_DELAY = 2.0
"""Longest pause, in seconds, between two failing starts."""

MAX_TICK = 1.0
"""Longest time, in seconds, that counts as running between two looks at the workers.

What is beyond it is the sleep of the computer, a stopped process or a jump of a clock, in which no photo was
read.
"""

_POLL_INTERVAL = 0.1  # seconds between checks for limits, and for Ctrl-C, which wakes no thread on Windows
_MAX_HANDLES = 60  # Windows waits for no more than 63 at a time
_KILL_SIGNALS = {-getattr(signal, name) for name in ("SIGKILL", "SIGTERM") if hasattr(signal, name)}


class Workers:
    """A pool of `count` processes that measure; each calls `prepare` once, at its start, for its `Measure`.

    `prepare` must be importable by name (a module's function, or a `partial` of one). `time_limit` is in
    seconds of running time per frame, the worker's start not counted. Where no worker can be started for
    `start_patience` seconds, `measure` fails.
    """

    def __init__(
        self,
        prepare: Callable[[], Measure],
        *,
        count: int,
        time_limit: float,
        start_patience: float = START_PATIENCE,
    ) -> None:
        self._prepare = prepare
        self._count = min(count, _MAX_HANDLES)
        self._limit = time_limit
        self._patience = start_patience
        self._workers: list[WorkerProcess] = []
        self._waiting: deque[Task] = deque()
        self._suspects: deque[Task] = deque()  # each ended a worker, and is next in a fresh one
        self._lock = Lock()  # of starting and stopping
        self._stopped = False
        self._now = 0.0  # running time of this pool, in seconds
        self._last_tick = time.monotonic()
        self._failing_since: float | None = None
        self._next_start = 0.0
        self._start_delay = _POLL_INTERVAL
        self._start_missing()

    def measure(self, frames: Iterable[Frame]) -> Iterator[tuple[Frame, Measurement]]:
        """Yield each frame with its measurement, as they come; `frames` is read only a few ahead.

        Whatever ends the workers, every frame gets its measurement: one that ended `MAX_DEATHS` fresh workers
        has the error `crashed`, one that took too long as often `timeout`. Raises ModelError where a model is
        not usable, and AutocullError where no worker can start; a later call may then succeed.
        """
        self._abandon_tasks()  # of a call that was not read to its end
        remaining = iter(frames)
        while True:
            self._start_missing()
            self._queue(remaining)
            self._send_tasks()
            if not self._count_tasks():
                return
            yield from self._tick()

    def stop(self) -> None:
        """Kill every worker at once, also one that hangs; frames in progress are lost.

        `measure` in another thread then raises AutocullError.
        """
        with defer_interrupts():
            with self._lock:
                self._stopped = True
                workers = list(self._workers)
            for worker in workers:
                worker.kill()
            for worker in workers:
                worker.wait_for_end()

    def _count_tasks(self) -> int:
        """Return the number of tasks without an outcome, abandoned ones left out."""
        in_workers = (task for worker in self._workers for task in worker.tasks)
        tasks = (*self._waiting, *self._suspects, *in_workers)
        return sum(not task.abandoned for task in tasks)

    def _queue(self, frames: Iterator[Frame]) -> None:
        """Take frames while there is room for them."""
        room = self._count * FRAMES_PER_WORKER - self._count_tasks()
        while room > 0 and (frame := next(frames, None)):
            self._waiting.append(Task(frame))
            room -= 1

    def _send_tasks(self) -> None:
        """Send the tasks that wait to the workers with the fewest."""
        while self._waiting:
            workers = [worker for worker in self._workers if len(worker.tasks) < FRAMES_PER_WORKER]
            alive = [worker for worker in workers if worker.is_alive()]
            if not alive:
                return
            worker = min(alive, key=lambda each: len(each.tasks))
            task = self._waiting.popleft()
            if not worker.send(task):
                self._waiting.appendleft(task)
                return

    def _start_missing(self) -> None:
        """Start workers until there are `count`, each with a suspect as its first task if there is one."""
        with defer_interrupts(), self._lock:
            while not self._stopped and len(self._workers) < self._count and self._now >= self._next_start:
                try:
                    worker = WorkerProcess(self._prepare)
                except OSError as error:
                    self._count_failed_start(error)
                    return
                self._workers.append(worker)
                if self._suspects and worker.send(self._suspects[0]):
                    self._suspects.popleft()

    def _tick(self) -> Iterator[tuple[Frame, Measurement]]:
        """Wait a moment for the workers, and yield the measurements that came."""
        connections = {worker.connection: worker for worker in self._workers}
        if connections:
            ready = wait(list(connections), _POLL_INTERVAL)
        else:
            time.sleep(_POLL_INTERVAL)
            ready = []
        self._advance_clock()
        for connection in ready:
            yield from self._receive(connections[connection])  # type: ignore[index] # only connections wait
        for worker in list(self._workers):
            limit = self._limit if worker.ready else START_LIMIT
            if worker.running_s > limit and (worker.tasks or not worker.ready):
                yield from self._replace(worker, too_slow=True)
            elif worker.has_ended():
                yield from self._replace(worker)

    def _advance_clock(self) -> None:
        """Add the time since the last check to that of every worker; raises where they were stopped."""
        if self._stopped:  # errors from here on are not the photos'
            raise AutocullError("The worker processes were stopped.")
        now = time.monotonic()
        elapsed, self._last_tick = min(now - self._last_tick, MAX_TICK), now
        self._now += elapsed
        for worker in self._workers:
            worker.running_s += elapsed

    def _receive(self, worker: WorkerProcess) -> Iterator[tuple[Frame, Measurement]]:
        """Yield the measurement that a worker sent; a worker that has ended is replaced."""
        try:
            received = worker.receive()
        except EOFError:
            yield from self._replace(worker)
            return
        self._failing_since, self._start_delay = None, _POLL_INTERVAL
        if received is None:
            return
        task, outcome = received
        if task.abandoned:
            return
        if isinstance(outcome, BaseException):
            raise outcome
        yield task.frame, outcome

    def _replace(
        self, worker: WorkerProcess, *, too_slow: bool = False
    ) -> Iterator[tuple[Frame, Measurement]]:
        """Queue the tasks of a worker that ended or is too slow again; yield the error of one to blame."""
        if too_slow:
            worker.kill()
        exit_code = worker.wait_for_end()
        if self._stopped:
            raise AutocullError("The worker processes were stopped.")
        self._workers.remove(worker)
        worker.connection.close()
        tasks = [task for task in worker.tasks if not task.abandoned]
        in_work = worker.tasks[0] if worker.ready and worker.tasks else None
        self._waiting.extendleft(
            reversed([task for task in tasks if task is not in_work and not task.deaths])
        )
        self._suspects.extend(task for task in tasks if task is not in_work and task.deaths)
        if not worker.ready:
            self._count_failed_start(exit_code)
        elif in_work is not None and not in_work.abandoned:
            in_work.deaths += 1
            if in_work.deaths < (MAX_KILLS if exit_code in _KILL_SIGNALS and not too_slow else MAX_DEATHS):
                self._suspects.append(in_work)
            else:
                yield in_work.frame, self._error_measurement(in_work, exit_code, too_slow=too_slow)

    def _error_measurement(self, task: Task, exit_code: int | None, *, too_slow: bool) -> Measurement:
        """Return the error of a frame that ended its workers, or took too long in each."""
        if too_slow:
            message = f"Reading it took longer than {self._limit:g} s (--time-limit) in {task.deaths} tries."
            return Measurement(PhotoError(task.frame.path, f"{message} {COPY_ADVICE}", code="timeout"))
        message = f"Reading it killed its worker process (exit code {exit_code}) in {task.deaths} tries."
        return Measurement(PhotoError(task.frame.path, f"{message} {COPY_ADVICE}", code="crashed"))

    def _count_failed_start(self, reason: OSError | int | None) -> None:
        """Delay the next start; raises AutocullError where no start succeeded for too long."""
        if self._failing_since is None:
            self._failing_since = self._now
        self._next_start = self._now + self._start_delay
        self._start_delay = min(2 * self._start_delay, MAX_START_DELAY)
        if any(worker.ready for worker in self._workers):
            return
        if self._now - self._failing_since >= self._patience:
            self._failing_since = None
            ending = reason if isinstance(reason, OSError) else f"exit code {reason}"
            raise AutocullError(
                f"The worker processes end as soon as they start ({ending}). "
                "Try again with --workers 1; if they do so again, install Autocull again."
            )

    def _abandon_tasks(self) -> None:
        """Forget the tasks of an earlier call; a worker that measures one finishes it first."""
        self._waiting.clear()
        self._suspects.clear()
        for worker in self._workers:
            for task in worker.tasks:
                task.abandoned = True
        self._last_tick = time.monotonic()
