"""A daemon of another kind, in a process of its own: python lock_holder_driver.py FOLDER VERSION|deaf."""

from __future__ import annotations

import os
import signal
import sys
import threading
from pathlib import Path

from flask import Flask, jsonify

from autocull.serve.http.waitress_server import listen
from autocull.serve.process.instance_lock import LOCK_FILE, InstanceLock
from autocull.serve.process.runtime_files import DaemonInfo, write_daemon_info
from autocull.serve.process.server import ServerLoop, ShutdownSignal

TOKEN = "cd" * 32


def say(line: str) -> None:
    """Tell the test, at once."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def deaf() -> None:
    """Hear nothing but the end that nobody can refuse."""
    if hasattr(signal, "SIGTERM"):
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
    say("deaf")
    threading.Event().wait(600)


def of_version(folder: Path, version: str) -> None:
    """Answer as a daemon of that version, until asked to end."""
    ending, app = ShutdownSignal(), Flask(__name__)

    @app.get("/ping")
    def ping() -> object:
        return jsonify(product="autocull", protocol=1)

    @app.get("/v1/status")
    def status() -> object:
        return jsonify(version=version, state="idle")

    @app.post("/v1/shutdown")
    def shutdown() -> tuple[object, int]:
        say("asked to end")
        ending.request()
        return jsonify(stopping=True), 202

    listener = listen("127.0.0.1", 0)
    loop = ServerLoop(app, listener, ending)
    write_daemon_info(folder, DaemonInfo(listener.getsockname()[1], TOKEN, os.getpid(), version))
    loop.run(lambda: None, lambda: None)
    loop.close()


if __name__ == "__main__":
    home = Path(sys.argv[1])
    lock = InstanceLock.acquire(home / LOCK_FILE)
    deaf() if sys.argv[2] == "deaf" else of_version(home, sys.argv[2])
