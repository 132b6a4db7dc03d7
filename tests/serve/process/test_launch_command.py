"""The commands that run Autocull: the right Python, no console window, no import from the current folder."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from autocull import __version__
from autocull.errors import DaemonError
from autocull.serve.process.launch_command import build_launcher, find_python, serve_command


def test_daemon_runs_with_the_same_python() -> None:
    """Not with the `python` of the search path, which differs at login."""
    assert serve_command() == [sys.executable, "-P", "-m", "autocull", "serve", "--background"]


@pytest.mark.parametrize("exists", [False, True])
def test_pythonw_is_used_on_windows(exists: bool, tmp_path: Path) -> None:
    """If it exists; otherwise python.exe."""
    if exists:
        (tmp_path / "pythonw.exe").touch()
    expected = tmp_path / ("pythonw.exe" if exists else "python.exe")
    assert find_python(str(tmp_path / "python.exe"), "win32") == str(expected)


def test_unknown_path_of_python_is_reported() -> None:
    """An embedded Python cannot be started again."""
    with pytest.raises(DaemonError, match="virtual environment"):
        find_python("", "linux")


def test_files_in_the_current_folder_are_not_imported(tmp_path: Path) -> None:
    """Such as click.py or autocull.py."""
    for name in ("click.py", "autocull.py", "flask.py"):
        (tmp_path / name).write_text("raise SystemExit('another module')")
    command = [*serve_command()[:4], "--version"]
    result = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True)
    assert result.stdout.strip().endswith(__version__)


def test_launcher_runs_start_and_names_the_log(tmp_path: Path) -> None:
    """`start` reports by its exit code whether a daemon answers."""
    launcher = build_launcher(tmp_path / "a.log")
    assert [launcher.program, *launcher.arguments] == [sys.executable, "-P", "-m", "autocull", "start"]
    assert (launcher.log, launcher.version) == (str(tmp_path / "a.log"), __version__)


@pytest.mark.parametrize(("exists", "platform"), [(False, "win32"), (True, "win32"), (True, "darwin")])
def test_bundle_starts_its_own_program(
    exists: bool, platform: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It contains no Python; on Windows the program without a console window, if it exists."""
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    background = tmp_path / "autocull-background.exe"
    if exists:
        background.touch()
    program = str(tmp_path / "autocull.exe")
    expected = str(background) if exists and platform == "win32" else program
    assert serve_command(program, platform) == [expected, "serve", "--background"]
    monkeypatch.setattr(sys, "executable", str(tmp_path / "autocull"))
    assert build_launcher(tmp_path / "a.log").arguments == ["start"]
