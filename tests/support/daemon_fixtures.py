"""Real daemons in processes of their own, each in a home folder of its own, and raw sockets to them."""

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

PATIENCE = 60.0
"""Seconds for what takes one on a machine at its ease."""

MOVED = ("XDG_DATA_HOME", "XDG_STATE_HOME", "XDG_CACHE_HOME", "XDG_CONFIG_HOME", "XDG_RUNTIME_DIR",
         "DBUS_SESSION_BUS_ADDRESS", "AUTOCULL_STORE")  # fmt: skip
"""What would lead out of the home folder."""


def until(true: Callable[[], Any], patience: float = PATIENCE) -> Any:
    """Return what `true` gives, as soon as it is true; fails after `patience` seconds."""
    deadline = time.monotonic() + patience
    while not (found := true()):
        assert time.monotonic() < deadline, "it did not come true"
        time.sleep(0.02)
    return found


def quiet(_: str) -> None:
    """Hear a note, and forget it."""


@dataclass(frozen=True)
class House:
    """A user's home folder, with the environment that makes a process live in it."""

    home: Path
    env: dict[str, str]

    @property
    def own(self) -> Path:
        """The folder where plug-in and daemon meet."""
        return self.home / ".autocull"

    @property
    def lock(self) -> Path:
        """The daemon's lock."""
        return self.own / LOCK_FILE

    @property
    def places(self) -> AppPaths:
        """The places of this home, as on Linux."""
        local = self.home / ".local"
        return AppPaths(
            app_folder=self.own,
            log=local / "state" / "autocull" / "log" / "autocull.log",
            jobs=local / "share" / "autocull" / "jobs.sqlite",
            store=self.home / ".cache" / "autocull" / "store.sqlite",
        )

    def autocull(self, *words: str, **options: Any) -> subprocess.CompletedProcess[str]:
        """Run the command to its end."""
        return subprocess.run(
            [sys.executable, "-m", "autocull", *words], env=self.env, cwd=self.home, text=True,
            capture_output=True, timeout=2 * PATIENCE, check=False, stdin=subprocess.DEVNULL, **options,
        )  # fmt: skip

    @contextmanager
    def serving(self, *words: str) -> Iterator[subprocess.Popen[str]]:
        """Run `autocull serve` in the foreground, ready when the block begins, ended after it."""
        process = self.begin(*words)
        try:
            until(lambda: self.published_by(process.pid) or process.poll() is not None)
            yield process
        finally:
            process.kill()
            process.communicate(timeout=PATIENCE)

    def begin(self, *words: str) -> subprocess.Popen[str]:
        """Begin `autocull serve`; the caller ends it."""
        return subprocess.Popen(
            [sys.executable, "-m", "autocull", "serve", *words], env=self.env, cwd=self.home, text=True,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, stdin=subprocess.DEVNULL,
        )  # fmt: skip

    def published_by(self, pid: int) -> DaemonInfo | None:
        """Return what the process published; None as long as it has not."""
        found = read_daemon_info(self.own, quiet) if self.own.is_dir() else None
        return found if found is not None and found.pid == pid else None

    def published(self) -> DaemonInfo:
        """Return what is published."""
        found = read_daemon_info(self.own, quiet)
        assert found is not None
        return found

    def ask(self, method: str, path: str) -> Response:
        """Ask the daemon with its token."""
        found = self.published()
        answer = send_request(found.port, method, path, found.token)
        assert answer is not None
        return answer

    def end(self) -> None:
        """Leave no daemon behind, however a test ended."""
        while (pid := holder_pid(self.lock)) is not None:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGTERM)
            time.sleep(0.05)
        assert not self.lock.exists() or not is_held(self.lock)


@contextmanager
def house(folder: Path, **more: str) -> Iterator[House]:
    """Make a home folder; its daemon is ended after the block."""
    folder.mkdir(parents=True, exist_ok=True)
    env = {name: value for name, value in os.environ.items() if name not in MOVED}
    made = House(folder, env | {"HOME": str(folder), "USERPROFILE": str(folder)} | more)
    try:
        yield made
    finally:
        made.end()


@contextmanager
def connected(port: int, timeout: float = PATIENCE) -> Iterator[socket.socket]:
    """Connect a raw socket to a port of this machine."""
    with socket.create_connection(("127.0.0.1", port), timeout=timeout) as made:
        yield made


def told(connection: socket.socket) -> tuple[int, dict[str, str], Any]:
    """Read an answer to its end: status, headers in lower case, and the JSON body."""
    received = b""
    while b"\r\n\r\n" not in received:
        piece = connection.recv(65536)
        assert piece, f"the connection ended after {received!r}"
        received += piece
    head, _, body = received.partition(b"\r\n\r\n")
    first, *lines = head.decode("latin-1").split("\r\n")
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    length = int(headers["content-length"])
    while len(body) < length:
        body += connection.recv(65536)
    return int(first.split()[1]), headers, json.loads(body[:length])
