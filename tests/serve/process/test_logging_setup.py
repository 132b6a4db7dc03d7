"""The daemon's log: one line per record, no secrets, and a limited size."""

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


def read_lines(file: Path) -> list[str]:
    """Return the lines of a log."""
    return file.read_text("utf-8").splitlines()


def test_record_is_one_line_with_time(tmp_path: Path) -> None:
    """In UTC, with level and message; records below the level are left out."""
    with configure_logging(tmp_path / "sub" / "a.log", debug=False, to_stderr=False):
        LOG.info("Job %s: done", "7f")
        LOG.debug("hidden")
    line = read_lines(tmp_path / "sub" / "a.log")
    assert len(line) == 1
    assert line[0].endswith("Z INFO autocull.serve.test: Job 7f: done")
    assert line[0][:4].isdigit()


def test_nothing_is_written_after_the_block(tmp_path: Path) -> None:
    """The log's file is closed, and the loggers are as before."""
    before = logging.getLogger("autocull").handlers[:]
    with configure_logging(tmp_path / "a.log", debug=True, to_stderr=False):
        pass
    LOG.error("too late")
    assert logging.getLogger("autocull").handlers == before
    assert read_lines(tmp_path / "a.log") == []


def test_row_5_token_is_replaced(tmp_path: Path) -> None:
    """In a message, its argument or an exception."""
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
def test_folders_of_user_and_installation_are_shortened(tmp_path: Path, debug: bool) -> None:
    """A line names a file, not where the user keeps it; in debug mode the paths stay."""
    daemon_file = Path.home() / ".autocull" / "daemon.json"
    with configure_logging(tmp_path / "a.log", debug=debug, to_stderr=False):
        LOG.warning("Others could read %s and %s.", daemon_file, logging_setup.__file__)
    [line] = read_lines(tmp_path / "a.log")
    assert (str(daemon_file) in line, logging_setup.__file__ in line) == (debug, debug)
    assert debug or f"{Path('~') / '.autocull' / 'daemon.json'} and ..." in line


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such permissions")
def test_row_12_log_is_private(tmp_path: Path) -> None:
    """Also one that an earlier release left readable; a link in its place is not followed."""
    file, photo = tmp_path / "logs" / "a.log", tmp_path / "photo.jpg"
    file.parent.mkdir()
    file.touch(0o644)
    with configure_logging(file, debug=False, to_stderr=False):
        LOG.info("a line")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    file.unlink()
    photo.write_bytes(b"a photo")
    file.symlink_to(photo)
    with configure_logging(file, debug=False, to_stderr=False):
        LOG.info("a line")
    assert photo.read_bytes() == b"a photo"


@pytest.mark.parametrize("debug", [False, True])
def test_traceback_is_logged_only_in_debug_mode(debug: bool, tmp_path: Path) -> None:
    """Otherwise type and origin, which name no photo."""
    with configure_logging(tmp_path / "a.log", debug=debug, to_stderr=False):
        try:
            raise FileNotFoundError(2, "No such file", "/Photos/secret.NEF")
        except OSError:
            logging.getLogger("waitress").exception("Exception while serving")
    text = (tmp_path / "a.log").read_text()
    assert ("Traceback" in text) is debug
    assert ("secret.NEF" in text) is debug
    assert "FileNotFoundError" in text


def test_line_breaks_are_escaped(tmp_path: Path) -> None:
    """So a client cannot forge a line; umlauts stay."""
    with configure_logging(tmp_path / "a.log", debug=False, to_stderr=False):
        LOG.info("path %s", "/x\n2026-01-01 INFO forged\x1b[2J\r\u2028 Müller")
    (line,) = read_lines(tmp_path / "a.log")
    assert r"\n2026-01-01 INFO forged\x1b[2J\r\u2028 Müller" in line


def test_files_are_rotated_and_limited(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A daemon that runs for a year does not fill the disk."""
    monkeypatch.setattr(logging_setup, "MAX_BYTES", 2000)
    with configure_logging(tmp_path / "a.log", debug=False, to_stderr=False):
        for number in range(200):
            LOG.info("line %d", number)
    files = sorted(tmp_path.iterdir())
    assert [path.name for path in files] == ["a.log", "a.log.1", "a.log.2", "a.log.3"]
    assert all(path.stat().st_size <= 2000 for path in files)
    assert read_lines(tmp_path / "a.log")[-1].endswith("line 199")


def test_failed_rotation_loses_no_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As on Windows while a viewer has the file open."""
    monkeypatch.setattr(logging_setup, "MAX_BYTES", 200)

    def open_elsewhere(*_: object) -> None:
        raise PermissionError(32, "used by another process")

    monkeypatch.setattr(logging.handlers.os, "rename", open_elsewhere)
    with configure_logging(tmp_path / "a.log", debug=False, to_stderr=False):
        for number in range(20):
            LOG.info("line %d", number)
    assert [line.split()[-1] for line in read_lines(tmp_path / "a.log")] == [str(each) for each in range(20)]


@pytest.mark.skipif(os.name == "nt", reason="Windows keeps homes apart by itself")
def test_log_is_private_to_the_user(tmp_path: Path) -> None:
    """Other users cannot read when photos are judged."""
    with configure_logging(tmp_path / "a.log", debug=False, to_stderr=False):
        LOG.info("x")
    assert stat.S_IMODE((tmp_path / "a.log").stat().st_mode) == 0o600


def test_foreground_logs_to_standard_error_too(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """With `to_stderr`."""
    with configure_logging(tmp_path / "a.log", debug=False, to_stderr=True):
        LOG.info("watch me")
    assert "watch me" in capsys.readouterr().err
    assert "watch me" in (tmp_path / "a.log").read_text()


def test_unwritable_log_goes_to_standard_error(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """With a warning."""
    (tmp_path / "file").write_text("")
    with configure_logging(tmp_path / "file" / "a.log", debug=False, to_stderr=False):
        LOG.info("still logged")
    err = capsys.readouterr().err
    assert "cannot be written" in err
    assert "still logged" in err
