"""Tests of the targets of outputs: refused at the start, before anything is measured or written."""

from __future__ import annotations

import errno
import os
from pathlib import Path
from typing import Any

import click
import pytest

from autocull import atomic_write
from autocull.cli import main
from autocull.cli.options import OutputFile, OutputFolder

TARGETS = (
    ("cull", "--report", "r.html"),
    ("cull", "--json", "r.jsonl"),
    ("explain", "--save", "r.png"),
    ("learn", "--report", "r.html"),
    ("bench", "--json", "r.json"),
    ("evaluate", "--json", "r.json"),
    ("evaluate", "--curve", "r.svg"),
    ("export-fixture", "--out", "r.json"),
)
"""Every command and option that writes one file at the end of a run."""


def convert(kind: click.Path, value: Path | str) -> Any:
    """Return the converted value of an option."""
    return kind.convert(str(value), None, None)


@pytest.mark.parametrize(("command", "option", "name"), TARGETS)
def test_target_in_a_missing_folder_is_refused_first(
    command: str, option: str, name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Exit code 2 with the option and the folder, although the photo was not read yet: nothing is written."""
    photo = tmp_path / "a.jpg"
    photo.write_bytes(b"no photo")
    arguments = [command, option, str(tmp_path / "missing" / name)]
    assert (
        main([*arguments, str(photo)] if command in ("cull", "explain", "export-fixture") else arguments) == 2
    )
    message = " ".join(capsys.readouterr().err.split())
    assert option in message
    assert f"There is no folder {tmp_path / 'missing'}. Create it" in message
    assert [path.name for path in tmp_path.iterdir()] == ["a.jpg"]


def test_folder_in_the_place_of_the_target_is_refused(tmp_path: Path) -> None:
    """A report cannot replace a folder."""
    (tmp_path / "r.html").mkdir()
    with pytest.raises(click.BadParameter, match="is a directory"):
        convert(OutputFile(), tmp_path / "r.html")


def test_file_in_the_place_of_the_folder_is_refused(tmp_path: Path) -> None:
    """Neither a file nor a folder can be created in a file."""
    (tmp_path / "notes").write_text("x", "utf-8")
    with pytest.raises(click.BadParameter, match=r"is not a folder|There is no folder"):
        convert(OutputFile(), tmp_path / "notes" / "r.html")
    with pytest.raises(click.BadParameter, match=r"is not a folder|There is no folder"):
        convert(OutputFolder(), tmp_path / "notes" / "sorted")


@pytest.mark.parametrize(
    ("number", "reason"), [(errno.EACCES, "you may not write there"), (errno.EROFS, os.strerror(errno.EROFS))]
)
def test_folder_that_cannot_be_written_is_refused(
    number: int, reason: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without permission and on a read-only drive; the reason is named."""

    def refuse(*_: Any, **__: Any) -> Any:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(atomic_write, "open", refuse, raising=False)
    for kind in (OutputFile(), OutputFolder()):
        with pytest.raises(click.BadParameter) as caught:
            convert(kind, tmp_path / "r.html")
        assert f"Nothing can be written in the folder {tmp_path}: {reason}." in caught.value.message


def test_accepted_targets_leave_the_folder_as_it_was(tmp_path: Path) -> None:
    """A file that will be replaced keeps its content, and no temporary file stays."""
    old = tmp_path / "old.html"
    old.write_text("old", "utf-8")
    assert convert(OutputFile(), old) == old
    assert convert(OutputFile(), tmp_path / "new.html") == tmp_path / "new.html"
    assert convert(OutputFolder(), tmp_path / "a" / "b") == tmp_path / "a" / "b"
    assert convert(OutputFile(allow_dash=True, path_type=str), "-") == "-"
    assert [path.name for path in tmp_path.iterdir()] == ["old.html"]
    assert old.read_text("utf-8") == "old"
