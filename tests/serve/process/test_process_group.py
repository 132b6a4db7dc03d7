"""Process groups: a process is terminated with its children."""

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
    """Return whether a process exists and is no zombie."""
    try:
        return Path(f"/proc/{pid}/stat").read_text("ascii").split()[2] != "Z"
    except FileNotFoundError:
        return False


@pytest.mark.skipif(not Path("/proc").is_dir(), reason="processes are looked at in /proc here")
@pytest.mark.parametrize("stubborn", [False, True])
def test_children_are_terminated_too(stubborn: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """By SIGTERM, or by SIGKILL if that is ignored."""
    monkeypatch.setattr("autocull.serve.process.process_group.TERMINATE_TIMEOUT", 0.3)
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


def test_terminating_an_ended_process_is_no_error() -> None:
    """It may have ended in the meantime."""
    process = start_process([sys.executable, "-c", "print('ü')"])
    assert process.communicate()[0].strip() == "ü"
    terminate_tree(process)
    assert process.returncode == 0


def test_group_options_of_each_platform() -> None:
    """No window on Windows; elsewhere a process group."""
    assert group_options("win32") == {"creationflags": 0x08000000}
    assert group_options("darwin") == group_options("linux") == {"start_new_session": True}
