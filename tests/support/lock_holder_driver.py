"""A fake daemon in its own process: python lock_holder_driver.py FOLDER VERSION|unresponsive."""

from __future__ import annotations

import os
import signal
import sys
import threading
from pathlib import Path

from flask import Flask, jsonify

from autocull.serve.http.waitress_server import ServerLoop, ShutdownSignal, listen
from autocull.serve.process.instance_lock import LOCK_FILE, InstanceLock
from autocull.serve.process.runtime_files import DaemonInfo, write_daemon_info

TOKEN = "cd" * 32


def print_line(line: str) -> None:
    """Print a line for the test, without buffering."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def ignore_signals() -> None:
    """Hold the lock and ignore SIGTERM."""
    if hasattr(signal, "SIGTERM"):
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
    print_line("ignoring")
    threading.Event().wait(600)


def serve_version(folder: Path, version: str) -> None:
    """Answer as a daemon of that version, until a shutdown request."""
    shutdown_signal, app = ShutdownSignal(), Flask(__name__)

    @app.get("/ping")
    def ping() -> object:
        return jsonify(product="autocull", protocol=1)

    @app.get("/v1/status")
    def status() -> object:
        return jsonify(version=version, state="idle")

    @app.post("/v1/shutdown")
    def shutdown() -> tuple[object, int]:
        print_line("shutdown requested")
        shutdown_signal.request()
        return jsonify(stopping=True), 202

    listener = listen("127.0.0.1", 0)
    loop = ServerLoop(app, listener, shutdown_signal)
    write_daemon_info(folder, DaemonInfo(listener.getsockname()[1], TOKEN, os.getpid(), version))
    loop.run(lambda: None, lambda: None)
    loop.close()


if __name__ == "__main__":
    runtime_dir = Path(sys.argv[1])
    lock = InstanceLock.acquire(runtime_dir / LOCK_FILE)
    ignore_signals() if sys.argv[2] == "unresponsive" else serve_version(runtime_dir, sys.argv[2])
