"""The words that run Autocull again: for the login entry, the plug-in, and a daemon in the background."""

from __future__ import annotations

import sys
from pathlib import Path

from autocull import __version__
from autocull.errors import DaemonError
from autocull.serve.process.runtime_files import Launcher

_SAFE_PATH = "-P"  # else Python would import from whatever folder it is started in


def find_python(executable: str, platform: str) -> str:
    """Return the Python that runs us; on Windows the one that opens no console window, where it is there."""
    if not executable:
        raise DaemonError("Python does not know its own place. Install Autocull in a virtual environment.")
    if platform != "win32":
        return executable
    windowless = Path(executable).with_name("pythonw.exe")
    return str(windowless) if windowless.is_file() else executable


def serve_command(executable: str = "", platform: str = sys.platform) -> list[str]:
    """Return the command that is the daemon, in the background."""
    python = find_python(executable or sys.executable, platform)
    return [python, _SAFE_PATH, "-m", "autocull", "serve", "--background"]


def learn_command(decisions: Path, name: str) -> list[str]:
    """Return the command that learns the profile `name` from a file of decisions, and says it in JSON."""
    python = find_python(sys.executable, sys.platform)
    arguments = ["learn", f"--decisions={decisions}", f"--name={name}", "--json"]
    return [python, _SAFE_PATH, "-m", "autocull", *arguments]


def build_launcher(log: Path) -> Launcher:
    """Return how the plug-in starts the daemon of this version."""
    python = find_python(sys.executable, sys.platform)
    return Launcher(python, [_SAFE_PATH, "-m", "autocull", "start"], str(log), __version__)
