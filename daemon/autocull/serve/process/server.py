"""Runs the daemon: one process per user, on this machine only, until a signal or a shutdown request."""

from __future__ import annotations

import logging
import os
import secrets
import signal
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from threading import current_thread, main_thread
from typing import TYPE_CHECKING

from autocull import __version__
from autocull.errors import DaemonError
from autocull.measure import models_root
from autocull.paths import AppPaths
from autocull.serve.app import create_app
from autocull.serve.http import ServerLoop, ShutdownSignal, listen, raise_descriptor_limit
from autocull.serve.jobs import PREVIEWS_FOLDER, SCHEMA, JobQueue, JobStore, PreviewStore, Runner
from autocull.serve.journals import Journals
from autocull.serve.learnings import Learnings
from autocull.serve.process.client import HOST
from autocull.serve.process.instance_lock import LOCK_FILE, InstanceLock
from autocull.serve.process.launch_command import build_launcher, learn_command
from autocull.serve.process.logging_setup import configure_logging
from autocull.serve.process.runtime_files import (
    DaemonInfo,
    read_daemon_info,
    read_launcher,
    remove_daemon_info,
    secure_folder,
    write_daemon_info,
    write_launcher,
)
from autocull.sqlite import Database

if TYPE_CHECKING:
    from autocull.pipeline import Measurer

IDLE_TIMEOUT = 300.0
"""Seconds without a job after which the networks are unloaded."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class ServeOptions:
    """How to serve: port 0 lets the system choose; `workers` processes measure, `time_limit` s per photo.

    With `background` nothing is written to the terminal once the daemon is ready. With `debug` the log may
    name photos and has tracebacks.
    """

    workers: int
    host: str = HOST
    port: int = 0
    time_limit: float = 60.0
    idle_s: float = IDLE_TIMEOUT
    store: Path | None = None
    debug: bool = False
    background: bool = False


def serve(options: ServeOptions, paths: AppPaths, on_ready: Callable[[str], None]) -> None:
    """Run the daemon until a signal or `/v1/shutdown`; `on_ready` receives a sentence when it is ready.

    Raises AlreadyRunning if this user has a daemon, SettingsError for a host other than this machine, and
    DaemonError if port, folder or disk are not usable; then it leaves no files behind.
    """
    warnings: list[str] = []
    raise_descriptor_limit()
    secure_folder(paths.app_folder, warnings.append)
    with ExitStack() as stack:
        lock = stack.enter_context(closing(InstanceLock.acquire(paths.app_folder / LOCK_FILE)))
        listener = stack.enter_context(closing(listen(options.host, options.port)))
        info = DaemonInfo(listener.getsockname()[1], secrets.token_hex(32), os.getpid(), __version__)
        log = configure_logging(
            paths.log, hidden=(info.token,), debug=options.debug, to_stderr=not options.background
        )
        stack.enter_context(log)
        for warning in warnings:
            _log.warning("%s", warning)
        database = stack.enter_context(closing(Database(paths.jobs, SCHEMA, partial(_log.warning, "%s"))))
        shutdown = ShutdownSignal()
        services = _create_services(options, paths, database)
        app = create_app(
            token=info.token, jobs=services.jobs, journals=services.journals, runner=services.runner,
            learnings=services.learnings, stop=shutdown.request,
        )  # fmt: skip
        loop = stack.enter_context(closing(ServerLoop(app, listener, shutdown)))
        stack.callback(remove_daemon_info, paths.app_folder, info)
        stack.enter_context(_handle_signals(shutdown))
        _refresh_launcher(paths)
        write_daemon_info(paths.app_folder, info)
        services.runner.start()
        _log.info("Autocull %s listens on %s:%d (process %d).", __version__, HOST, info.port, info.pid)
        on_ready(f"Autocull listens on {HOST}:{info.port}. Its log is {paths.log}. Ctrl-C ends it.")
        if options.background:
            _silence_output()
        loop.run(partial(_check_ownership, lock, paths.app_folder, info, shutdown), services.stop)
        _log.info("Autocull stops.")


@dataclass(frozen=True, slots=True)
class _Services:
    """The parts of the daemon that the application needs."""

    jobs: JobStore
    journals: Journals
    runner: Runner
    learnings: Learnings

    def stop(self) -> None:
        """Stop all work, and wait for its end."""
        self.learnings.stop()
        self.runner.stop()


def _create_services(options: ServeOptions, paths: AppPaths, database: Database) -> _Services:
    previews, models = PreviewStore(paths.app_folder / PREVIEWS_FOLDER), models_root()
    queue = JobQueue(database, previews)
    jobs = JobStore(database, queue)
    runner = Runner(
        jobs,
        queue,
        store_file=options.store or paths.store,
        models=models,
        start_workers=partial(_start_workers, models, options.workers, options.time_limit),
        idle_s=options.idle_s,
    )
    return _Services(jobs, Journals(database), runner, Learnings(learn_command, paths.app_folder))


def _start_workers(models: Path, count: int, time_limit: float) -> Measurer:
    from autocull.pipeline import (
        Workers,
        make_measure,  # not needed by an idle daemon
    )

    return Workers(partial(make_measure, models), count=count, time_limit=time_limit)


def _refresh_launcher(paths: AppPaths) -> None:
    """Update the launcher to this version; otherwise the plug-in would restart the daemon again and again."""
    try:
        existing, current = (
            read_launcher(paths.app_folder, partial(_log.warning, "%s")),
            build_launcher(paths.log),
        )
        if existing is not None and existing != current:
            write_launcher(paths.app_folder, current)
    except DaemonError as error:
        _log.warning("%s", error.message)


def _check_ownership(lock: InstanceLock, folder: Path, info: DaemonInfo, shutdown: ShutdownSignal) -> None:
    """Request the shutdown if the lock file was removed (another daemon could start); else stay published."""
    if not lock.is_current():
        _log.warning("The lock was removed, so this daemon stops.")
        shutdown.request()
        return
    try:
        if _read_own_info(folder) != info:
            write_daemon_info(folder, info)
            _log.warning("daemon.json was removed or changed; it was written again.")
    except DaemonError as error:
        _log.warning("%s", error.message)


def _read_own_info(folder: Path) -> DaemonInfo | None:
    """Return what is published; None if it is missing, or something else is in its place."""
    try:
        return read_daemon_info(folder, partial(_log.warning, "%s"))
    except DaemonError:
        return None


@contextmanager
def _handle_signals(shutdown: ShutdownSignal) -> Iterator[None]:
    """Request the shutdown on the usual signals until the block ends; only in the main thread."""
    if current_thread() is not main_thread():
        yield
        return
    names = ["SIGINT", "SIGTERM", "SIGBREAK"]  # the last on Windows only
    if hasattr(signal, "SIGHUP") and signal.getsignal(signal.SIGHUP) != signal.SIG_IGN:
        names.append("SIGHUP")  # the terminal was closed, and nohup was not used
    numbers = [getattr(signal, name) for name in names if hasattr(signal, name)]
    previous_handlers = [signal.signal(number, lambda *_: shutdown.request()) for number in numbers]
    try:
        yield
    finally:
        for number, handler in zip(numbers, previous_handlers, strict=True):
            signal.signal(number, handler)


def _silence_output() -> None:
    """Redirect standard output and error to null: decoders name photos there, and the reader may be gone."""
    devnull = os.open(os.devnull, os.O_WRONLY)
    for descriptor in (1, 2):
        os.dup2(devnull, descriptor)
    os.close(devnull)
