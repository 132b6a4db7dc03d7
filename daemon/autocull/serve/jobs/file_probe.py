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

PROBE_TIMEOUT = 10.0
"""Seconds that a drive has to say whether a file is there."""


class FileProbe:
    """Takes the identity of frames, each within `limit` seconds.

    Where a look hangs, its thread is left behind with it, and no other file of that folder is looked at until
    it comes back: so a drive that is gone costs the limit once, not once per photo.
    """

    def __init__(self, timeout: float = PROBE_TIMEOUT, identify: Identify = identify) -> None:
        self._timeout = timeout
        self._identify = identify
        self._hung_threads: dict[Path, Thread] = {}

    def __call__(self, frame: Frame, versions: Mapping[str, str]) -> bytes | None:
        """Return the frame's identity, None where there is no such file; raises PhotoError `timeout`."""
        folder = frame.path.parent
        self._hung_threads = {
            path: thread for path, thread in self._hung_threads.items() if thread.is_alive()
        }
        if folder in self._hung_threads:
            raise _timeout_error(frame, self._timeout)
        results: SimpleQueue[bytes | Exception | None] = SimpleQueue()
        thread = Thread(target=self._probe, args=(frame, versions, results), name="looking", daemon=True)
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
        except Exception as error:  # noqa: BLE001 - raised again where it was asked for
            results.put(error)


def _timeout_error(frame: Frame, timeout: float) -> PhotoError:
    message = (
        f"Its drive did not answer within {timeout:g} s. Check the drive or the network, then try again."
    )
    return PhotoError(frame.path, message, code="timeout")
