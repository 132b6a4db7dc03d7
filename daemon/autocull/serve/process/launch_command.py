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


def find_program(executable: str, platform: str) -> list[str]:
    """Return the words that run `autocull`: the program of a bundle, or its Python and the module.

    `executable` is the running program. A bundle for Windows has a second program without a console window.
    """
    if not is_bundled():
        return [find_python(executable, platform), _SAFE_PATH, "-m", "autocull"]
    windowless = Path(executable).with_name("autocull-background.exe")
    return [str(windowless) if platform == "win32" and windowless.is_file() else executable]


def is_bundled() -> bool:
    """Return whether this is the self-contained program, which contains its own Python."""
    return bool(getattr(sys, "frozen", False))


def serve_command(executable: str = "", platform: str = sys.platform) -> list[str]:
    """Return the command that runs the daemon in the background."""
    return [*find_program(executable or sys.executable, platform), "serve", "--background"]


def learn_command(decisions: Path, name: str) -> list[str]:
    """Return the command that learns the taste `name` from a file of decisions; its output is JSON."""
    arguments = ["learn", f"--decisions={decisions}", f"--name={name}", "--json", "--progress=json"]
    return [*find_program(sys.executable, sys.platform), *arguments]


def build_launcher(log: Path) -> Launcher:
    """Return the launcher by which the plug-in starts the daemon of this version."""
    program, *arguments = find_program(sys.executable, sys.platform)
    return Launcher(program, [*arguments, "start"], str(log), __version__)
