"""The runner: a thread that works on one job at a time, the user's before an import's."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from threading import Event, Lock, Thread
from typing import TYPE_CHECKING, Literal

from autocull.errors import (
    AutocullError,
    ModelError,
    Problem,
    SettingsError,
    StoreError,
    TasteError,
    exception_origin,
    strip_paths,
)
from autocull.measure import versions
from autocull.pipeline import EvidenceCache, EvidenceStore
from autocull.plurals import format_count
from autocull.serve.jobs.file_probe import FileProbe
from autocull.serve.jobs.model import Job
from autocull.serve.jobs.queue import JobQueue
from autocull.serve.jobs.store import JobStore
from autocull.serve.jobs.throughput import Rate
from autocull.serve.process import release_memory

if TYPE_CHECKING:
    from autocull.pipeline import Measurer

FINISH_TIMEOUT = 10.0
"""Seconds that the photos in work have to be finished when the runner is stopped."""

RETRY_DELAY = 5.0
"""Seconds after which a job database that failed is tried again."""

_CLEANUP_INTERVAL = 30.0  # seconds between checks for abandoned and expired jobs
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class RunnerState:
    """The runner's state, the id of the job in work, and whether the networks are loaded (in its workers)."""

    state: Literal["idle", "working", "stopping"]
    job: str | None
    networks_loaded: bool


