"""Access to files with a time limit, so that a drive that hangs does not block the other drives."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from functools import partial
from pathlib import Path, PurePosixPath, PureWindowsPath
from queue import Empty, SimpleQueue
from threading import Thread

from autocull.errors import PhotoError
from autocull.pipeline import Identify, identify
from autocull.read import Frame, reachable

PROBE_TIMEOUT = 10.0
"""Seconds within which a drive must report whether a file exists."""

FINGERPRINT_TIMEOUT = 60.0
"""Seconds within which the picture of a file must be read, which may have hundreds of megabytes."""

_MOUNTS = Path("/proc/self/mountinfo")
_ESCAPED = re.compile(r"\\([0-7]{3})")
_BLOCK = 1 << 20


class FileProbe:
    """Returns the identity of frames, each within `timeout` seconds.

    If a call hangs, its thread is abandoned, and other files of that drive fail at once until it returns: a
    drive that is gone costs the timeout once, not once per photo or folder. `find_drive` returns what a file
    shares with the other files of its drive.
    """

    def __init__(
        self,
        timeout: float = PROBE_TIMEOUT,
        identify: Identify = identify,
        find_drive: Callable[[Path], Path] | None = None,
    ) -> None:
        self._timeout = timeout
        self._identify = identify
        self._find_drive = find_drive or (lambda path: drive_of(path, sys.platform, list_mounts()))
        self._hung_threads: dict[Path, Thread] = {}

    def __call__(self, frame: Frame, versions: Mapping[str, str]) -> bytes | None:
        """Return the frame's identity, None if the file does not exist; raises PhotoError (`timeout`)."""
        return self._run(frame, partial(self._identify, frame, versions), self._timeout)

    def fingerprint(self, frame: Frame) -> bytes | None:
        """Return the frame's fingerprint; raises PhotoError (`timeout`) if its drive hangs meanwhile."""
        from autocull.read import fingerprint_frame  # not needed where no file has changed

        return self._run(frame, partial(fingerprint_frame, frame), max(self._timeout, FINGERPRINT_TIMEOUT))

    def check_drive(self, frame: Frame) -> None:
        """Raise PhotoError (`timeout`) if the drive of a frame hangs, without access to it."""
        drive = self._find_drive(frame.path)
        thread = self._hung_threads.get(drive)
        if thread is not None and thread.is_alive():
            raise _timeout_error(frame, self._timeout)
        self._hung_threads.pop(drive, None)

    def watch(self, frame: Frame) -> None:
        """Read a file that a worker could not read in time: while that hangs, so does its drive."""
        with suppress(PhotoError):
            self._run(frame, partial(_read_through, frame), self._timeout)

    def _run(self, frame: Frame, call: Callable[[], bytes | None], timeout: float) -> bytes | None:
        self.check_drive(frame)
        results: SimpleQueue[bytes | Exception | None] = SimpleQueue()
        thread = Thread(target=_put_result, args=(call, results), name="file probe", daemon=True)
        thread.start()
        try:
            result = results.get(timeout=timeout)
        except Empty:
            self._hung_threads[self._find_drive(frame.path)] = thread
            raise _timeout_error(frame, timeout) from None
        if isinstance(result, Exception):
            raise result
        return result


def drive_of(path: Path, platform: str, mounts: Iterable[str]) -> Path:
    """Return drive or share (Windows), else the mount point; the folder of a file on the system's drive.

    Of that drive no file may make all others fail: a single folder of it may be a network's.
    """
    if platform == "win32":
        return Path(PureWindowsPath(path).anchor or path.parent)
    parents = [*PurePosixPath(path).parents][:-1]
    if platform == "darwin":
        mounts = [str(parent) for parent in parents if str(parent.parent) == "/Volumes"]
    mounted = set(mounts)
    return Path(next((parent for parent in parents if str(parent) in mounted), path.parent))


def list_mounts() -> list[str]:
    """Return the mount points where the system lists them as a file (Linux); this never waits for a drive."""
    try:
        lines = _MOUNTS.read_text("utf-8", "surrogateescape").splitlines()
    except OSError:
        return []
    fields = (line.split(" ") for line in lines)
    return [_ESCAPED.sub(lambda match: chr(int(match[1], 8)), each[4]) for each in fields if len(each) > 4]


def _put_result(call: Callable[[], bytes | None], results: SimpleQueue[bytes | Exception | None]) -> None:
    try:
        results.put(call())
    except Exception as error:  # noqa: BLE001 - raised again in the calling thread
        results.put(error)


def _read_through(frame: Frame) -> None:
    """Read a file to its end, and keep nothing."""
    with suppress(OSError), reachable(frame.path).open("rb") as file:
        while file.read(_BLOCK):
            pass


def _timeout_error(frame: Frame, timeout: float) -> PhotoError:
    message = (
        f"Its drive did not answer within {timeout:g} s. Check the drive or the network, then try again."
    )
    return PhotoError(frame.path, message, code="timeout", parameters={"seconds": timeout})
