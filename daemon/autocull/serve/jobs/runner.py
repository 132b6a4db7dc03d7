"""The runner: one thread that works on one job at a time, the user's before an import's."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from threading import Event, Lock, Thread
from typing import TYPE_CHECKING, Literal

from autocull.errors import AutocullError, ModelError, StoreError
from autocull.measure.models import versions
from autocull.pipeline.evidence_cache import Identify, Known
from autocull.pipeline.evidence_store import Store
from autocull.serve.insides import where, without_folder
from autocull.serve.jobs.file_probe import Looking
from autocull.serve.jobs.model import Job
from autocull.serve.jobs.store import JobStore
from autocull.serve.jobs.throughput import Rate

if TYPE_CHECKING:
    from autocull.pipeline.cull_run import Measurer

FINISHING = 10.0
"""Seconds that the photos in work have to be finished when the runner is stopped."""

_TICK = 30.0  # seconds between looks at what has grown old
_RETRY = 5.0  # seconds after which a file of jobs that failed is tried again
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class RunnerState:
    """What the runner is at: the job in work, and whether the networks are in memory (in its workers)."""

    state: Literal["idle", "working", "stopping"]
    job: str | None
    networks_loaded: bool


class Runner:
    """Works on the jobs of `jobs` in a thread of its own, from `start` to `stop`.

    Evidence is kept in `store_file`, so that no photo is read twice. The workers are started by
    `start_workers` when the first photo has to be measured, and ended after `idle_s` seconds without a job.
    A job that cannot go on (a model is not usable) ends as failed, and the next one is taken. Where the file
    of jobs fails, nothing is lost: it is tried again after a while.
    """

    def __init__(
        self,
        jobs: JobStore,
        *,
        store_file: Path | None,
        models: Path,
        start_workers: Callable[[], Measurer],
        idle_s: float,
        identify: Identify | None = None,
        elapsed: Callable[[], float] = time.monotonic,
    ) -> None:
        self._jobs = jobs
        self._store_file = store_file
        self._models = models
        self._start_workers = start_workers
        self._idle_s = idle_s
        self._identify = identify or Looking()
        self._elapsed = elapsed
        self._thread = Thread(target=self._live, name="runner", daemon=True)
        self._stopping = Event()
        self._halted = Event()
        self._job: str | None = None
        self._rate = Rate(elapsed)
        self._store: Store | None = None
        self._workers: Measurer | None = None
        self._ending_workers = Lock()
        self._last_work = self._last_look = elapsed()
        self._complained = False

    def start(self) -> None:
        """Begin with what waits; a Runner is started once."""
        self._thread.start()

    def stop(self, limit_s: float = FINISHING) -> None:
        """End; what is in work is finished within `limit_s` seconds, the job goes on at the next start."""
        self._stopping.set()
        self._jobs.wake()
        if not self._thread.ident:
            return
        self._thread.join(limit_s)
        if self._thread.is_alive():
            self._halted.set()
            self._end_workers()
            self._thread.join(limit_s)

    def state(self) -> RunnerState:
        """Return what the runner is at."""
        job = self._job
        working: Literal["idle", "working"] = "working" if job else "idle"
        state = "stopping" if self._stopping.is_set() else working
        return RunnerState(state, job, self._workers is not None)

    def rate(self, job: str) -> float | None:
        """Return how many photos of a job are done per second; None where it is not in work, or began now."""
        return self._rate.value() if job == self._job else None

    def versions(self) -> dict[str, str]:
        """Return the version of each member by name; empty where a model is not usable, as jobs will say."""
        try:
            return versions(self._models)
        except ModelError:
            return {}

    def _live(self) -> None:
        while not self._stopping.is_set():
            try:
                self._take_turn()
                self._complained = False
            except StoreError as error:
                if not self._complained:
                    _log.error("Waiting: %s", error.message)
                self._complained = True
                self._stopping.wait(_RETRY)
            except Exception as error:  # noqa: BLE001 - a bug must not end the thread that all jobs need
                _log.error("The runner met an unexpected error: %s", where(error))
                self._stopping.wait(_RETRY)
        self._unload()

    def _take_turn(self) -> None:
        job = self._jobs.work.next_job()
        if job is None:
            self._rest()
        elif self._jobs.work.begin(job.id):
            self._job, self._rate = job.id, Rate(self._elapsed)
            try:
                self._work_on(job)
            finally:
                self._job, self._last_work = None, self._elapsed()

    def _rest(self) -> None:
        """Wait for a job; meanwhile unload what is not needed, and look at what has grown old."""
        idle = self._elapsed() - self._last_work
        if idle >= self._idle_s:
            self._unload()
        self._jobs.wait(_TICK if self._workers is None else min(_TICK, max(0.01, self._idle_s - idle)))
        if self._elapsed() - self._last_look >= _TICK:
            self._last_look = self._elapsed()
            self._jobs.work.close_abandoned()
            self._jobs.expire()

    def _work_on(self, job: Job) -> None:
        """Work on a job until it ends, gives way or the runner stops; whatever happens stays this job's."""
        try:
            self._carry_out(job)
        except StoreError:
            self._unload()
            raise
        except ModelError as error:
            self._fail(job, without_folder(error.message, error.path))
        except AutocullError as error:
            self._fail(job, error.message)
        except Exception as error:  # noqa: BLE001 - a bug costs its job, not those behind it
            _log.error("Job %s failed unexpectedly: %s", job.id, where(error))
            self._fail(job, "The daemon met an unexpected error; its log has a line about it.")
        else:
            if not self._halted.is_set() and not self._jobs.work.finish(job.id):
                self._jobs.work.leave(job.id)
        self._log_job(job)

    def _carry_out(self, job: Job) -> None:
        # Judging costs 30 MB, which an idle daemon does not need.
        from autocull.pipeline.two_pass import Together
        from autocull.serve.jobs.first_pass import JobRun
        from autocull.serve.jobs.job_settings import thawed
        from autocull.serve.jobs.outcomes import judge_alone
        from autocull.serve.jobs.second_pass import SecondPass

        def goes_on() -> bool:
            return not self._stopping.is_set() and self._jobs.work.goes_on(job)

        frozen = thawed(job.settings)
        together = Together(frozen.settings, frozen.profile())
        known = Known(self._open_store(), versions(self._models), self._identify)
        judge = judge_alone(frozen.settings)
        run = JobRun(job, self._jobs.work, known, judge, goes_on=goes_on, recorded=self._rate.add)
        for _ in run.carry_out(self._load):
            if self._halted.is_set():  # the workers were killed: what they say now is not about the photos
                return
        SecondPass(job, self._jobs.work, known, together, goes_on=goes_on).carry_out()

    def _load(self) -> Measurer:
        if self._workers is None:
            self._workers = self._start_workers()
        return self._workers

    def _unload(self) -> None:
        """End the workers, and with them the networks; they owe nothing to the next job."""
        self._end_workers()
        store, self._store = self._store, None
        if store is not None:
            store.close()

    def _end_workers(self) -> None:
        """End the workers once, whoever asks for it first: their pool bears no two at the same time."""
        with self._ending_workers:
            workers, self._workers = self._workers, None
        if workers is not None:
            workers.stop()

    def _open_store(self) -> Store:
        if self._store is None:
            try:
                self._store = Store(self._store_file, self._warn)
            except StoreError as error:  # it is somebody else's file: no job can go on
                raise AutocullError(self._without_place(error.message)) from error
        return self._store

    def _warn(self, sentence: str) -> None:
        _log.warning("%s", self._without_place(sentence))

    def _without_place(self, text: str) -> str:
        return text if self._store_file is None else without_folder(text, self._store_file)

    def _fail(self, job: Job, message: str) -> None:
        if self._halted.is_set():
            return
        self._unload()
        self._jobs.work.fail(job.id, message)

    def _log_job(self, job: Job) -> None:
        try:
            now, counts = self._jobs.job(job.id), self._jobs.counts(job.id)
        except AutocullError:  # acknowledged as soon as it was cancelled
            return
        _log.info(
            "Job %s (%s, %s): %s, %d of %d photos, %d unreadable%s",
            job.id, job.source, job.profile, now.state, counts.done, counts.total, counts.errors,
            f": {now.message}" if now.message else "",
        )  # fmt: skip
