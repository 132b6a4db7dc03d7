"""A daemon for the benchmarks, whose home, cache and logs lie in a folder of its own."""

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

PATIENCE = 30.0  # seconds for the daemon to be ready, or gone


@dataclass(frozen=True)
class Served:
    """A daemon that answers: its process, and the seconds from its start to its first answer."""

    process: subprocess.Popen[bytes]
    ready: float
    port: int
    token: str

    def ask(self, path: str, body: Any = None) -> Any:
        """Ask for a path, with a body by POST; returns the answer; AssertionError where it is refused."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"}
        content = None if body is None else json.dumps(body)
        connection.request("GET" if body is None else "POST", path, content, headers)
        answer = connection.getresponse()
        text = answer.read()
        connection.close()
        assert answer.status < 300, text
        return json.loads(text)


@contextmanager
def served(home: Path) -> Iterator[Served]:
    """Run `autocull serve` with everything it keeps below `home`, until the block is left."""
    home.mkdir(parents=True, exist_ok=True)
    places = {"HOME": str(home), "USERPROFILE": str(home), "AUTOCULL_STORE": str(home / "daemon.sqlite")}
    places |= {f"XDG_{kind}_HOME": str(home / kind.lower()) for kind in ("CACHE", "DATA", "STATE", "CONFIG")}
    started = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, "-m", "autocull", "serve"],
        env=os.environ | places, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        published = _published(home / ".autocull" / "daemon.json", process)
        daemon = Served(process, 0.0, published["port"], published["token"])
        daemon.ask("/v1/status")
        yield Served(process, time.perf_counter() - started, daemon.port, daemon.token)
    finally:
        process.terminate()
        process.wait(PATIENCE)


def _published(file: Path, process: subprocess.Popen[bytes]) -> dict[str, Any]:
    end = time.monotonic() + PATIENCE
    while not file.exists():
        if time.monotonic() > end or process.poll() is not None:
            sys.exit("The daemon did not start.")
        time.sleep(0.005)
    found: dict[str, Any] = json.loads(file.read_text("utf-8"))
    return found
