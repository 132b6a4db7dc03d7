"""Identification of files with a time limit, so that a network drive that hangs does not block the runner."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from queue import Empty, SimpleQueue
from threading import Thread

from autocull.errors import PhotoError
from autocull.pipeline import Identify, identify
from autocull.read import Frame

PROBE_TIMEOUT = 10.0
"""Seconds within which a drive must report whether a file exists."""


class FileProbe:
    """Returns the identity of frames, each within `timeout` seconds.

    If a call hangs, its thread is abandoned, and other files of that folder fail at once until it returns: a
    drive that is gone costs the timeout once, not once per photo.
    """

    def __init__(self, timeout: float = PROBE_TIMEOUT, identify: Identify = identify) -> None:
        self._timeout = timeout
        self._identify = identify
        self._hung_threads: dict[Path, Thread] = {}

    def __call__(self, frame: Frame, versions: Mapping[str, str]) -> bytes | None:
        """Return the frame's identity, None if the file does not exist; raises PhotoError (`timeout`)."""
        folder = frame.path.parent
        self._hung_threads = {
            path: thread for path, thread in self._hung_threads.items() if thread.is_alive()
        }
        if folder in self._hung_threads:
            raise _timeout_error(frame, self._timeout)
        results: SimpleQueue[bytes | Exception | None] = SimpleQueue()
        thread = Thread(target=self._probe, args=(frame, versions, results), name="file probe", daemon=True)
        thread.start()
        try:
            result = results.get(timeout=self._timeout)
        except Empty:
            self._hung_threads[folder] = thread
            raise _timeout_error(frame, self._timeout) from None
        if isinstance(result, Exception):
            raise result
        return result

    def _probe(
        self, frame: Frame, versions: Mapping[str, str], results: SimpleQueue[bytes | Exception | None]
    ) -> None:
        try:
            results.put(self._identify(frame, versions))
        except Exception as error:  # noqa: BLE001 - raised again in the calling thread
            results.put(error)


def _timeout_error(frame: Frame, timeout: float) -> PhotoError:
    message = (
        f"Its drive did not answer within {timeout:g} s. Check the drive or the network, then try again."
    )
    return PhotoError(frame.path, message, code="timeout", parameters={"seconds": timeout})
