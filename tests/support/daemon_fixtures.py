"""Daemons in processes of their own, each with its own home folder, and raw sockets to them."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from autocull.paths import AppPaths
from autocull.serve.process.client import Response, send_request
from autocull.serve.process.instance_lock import LOCK_FILE, holder_pid, is_held
from autocull.serve.process.runtime_files import DaemonInfo, read_daemon_info

TIMEOUT = 60.0
"""Seconds for what takes about one on an idle machine."""

REMOVED_VARIABLES = (
    "XDG_DATA_HOME", "XDG_STATE_HOME", "XDG_CACHE_HOME", "XDG_CONFIG_HOME", "XDG_RUNTIME_DIR",
    "DBUS_SESSION_BUS_ADDRESS", "AUTOCULL_STORE",
)  # fmt: skip
"""Environment variables that point out of the home folder."""


def wait_until(predicate: Callable[[], Any], timeout: float = TIMEOUT) -> Any:
    """Return the result of `predicate` as soon as it is true; fail after `timeout` seconds."""
    deadline = time.monotonic() + timeout
    while not (result := predicate()):
        assert time.monotonic() < deadline, "the condition did not become true"
        time.sleep(0.02)
    return result


def ignore_warning(_: str) -> None:
    """Do nothing."""


@dataclass(frozen=True)
class UserHome:
    """A user's home folder, with the environment variables that make a process use it."""

    folder: Path
    env: dict[str, str]

    @property
    def runtime_dir(self) -> Path:
        """Return the folder of the daemon's runtime files."""
        return self.folder / ".autocull"

    @property
    def lock(self) -> Path:
        """Return the path of the daemon's lock."""
        return self.runtime_dir / LOCK_FILE

    @property
    def paths(self) -> AppPaths:
        """Return the paths within this home, as on Linux."""
        local = self.folder / ".local"
        return AppPaths(
            app_folder=self.runtime_dir,
            log=local / "state" / "autocull" / "log" / "autocull.log",
            jobs=local / "share" / "autocull" / "jobs.sqlite",
            store=self.folder / ".cache" / "autocull" / "store.sqlite",
            tastes=local / "share" / "autocull" / "tastes",
            settings=self.folder / ".config" / "autocull" / "settings.toml",
            journals=local / "share" / "autocull" / "journals",
        )

    def autocull(self, *arguments: str, **options: Any) -> subprocess.CompletedProcess[str]:
        """Run the command to its end."""
        return subprocess.run(
            [sys.executable, "-m", "autocull", *arguments], env=self.env, cwd=self.folder, text=True,
            capture_output=True, timeout=2 * TIMEOUT, check=False, stdin=subprocess.DEVNULL, **options,
        )  # fmt: skip

    @contextmanager
    def run_server(self, *arguments: str) -> Iterator[subprocess.Popen[str]]:
        """Run `autocull serve` in the foreground: ready when the block begins, ended after it."""
        process = self.start_server(*arguments)
        try:
            wait_until(lambda: self.published_by(process.pid) or process.poll() is not None)
            yield process
        finally:
            process.kill()
            process.communicate(timeout=TIMEOUT)

    def start_server(self, *arguments: str) -> subprocess.Popen[str]:
        """Start `autocull serve`; the caller ends it."""
        return subprocess.Popen(
            [sys.executable, "-m", "autocull", "serve", *arguments], env=self.env, cwd=self.folder, text=True,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, stdin=subprocess.DEVNULL,
        )  # fmt: skip

    def published_by(self, pid: int) -> DaemonInfo | None:
        """Return what the process published; None if it has not."""
        result = read_daemon_info(self.runtime_dir, ignore_warning) if self.runtime_dir.is_dir() else None
        return result if result is not None and result.pid == pid else None

    def read_info(self) -> DaemonInfo:
        """Return what is published."""
        result = read_daemon_info(self.runtime_dir, ignore_warning)
        assert result is not None
        return result

    def request(self, method: str, path: str) -> Response:
        """Send a request with the token to the daemon."""
        info = self.read_info()
        response = send_request(info.port, method, path, info.token)
        assert response is not None
        return response

    def stop_daemon(self) -> None:
        """Terminate the daemon, in whatever state the test left it."""
        while (pid := holder_pid(self.lock)) is not None:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGTERM)
            time.sleep(0.05)
        assert not self.lock.exists() or not is_held(self.lock)


@contextmanager
def create_home(folder: Path, **variables: str) -> Iterator[UserHome]:
    """Create a home folder; its daemon is terminated after the block."""
    folder.mkdir(parents=True, exist_ok=True)
    env = {name: value for name, value in os.environ.items() if name not in REMOVED_VARIABLES}
    home = UserHome(folder, env | {"HOME": str(folder), "USERPROFILE": str(folder)} | variables)
    try:
        yield home
    finally:
        home.stop_daemon()


@contextmanager
def connect(port: int, timeout: float = TIMEOUT) -> Iterator[socket.socket]:
    """Connect a raw socket to a port of this machine."""
    with socket.create_connection(("127.0.0.1", port), timeout=timeout) as connection:
        yield connection


def read_response(connection: socket.socket) -> tuple[int, dict[str, str], Any]:
    """Read a complete response: status, headers in lower case, and the JSON body."""
    received = b""
    while b"\r\n\r\n" not in received:
        chunk = connection.recv(65536)
        assert chunk, f"the connection ended after {received!r}"
        received += chunk
    head, _, body = received.partition(b"\r\n\r\n")
    first, *lines = head.decode("latin-1").split("\r\n")
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    length = int(headers["content-length"])
    while len(body) < length:
        body += connection.recv(65536)
    return int(first.split()[1]), headers, json.loads(body[:length])
