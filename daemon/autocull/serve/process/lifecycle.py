"""Looking at the daemon from outside, starting and stopping it.

Only who holds the lock is the daemon. Where nobody holds it, `daemon.json` is left from one that died, and
whoever answers on that port is a stranger, who never gets the token.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from autocull import __version__
from autocull.errors import DaemonError
from autocull.paths import Places
from autocull.serve.process.client import ask, listens
from autocull.serve.process.instance_lock import LOCK, holder, is_held
from autocull.serve.process.launch_command import serve_command
from autocull.serve.process.runtime_files import Note, Published, published, secure_folder, withdraw
from autocull.serve.routes.health import PRODUCT

STARTING = 60.0
"""Seconds in which a daemon must answer; on a machine at its ease it does so within one."""

STOPPING = 60.0
"""Seconds in which a daemon must have ended after it was asked: the photos in work are finished first."""

_KILLING = 10.0
_SILENT = 15.0  # seconds after which a daemon that answers nothing is not only starting
_POLL = 0.05
_LINES = 5
State = Literal["stopped", "left behind", "stranger", "starting", "silent", "refused", "stopping", "running"]
Launch = Callable[[], "subprocess.Popen[bytes]"]


@dataclass(frozen=True, slots=True)
class Seen:
    """What a look found: the state, what is published, who holds the lock, and the daemon's own status.

    stopped: nobody. left behind: the file of a daemon that died. stranger: another program listens where that
    was. starting, stopping: soon another state. silent: holds the lock and does not answer. refused: answers,
    but not to our token. running: answers.
    """

    state: State
    published: Published | None = None
    pid: int | None = None
    status: dict[str, Any] | None = None

    @property
    def held(self) -> bool:
        """Whether a daemon lives."""
        return self.state not in ("stopped", "left behind", "stranger")

    @property
    def version(self) -> str:
        """The running daemon's version, "" where it does not say."""
        return str((self.status or {}).get("version", ""))


def look(places: Places, note: Note) -> Seen:
    """Look at the daemon of these places; `note` hears what is wrong with its files."""
    file = places.own / LOCK
    if not is_held(file):
        left = published(places.own, note)
        if left is None:
            return Seen("stopped")
        return Seen("stranger" if listens(left.port) else "left behind", left)
    pid, found = holder(file), published(places.own, note)
    if found is None or found.pid != pid:
        return Seen("starting", None, pid)
    return _asked(found, pid)


def _asked(found: Published, pid: int) -> Seen:
    ping = ask(found.port, "GET", "/ping")
    if ping is None or (ping.content or {}).get("product") != PRODUCT:
        return Seen("silent", found, pid)
    status = ask(found.port, "GET", "/v1/status", found.token)
    if status is None:
        return Seen("silent", found, pid)
    if status.status != 200 or status.content is None:
        return Seen("refused", found, pid)
    stopping = status.content.get("state") == "stopping"
    return Seen("stopping" if stopping else "running", found, pid, status.content)


def start(places: Places, note: Note, launch: Launch | None = None, patience: float = STARTING) -> Seen:
    """Return once a daemon of this version runs: the one there is, or a new one; an older one is replaced.

    Raises DaemonError with the reason and the log's place where none answers within `patience` seconds.
    """
    secure_folder(places.own, note)
    deadline = time.monotonic() + patience
    child: subprocess.Popen[bytes] | None = None
    while time.monotonic() < deadline:
        seen = look(places, note)
        if seen.state == "running" and seen.version == __version__:
            return seen
        if seen.state == "running":
            note(f"Autocull {seen.version} is replaced by {__version__}.")
            stop(places, note)
        elif not seen.held and child is None:
            child = launch() if launch else _launched(places)
        elif not seen.held and child is not None and child.poll() == 0:
            child = None  # it met another daemon, which has gone since
        elif not seen.held and child is not None and child.poll() is not None:
            raise _not_started(places, f"it ended at once (exit code {child.returncode})")
        time.sleep(_POLL)
    raise _not_started(places, f"it does not answer after {patience:g} s")


def stop(places: Places, note: Note, patience: float = STOPPING) -> bool:
    """End the daemon: ask it, and where it does not hear, end its process; False where none was running.

    Only the process that holds the lock is ever ended. Raises DaemonError where it cannot be.
    """
    began = time.monotonic()
    asked = found = False
    seen = look(places, note)
    while seen.held:
        found = True
        waited = time.monotonic() - began
        if seen.state == "running" and not asked and seen.published is not None:
            asked = ask(seen.published.port, "POST", "/v1/shutdown", seen.published.token) is not None
        if waited > patience or (waited > _SILENT and seen.state not in ("running", "stopping")):
            note(f"The daemon (process {seen.pid}) does not hear, so its process is ended.")
            _end(places.own / LOCK)
        time.sleep(_POLL)
        seen = look(places, note)
    if seen.published is not None:
        withdraw(places.own, seen.published)
    return found


def log_of_start(places: Places) -> Path:
    """Return the file that holds what a daemon said before it was ready."""
    return places.own / "start.log"


def detached(platform: str) -> dict[str, Any]:
    """Return what makes a child live on without its parent, its terminal or a console window."""
    if platform == "win32":
        no_window, new_group, detached_process = 0x08000000, 0x00000200, 0x00000008
        return {"creationflags": no_window | new_group | detached_process}
    return {"start_new_session": True}


def _launched(places: Places) -> subprocess.Popen[bytes]:
    """Start a daemon on its own; what it says until it is ready goes into a file."""
    try:
        with log_of_start(places).open("wb") as said:
            return subprocess.Popen(  # noqa: S603 - our own command
                serve_command(),
                stdin=subprocess.DEVNULL,
                stdout=said,
                stderr=said,
                cwd=places.own.parent,  # no drive is kept from being ejected
                **detached(sys.platform),
            )
    except OSError as error:
        raise _not_started(places, error.strerror or str(error)) from error


def _not_started(places: Places, reason: str) -> DaemonError:
    said = ""
    if log_of_start(places).is_file():
        lines = log_of_start(places).read_text("utf-8", "replace").strip().splitlines()
        said = "".join(f"\n  {line}" for line in lines[-_LINES:])
    advice = f"Its log is {places.log}; `autocull doctor` says more."
    return DaemonError(f"The daemon was not started: {reason}. {advice}{said}")


def _end(file: Path) -> None:
    """End the process that holds the lock: by asking the system nicely, then for good."""
    for number in (signal.SIGTERM, getattr(signal, "SIGKILL", signal.SIGTERM)):
        pid = holder(file)
        if pid is None:
            return
        try:
            os.kill(pid, number)
        except ProcessLookupError:
            return
        except PermissionError as error:
            raise DaemonError(f"Process {pid} may not be ended. End it by hand, then try again.") from error
        deadline = time.monotonic() + _KILLING
        while holder(file) == pid and time.monotonic() < deadline:
            time.sleep(_POLL)
    if is_held(file):
        raise DaemonError(f"Process {holder(file)} does not end. End it by hand, then try again.")
