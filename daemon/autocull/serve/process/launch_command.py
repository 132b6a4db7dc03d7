"""The commands that run Autocull: for the login entry, the plug-in, and the daemon in the background."""

from __future__ import annotations

import sys
from pathlib import Path

from autocull import __version__
from autocull.errors import DaemonError
from autocull.serve.process.runtime_files import Launcher

_SAFE_PATH = "-P"  # otherwise Python would import from the folder in which it is started


def find_python(executable: str, platform: str) -> str:
    """Return the path of the running Python; on Windows of `pythonw.exe` (no console window) if it exists."""
    if not executable:
        raise DaemonError("The path of Python is unknown. Install Autocull in a virtual environment.")
    if platform != "win32":
        return executable
    windowless = Path(executable).with_name("pythonw.exe")
    return str(windowless) if windowless.is_file() else executable


def serve_command(executable: str = "", platform: str = sys.platform) -> list[str]:
    """Return the command that runs the daemon in the background."""
    python = find_python(executable or sys.executable, platform)
    return [python, _SAFE_PATH, "-m", "autocull", "serve", "--background"]


def learn_command(decisions: Path, name: str) -> list[str]:
    """Return the command that learns the taste `name` from a file of decisions; its output is JSON."""
    python = find_python(sys.executable, sys.platform)
    arguments = ["learn", f"--decisions={decisions}", f"--name={name}", "--json", "--progress=json"]
    return [python, _SAFE_PATH, "-m", "autocull", *arguments]


def build_launcher(log: Path) -> Launcher:
    """Return the launcher by which the plug-in starts the daemon of this version."""
    python = find_python(sys.executable, sys.platform)
    return Launcher(python, [_SAFE_PATH, "-m", "autocull", "start"], str(log), __version__)
