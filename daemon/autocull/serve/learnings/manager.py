"""The learnings: decisions are taken in pieces, and a process of its own learns from them, one at a time.

They live in memory alone. What is learned is a profile in the user's data folder, which the process writes
whole or not at all; so a daemon that ends in the middle loses nothing but the time.
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
from tempfile import TemporaryDirectory
from threading import RLock, Thread
from uuid import uuid4

from autocull.errors import RequestError
from autocull.serve.insides import where
from autocull.serve.learnings.model import Decided, Learning, LearningState, Lesson, lesson_of, measured_of
from autocull.serve.process.process_group import end_family, started

Command = Callable[[Path, str], list[str]]
"""Gives the command that learns a profile (by name) from a file of decisions."""

MOST_DECISIONS = 500_000
"""Decisions of one learning: more than anybody makes in a life."""

KEPT = 20
"""Learnings that are remembered."""

_LINES, _LONGEST = 20, 500  # of what a process complains of
_log = logging.getLogger(__name__)


@dataclass(slots=True)
class _Lesson:
    """A learning with what belongs to it while it lives."""

    now: Learning
    folder: TemporaryDirectory[str]
    process: subprocess.Popen[str] | None = None

    @property
    def file(self) -> Path:
        return Path(self.folder.name) / "decisions.jsonl"


class Learnings:
    """Takes decisions, learns from them by the process that `command` names, and remembers what came of it.

    Methods that name a learning raise RequestError (`unknown_learning`) where there is none, as after a
    restart of the daemon. The decisions lie in a folder of the user's alone until the learning ends.
    """

    def __init__(self, command: Command, now: Callable[[], float] = time.time) -> None:
        self._command = command
        self._now = now
        self._lock = RLock()
        self._lessons: dict[str, _Lesson] = {}
        self._threads: list[Thread] = []

    def create(self, name: str, decisions: Iterable[Decided], *, more: bool) -> Learning:
        """Begin a learning with its first decisions; it learns as soon as no `more` follow.

        Raises RequestError (`wrong_state`) while another learns. One that is still open gives way: whoever
        sent it has gone.
        """
        with self._lock:
            for other in self._lessons.values():
                if other.now.state == "running":
                    message = "Autocull is learning already. Wait until it is done, or cancel that first."
                    raise RequestError(message, code="wrong_state")
                if other.now.state == "open":
                    self._end(other, "cancelled", None)
            fresh = Learning(uuid4().hex, name, "open", self._now())
            self._lessons[fresh.id] = _Lesson(fresh, TemporaryDirectory(prefix="autocull-learning-"))
            self._forget_old()
            return self.add(fresh.id, decisions, more=more)

    def add(self, learning: str, decisions: Iterable[Decided], *, more: bool) -> Learning:
        """Take further decisions; raises RequestError (`wrong_state`) where no more were to come."""
        with self._lock:
            lesson = self._find(learning)
            if lesson.now.state != "open":
                message = f"This learning takes no more decisions ({lesson.now.state})."
                raise RequestError(message, code="wrong_state")
            self._write(lesson, list(decisions))
            if not more:
                self._begin(lesson)
            return lesson.now

    def learning(self, learning: str) -> Learning:
        """Return a learning as it is now."""
        with self._lock:
            return self._find(learning).now

    def cancel(self, learning: str) -> Learning:
        """End a learning; nothing is learned. One that has ended stays as it ended."""
        with self._lock:
            lesson = self._find(learning)
            if not lesson.now.live:
                return lesson.now
            process, lesson.process = lesson.process, None
            self._end(lesson, "cancelled", None)
        if process is not None:
            end_family(process)
        return lesson.now

    def stop(self) -> None:
        """End what is being learned, and wait for it."""
        with self._lock:
            live = [lesson.now.id for lesson in self._lessons.values() if lesson.now.live]
        for learning in live:
            self.cancel(learning)
        for thread in self._threads:
            thread.join()

    def _find(self, learning: str) -> _Lesson:
        found = self._lessons.get(learning)
        if found is None:
            message = "There is no such learning. The daemon may have restarted meanwhile: begin again."
            raise RequestError(message, code="unknown_learning")
        return found

    def _forget_old(self) -> None:
        for old in list(self._lessons)[:-KEPT]:
            del self._lessons[old]

    def _write(self, lesson: _Lesson, decisions: list[Decided]) -> None:
        now = lesson.now
        if now.decisions + len(decisions) > MOST_DECISIONS:
            raise RequestError(f"A learning takes at most {MOST_DECISIONS:,} decisions.")
        with lesson.file.open("a", encoding="utf-8") as file:
            file.writelines(json.dumps(each._asdict()) + "\n" for each in decisions)
        selects = sum(each.decision == "select" for each in decisions)
        lesson.now = replace(now, decisions=now.decisions + len(decisions), selects=now.selects + selects)

    def _begin(self, lesson: _Lesson) -> None:
        lesson.now = replace(lesson.now, state="running")
        thread = Thread(target=self._learn, args=(lesson,), name="learning", daemon=True)
        self._threads = [*(each for each in self._threads if each.is_alive()), thread]
        thread.start()

    def _learn(self, lesson: _Lesson) -> None:
        try:
            state, found = self._outcome(lesson)
        except Exception as error:  # noqa: BLE001 - whatever happens ends this learning, and no other
            _log.error("A learning failed unexpectedly: %s", where(error))
            state, found = "failed", Lesson("The process that learns could not be started. See the log.")
        with self._lock:
            if lesson.now.live:
                self._end(lesson, state, found)

    def _outcome(self, lesson: _Lesson) -> tuple[LearningState, Lesson]:
        with self._lock:
            if not lesson.now.live:
                return "cancelled", Lesson("")
            process = started(self._command(lesson.file, lesson.now.name))
            lesson.process = process
        complained: deque[str] = deque(maxlen=_LINES)
        listening = Thread(target=self._listen, args=(lesson, process, complained), name="listening")
        listening.start()
        with process:
            assert process.stdout is not None
            said = process.stdout.read()
            listening.join()
        return lesson_of(process.returncode, said, "".join(complained))

    def _listen(self, lesson: _Lesson, process: subprocess.Popen[str], complained: deque[str]) -> None:
        """Hear how far the process is, and keep the end of what it complains of."""
        assert process.stderr is not None
        for line in process.stderr:
            complained.append(line[:_LONGEST])
            measured = measured_of(line)
            with self._lock:
                if measured is not None and lesson.now.live:
                    lesson.now = replace(lesson.now, measured=measured)

    def _end(self, lesson: _Lesson, state: LearningState, found: Lesson | None) -> None:
        lesson.now = replace(lesson.now, state=state, lesson=found)
        lesson.process = None
        with suppress(OSError):  # Windows keeps a file that somebody still reads
            lesson.folder.cleanup()
        _log.info("Learning from %d decisions: %s", lesson.now.decisions, state)
