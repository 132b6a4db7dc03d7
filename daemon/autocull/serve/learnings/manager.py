"""The learnings: collects decisions that arrive in parts, and runs one training process at a time.

Learnings are kept in memory only. The result is a taste in the user's data folder, which the process writes
completely or not at all; so a daemon that ends meanwhile loses nothing but time.
"""

from __future__ import annotations

import json
import logging
import subprocess
import time
from collections import deque
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from shutil import rmtree
from tempfile import TemporaryDirectory
from threading import RLock, Thread
from uuid import uuid4

from autocull.errors import Problem, RequestError, exception_origin
from autocull.private_files import make_private_subfolder
from autocull.serve.learnings.model import (
    Learning,
    LearningDecision,
    LearningResult,
    LearningState,
    parse_progress,
    parse_result,
)
from autocull.serve.process import start_process, terminate_tree

CommandBuilder = Callable[[Path, str], list[str]]
"""Returns the command that learns a taste (by name) from a file of decisions."""

LEARNINGS_FOLDER = "learnings"
"""The name of the folder within the one that plug-in and daemon share."""

MAX_DECISIONS = 500_000
"""The maximum number of decisions of one learning."""

MAX_KEPT = 20
"""The number of learnings that are kept in memory."""

_STDERR_LINES, _MAX_LINE_LENGTH = 20, 500  # how much of the process's standard error is kept
_log = logging.getLogger(__name__)


@dataclass(slots=True)
class _LearningTask:
    """A learning with the folder of its decisions and its process."""

    learning: Learning
    folder: TemporaryDirectory[str]
    process: subprocess.Popen[str] | None = None

    @property
    def file(self) -> Path:
        return Path(self.folder.name) / "decisions.jsonl"


