"""Tests of undoing sidecars: earlier bytes return, and nothing that Autocull did not write is removed."""

from __future__ import annotations

import errno
import json
import os
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from autocull.errors import MarksError
from autocull.judge.verdict import Marks
from autocull.output import undo
from autocull.output.journal import JournalError
from autocull.output.sidecars import sidecar_journal
from autocull.output.sidecars.merge import Policy
from autocull.output.sidecars.sidecar import SidecarOutcome, SidecarWriter
from autocull.output.sidecars.sidecar_file import remove_created
from autocull.output.sidecars.sidecar_journal import SidecarJournal
from support.result_factories import judged
from support.xmp_samples import lightroom

NAMES = ("new.NEF", "merged.NEF")


@pytest.fixture
def shoot(tmp_path: Path) -> Path:
    """Make a shoot of two RAW files, one of them with a sidecar of Lightroom."""
    folder = tmp_path / "shoot"
    folder.mkdir()
    for name in NAMES:
        (folder / name).write_bytes(b"raw")
    (folder / "merged.xmp").write_text(lightroom(""), "utf-8")
    return folder


def write_marks(shoot: Path, journal: Path) -> list[SidecarOutcome]:
    """Write the sidecars of the shoot with a journal."""
    with closing(SidecarJournal(journal)) as sidecar_journal:
        writer = SidecarWriter(Policy(), journal=sidecar_journal)
        for name in NAMES:
            writer.add(judged(shoot / name))
        return list(writer.finish())


def contents(shoot: Path) -> dict[str, bytes]:
    """Return every file of the shoot with its content."""
    return {path.name: path.read_bytes() for path in sorted(shoot.iterdir())}


def test_undo_restores_every_byte(shoot: Path, tmp_path: Path) -> None:
    """A new sidecar is removed, a merged one has its earlier bytes; a second time does nothing."""
    before, journal = contents(shoot), tmp_path / "private" / "xmp.journal"
    assert [outcome.state for outcome in write_marks(shoot, journal)] == ["written", "written"]
    assert set(contents(shoot)) - set(before) == {"new.xmp"}
    assert contents(shoot)["merged.xmp"] != before["merged.xmp"]
    for restored in (2, 0):
        result = undo(journal)
        assert (result.restored, result.errors) == (restored, ())
        assert contents(shoot) == before


def test_undo_leaves_changed_sidecars(shoot: Path, tmp_path: Path) -> None:
    """One byte more, and a sidecar is named and stays, new or merged; without it, it is undone."""
    journal = tmp_path / "xmp.journal"
    before = contents(shoot)
    write_marks(shoot, journal)
    written = contents(shoot)
    for name in ("new.xmp", "merged.xmp"):
        (shoot / name).write_bytes(written[name] + b"\n")
    changed = contents(shoot)
    result = undo(journal)
    assert result.restored == 0
    assert {Path(error.path).name for error in result.errors} == {"new.xmp", "merged.xmp"}
    assert all("it changed since Autocull wrote it" in error.message for error in result.errors)
    assert contents(shoot) == changed
    for name in ("new.xmp", "merged.xmp"):
        (shoot / name).write_bytes(written[name])
    assert undo(journal).restored == 2
    assert contents(shoot) == before


def test_undo_names_a_merged_sidecar_that_is_gone(shoot: Path, tmp_path: Path) -> None:
    """It is not created again; a new one that is gone is as before the run."""
    journal = tmp_path / "xmp.journal"
    write_marks(shoot, journal)
    for name in ("new.xmp", "merged.xmp"):
        (shoot / name).unlink()
    result = undo(journal)
    assert result.restored == 0
    assert [Path(error.path).name for error in result.errors] == ["merged.xmp"]
    assert sorted(contents(shoot)) == sorted(NAMES)


def test_link_in_the_place_of_a_sidecar_is_not_followed(shoot: Path, tmp_path: Path) -> None:
    """Neither the link nor the file behind it is removed, although the content is what was written."""
    journal, elsewhere = tmp_path / "xmp.journal", tmp_path / "elsewhere.xmp"
    write_marks(shoot, journal)
    (shoot / "new.xmp").rename(elsewhere)
    try:
        (shoot / "new.xmp").symlink_to(elsewhere)
    except OSError:
        pytest.skip("this system or user cannot create links")
    assert len(undo(journal).errors) == 1
    assert (shoot / "new.xmp").is_symlink()
    assert elsewhere.is_file()


