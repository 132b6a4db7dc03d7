"""The daemon as a process: one per user, on this machine alone, until it is asked to end."""

from __future__ import annotations

import logging
import os
import secrets
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from threading import Event, Thread, current_thread, main_thread
from typing import TYPE_CHECKING, Any

from waitress import wasyncore  # type: ignore[import-untyped] # waitress ships no types

from autocull import __version__
from autocull.errors import DaemonError
from autocull.measure.models import models_root
from autocull.paths import Places
from autocull.serve.app import create_app
from autocull.serve.http.waitress_server import listen, make_server
from autocull.serve.jobs.runner import Runner
from autocull.serve.jobs.store import JobStore
from autocull.serve.learnings.manager import Learnings
from autocull.serve.process.client import HOST
from autocull.serve.process.instance_lock import LOCK, Lock
from autocull.serve.process.launch_command import launcher_now, learn_command
from autocull.serve.process.logging_setup import logging_to
from autocull.serve.process.runtime_files import (
    Published,
    launcher,
    publish,
    published,
    secure_folder,
    withdraw,
    write_launcher,
)

if TYPE_CHECKING:
    from autocull.pipeline.cull_run import Measurer

IDLE = 300.0
"""Seconds without a job after which the networks are unloaded."""

LOOK = 2.0
"""Seconds between looks at whether lock and published file are still ours."""

_TICK = 1.0
_FLUSHING = 2.0  # seconds in which the last answers must be taken
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """How to serve: port 0 is the system's choice; `workers` processes measure, `time_limit` s per photo.

    With `background` nobody looks at the terminal: once ready nothing is written there. With `debug` the log
    may name photos, and shows tracebacks.
    """

    workers: int
    host: str = HOST
    port: int = 0
    time_limit: float = 60.0
    idle_s: float = IDLE
    store: Path | None = None
    debug: bool = False
    background: bool = False


def serve(options: Options, places: Places, said: Callable[[str], None]) -> None:
    """Be the daemon until a signal or `/v1/shutdown` ends it; `said` hears when it is ready.

    Raises AlreadyRunning where this user has one, SettingsError for another host than this machine, and
    DaemonError where port, folder or disk are not usable; nothing is left behind then.
    """
    notes: list[str] = []
    secure_folder(places.own, notes.append)
    with ExitStack() as stack:
        lock = stack.enter_context(closing(Lock.take(places.own / LOCK)))
        listener = stack.enter_context(closing(listen(options.host, options.port)))
        mine = Published(listener.getsockname()[1], secrets.token_hex(32), os.getpid(), __version__)
        log = logging_to(places.log, hidden=(mine.token,), debug=options.debug, aloud=not options.background)
        stack.enter_context(log)
        for note in notes:
            _log.warning("%s", note)
        jobs = stack.enter_context(closing(JobStore(places.jobs, partial(_log.warning, "%s"))))
        runner = _runner(options, places, jobs)
        ending = Ending()
        learnings = Learnings(learn_command)
        app = create_app(token=mine.token, jobs=jobs, runner=runner, learnings=learnings, stop=ending.ask)
        loop = stack.enter_context(closing(Loop(app, listener, ending)))
        stack.callback(withdraw, places.own, mine)
        stack.enter_context(_signals(ending))
        _refresh_launcher(places)
        publish(places.own, mine)
        runner.start()
        _log.info("Autocull %s listens on %s:%d (process %d).", __version__, HOST, mine.port, mine.pid)
        said(f"Autocull listens on {HOST}:{mine.port}. Its log is {places.log}. Ctrl-C ends it.")
        if options.background:
            _fall_silent()
        loop.run(partial(_look, lock, places.own, mine, ending), partial(_finish, runner, learnings))
        _log.info("Autocull ends.")


@dataclass(slots=True)
class Ending:
    """The wish that the daemon ends, from a signal, a request or itself; asking again changes nothing."""

    wake: Callable[[], None] = lambda: None
    _asked: Event = field(default_factory=Event)

    def ask(self) -> None:
        """Let the daemon end; returns at once, also in a signal handler."""
        self._asked.set()
        self.wake()

    @property
    def asked(self) -> bool:
        """Whether anybody has asked."""
        return self._asked.is_set()


