"""A daemon for the benchmarks, with its files, cache and logs in its own folder."""

from __future__ import annotations

import http.client
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

TIMEOUT = 30.0  # seconds for the daemon to start, to answer, or to stop


@dataclass(frozen=True)
class RunningDaemon:
    """A running daemon: its process, the seconds from its start to its first response, port and token."""

    process: subprocess.Popen[bytes]
    ready: float
    port: int
    token: str

    def request(self, path: str, body: Any = None) -> Any:
        """Send a request, by POST with a body; returns the JSON; AssertionError for an error status."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=TIMEOUT)
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"}
        content = None if body is None else json.dumps(body)
        connection.request("GET" if body is None else "POST", path, content, headers)
        response = connection.getresponse()
        text = response.read()
        connection.close()
        assert response.status < 300, text
        return json.loads(text)


@contextmanager
def run_daemon(home: Path) -> Iterator[RunningDaemon]:
    """Run `autocull serve` for the block, with all its files below `home`."""
    home.mkdir(parents=True, exist_ok=True)
    environment = {"HOME": str(home), "USERPROFILE": str(home), "AUTOCULL_STORE": str(home / "daemon.sqlite")}
    environment |= {
        f"XDG_{kind}_HOME": str(home / kind.lower()) for kind in ("CACHE", "DATA", "STATE", "CONFIG")
    }
    started = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, "-m", "autocull", "serve"],
        env=os.environ | environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        info = _wait_for_daemon_info(home / ".autocull" / "daemon.json", process)
        daemon = RunningDaemon(process, 0.0, info["port"], info["token"])
        daemon.request("/v1/status")
        yield RunningDaemon(process, time.perf_counter() - started, daemon.port, daemon.token)
    finally:
        process.terminate()
        process.wait(TIMEOUT)


def _wait_for_daemon_info(file: Path, process: subprocess.Popen[bytes]) -> dict[str, Any]:
    deadline = time.monotonic() + TIMEOUT
    while not file.exists():
        if time.monotonic() > deadline or process.poll() is not None:
            sys.exit("The daemon did not start.")
        time.sleep(0.005)
    info: dict[str, Any] = json.loads(file.read_text("utf-8"))
    return info