class Learnings:
    """Collects decisions, learns from them in the process that `command` returns, and keeps the results.

    Methods that take a learning's id raise RequestError (`unknown_learning`) if it does not exist, as after a
    restart of the daemon. The decisions are in a private folder within `folder` until the learning ends; what
    a daemon that was killed left there is deleted. So `folder` must be that of one daemon.
    """

    def __init__(self, command: CommandBuilder, folder: Path, now: Callable[[], float] = time.time) -> None:
        self._command = command
        self._folder = folder / LEARNINGS_FOLDER
        self._now = now
        self._lock = RLock()
        self._tasks: dict[str, _LearningTask] = {}
        self._threads: list[Thread] = []
        rmtree(self._folder, ignore_errors=True)

    def create(self, name: str, decisions: Iterable[LearningDecision], *, more: bool) -> Learning:
        """Create a learning with its first decisions; the training starts unless `more` follow.

        Raises RequestError (`wrong_state`) while another learning runs. One that is still open is cancelled:
        its client has gone.
        """
        with self._lock:
            for other in self._tasks.values():
                if other.learning.state == "running":
                    message = "Autocull is already learning. Wait until that is done, or cancel it first."
                    raise RequestError(message, code="wrong_state", parameters={"reason": "learning_running"})
                if other.learning.state == "open":
                    self._end(other, "cancelled", None)
            learning = Learning(uuid4().hex, name, "open", self._now())
            make_private_subfolder(self._folder)
            self._tasks[learning.id] = _LearningTask(learning, TemporaryDirectory(dir=self._folder))
            self._forget_old()
            return self.add(learning.id, decisions, more=more)

    def add(self, learning: str, decisions: Iterable[LearningDecision], *, more: bool) -> Learning:
        """Add decisions; raises RequestError (`wrong_state`) if the learning is not open."""
        with self._lock:
            task = self._find(learning)
            if task.learning.state != "open":
                message = f"This learning accepts no more decisions ({task.learning.state})."
                parameters = {"reason": "learning_closed", "state": task.learning.state}
                raise RequestError(message, code="wrong_state", parameters=parameters)
            self._write_decisions(task, list(decisions))
            if not more:
                self._start(task)
            return task.learning

    def get(self, learning: str) -> Learning:
        """Return a learning as it is now."""
        with self._lock:
            return self._find(learning).learning

    def cancel(self, learning: str) -> Learning:
        """Cancel a learning; nothing is learned. A learning that has ended does not change."""
        with self._lock:
            task = self._find(learning)
            if not task.learning.live:
                return task.learning
            process, task.process = task.process, None
            self._end(task, "cancelled", None)
        if process is not None:
            terminate_tree(process)
        return task.learning

    def stop(self) -> None:
        """Cancel all learnings, and wait for their threads."""
        with self._lock:
            live = [task.learning.id for task in self._tasks.values() if task.learning.live]
        for learning in live:
            self.cancel(learning)
        for thread in self._threads:
            thread.join()

    def _find(self, learning: str) -> _LearningTask:
        task = self._tasks.get(learning)
        if task is None:
            message = "There is no such learning. The daemon may have restarted meanwhile: start again."
            raise RequestError(message, code="unknown_learning")
        return task

    def _forget_old(self) -> None:
        for old_id in list(self._tasks)[:-MAX_KEPT]:
            del self._tasks[old_id]

    def _write_decisions(self, task: _LearningTask, decisions: list[LearningDecision]) -> None:
        learning = task.learning
        if learning.decisions + len(decisions) > MAX_DECISIONS:
            message = f"A learning takes at most {MAX_DECISIONS:,} decisions."
            raise RequestError(message, parameters={"reason": "decisions", "maximum": MAX_DECISIONS})
        with task.file.open("a", encoding="utf-8") as file:
            file.writelines(json.dumps(each._asdict()) + "\n" for each in decisions)
        selects = sum(each.decision == "select" for each in decisions)
        task.learning = replace(
            learning, decisions=learning.decisions + len(decisions), selects=learning.selects + selects
        )

    def _start(self, task: _LearningTask) -> None:
        task.learning = replace(task.learning, state="running")
        thread = Thread(target=self._run, args=(task,), name="learning", daemon=True)
        self._threads = [*(each for each in self._threads if each.is_alive()), thread]
        thread.start()

    def _run(self, task: _LearningTask) -> None:
        try:
            state, result = self._run_process(task)
        except Exception as error:  # noqa: BLE001 - any failure ends this learning only
            _log.error("A learning failed unexpectedly: %s", exception_origin(error))
            message = "The learning process could not be started. See the log."
            state, result = "failed", LearningResult(message, Problem("not_started", message))
        with self._lock:
            if task.learning.live:
                self._end(task, state, result)

    def _run_process(self, task: _LearningTask) -> tuple[LearningState, LearningResult]:
        with self._lock:
            if not task.learning.live:
                return "cancelled", LearningResult("")
            process = start_process(self._command(task.file, task.learning.name))
            task.process = process
        stderr_lines: deque[str] = deque(maxlen=_STDERR_LINES)
        reader = Thread(target=self._read_progress, args=(task, process, stderr_lines), name="progress")
        reader.start()
        with process:
            assert process.stdout is not None
            stdout = process.stdout.read()
            reader.join()
        return parse_result(process.returncode, stdout, "".join(stderr_lines))

    def _read_progress(
        self, task: _LearningTask, process: subprocess.Popen[str], stderr_lines: deque[str]
    ) -> None:
        """Update the learning from the lines of progress, and keep the last of the other lines."""
        assert process.stderr is not None
        for line in process.stderr:
            progress = parse_progress(line)
            if progress is None:
                stderr_lines.append(line[:_MAX_LINE_LENGTH])
                continue
            with self._lock:
                if task.learning.live:
                    task.learning = replace(task.learning, measured=progress)

    def _end(self, task: _LearningTask, state: LearningState, result: LearningResult | None) -> None:
        task.learning = replace(task.learning, state=state, result=result)
        task.process = None
        with suppress(OSError):  # Windows does not delete a file that is still open
            task.folder.cleanup()
        _log.info("Learning from %d decisions: %s", task.learning.decisions, state)