class Runner:
    """Works on the jobs of `queue` in its own thread, from `start` to `stop`; `jobs` is for its log.

    Evidence is kept in `store_file`, so that no photo is measured twice. `start_workers` is called when the
    first photo must be measured; the workers are stopped after `idle_s` seconds without a job. A job that
    cannot go on (a model is not usable) ends as failed, and the next one is taken. If the job database fails,
    nothing is lost: it is tried again later.
    """

    def __init__(
        self,
        jobs: JobStore,
        queue: JobQueue,
        *,
        store_file: Path | None,
        models: Path,
        start_workers: Callable[[], Measurer],
        idle_s: float,
        probe: FileProbe | None = None,
        elapsed: Callable[[], float] = time.monotonic,
    ) -> None:
        self._jobs = jobs
        self._queue = queue
        self._store_file = store_file
        self._models = models
        self._start_workers = start_workers
        self._idle_s = idle_s
        self._probe = probe or FileProbe()
        self._identify = queue.previews.wrap(self._probe)
        self._elapsed = elapsed
        self._thread = Thread(target=self._run, name="runner", daemon=True)
        self._stopping = Event()
        self._aborted = Event()
        self._job: str | None = None
        self._rate = Rate(elapsed)
        self._store: EvidenceStore | None = None
        self._workers: Measurer | None = None
        self._workers_lock = Lock()
        self._last_work = self._last_cleanup = elapsed()
        self._failure_logged = self._holds_memory = False

    def start(self) -> None:
        """Start the thread; may be called once."""
        self._thread.start()

    def stop(self, limit_s: float = FINISH_TIMEOUT) -> None:
        """Stop: photos in work are finished within `limit_s` seconds, the job goes on at the next start."""
        self._stopping.set()
        self._queue.wake()
        if not self._thread.ident:
            return
        self._thread.join(limit_s)
        if self._thread.is_alive():
            self._aborted.set()
            self._stop_workers()
            self._thread.join(limit_s)

    def state(self) -> RunnerState:
        """Return the current state."""
        job = self._job
        working: Literal["idle", "working"] = "working" if job else "idle"
        state = "stopping" if self._stopping.is_set() else working
        return RunnerState(state, job, self._workers is not None)

    def rate(self, job: str) -> float | None:
        """Return a job's photos per second; None if it is not in work, or has just begun."""
        return self._rate.value() if job == self._job else None

    def versions(self) -> dict[str, str]:
        """Return the version of each model by name; empty if a model is not usable, which fails the jobs."""
        try:
            return versions(self._models)
        except ModelError:
            return {}

    def _run(self) -> None:
        while not self._stopping.is_set():
            try:
                self._run_next_job()
                self._failure_logged = False
            except StoreError as error:
                if not self._failure_logged:
                    _log.error("Waiting: %s", error.message)
                self._failure_logged = True
                self._stopping.wait(RETRY_DELAY)
            except Exception as error:  # noqa: BLE001 - a bug must not end the thread that all jobs need
                _log.error("The runner met an unexpected error: %s", exception_origin(error))
                self._stopping.wait(RETRY_DELAY)
        self._unload()

    def _run_next_job(self) -> None:
        job = self._queue.next_job()
        if job is None:
            self._wait_idle()
        elif self._queue.begin(job.id):
            self._job, self._rate, self._holds_memory = job.id, Rate(self._elapsed), True
            try:
                self._run_job(job)
            finally:
                self._job, self._last_work = None, self._elapsed()

    def _wait_idle(self) -> None:
        """Wait for a job; after `idle_s` unload the networks, and regularly clean up the job database."""
        idle = self._elapsed() - self._last_work
        if idle >= self._idle_s:
            self._stop_workers()
            if not self._jobs.has_live():  # an open job may need evidence that could not be written
                self._close_store()
            self._release_memory()
        self._queue.wait(
            _CLEANUP_INTERVAL
            if self._workers is None
            else min(_CLEANUP_INTERVAL, max(0.01, self._idle_s - idle))
        )
        if self._elapsed() - self._last_cleanup >= _CLEANUP_INTERVAL:
            self._last_cleanup = self._elapsed()
            self._queue.close_abandoned()
            self._queue.expire()

    def _run_job(self, job: Job) -> None:
        """Work on a job until it ends, gives way or the runner stops; a failure affects this job only."""
        problem = None
        try:
            problem = self._run_passes(job)
        except StoreError:
            self._stop_workers()  # the evidence stays open: it may hold some that could not be written
            raise
        except ModelError as error:
            message = strip_paths(error.message, error.path)
            self._fail(job, Problem("model", message, {"model": error.path.name}))
        except (SettingsError, TasteError) as error:
            self._fail(job, Problem("bad_settings", error.message, error.parameters))
        except AutocullError as error:
            self._fail(job, error.problem)
        except Exception as error:  # noqa: BLE001 - a bug fails this job, not the next ones
            _log.error("Job %s failed unexpectedly: %s", job.id, exception_origin(error))
            message = "Unexpected error in the daemon; its log has the details."
            self._fail(job, Problem("internal", message))
        else:
            if not self._aborted.is_set() and not self._queue.finish(job.id, problem):
                self._queue.requeue(job.id)
        self._log_job(job)

    def _run_passes(self, job: Job) -> Problem | None:
        """Run both passes; return what had to be left out, if anything."""
        # Judging takes 30 MB, which an idle daemon does not need.
        from autocull.pipeline import ShootJudge
        from autocull.serve.jobs.first_pass import FirstPass
        from autocull.serve.jobs.job_settings import parse_job_settings
        from autocull.serve.jobs.outcomes import create_single_judge
        from autocull.serve.jobs.second_pass import SecondPass

        def is_active() -> bool:
            return not self._stopping.is_set() and self._queue.is_active(job)

        job_settings = parse_job_settings(job.settings)
        shoot_judge = ShootJudge(job_settings.settings, job_settings.load_profile())
        cache = EvidenceCache(
            self._open_store(), versions(self._models), self._identify, self._probe.fingerprint
        )
        judge = create_single_judge(job_settings.settings)
        first_pass = FirstPass(
            job, self._queue, cache, judge, self._probe, is_active=is_active, on_progress=self._rate.add
        )
        for _ in first_pass.run(self._get_workers):
            if self._aborted.is_set():  # the workers were killed: their errors are not the photos'
                return None
        left_out = SecondPass(job, self._queue, cache, shoot_judge, is_active=is_active).run()
        return _describe_left_out(left_out) if left_out else None

    def _get_workers(self) -> Measurer:
        if self._workers is None:
            self._workers = self._start_workers()
        return self._workers

    def _unload(self) -> None:
        """Stop the workers, which unloads the networks, and close the evidence store."""
        self._stop_workers()
        self._close_store()

    def _release_memory(self) -> None:
        """Return the memory of the last job to the system, once."""
        if self._holds_memory:
            release_memory()
        self._holds_memory = False

    def _close_store(self) -> None:
        store, self._store = self._store, None
        if store is not None:
            store.close()

    def _stop_workers(self) -> None:
        """Stop the workers once: `stop` and the runner's thread may call this at the same time."""
        with self._workers_lock:
            workers, self._workers = self._workers, None
        if workers is not None:
            workers.stop()

    def _open_store(self) -> EvidenceStore:
        if self._store is None:
            try:
                self._store = EvidenceStore(self._store_file, self._warn)
            except StoreError as error:  # the file of another program: no job can go on
                message = self._strip_paths(error.message)
                raise AutocullError(message, code="store", parameters={"reason": "other_program"}) from error
        return self._store

    def _warn(self, sentence: str) -> None:
        _log.warning("%s", self._strip_paths(sentence))

    def _strip_paths(self, text: str) -> str:
        return text if self._store_file is None else strip_paths(text, self._store_file)

    def _fail(self, job: Job, problem: Problem) -> None:
        if self._aborted.is_set():
            return
        self._stop_workers()
        self._queue.fail(job.id, problem)

    def _log_job(self, job: Job) -> None:
        try:
            current, counts = self._jobs.get(job.id), self._jobs.counts(job.id)
        except AutocullError:  # acknowledged as soon as it was cancelled
            return
        _log.info(
            "Job %s (%s, %s): %s, %d of %d photos, %d unreadable%s",
            job.id, job.source, job.profile, current.state, counts.done, counts.total, counts.errors,
            f": {current.problem.message}" if current.problem else "",
        )  # fmt: skip


def _describe_left_out(photos: int) -> Problem:
    """Return the problem of a job in which some photos were compared with no others."""
    message = (
        f"Compared with no others: {format_count(photos, 'photo')}, because files changed or are gone, or"
        " what was measured could not be kept. Free some disk space if it is full, then run again."
    )
    return Problem("not_compared", message, {"photos": photos})
