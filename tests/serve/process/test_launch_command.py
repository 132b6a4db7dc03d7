"""The words that run Autocull again: the right Python, no console window, no foreign folder."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from autocull import __version__
from autocull.errors import DaemonError
from autocull.serve.process.launch_command import build_launcher, find_python, serve_command


def test_the_daemon_is_run_by_the_python_that_runs_us() -> None:
    """Not by whatever `python` the path has: a login has another path."""
    assert serve_command() == [sys.executable, "-P", "-m", "autocull", "serve", "--background"]


@pytest.mark.parametrize("there", [False, True])
def test_on_windows_no_console_window_opens(there: bool, tmp_path: Path) -> None:
    """pythonw.exe is taken where it is there; a Python without it is better than none."""
    if there:
        (tmp_path / "pythonw.exe").touch()
    wanted = tmp_path / ("pythonw.exe" if there else "python.exe")
    assert find_python(str(tmp_path / "python.exe"), "win32") == str(wanted)


def test_a_python_without_a_place_is_said() -> None:
    """An embedded Python cannot be started again."""
    with pytest.raises(DaemonError, match="virtual environment"):
        find_python("", "linux")


def test_a_file_in_the_folder_at_hand_is_not_imported(tmp_path: Path) -> None:
    """Started in a folder with a click.py, or an autocull.py, the daemon runs its own code."""
    for name in ("click.py", "autocull.py", "flask.py"):
        (tmp_path / name).write_text("raise SystemExit('somebody else')")
    words = [*serve_command()[:4], "--version"]
    ran = subprocess.run(words, cwd=tmp_path, capture_output=True, text=True, check=True)
    assert ran.stdout.strip().endswith(__version__)


def test_the_launcher_starts_and_names_the_log(tmp_path: Path) -> None:
    """The plug-in runs `start`, which says by its exit code whether a daemon answers."""
    found = build_launcher(tmp_path / "a.log")
    assert [found.program, *found.arguments] == [sys.executable, "-P", "-m", "autocull", "start"]
    assert (found.log, found.version) == (str(tmp_path / "a.log"), __version__)
