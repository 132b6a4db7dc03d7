"""Tests of `autocull cull` as a process: Ctrl-C, files that kill, closed pipes."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

import pytest

from support import cull_process_driver as culling_driver
from support import cull_run_fakes as fakes

posix = pytest.mark.skipif(os.name == "nt", reason="Windows sends Ctrl-C in another way")
TESTS = Path(culling_driver.__file__).parents[1]


def start_cull(prepare: str, *words: str, store: Path, **options: Any) -> subprocess.Popen[str]:
    """Start the command with fakes, in a process group of its own as a terminal does.

    Its coverage is not measured: a signal that arrives inside coverage's own lock would leave it locked.
    """
    environment = {name: value for name, value in os.environ.items() if not name.startswith("COVERAGE_")} | {
        "PYTHONPATH": os.pathsep.join([str(TESTS), *sys.path]),
        "AUTOCULL_STORE": str(store),
    }
    return subprocess.Popen(
        [sys.executable, str(TESTS / "support" / "cull_process_driver.py"), prepare, *words],
        env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **options,
    )  # fmt: skip


def group_ended(group: int) -> bool:
    """Wait for the last process of a group to end; multiprocessing's own clean-up ends a moment later."""
    for _ in range(600):
        try:
            os.killpg(group, 0)
        except ProcessLookupError:
            return True
        time.sleep(0.1)
    return False


def wait_for_stored(store: Path, count: int, seconds: float = 60) -> bool:
    """Wait until the store has that many photos; False where it does not in time."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        with suppress(sqlite3.Error), closing(sqlite3.connect(store)) as connection:
            if connection.execute("SELECT count(*) FROM photos").fetchone()[0] >= count:
                return True
        time.sleep(0.1)
    return False


@posix
@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM", "SIGHUP"])
def test_signal_ends_a_run_that_hangs(tmp_path: Path, name: str) -> None:
    """Ctrl-C, `kill`, a closed terminal, for every process: code 130, no traceback, no process left."""
    shoot = tmp_path / "shoot"
    shoot.mkdir()
    fakes.frames_in(shoot, "quick1.jpg", "quick2.jpg", *(f"slow{number}.jpg" for number in range(9)))
    store = tmp_path / "store.sqlite"
    run = start_cull(
        "quick_then_endless", "cull", str(shoot), "--json", "-", "--workers", "2", "--time-limit", "600",
        store=store, start_new_session=True,
    )  # fmt: skip
    assert wait_for_stored(store, 2), "the quick photos are not measured"
    os.killpg(run.pid, getattr(signal, name))
    out, err = run.communicate(timeout=100)
    assert run.returncode == 130
    assert out == "", "a verdict that a sibling may still change was written"
    assert "Stopped: 2 photos of 11 are done and kept." in err
    assert "Traceback" not in err
    assert group_ended(run.pid), "a process of the run is still there"
    second = start_cull("by_name", "cull", str(shoot), store=store)
    out, _ = second.communicate(timeout=100)
    assert second.returncode == 0
    assert "2 measured before" in out


@posix
@pytest.mark.parametrize("seconds", [0.0, 0.3, 1.5])
def test_second_signal_ends_with_the_same_code(tmp_path: Path, seconds: float) -> None:
    """Pressed again at once or while it stops, Ctrl-C changes neither the code nor the words."""
    fakes.frames_in(tmp_path, "quick1.jpg", *(f"slow{number}.jpg" for number in range(9)))
    store = tmp_path / "store.sqlite"
    run = start_cull("quick_then_endless", "cull", str(tmp_path), store=store, start_new_session=True)
    assert wait_for_stored(store, 1), "the quick photo is not measured"
    os.killpg(run.pid, signal.SIGINT)
    time.sleep(seconds)
    with suppress(ProcessLookupError):
        os.killpg(run.pid, signal.SIGINT)
    _, err = run.communicate(timeout=100)
    assert run.returncode == 130
    assert "Traceback" not in err
    assert group_ended(run.pid)


@posix
def test_ctrl_c_while_modules_are_imported_is_no_traceback(tmp_path: Path) -> None:
    """Wherever the start is: code 130, or that of the system where Python itself had not started."""
    fakes.frames_in(tmp_path, "a.jpg")
    for tenths in range(1, 8):
        run = start_cull(
            "by_name", "cull", str(tmp_path), store=tmp_path / "s.sqlite", start_new_session=True
        )
        time.sleep(tenths / 10)
        with suppress(ProcessLookupError):
            os.killpg(run.pid, signal.SIGINT)
        _, err = run.communicate(timeout=100)
        if "test_processes" not in err and "cull_process_driver" not in err:  # the driver's own imports
            assert "Traceback" not in err
            assert run.returncode in (0, 130, -signal.SIGINT)


@posix
@pytest.mark.parametrize("name", ["SIGKILL", "SIGTERM"])
def test_run_after_a_killed_one_leaves_no_temporary_files(tmp_path: Path, name: str) -> None:
    """Killed while it writes sidecars, again and again; in the end each photo has its marks."""
    shoot = tmp_path / "shoot"
    shoot.mkdir()
    fakes.frames_in(shoot, *(f"{number}.jpg" for number in range(40)))
    store = tmp_path / "store.sqlite"
    words = ("by_name", "cull", str(shoot), "--xmp", "--workers", "1")
    for count in (1, 8, 20):
        run = start_cull(*words, store=store)
        while run.poll() is None and len(list(shoot.glob("*.xmp"))) < count:
            time.sleep(0.001)
        run.send_signal(getattr(signal, name))
        run.communicate(timeout=100)
    last = start_cull(*words, store=store)
    out, err = last.communicate(timeout=100)
    assert last.returncode == 0, out + err
    assert len(list(shoot.glob("*.xmp"))) == 40
    assert not list(shoot.glob(".autocull-*"))


def test_file_that_kills_is_named_and_the_run_finishes(tmp_path: Path) -> None:
    """A crash in a decoder is one line in the table, and one error in the JSON."""
    fakes.frames_in(tmp_path, "a.jpg", "exit.nef", "b.jpg")
    run = start_cull(
        "by_name", "cull", str(tmp_path), "--json", "-", "--workers", "1", store=tmp_path / "s.sqlite"
    )
    out, err = run.communicate(timeout=100)
    assert run.returncode == 0
    errors = {Path(record["path"]).name: record["error"] for record in map(json.loads, out.splitlines())}
    assert errors["exit.nef"]["code"] == "crashed"
    assert errors["a.jpg"] is errors["b.jpg"] is None
    assert "1 photo: Reading it killed its worker process" in err
    assert f"  {tmp_path / 'exit.nef'}\n" in err


def test_closed_pipe_is_no_traceback(tmp_path: Path) -> None:
    """`autocull cull ... --json -"""
    fakes.frames_in(tmp_path, *(f"{number}.jpg" for number in range(30)))
    run = start_cull(
        "by_name", "cull", str(tmp_path), "--json", "-", "--workers", "1", store=tmp_path / "s.sqlite"
    )
    assert run.stdout is not None
    assert run.stderr is not None
    run.stdout.readline()
    run.stdout.close()
    err = run.stderr.read()
    run.wait(timeout=100)
    run.stderr.close()
    assert "Traceback" not in err
    assert "BrokenPipe" not in err
