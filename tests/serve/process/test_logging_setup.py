"""The daemon's log: its lines are single, tell no secrets, and its files do not grow without end."""

from __future__ import annotations

import logging
import os
import stat
from pathlib import Path

import pytest

from autocull.serve.process import logging_setup
from autocull.serve.process.logging_setup import configure_logging

LOG = logging.getLogger("autocull.serve.test")
TOKEN = "5e" * 32


def written(file: Path) -> list[str]:
    """Return the lines of a log."""
    return file.read_text("utf-8").splitlines()


def test_a_record_is_one_line_with_its_time(tmp_path: Path) -> None:
    """Time in UTC, level and text, and nothing at a level that nobody asked for."""
    with configure_logging(tmp_path / "sub" / "a.log", debug=False, to_stderr=False):
        LOG.info("Job %s: done", "7f")
        LOG.debug("hidden")
    line = written(tmp_path / "sub" / "a.log")
    assert len(line) == 1
    assert line[0].endswith("Z INFO autocull.serve.test: Job 7f: done")
    assert line[0][:4].isdigit()


def test_nothing_is_written_after_the_block(tmp_path: Path) -> None:
    """The log's file is let go, and the loggers are as they were."""
    before = logging.getLogger("autocull").handlers[:]
    with configure_logging(tmp_path / "a.log", debug=True, to_stderr=False):
        pass
    LOG.error("too late")
    assert logging.getLogger("autocull").handlers == before
    assert written(tmp_path / "a.log") == []


def test_row_5_the_token_never_comes_out(tmp_path: Path) -> None:
    """Wherever the token gets into a message, its argument or a failure, the line has dots."""
    with configure_logging(tmp_path / "a.log", hidden=(TOKEN,), debug=True, to_stderr=False):
        LOG.warning("token %s", TOKEN)
        try:
            raise ValueError(TOKEN)
        except ValueError:
            LOG.exception("failed")
    text = (tmp_path / "a.log").read_text()
    assert TOKEN not in text
    assert "token ..." in text


@pytest.mark.parametrize("debug", [False, True])
def test_a_failure_shows_its_traceback_only_for_debugging(debug: bool, tmp_path: Path) -> None:
    """Kind and place are enough, and name no photo; whoever debugs wants all of it."""
    with configure_logging(tmp_path / "a.log", debug=debug, to_stderr=False):
        try:
            raise FileNotFoundError(2, "No such file", "/Photos/secret.NEF")
        except OSError:
            logging.getLogger("waitress").exception("Exception while serving")
    text = (tmp_path / "a.log").read_text()
    assert ("Traceback" in text) is debug
    assert ("secret.NEF" in text) is debug
    assert "FileNotFoundError" in text


def test_a_client_cannot_forge_a_line(tmp_path: Path) -> None:
    """Line breaks and escapes in what a client sent are written out; umlauts stay."""
    with configure_logging(tmp_path / "a.log", debug=False, to_stderr=False):
        LOG.info("path %s", "/x\n2026-01-01 INFO forged\x1b[2J\r\u2028 Müller")
    (line,) = written(tmp_path / "a.log")
    assert r"\n2026-01-01 INFO forged\x1b[2J\r\u2028 Müller" in line


def test_the_files_rotate_and_stay_few(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A daemon that runs for a year fills no disk."""
    monkeypatch.setattr(logging_setup, "MAX_BYTES", 2000)
    with configure_logging(tmp_path / "a.log", debug=False, to_stderr=False):
        for number in range(200):
            LOG.info("line %d", number)
    files = sorted(tmp_path.iterdir())
    assert [path.name for path in files] == ["a.log", "a.log.1", "a.log.2", "a.log.3"]
    assert all(path.stat().st_size <= 2000 for path in files)
    assert written(tmp_path / "a.log")[-1].endswith("line 199")


def test_a_file_that_cannot_be_rotated_goes_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """On Windows a viewer keeps the file open: no line is lost."""
    monkeypatch.setattr(logging_setup, "MAX_BYTES", 200)

    def open_elsewhere(*_: object) -> None:
        raise PermissionError(32, "used by another process")

    monkeypatch.setattr(logging.handlers.os, "rename", open_elsewhere)
    with configure_logging(tmp_path / "a.log", debug=False, to_stderr=False):
        for number in range(20):
            LOG.info("line %d", number)
    assert [line.split()[-1] for line in written(tmp_path / "a.log")] == [str(each) for each in range(20)]


@pytest.mark.skipif(os.name == "nt", reason="Windows keeps homes apart by itself")
def test_the_log_is_the_users_alone(tmp_path: Path) -> None:
    """Others of the machine do not read what is culled when."""
    with configure_logging(tmp_path / "a.log", debug=False, to_stderr=False):
        LOG.info("x")
    assert stat.S_IMODE((tmp_path / "a.log").stat().st_mode) == 0o600


def test_aloud_is_on_standard_error_too(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """In the foreground the lines can be watched."""
    with configure_logging(tmp_path / "a.log", debug=False, to_stderr=True):
        LOG.info("watch me")
    assert "watch me" in capsys.readouterr().err
    assert "watch me" in (tmp_path / "a.log").read_text()


def test_a_log_that_cannot_be_written_goes_to_standard_error(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Nothing is swallowed: the complaint and the lines come out there."""
    (tmp_path / "file").write_text("")
    with configure_logging(tmp_path / "file" / "a.log", debug=False, to_stderr=False):
        LOG.info("still heard")
    err = capsys.readouterr().err
    assert "cannot be written" in err
    assert "still heard" in err
