"""Looking at files without waiting for ever: a network drive that does not answer holds up nobody."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from queue import Empty, SimpleQueue
from threading import Thread

from autocull.errors import PhotoError
from autocull.pipeline.evidence_cache import Identify
from autocull.pipeline.evidence_store import identify
from autocull.read import Frame

PATIENCE = 10.0
"""Seconds that a drive has to say whether a file is there."""


class Looking:
    """Takes the identity of frames, each within `limit` seconds.

    Where a look hangs, its thread is left behind with it, and no other file of that folder is looked at until
    it comes back: so a drive that is gone costs the limit once, not once per photo.
    """

    def __init__(self, limit: float = PATIENCE, identify: Identify = identify) -> None:
        self._limit = limit
        self._identify = identify
        self._hanging: dict[Path, Thread] = {}

    def __call__(self, frame: Frame, versions: Mapping[str, str]) -> bytes | None:
        """Return the frame's identity, None where there is no such file; raises PhotoError `timeout`."""
        folder = frame.path.parent
        self._hanging = {place: thread for place, thread in self._hanging.items() if thread.is_alive()}
        if folder in self._hanging:
            raise _timeout(frame, self._limit)
        answers: SimpleQueue[bytes | Exception | None] = SimpleQueue()
        thread = Thread(target=self._look, args=(frame, versions, answers), name="looking", daemon=True)
        thread.start()
        try:
            answer = answers.get(timeout=self._limit)
        except Empty:
            self._hanging[folder] = thread
            raise _timeout(frame, self._limit) from None
        if isinstance(answer, Exception):
            raise answer
        return answer

    def _look(
        self, frame: Frame, versions: Mapping[str, str], answers: SimpleQueue[bytes | Exception | None]
    ) -> None:
        try:
            answers.put(self._identify(frame, versions))
        except Exception as error:  # noqa: BLE001 - raised again where it was asked for
            answers.put(error)


def _timeout(frame: Frame, limit: float) -> PhotoError:
    message = f"Its drive did not answer within {limit:g} s. Check the drive or the network, then try again."
    return PhotoError(frame.path, message, code="timeout")