@pytest.mark.parametrize("written", [0, 1, 2])
def test_stopped_run_is_undone(
    shoot: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, written: int
) -> None:
    """A machine that stops between the line and the sidecar leaves nothing that undo cannot take back."""
    before, journal = contents(shoot), tmp_path / "xmp.journal"
    replace = os.replace

    def stop(source: str, target: str) -> None:
        nonlocal written
        if Path(target).suffix == ".xmp":
            if not written:
                raise KeyboardInterrupt
            written -= 1
        replace(source, target)

    with monkeypatch.context() as patch:
        patch.setattr(Path, "replace", lambda path, target: stop(str(path), str(target)))
        if written < len(NAMES):
            with pytest.raises(KeyboardInterrupt):
                write_marks(shoot, journal)
        else:
            write_marks(shoot, journal)
    with journal.open("ab") as file:
        file.write(b'{"step": 9, "sidecar')  # a line that was cut off
    assert not undo(journal).errors
    assert contents(shoot) == before


def test_line_is_on_the_disk_before_the_sidecar(shoot: Path, tmp_path: Path) -> None:
    """Where the journal cannot be written, no sidecar is."""
    before, journal = contents(shoot), tmp_path / "xmp.journal"
    journal.write_bytes(b"an older file")
    with pytest.raises(JournalError, match="cannot be written"):
        write_marks(shoot, journal)
    assert contents(shoot) == before
    assert journal.read_bytes() == b"an older file"


def test_full_disk_ends_the_writing(shoot: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A full disk is an error of the run, not of each photo."""
    before = contents(shoot)

    def refuse(*_: object) -> int:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "write", refuse)
    with pytest.raises(JournalError, match="autocull undo"):
        write_marks(shoot, tmp_path / "xmp.journal")
    assert contents(shoot) == before


def test_run_without_changes_has_no_journal(shoot: Path, tmp_path: Path) -> None:
    """The second run writes nothing, so there is nothing to undo."""
    write_marks(shoot, tmp_path / "first.journal")
    write_marks(shoot, tmp_path / "second.journal")
    assert not (tmp_path / "second.journal").exists()


@pytest.mark.skipif(
    os.name == "nt", reason="Windows has no permission bits; a user's folders are private there"
)
def test_journal_is_private(shoot: Path, tmp_path: Path) -> None:
    """It holds sidecars, which may hold names and places."""
    journal = tmp_path / "private" / "xmp.journal"
    write_marks(shoot, journal)
    assert journal.stat().st_mode & 0o077 == 0
    assert journal.parent.stat().st_mode & 0o077 == 0


def damaged_lines(shoot: Path) -> Iterator[dict[str, object]]:
    """Yield lines that this program does not write."""
    good = {"step": 0, "sidecar": str(shoot / "new.xmp"), "before": None, "after": "0" * 64}
    yield {**good, "sidecar": "new.xmp"}
    yield {**good, "sidecar": str(shoot / "new.NEF")}
    yield {**good, "before": "no base64"}
    yield {**good, "before": "AAAA"}
    yield {"step": 0}


def test_damaged_journal_changes_nothing(shoot: Path, tmp_path: Path) -> None:
    """A journal that names another file than a sidecar, or misses something, is refused as a whole."""
    before = contents(shoot)
    for number, line in enumerate(damaged_lines(shoot)):
        journal = tmp_path / f"{number}.journal"
        lines = (sidecar_journal.SIDECAR_FORMAT, line)
        journal.write_text("".join(json.dumps(each) + "\n" for each in lines), "utf-8")
        with pytest.raises(JournalError, match="damaged"):
            undo(journal)
    (tmp_path / "other.journal").write_text("{}\n", "utf-8")
    with pytest.raises(JournalError, match="is not a journal"):
        undo(tmp_path / "other.journal")
    assert contents(shoot) == before


def test_removal_demands_the_exact_content(shoot: Path) -> None:
    """The last check is right before the removal."""
    with pytest.raises(MarksError, match="left as it is"):
        remove_created(shoot / "merged.xmp", b"what Autocull wrote")
    assert (shoot / "merged.xmp").is_file()


def test_marks_of_a_later_run_stay(shoot: Path, tmp_path: Path) -> None:
    """Of two runs the later one is undone first; the earlier one alone is refused."""
    before, first, second = contents(shoot), tmp_path / "1.journal", tmp_path / "2.journal"
    write_marks(shoot, first)
    with closing(SidecarJournal(second)) as later:
        writer = SidecarWriter(Policy(), journal=later)
        for name in NAMES:
            writer.add(judged(shoot / name, marks=Marks(1, "none", 0)))
        assert [outcome.state for outcome in writer.finish()] == ["written", "written"]
    assert len(undo(first).errors) == 2
    assert undo(second).restored == 2
    assert undo(first).restored == 2
    assert contents(shoot) == before
