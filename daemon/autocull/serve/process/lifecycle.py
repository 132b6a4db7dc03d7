"""Probes, starts and stops the daemon from another process.

Only the process that holds the lock is the daemon. Without a held lock, `daemon.json` is left over from a
daemon that crashed, and a listener on its port is another program: the token is never sent to it.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from autocull import __version__
from autocull.errors import DaemonError
from autocull.paths import AppPaths
from autocull.private_files import open_private
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
from autocull.serve.routes import PRODUCT

START_TIMEOUT = 60.0
"""Seconds within which a started daemon must answer; an idle machine takes about one."""

STOP_TIMEOUT = 60.0
"""Seconds within which the daemon must end after the request; it finishes the photos in work first."""

SILENCE_TIMEOUT = 15.0
"""Seconds after which a daemon that does not answer is not just starting, and is terminated by `stop`."""

KILL_TIMEOUT = 10.0
"""Seconds that a process has to end after each signal."""

_POLL_INTERVAL = 0.05
_REPORT_TIMEOUT = 10.0  # seconds that the system has to report a process's command
_LOG_LINES = 5
LifecycleState = Literal[
    "stopped", "left_behind", "port_taken", "starting", "silent", "refused", "stopping", "running"
]
LaunchFunction = Callable[[], "subprocess.Popen[bytes]"]


@dataclass(frozen=True, slots=True)
class DaemonState:
    """The result of a probe: `state`, published `info`, `pid` of the lock's holder, the daemon's `status`.

    stopped: no daemon. left_behind: only the file of a daemon that crashed. port_taken: that, and another
    program listens on its port. starting, stopping: temporary. silent: a process holds the lock and does not
    answer. refused: it answers, but refuses the token. running: it answers.
    """

    state: LifecycleState
    info: DaemonInfo | None = None
    pid: int | None = None
    status: dict[str, Any] | None = None

    @property
    def alive(self) -> bool:
        """Return whether a process holds the lock."""
        return self.state not in ("stopped", "left_behind", "port_taken")

    @property
    def version(self) -> str:
        """Return the running daemon's version, "" if it reports none."""
        return str((self.status or {}).get("version", ""))


def probe(paths: AppPaths, on_warning: WarningCallback) -> DaemonState:
    """Return the state of the daemon of `paths`; `on_warning` receives problems of its files."""
    file = paths.app_folder / LOCK_FILE
    if not is_held(file):
        leftover = read_daemon_info(paths.app_folder, on_warning)
        if leftover is None:
            return DaemonState("stopped")
        return DaemonState("port_taken" if is_listening(leftover.port) else "left_behind", leftover)
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
    """Ensure that a daemon of this version runs, and return its state; another version is replaced.

    Raises DaemonError with the reason and the path of the log if none answers within `timeout` seconds.
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
            process = None  # it ended because another daemon ran, which has ended since
        elif not daemon.alive and process is not None and process.poll() is not None:
            raise _start_error(paths, f"it ended at once (exit code {process.returncode})")
        time.sleep(_POLL_INTERVAL)
    raise _start_error(paths, f"it does not answer after {timeout:g} s")


def stop(paths: AppPaths, on_warning: WarningCallback, timeout: float = STOP_TIMEOUT) -> bool:
    """Stop the daemon: request its end, or else terminate its process; return False if none was running.

    Only the process that holds the lock is ever terminated. Raises DaemonError if that fails.
    """
    started_at = time.monotonic()
    requested = was_running = False
    daemon = probe(paths, on_warning)
    while daemon.alive:
        was_running = True
        waited = time.monotonic() - started_at
        if daemon.state == "running" and not requested and daemon.info is not None:
            requested = send_request(daemon.info.port, "POST", "/v1/shutdown", daemon.info.token) is not None
        if waited > timeout or (waited > SILENCE_TIMEOUT and daemon.state not in ("running", "stopping")):
            on_warning(f"The daemon (process {daemon.pid}) does not respond and is terminated.")
            terminate_holder(paths.app_folder / LOCK_FILE)
        time.sleep(_POLL_INTERVAL)
        daemon = probe(paths, on_warning)
    if daemon.info is not None:
        remove_daemon_info(paths.app_folder, daemon.info)
    return was_running


def start_log_path(paths: AppPaths) -> Path:
    """Return the path of the daemon's output before it was ready."""
    return paths.app_folder / "start.log"


def detached_options(platform: str) -> dict[str, Any]:
    """Return the `Popen` options of a child that outlives its parent, without terminal or console window."""
    if platform == "win32":
        no_window, new_group, detached_process = 0x08000000, 0x00000200, 0x00000008
        return {"creationflags": no_window | new_group | detached_process}
    return {"start_new_session": True}


def _launch(paths: AppPaths) -> subprocess.Popen[bytes]:
    """Start a detached daemon; its output until it is ready goes to `start_log_path`."""
    path = start_log_path(paths)
    try:
        if path.is_symlink():
            path.unlink()
        with open(path, "wb", opener=open_private) as output:
            return subprocess.Popen(  # noqa: S603 - Autocull's own command
                serve_command(),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                cwd=paths.app_folder.parent,  # so that no removable drive is kept in use
                **detached_options(sys.platform),
            )
    except OSError as error:
        raise _start_error(paths, error.strerror or str(error)) from error


def _start_error(paths: AppPaths, reason: str) -> DaemonError:
    excerpt = ""
    with (
        suppress(OSError),
        open(start_log_path(paths), encoding="utf-8", errors="replace", opener=open_private) as output,
    ):
        lines = output.read().strip().splitlines()
        excerpt = "".join(f"\n  {line}" for line in lines[-_LOG_LINES:])
    advice = f"Its log is {paths.log}; run `autocull doctor` for details."
    return DaemonError(f"The daemon was not started: {reason}. {advice}{excerpt}")


def terminate_holder(file: Path) -> None:
    """Terminate the process that holds the lock: by SIGTERM, after `KILL_TIMEOUT` by SIGKILL.

    Raises DaemonError if it does not end, or is not Autocull: another program may hold the lock of a file in
    which the number of any process is written.
    """
    for signal_number in (signal.SIGTERM, getattr(signal, "SIGKILL", signal.SIGTERM)):
        pid = holder_pid(file)
        if pid is None:
            return
        if not is_autocull(pid):
            message = f"Another program holds {file.name}, which names process {pid}; nothing was ended."
            raise DaemonError(f"{message} Find the program that uses the file, end it, then try again.")
        try:
            os.kill(pid, signal_number)
        except ProcessLookupError:
            return
        except PermissionError as error:
            message = f"Permission to end process {pid} is denied. End it by hand, then try again."
            raise DaemonError(message) from error
        deadline = time.monotonic() + KILL_TIMEOUT
        while holder_pid(file) == pid and time.monotonic() < deadline:
            time.sleep(_POLL_INTERVAL)
    if is_held(file):
        raise DaemonError(f"Process {holder_pid(file)} does not end. End it by hand, then try again.")


def is_autocull(pid: int) -> bool:
    """Return whether a process was started as Autocull, by its command; True where that is not reported."""
    if sys.platform == "win32":
        command = ["tasklist", "/FI", f"PID eq {pid}", "/FO", "CSV", "/NH"]
    else:
        command = ["ps", "-ww", "-o", "command=", "-p", str(pid)]
    try:
        report = subprocess.run(  # noqa: S603 - a program of the system
            command, check=False, capture_output=True, text=True, errors="replace", timeout=_REPORT_TIMEOUT
        ).stdout.lower()
    except (OSError, subprocess.TimeoutExpired):
        return True
    return "autocull" in report or (sys.platform == "win32" and "python" in report)
