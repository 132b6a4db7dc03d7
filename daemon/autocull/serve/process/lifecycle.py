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
from autocull.paths import AppPaths
from autocull.serve.process.client import is_listening, send_request
from autocull.serve.process.instance_lock import LOCK_FILE, holder_pid, is_held
from autocull.serve.process.launch_command import serve_command
from autocull.serve.process.runtime_files import (
    DaemonInfo,
    WarningCallback,
    read_daemon_info,
    remove_daemon_info,
    secure_folder,
)
from autocull.serve.routes.health import PRODUCT

START_TIMEOUT = 60.0
"""Seconds in which a daemon must answer; on a machine at its ease it does so within one."""

STOP_TIMEOUT = 60.0
"""Seconds in which a daemon must have ended after it was asked: the photos in work are finished first."""

_KILL_TIMEOUT = 10.0
_SILENCE_TIMEOUT = 15.0  # seconds after which a daemon that answers nothing is not only starting
_POLL_INTERVAL = 0.05
_LOG_LINES = 5
LifecycleState = Literal[
    "stopped", "left behind", "stranger", "starting", "silent", "refused", "stopping", "running"
]
LaunchFunction = Callable[[], "subprocess.Popen[bytes]"]


@dataclass(frozen=True, slots=True)
class DaemonState:
    """What a look found: the state, what is published, who holds the lock, and the daemon's own status.

    stopped: nobody. left behind: the file of a daemon that died. stranger: another program listens where that
    was. starting, stopping: soon another state. silent: holds the lock and does not answer. refused: answers,
    but not to our token. running: answers.
    """

    state: LifecycleState
    info: DaemonInfo | None = None
    pid: int | None = None
    status: dict[str, Any] | None = None

    @property
    def alive(self) -> bool:
        """Whether a daemon lives."""
        return self.state not in ("stopped", "left behind", "stranger")

    @property
    def version(self) -> str:
        """The running daemon's version, "" where it does not say."""
        return str((self.status or {}).get("version", ""))


def probe(paths: AppPaths, on_warning: WarningCallback) -> DaemonState:
    """Look at the daemon of these places; `on_warning` hears what is wrong with its files."""
    file = paths.app_folder / LOCK_FILE
    if not is_held(file):
        leftover = read_daemon_info(paths.app_folder, on_warning)
        if leftover is None:
            return DaemonState("stopped")
        return DaemonState("stranger" if is_listening(leftover.port) else "left behind", leftover)
    pid, info = holder_pid(file), read_daemon_info(paths.app_folder, on_warning)
    if info is None or info.pid != pid:
        return DaemonState("starting", None, pid)
    return _query_daemon(info, pid)


def _query_daemon(info: DaemonInfo, pid: int) -> DaemonState:
    ping = send_request(info.port, "GET", "/ping")
    if ping is None or (ping.content or {}).get("product") != PRODUCT:
        return DaemonState("silent", info, pid)
    status = send_request(info.port, "GET", "/v1/status", info.token)
    if status is None:
        return DaemonState("silent", info, pid)
    if status.status != 200 or status.content is None:
        return DaemonState("refused", info, pid)
    stopping = status.content.get("state") == "stopping"
    return DaemonState("stopping" if stopping else "running", info, pid, status.content)


def start(
    paths: AppPaths,
    on_warning: WarningCallback,
    launch: LaunchFunction | None = None,
    timeout: float = START_TIMEOUT,
) -> DaemonState:
    """Return once a daemon of this version runs: the one there is, or a new one; an older one is replaced.

    Raises DaemonError with the reason and the log's place where none answers within `timeout` seconds.
    """
    secure_folder(paths.app_folder, on_warning)
    deadline = time.monotonic() + timeout
    process: subprocess.Popen[bytes] | None = None
    while time.monotonic() < deadline:
        daemon = probe(paths, on_warning)
        if daemon.state == "running" and daemon.version == __version__:
            return daemon
        if daemon.state == "running":
            on_warning(f"Autocull {daemon.version} is replaced by {__version__}.")
            stop(paths, on_warning)
        elif not daemon.alive and process is None:
            process = launch() if launch else _launch(paths)
        elif not daemon.alive and process is not None and process.poll() == 0:
            process = None  # it met another daemon, which has gone since
        elif not daemon.alive and process is not None and process.poll() is not None:
            raise _start_error(paths, f"it ended at once (exit code {process.returncode})")
        time.sleep(_POLL_INTERVAL)
    raise _start_error(paths, f"it does not answer after {timeout:g} s")


