"""Processes with all that they start: ended as one, and nobody is left behind."""

from __future__ import annotations

import sys
import time
from pathlib import Path

import pytest

from autocull.serve.process.process_group import group_options, start_process, terminate_tree

PARENT = """
import signal, subprocess, sys
if {stubborn}: signal.signal(signal.SIGTERM, signal.SIG_IGN)
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
print(child.pid, flush=True)
child.wait()
"""


def is_alive(pid: int) -> bool:
    """Whether a process is there, and no zombie that nobody reaps."""
    try:
        return Path(f"/proc/{pid}/stat").read_text("ascii").split()[2] != "Z"
    except FileNotFoundError:
        return False


@pytest.mark.skipif(not Path("/proc").is_dir(), reason="processes are looked at in /proc here")
@pytest.mark.parametrize("stubborn", [False, True])
def test_a_process_goes_with_its_children(stubborn: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """By asking, or where it does not hear, for good."""
    monkeypatch.setattr("autocull.serve.process.process_group._TERMINATE_TIMEOUT", 0.3)
    process = start_process([sys.executable, "-c", PARENT.format(stubborn=stubborn)])
    assert process.stdout is not None
    child = int(process.stdout.readline())
    assert is_alive(child)
    terminate_tree(process)
    assert process.wait(60) != 0
    deadline = time.monotonic() + 60
    while is_alive(child):
        assert time.monotonic() < deadline, "the child lives on"
        time.sleep(0.01)
    process.communicate()


def test_ending_what_has_ended_is_no_error() -> None:
    """It may have come to its end in between."""
    process = start_process([sys.executable, "-c", "print('ü')"])
    assert process.communicate()[0].strip() == "ü"
    terminate_tree(process)
    assert process.returncode == 0


def test_no_window_opens_on_windows() -> None:
    """And elsewhere a process heads a group of its own."""
    assert group_options("win32") == {"creationflags": 0x08000000}
    assert group_options("darwin") == group_options("linux") == {"start_new_session": True}