class Loop:
    """Waits for connections and answers them, until `ending` was asked and everything is finished."""

    def __init__(self, app: Callable[..., Any], listener: Any, ending: Ending) -> None:
        self._sockets: dict[int, Any] = {}
        self._server = make_server(app, listener, self._sockets)
        self._ending = ending
        ending.wake = self._server.pull_trigger

    def run(self, look: Callable[[], None], finish: Callable[[], None]) -> None:
        """Answer; `look` is called now and then, `finish` once, beside the answering, when it is to end."""
        finished = Event()
        finishing = Thread(target=self._finish, args=(finish, finished), name="finishing")
        next_look = time.monotonic() + LOOK
        while not self._ending.asked:
            self._turn()
            if time.monotonic() >= next_look:
                look()
                next_look = time.monotonic() + LOOK
        finishing.start()
        while not finished.is_set():
            self._turn()
        finishing.join()
        deadline = time.monotonic() + _FLUSHING
        while self._owes() and time.monotonic() < deadline:
            self._turn()

    def close(self) -> None:
        """Stop listening, and let go of every connection."""
        self._server.task_dispatcher.shutdown()
        wasyncore.close_all(self._sockets, ignore_all=True)

    def _finish(self, finish: Callable[[], None], finished: Event) -> None:
        try:
            finish()
        finally:
            finished.set()
            self._ending.wake()

    def _turn(self) -> None:
        wasyncore.loop(timeout=_TICK, use_poll=True, map=self._sockets, count=1)

    def _owes(self) -> bool:
        channels = list(self._server.active_channels.values())
        return any(channel.requests or channel.total_outbufs_len for channel in channels)


def _finish(runner: Runner, learnings: Learnings) -> None:
    learnings.stop()
    runner.stop()


def _runner(options: Options, places: Places, jobs: JobStore) -> Runner:
    models = models_root()
    return Runner(
        jobs,
        store_file=options.store or places.store,
        models=models,
        start_workers=partial(_start_workers, models, options.workers, options.time_limit),
        idle_s=options.idle_s,
    )


def _start_workers(models: Path, count: int, time_limit: float) -> Measurer:
    from autocull.pipeline.worker_main import ensemble_at  # what an idle daemon does not need
    from autocull.pipeline.worker_pool import Workers

    return Workers(partial(ensemble_at, models), count=count, time_limit=time_limit)


def _refresh_launcher(places: Places) -> None:
    """Bring what `autocull install` wrote to this version, or the plug-in would replace us for ever."""
    try:
        written, now = launcher(places.own, partial(_log.warning, "%s")), launcher_now(places.log)
        if written is not None and written != now:
            write_launcher(places.own, now)
    except DaemonError as error:
        _log.warning("%s", error.message)


def _look(lock: Lock, folder: Path, mine: Published, ending: Ending) -> None:
    """End where our folder was taken away, as the next daemon could not know of us; else stay published."""
    if not lock.is_ours():
        _log.warning("The lock was removed, so this daemon ends.")
        ending.ask()
        return
    try:
        if published(folder, partial(_log.warning, "%s")) != mine:
            publish(folder, mine)
            _log.warning("daemon.json was removed or changed; it was written again.")
    except DaemonError as error:
        _log.warning("%s", error.message)


@contextmanager
def _signals(ending: Ending) -> Iterator[None]:
    """Let the signals that end a process ask us to, until the block ends; only the main thread hears any."""
    if current_thread() is not main_thread():
        yield
        return
    names = ["SIGINT", "SIGTERM", "SIGBREAK"]  # the last on Windows alone
    if hasattr(signal, "SIGHUP") and signal.getsignal(signal.SIGHUP) != signal.SIG_IGN:
        names.append("SIGHUP")  # the terminal was closed, and nobody said nohup
    numbers = [getattr(signal, name) for name in names if hasattr(signal, name)]
    before = [signal.signal(number, lambda *_: ending.ask()) for number in numbers]
    try:
        yield
    finally:
        for number, handler in zip(numbers, before, strict=True):
            signal.signal(number, handler)


def _fall_silent() -> None:
    """Write nothing more to whoever started us: decoders name photos there, and the reader may be gone."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for descriptor in (1, 2):
        os.dup2(nowhere, descriptor)
    os.close(nowhere)