def stop(paths: AppPaths, on_warning: WarningCallback, timeout: float = STOP_TIMEOUT) -> bool:
    """End the daemon: ask it, and where it does not hear, end its process; False where none was running.

    Only the process that holds the lock is ever ended. Raises DaemonError where it cannot be.
    """
    started_at = time.monotonic()
    requested = was_running = False
    daemon = probe(paths, on_warning)
    while daemon.alive:
        was_running = True
        waited = time.monotonic() - started_at
        if daemon.state == "running" and not requested and daemon.info is not None:
            requested = send_request(daemon.info.port, "POST", "/v1/shutdown", daemon.info.token) is not None
        if waited > timeout or (waited > _SILENCE_TIMEOUT and daemon.state not in ("running", "stopping")):
            on_warning(f"The daemon (process {daemon.pid}) does not hear, so its process is ended.")
            _terminate(paths.app_folder / LOCK_FILE)
        time.sleep(_POLL_INTERVAL)
        daemon = probe(paths, on_warning)
    if daemon.info is not None:
        remove_daemon_info(paths.app_folder, daemon.info)
    return was_running


def start_log_path(paths: AppPaths) -> Path:
    """Return the file that holds what a daemon said before it was ready."""
    return paths.app_folder / "start.log"


def detached_options(platform: str) -> dict[str, Any]:
    """Return what makes a child live on without its parent, its terminal or a console window."""
    if platform == "win32":
        no_window, new_group, detached_process = 0x08000000, 0x00000200, 0x00000008
        return {"creationflags": no_window | new_group | detached_process}
    return {"start_new_session": True}


def _launch(paths: AppPaths) -> subprocess.Popen[bytes]:
    """Start a daemon on its own; what it says until it is ready goes into a file."""
    try:
        with start_log_path(paths).open("wb") as output:
            return subprocess.Popen(  # noqa: S603 - our own command
                serve_command(),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                cwd=paths.app_folder.parent,  # no drive is kept from being ejected
                **detached_options(sys.platform),
            )
    except OSError as error:
        raise _start_error(paths, error.strerror or str(error)) from error


def _start_error(paths: AppPaths, reason: str) -> DaemonError:
    excerpt = ""
    if start_log_path(paths).is_file():
        lines = start_log_path(paths).read_text("utf-8", "replace").strip().splitlines()
        excerpt = "".join(f"\n  {line}" for line in lines[-_LOG_LINES:])
    advice = f"Its log is {paths.log}; `autocull doctor` says more."
    return DaemonError(f"The daemon was not started: {reason}. {advice}{excerpt}")


def _terminate(file: Path) -> None:
    """End the process that holds the lock: by asking the system nicely, then for good."""
    for signal_number in (signal.SIGTERM, getattr(signal, "SIGKILL", signal.SIGTERM)):
        pid = holder_pid(file)
        if pid is None:
            return
        try:
            os.kill(pid, signal_number)
        except ProcessLookupError:
            return
        except PermissionError as error:
            raise DaemonError(f"Process {pid} may not be ended. End it by hand, then try again.") from error
        deadline = time.monotonic() + _KILL_TIMEOUT
        while holder_pid(file) == pid and time.monotonic() < deadline:
            time.sleep(_POLL_INTERVAL)
    if is_held(file):
        raise DaemonError(f"Process {holder_pid(file)} does not end. End it by hand, then try again.")
